// A provider's stand-in at the level of bytes: it answers with given pieces, each a chunk of its own
// on the wire, and keeps the bytes that it was sent.

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
  const server = createServer(async (request, response) => {
    const { headers, url: path = '' } = request;
    provider.asked.push({ path, headers, body: await buffer(request) });
    response.writeHead(provider.reply.status, provider.reply.headers);
    // Node gathers the writes of one turn in few packets; they stay chunks to whoever reads them.
    for (const piece of provider.reply.pieces) response.write(piece);
    response.end();
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
