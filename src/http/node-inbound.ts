// A request of node:http as the gateway sees one. This is the standard way: whatever node's own parser
// takes is served, chunked bodies, pipelining and `Expect` included.

import type { IncomingMessage, ServerResponse } from 'node:http';
import { HubError } from '../base/errors.ts';
import { type Inbound, bodyTooLarge } from './inbound.ts';

const MAX_DISCARDED_BYTES = 64 * 1024 * 1024;
const LINGER_MS = 5_000;

export function nodeInbound(request: IncomingMessage, response: ServerResponse): Inbound {
  // Both ends may break at any time; what follows from it is decided where they are used.
  request.on('error', () => undefined);
  response.on('error', () => undefined);
  const inbound: Inbound = {
    method: request.method ?? '',
    url: request.url ?? '/',
    headers: request.headers,
    peerAddress: request.socket.remoteAddress,
    bodyLength: lengthOf(request),
    readBody: (maxBytes) => gather(request, maxBytes),
    get isBegun() {
      return response.headersSent;
    },
    get isGone() {
      return response.destroyed;
    },
    onGone: undefined,
    onDrain: undefined,
    begin(status, headers, length) {
      const all = length === undefined ? headers : [...headers, 'content-length', String(length)];
      response.writeHead(status, [...all]);
    },
    write: (bytes) => response.write(bytes),
    end: (bytes) => void response.end(bytes),
    respond(status, headers, body) {
      inbound.begin(status, headers, body.length);
      if (request.complete) {
        response.end(body);
        return;
      }
      response.write(body);
      discardRest(request, () => response.end());
    },
    cut() {
      inbound.onGone = undefined;
      response.destroy();
    },
  };
  response.on('close', () => {
    if (!response.writableFinished) inbound.onGone?.();
  });
  response.on('drain', () => inbound.onDrain?.());
  return inbound;
}

function lengthOf({ headers }: IncomingMessage): number | undefined {
  const length = headers['content-length'];
  if (length !== undefined) return Number(length);
  return headers['transfer-encoding'] === undefined ? 0 : undefined;
}

function gather(request: IncomingMessage, maxBytes: number): Promise<Buffer> {
  const result = Promise.withResolvers<Buffer>();
  const chunks: Buffer[] = [];
  let bytes = 0;
  request.on('data', (chunk: Buffer) => {
    bytes += chunk.length;
    if (bytes <= maxBytes) {
      chunks.push(chunk);
      return;
    }
    chunks.length = 0;
    result.reject(bodyTooLarge(maxBytes));
  });
  request.on('end', () => {
    const [first] = chunks;
    result.resolve(chunks.length === 1 && first ? first : Buffer.concat(chunks));
  });
  request.on('close', () => result.reject(new HubError('client_closed')));
  return result.promise;
}

function discardRest(request: IncomingMessage, done: () => void): void {
  const cut = (): void => void request.destroy();
  const timer = setTimeout(cut, LINGER_MS).unref();
  request.on('close', () => clearTimeout(timer));
  request.on('end', done);
  let bytes = 0;
  request.on('data', (chunk: Buffer) => {
    bytes += chunk.length;
    if (bytes > MAX_DISCARDED_BYTES) cut();
  });
}
