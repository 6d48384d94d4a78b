// Messages that are put together in the same memory arrive as they were sent, also where the other
// side does not read for a while and they wait for it in that memory.

import { once } from 'node:events';
import { type AddressInfo, type Socket, connect, createServer } from 'node:net';
import { buffer } from 'node:stream/consumers';
import { expect, onTestFinished, test } from 'vitest';
import { SCRATCH_BYTES, sendScratch, takeScratch } from '../../src/base/scratch.ts';

async function openPair(): Promise<{ near: Socket; far: Socket }> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const coming = once(server, 'connection');
  const far = connect((server.address() as AddressInfo).port, '127.0.0.1').pause();
  const [near] = (await coming) as [Socket];
  onTestFinished(() => {
    for (const socket of [near, far]) socket.destroy();
    server.close();
  });
  return { near, far };
}

/** Each message is filled with its own number, so that one that was written over is found. */
function send(socket: Socket, number: number, length: number): void {
  sendScratch(socket, takeScratch(socket, length).fill(number % 251));
}

test('a message that waits for its reader is not written over by the next one', async () => {
  const [slow, quick] = [await openPair(), await openPair()];
  const expected: Buffer[] = [];
  for (let i = 0; slow.near.writableLength === 0; i++) {
    const length = SCRATCH_BYTES - (i % 997);
    send(slow.near, i, length);
    expected.push(Buffer.alloc(length, i % 251));
  }
  send(quick.near, 255, SCRATCH_BYTES);
  for (const { near } of [slow, quick]) near.end();
  expect((await buffer(slow.far)).equals(Buffer.concat(expected))).toBe(true);
  expect((await buffer(quick.far)).equals(Buffer.alloc(SCRATCH_BYTES, 255 % 251))).toBe(true);
});

test('a message larger than the memory is sent from memory of its own', async () => {
  const { near, far } = await openPair();
  send(near, 9, 3 * SCRATCH_BYTES);
  near.end();
  expect((await buffer(far)).equals(Buffer.alloc(3 * SCRATCH_BYTES, 9))).toBe(true);
});
