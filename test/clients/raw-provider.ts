// A provider's stand-in at the level of bytes: it answers with given pieces, each a chunk of its
// own on the wire, and keeps the bytes that it was sent.

import { once } from 'node:events';
import { type IncomingHttpHeaders, createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { buffer } from 'node:stream/consumers';

export interface RawReply {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly pieces: readonly Buffer[];
}

export interface RawProvider {
  readonly baseUrl: string;
  readonly asked: { readonly path: string; headers: IncomingHttpHeaders; body: Buffer }[];
  /** How the next requests are answered. */
  reply: RawReply;
  close(): Promise<void>;
}

export async function startRawProvider(): Promise<RawProvider> {
  const server = createServer((request) => {
    const { headers, url: path = '' } = request;
    void buffer(request).then((body) => {
      provider.asked.push({ path, headers, body });
      request.socket.end(writeReply(provider.reply));
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  const provider: RawProvider = {
    baseUrl: `http://127.0.0.1:${port}/v1`,
    asked: [],
    reply: { status: 500, headers: {}, pieces: [] },
    async close() {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
  return provider;
}

/** The answer as it stands on the wire; by hand, because Node's server joins small chunks. */
function writeReply({ status, headers, pieces }: RawReply): Buffer {
  const names = { ...headers, 'transfer-encoding': 'chunked', connection: 'close' };
  const lines = Object.entries(names).map(([name, value]) => `${name}: ${value}\r\n`);
  const chunks = pieces.flatMap((piece) => [
    Buffer.from(`${piece.length.toString(16)}\r\n`),
    piece,
    Buffer.from('\r\n'),
  ]);
  const head = Buffer.from(`HTTP/1.1 ${status} As Told\r\n${lines.join('')}\r\n`);
  return Buffer.concat([head, ...chunks, Buffer.from('0\r\n\r\n')]);
}

/** One piece. */
export function uncut(bytes: Buffer): Buffer[] {
  return [bytes];
}

/** A piece for each of the first bytes, and the rest as it is. */
export function cutBytes(bytes: Buffer, most = 4_096): Buffer[] {
  const head = Array.from(bytes.subarray(0, most), (byte) => Buffer.from([byte]));
  return bytes.length > most ? [...head, bytes.subarray(most)] : head;
}

/** Pieces of 1 to `longest` bytes, the same ones for the same seed. */
export function cutAtRandom(bytes: Buffer, seed: number, longest = 97): Buffer[] {
  const pieces: Buffer[] = [];
  let state = seed;
  for (let at = 0; at < bytes.length; ) {
    // https://en.wikipedia.org/wiki/Linear_congruential_generator, Numerical Recipes' constants.
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    const length = 1 + (state % longest);
    pieces.push(bytes.subarray(at, at + length));
    at += length;
  }
  return pieces;
}
