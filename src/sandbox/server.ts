// The sandbox provider: an HTTP server on loopback that speaks OpenAI's Chat Completions and its
// smaller endpoints, so that the gateway treats it as any other provider and nothing of the real path
// is left out in tests. It keeps no state between requests and opens no connection of its own.

import { hash } from 'node:crypto';
import { once } from 'node:events';
import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { systemClock } from '../base/clock.ts';
import { HubError, toHubError } from '../base/errors.ts';
import { parseJson } from '../base/json.ts';
import { planAnswer } from './answer.ts';
import { DIRECT_ENDPOINTS } from './direct.ts';
import { SANDBOX_DIRECT_MODELS, SANDBOX_MODELS } from './models.ts';
import { sendReply } from './reply.ts';
import { readRequest } from './request.ts';
import { encodeRefusal } from './wire.ts';

export interface Sandbox {
  /** Ends in `/v1`, without a slash. */
  readonly baseUrl: string;
  /** Drops every connection and frees the port. */
  close(): Promise<void>;
}

const HOST = '127.0.0.1';
const MAX_BODY_BYTES = 32 * 1024 * 1024;
/** What is still read, and thrown away, so that the client hears of the limit. */
const MAX_DISCARDED_BYTES = 2 * MAX_BODY_BYTES;
/** Longer than a gateway keeps an idle connection, so that the gateway is the side that closes. */
const KEEP_ALIVE_MS = 75_000;

/** Starts the provider on loopback; port 0 takes any free one. Rejects when the port is taken. */
export async function startSandbox(options: { port?: number } = {}): Promise<Sandbox> {
  const server = createServer({ keepAliveTimeout: KEEP_ALIVE_MS }, (request, response) => {
    void respond(request, response);
  });
  // Each worker of a hub has a sandbox of its own: nothing is gained by handing connections around.
  server.listen({ port: options.port ?? 0, host: HOST, exclusive: true });
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  return { baseUrl: `http://${HOST}:${port}/v1`, close: () => close(server) };
}

async function close(server: Server): Promise<void> {
  if (!server.listening) return;
  const closed = once(server, 'close');
  server.close();
  server.closeAllConnections();
  await closed;
}

/** Never rejects: a failure becomes an answer, unless the client has gone. */
async function respond(request: IncomingMessage, response: ServerResponse): Promise<void> {
  const leaving = new AbortController();
  response.once('close', () => leaving.abort());
  try {
    await route(request, response, leaving.signal);
  } catch (error) {
    if (leaving.signal.aborted) return;
    if (response.headersSent) response.destroy();
    else sendError(response, toHubError(error));
  }
}

async function route(
  request: IncomingMessage,
  response: ServerResponse,
  gone: AbortSignal,
): Promise<void> {
  const path = request.url?.split('?')[0] ?? '';
  const direct = DIRECT_ENDPOINTS.get(path);
  if (direct) {
    expectMethod(request, 'POST');
    const type = request.headers['content-type'] ?? '';
    const { contentType, body } = await direct(await readBody(request), type);
    response.setHeader('content-type', contentType);
    response.end(body);
  } else if (path === '/v1/models') {
    expectMethod(request, 'GET');
    sendModels(response);
  } else if (path === '/v1/chat/completions') {
    expectMethod(request, 'POST');
    await complete(await readBody(request), response, gone);
  } else {
    throw new HubError('not_found');
  }
}

async function complete(body: Buffer, response: ServerResponse, gone: AbortSignal): Promise<void> {
  const bodyHash = hash('sha256', body);
  response.setHeader('x-request-id', `req_${bodyHash.slice(0, 32)}`);
  const json = parseJson(body.toString('utf8'));
  if (json === undefined) throw new HubError('invalid_json');
  const request = readRequest(json);
  const createdSeconds = Math.floor(systemClock.wallMs() / 1_000);
  await sendReply(
    response,
    { request, answer: planAnswer(request), bodyHash, createdSeconds },
    gone,
  );
}

function expectMethod(request: IncomingMessage, method: string): void {
  if (request.method !== method) throw new HubError('method_not_allowed');
}

async function readBody(request: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    bytes += chunk.length;
    if (bytes > MAX_DISCARDED_BYTES) break;
    if (bytes > MAX_BODY_BYTES) chunks.length = 0;
    else chunks.push(chunk);
  }
  if (bytes > MAX_BODY_BYTES) throw new HubError('body_too_large');
  return Buffer.concat(chunks);
}

function sendModels(response: ServerResponse): void {
  const data = [...SANDBOX_MODELS, ...SANDBOX_DIRECT_MODELS].map(({ id }) => ({
    id,
    object: 'model',
    created: 0,
    owned_by: 'sandbox',
  }));
  response.setHeader('content-type', 'application/json');
  response.end(JSON.stringify({ object: 'list', data }));
}

function sendError(response: ServerResponse, error: HubError): void {
  response.statusCode = error.kind.status;
  response.setHeader('content-type', 'application/json');
  response.end(JSON.stringify(encodeRefusal(error)));
}
