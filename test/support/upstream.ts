// A provider's stand-in: a real HTTP server on loopback that answers as the test says and keeps
// what it was asked.

import { once } from 'node:events';
import {
  type IncomingHttpHeaders,
  type IncomingMessage,
  type ServerResponse,
  createServer,
} from 'node:http';
import type { AddressInfo } from 'node:net';
import { buffer } from 'node:stream/consumers';

export interface Asked {
  readonly path: string;
  readonly headers: IncomingHttpHeaders;
  /** Empty where it is no JSON. */
  readonly body: Record<string, unknown>;
  readonly bytes: Buffer;
  /** Resolves when the connection of this request closes before its answer is complete. */
  readonly cancelled: Promise<void>;
}

export type Answer = (response: ServerResponse, asked: Asked) => void | Promise<void>;

export interface Upstream {
  readonly baseUrl: string;
  /** The requests so far, oldest first. */
  readonly asked: Asked[];
  /** How the next requests are answered. */
  answer: Answer;
  close(): Promise<void>;
}

export async function startUpstream(answer: Answer = answerJson({})): Promise<Upstream> {
  const server = createServer((request, response) => void serve(request, response));

  async function serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const cancelled = new Promise<void>((resolve) => {
      response.on('close', () => {
        if (!response.writableFinished) resolve();
      });
    });
    const bytes = await buffer(request);
    const isJson = request.headers['content-type'] === 'application/json';
    const body = (isJson ? JSON.parse(bytes.toString('utf8')) : {}) as Record<string, unknown>;
    const asked = { path: request.url ?? '', headers: request.headers, body, bytes, cancelled };
    upstream.asked.push(asked);
    await upstream.answer(response, asked);
  }

  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  const upstream: Upstream = {
    baseUrl: `http://127.0.0.1:${port}/v1`,
    asked: [],
    answer,
    async close() {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
  return upstream;
}

export function answerJson(body: unknown, status = 200): Answer {
  return (response) => {
    response.writeHead(status, { 'content-type': 'application/json' });
    response.end(JSON.stringify(body));
  };
}

/** Streams these texts, one write each, and ends. */
export function answerStream(...events: readonly string[]): Answer {
  return (response) => {
    response.writeHead(200, { 'content-type': 'text/event-stream' });
    for (const event of events) response.write(event);
    response.end();
  };
}

/** Events of OpenAI's protocol as they stand on the wire, the end mark included. */
export function chatStream(...chunks: readonly object[]): string[] {
  return [...chunks.map((chunk) => `data: ${JSON.stringify(chunk)}\n\n`), 'data: [DONE]\n\n'];
}

/** Events of Anthropic's protocol as they stand on the wire. */
export function messagesStream(...events: readonly { readonly type: string }[]): string[] {
  return events.map((event) => `event: ${event.type}\ndata: ${JSON.stringify(event)}\n\n`);
}
