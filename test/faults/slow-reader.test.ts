// A client that asks for a long stream and does not read it: the hub keeps a bounded part of it, and
// the provider is made to wait. Reading again brings the rest, whole.

import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { type ServerResponse } from 'node:http';
import { type Socket, connect } from 'node:net';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { chatStream, messagesStream } from '../support/upstream.ts';
import { chatChunk, messagesHead, messagesTail, messagesText, usageChunk } from './answers.ts';
import { CHAT, CLAUDE, type Customer, type World, ask, openWorld } from './world.ts';

const MIB = 1024 * 1024;
const TEXT = 'lorem ipsum '.repeat(1_000);
/** As much as would have to be kept, were nobody made to wait. */
const STREAM_BYTES = 160 * MIB;
/** Sockets buffer some megabytes on each side; the hub itself some hundred kilobytes. */
const MOST_WRITTEN = 40 * MIB;
const MOST_GROWTH = 80 * MIB;
const SETTLED_MS = 1_500;

const STREAMS = [
  {
    model: CHAT,
    path: '/v1/chat/completions',
    head: '',
    part: chatStream(chatChunk({ content: TEXT }))[0] ?? '',
    tail: chatStream(chatChunk({}, 'stop'), usageChunk()).join(''),
    end: '[DONE]',
  },
  {
    // Re-encoded for a client of the other protocol.
    model: CLAUDE,
    path: '/v1/chat/completions',
    head: messagesStream(...messagesHead({ input_tokens: 20, output_tokens: 1 })).join(''),
    part: messagesStream(messagesText(TEXT)).join(''),
    tail: messagesStream(...messagesTail({ output_tokens: 7 })).join(''),
    end: '[DONE]',
  },
];

let world: World;
let customer: Customer;
beforeAll(async () => {
  world = await openWorld();
  customer = await world.customer(100_000_000_000n);
});
afterAll(() => world.close());

/** Streams until all is written, and waits where it is made to; tells what was taken from it. */
function answerSlowly({ head, part, tail }: (typeof STREAMS)[number]): {
  writtenBytes: () => number;
} {
  const stream = { written: 0 };
  const write = async (response: ServerResponse, text: string): Promise<void> => {
    stream.written += text.length;
    if (!response.write(text)) await once(response, 'drain');
  };
  world.upstream.answer = async (response) => {
    response.writeHead(200, { 'content-type': 'text/event-stream' });
    await write(response, head);
    while (stream.written < STREAM_BYTES) await write(response, part);
    response.end(tail);
  };
  return { writtenBytes: () => stream.written };
}

async function residentBytes(): Promise<number> {
  const pid = (await readFile(join(world.hub.dataDir, 'lock.pid'), 'utf8')).trim();
  const status = await readFile(`/proc/${pid}/status`, 'utf8');
  return Number(/VmRSS:\s+(\d+) kB/.exec(status)?.[1]) * 1024;
}

async function openRequest(model: string, path: string): Promise<Socket> {
  const { hostname, port, host } = new URL(world.hub.baseUrl);
  const socket = connect(Number(port), hostname);
  const body = JSON.stringify(ask(model, { stream: true, max_tokens: 1_000 }));
  socket.write(
    `POST ${path} HTTP/1.1\r\nhost: ${host}\r\nauthorization: Bearer ${customer.liveKey}\r\n` +
      `content-type: application/json\r\ncontent-length: ${body.length}\r\n\r\n${body}`,
  );
  await once(socket, 'readable');
  return socket;
}

/** Resolves once nothing more has been written for a while. */
async function waitForRest(writtenBytes: () => number): Promise<number> {
  for (let before = -1; ; ) {
    const now = writtenBytes();
    if (now === before) return now;
    before = now;
    await sleep(SETTLED_MS);
  }
}

const isLinux = process.platform === 'linux';
const why = isLinux ? '' : ' (left out: reads /proc)';

describe.skipIf(!isLinux)(`a client that does not read its stream${why}`, () => {
  for (const stream of STREAMS) {
    it(`makes the provider wait, and gets all of it later: ${stream.model}`, async () => {
      const before = await residentBytes();
      const { writtenBytes } = answerSlowly(stream);
      const socket = await openRequest(stream.model, stream.path);
      expect(await waitForRest(writtenBytes)).toBeLessThan(MOST_WRITTEN);
      expect((await residentBytes()) - before).toBeLessThan(MOST_GROWTH);
      let read = 0;
      let last = '';
      for (let chunk: Buffer | null = socket.read(); !last.includes(stream.end); ) {
        if (chunk === null) await once(socket, 'readable');
        else {
          read += chunk.length;
          last = last.slice(-200) + chunk.toString('latin1', Math.max(0, chunk.length - 200));
        }
        chunk = socket.read();
      }
      socket.destroy();
      expect(writtenBytes()).toBeGreaterThanOrEqual(STREAM_BYTES);
      expect(read).toBeGreaterThan(0.9 * STREAM_BYTES);
    });
  }
});
