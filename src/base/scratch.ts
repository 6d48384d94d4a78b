// Memory in which small messages are put together before they are sent, the same again and again: a
// new buffer for each would be most of what a request leaves to the collector. What the kernel did not
// take at once is still to be sent from it, so then the memory is given away and new memory is taken.

import type { Socket } from 'node:net';

/** Up to here copying costs less than giving the kernel several pieces. */
export const SCRATCH_BYTES = 16 * 1024;

let memory = Buffer.allocUnsafeSlow(SCRATCH_BYTES);

/** Room for so many bytes, to be filled and sent before anything else is done. */
export function takeScratch(socket: Socket, length: number): Buffer {
  // Who is behind already would keep all of it for a few bytes.
  const isKept = socket.writableLength > 0 || length > SCRATCH_BYTES;
  return isKept ? Buffer.allocUnsafe(length) : memory.subarray(0, length);
}

/** Sends what `takeScratch` gave; returns false where the other side cannot keep up. */
export function sendScratch(socket: Socket, bytes: Buffer): boolean {
  const isFlowing = socket.write(bytes);
  if (bytes.buffer === memory.buffer && socket.writableLength > 0) {
    memory = Buffer.allocUnsafeSlow(SCRATCH_BYTES);
  }
  return isFlowing;
}
