// The two ways to the same handler, and a client that decides about each byte and reads each byte.

import { hash } from 'node:crypto';
import { once } from 'node:events';
import { type Server, createServer } from 'node:http';
import { type AddressInfo, type Socket, connect } from 'node:net';
import { openDoor } from '../../src/door/door.ts';
import type { Inbound, InboundHandler } from '../../src/http/inbound.ts';
import { nodeInbound } from '../../src/http/node-inbound.ts';
import type { Holder } from '../../src/http/server.ts';

export const HOT = '/v1/hot';
export const WAYS = ['fast door', 'node:http'] as const;
export type Way = (typeof WAYS)[number];

export interface Limits {
  readonly headersTimeout?: number;
  readonly requestTimeout?: number;
  readonly keepAliveTimeout?: number;
  readonly connectionsCheckingInterval?: number;
  readonly maxHeaderSize?: number;
}

export interface Served {
  readonly server: Server;
  readonly port: number;
  readonly door: Holder | undefined;
  /** How many requests each of them read. */
  readonly counts: { door: number; node: number };
  close(): Promise<void>;
}

const SWEEP_MS = 20;

/** Serves every request with the handler, however it came. */
export async function serve(
  way: Way,
  handler: InboundHandler,
  limits: Limits = {},
): Promise<Served> {
  const counts = { door: 0, node: 0 };
  const options = { connectionsCheckingInterval: SWEEP_MS, ...limits };
  const server = createServer(options, (request, response) => {
    counts.node += 1;
    handler(nodeInbound(request, response));
  });
  const door =
    way === 'fast door'
      ? openDoor({
          server,
          isHot: (method, path) => method === 'POST' && path === HOT,
          serve(inbound) {
            counts.door += 1;
            handler(inbound);
          },
          sweepMs: SWEEP_MS,
        })
      : undefined;
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const close = async (): Promise<void> => {
    const closed = once(server, 'close');
    server.close();
    door?.closeAllConnections();
    server.closeAllConnections();
    await closed;
  };
  return { server, port: (server.address() as AddressInfo).port, door, counts, close };
}

/** Answers with what it was sent: the URL, the length of the body and its sum. */
export async function echo(inbound: Inbound): Promise<void> {
  try {
    const body = await inbound.readBody(64 * 1024 * 1024);
    inbound.respond(200, ['content-type', 'text/plain'], Buffer.from(echoOf(inbound.url, body)));
  } catch {
    inbound.cut();
  }
}

export function echoOf(url: string, body: Buffer): string {
  return `${url} ${body.length} ${hash('sha1', body)}`;
}

export function post(body: Buffer | string, lines: readonly string[] = [], url = HOT): Buffer {
  const bytes = Buffer.from(body);
  const all = [`POST ${url} HTTP/1.1`, 'Host: hub', ...lines, `Content-Length: ${bytes.length}`];
  return Buffer.concat([Buffer.from(`${all.join('\r\n')}\r\n\r\n`), bytes]);
}

export interface Client {
  readonly socket: Socket;
  send(bytes: Buffer | string): void;
  /** All that has come so far, one character a byte. */
  text(): string;
  /** Resolves once this is true of all that has come. */
  until(isEnough: (text: string) => boolean): Promise<string>;
  /** Resolves when what was sent has gone, or can go no more. */
  drained(): Promise<void>;
  /** Resolves with all that came, once the server has closed. */
  closed(): Promise<string>;
}

export async function connectTo(port: number, allowHalfOpen = false): Promise<Client> {
  const socket = connect({ port, host: '127.0.0.1', allowHalfOpen, noDelay: true });
  await once(socket, 'connect');
  let received = '';
  let isClosed = false;
  socket.setEncoding('latin1').on('data', (chunk: string) => void (received += chunk));
  socket.on('error', () => undefined);
  socket.on('close', () => void (isClosed = true));
  /** Resolves at such an event, or at the end. */
  const news = (event: 'data' | 'drain'): Promise<void> =>
    new Promise((resolve) => {
      const done = (): void => {
        socket.off(event, done).off('close', done);
        resolve();
      };
      if (isClosed) done();
      else socket.on(event, done).on('close', done);
    });
  return {
    socket,
    send: (bytes) => void socket.write(bytes),
    text: () => received,
    async until(isEnough) {
      while (!isEnough(received)) {
        if (isClosed) throw new Error(`The server has closed after ${received.slice(0, 500)}`);
        await news('data');
      }
      return received;
    },
    drained: () => news('drain'),
    async closed() {
      await new Promise<void>((resolve) => {
        if (isClosed) resolve();
        else socket.on('close', () => resolve());
      });
      return received;
    },
  };
}

export interface Answer {
  readonly status: number;
  readonly headers: ReadonlyMap<string, string>;
  readonly body: string;
  /** The sizes of its chunks; undefined where it was framed by length. */
  readonly chunks: readonly number[] | undefined;
}

/** The whole answers at the beginning of a text; what is not whole yet is left out. */
export function answersOf(text: string): Answer[] {
  const answers: Answer[] = [];
  for (let at = 0; ; ) {
    const headEnd = text.indexOf('\r\n\r\n', at);
    if (headEnd < 0) return answers;
    const [first = '', ...lines] = text.slice(at, headEnd).split('\r\n');
    const headers = new Map(
      lines.map((line) => {
        const colon = line.indexOf(': ');
        return [line.slice(0, colon).toLowerCase(), line.slice(colon + 2)] as const;
      }),
    );
    const body = bodyOf(text, headEnd + 4, headers);
    if (!body) return answers;
    at = body.end;
    const { text: content, chunks } = body;
    answers.push({ status: Number(first.split(' ')[1]), headers, body: content, chunks });
  }
}

function bodyOf(text: string, start: number, headers: ReadonlyMap<string, string>) {
  if (headers.get('transfer-encoding') !== 'chunked') {
    const end = start + Number(headers.get('content-length') ?? 0);
    return end > text.length ? undefined : { text: text.slice(start, end), end, chunks: undefined };
  }
  const chunks: number[] = [];
  let body = '';
  for (let at = start; ; ) {
    const lineEnd = text.indexOf('\r\n', at);
    const size = Number.parseInt(text.slice(at, lineEnd), 16);
    if (lineEnd < 0 || text.length < lineEnd + 4 + size) return undefined;
    at = lineEnd + 4 + size;
    if (size === 0) return { text: body, end: at, chunks };
    body += text.slice(lineEnd + 2, lineEnd + 2 + size);
    chunks.push(size);
  }
}

/** The first so many answers of a client. */
export async function answers(client: Client, count: number): Promise<Answer[]> {
  return answersOf(await client.until((text) => answersOf(text).length >= count));
}
