// The provider of bench/upstream.ts, in a process of its own: answers by the path, as fast as it can or
// at the pace of a model, and reads of a request no more than where it ends.

import { once } from 'node:events';
import { type AddressInfo, type Server, type Socket, createServer } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { createServer as createTlsServer } from 'node:tls';
import { type Certificate, makeCertificate } from '../test/support/certificate.ts';

export interface Offered {
  readonly plainPort: number;
  readonly securePort: number;
  readonly certificate: Certificate;
}

export const EVENTS_PACED = 50;
const EVENTS_CANNED = 101;
const PACE_MS = 5;
const EVENT = `data: ${JSON.stringify({ id: 'chatcmpl-1', delta: 'x'.repeat(260) })}\n\n`;
const HEAD = [
  'HTTP/1.1 200 OK',
  'date: Mon, 23 Nov 2026 20:00:00 GMT',
  'content-type: application/json',
  'connection: keep-alive',
  'server: cloudflare',
  'cf-ray: 8f0c2a6b7d9e1234-FRA',
  'x-request-id: req_0123456789abcdef0123456789abcdef',
  'openai-processing-ms: 312',
  'x-ratelimit-limit-requests: 10000',
  'x-ratelimit-remaining-requests: 9999',
  'strict-transport-security: max-age=31536000; includeSubDomains; preload',
].join('\r\n');
const JSON_BODY = JSON.stringify({ id: 'chatcmpl-1', content: 'x'.repeat(600), usage: {} });
const JSON_ANSWER = Buffer.from(
  `${HEAD}\r\ncontent-length: ${JSON_BODY.length}\r\n\r\n${JSON_BODY}`,
);
const CHUNKED_HEAD = `${HEAD}\r\ntransfer-encoding: chunked\r\n\r\n`;
const CHUNK = Buffer.from(`${EVENT.length.toString(16)}\r\n${EVENT}\r\n`);
const LAST_CHUNK = '0\r\n\r\n';
const CANNED_CHUNKS = CHUNK.toString().repeat(EVENTS_CANNED);
const CANNED_ANSWER = Buffer.from(`${CHUNKED_HEAD}${CANNED_CHUNKS}${LAST_CHUNK}`);
/** What the body of a request ends with, and its least length. */
const BRACE = 125;
const LEAST_BYTES = 2_000;

if (process.send) await serve();

async function serve(): Promise<void> {
  const certificate = makeCertificate();
  const plain = createServer({ noDelay: true }, answerAll);
  const secure = createTlsServer({ ...certificate, noDelay: true }, answerAll);
  const offered = {
    plainPort: await listen(plain),
    securePort: await listen(secure),
    certificate,
  };
  process.send?.(offered);
  await once(process, 'disconnect');
  process.exit(0);
}

async function listen(server: Server): Promise<number> {
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return (server.address() as AddressInfo).port;
}

function answerAll(socket: Socket): void {
  let bytes = 0;
  let path = '';
  socket.on('error', () => socket.destroy());
  socket.on('data', (chunk: Buffer) => {
    if (bytes === 0) path = chunk.toString('latin1', 'POST /'.length, 'POST /canned'.length);
    bytes += chunk.length;
    if (chunk.at(-1) !== BRACE || bytes < LEAST_BYTES) return;
    bytes = 0;
    if (path.startsWith('json')) socket.write(JSON_ANSWER);
    else if (path.startsWith('canned')) socket.write(CANNED_ANSWER);
    else void answerSlowly(socket);
  });
}

async function answerSlowly(socket: Socket): Promise<void> {
  socket.write(CHUNKED_HEAD);
  for (let i = 0; i < EVENTS_PACED && !socket.destroyed; i++) {
    await sleep(PACE_MS);
    socket.write(CHUNK);
  }
  socket.write(LAST_CHUNK);
}
