// The answering half of a request at the door: head and first bytes in one write, each chunk with its
// frame in one write.

import assert from 'node:assert/strict';
import type { Socket } from 'node:net';
import { SCRATCH_BYTES, sendScratch, takeScratch } from '../base/scratch.ts';
import type { Bytes } from '../http/inbound.ts';
import { answerHead } from './answer-head.ts';
import type { Request } from './line.ts';

const CLOSE = 'Connection: close\r\n';
const CHUNKED = 'Transfer-Encoding: chunked\r\n';
const LAST_CHUNK = '0\r\n\r\n';
const BODYLESS: ReadonlySet<number> = new Set([204, 304]);

/** The verbs of an answer, shared by all requests. */
export const ANSWERING = Object.freeze({ begin, write, end, respond, cut });

function begin(this: Request, status: number, headers: readonly string[], length?: number): void {
  assert(!this.isBegun, 'An answer begins once.');
  assert(status >= 200 && status <= 999, 'An answer has a final status.');
  assert(length === undefined || Number.isSafeInteger(length), 'The length of an answer is whole.');
  const { isLast, ground } = this.line;
  const connection = isLast ? CLOSE : ground.keepAliveText;
  let framing = '';
  if (BODYLESS.has(status)) {
    this.framing = 'none';
  } else if (length === undefined) {
    this.framing = 'chunked';
    framing = CHUNKED;
  } else {
    this.framing = 'length';
    framing = `Content-Length: ${length}\r\n`;
  }
  this.answerHead = answerHead(status, headers, connection, framing);
  this.answerLeft = length ?? 0;
  this.isBegun = true;
}

function write(this: Request, bytes: Bytes): boolean {
  assert(this.isBegun && !this.isEnded, 'Bytes of an answer come between its head and its end.');
  return this.isGone || send(this, bytes, false);
}

function end(this: Request, bytes: Bytes): void {
  assert(this.isBegun && !this.isEnded, 'An answer that has begun ends once.');
  if (this.isGone) return;
  send(this, bytes, true);
  this.isEnded = true;
  this.line.ground.answered(this.line);
}

function respond(this: Request, status: number, headers: readonly string[], body: Buffer): void {
  this.begin(status, headers, body.length);
  this.end(body);
}

function cut(this: Request): void {
  // An answer that is whole breaks no more, and its connection may be another request's by now.
  if (this.isEnded) return;
  this.onGone = undefined;
  this.line.socket.destroy();
}

function send(request: Request, bytes: Bytes, isEnd: boolean): boolean {
  const { framing, answerHead: head } = request;
  const { socket } = request.line;
  if (framing === 'none') return head === '' || flush(request, head, '', '');
  const size = typeof bytes === 'string' ? Buffer.byteLength(bytes) : bytes.length;
  if (framing === 'chunked') {
    const tail = isEnd ? LAST_CHUNK : '';
    if (size === 0) return head + tail === '' || flush(request, head, '', tail);
    return flush(request, `${head}${size.toString(16)}\r\n`, bytes, `\r\n${tail}`);
  }
  const left = request.answerLeft - size;
  if (left < 0 || (isEnd && left !== 0)) {
    // The client would take the next answer for a part of this one, or wait for it.
    socket.destroy();
    throw new assert.AssertionError({ message: 'An answer is as long as its head says.' });
  }
  request.answerLeft = left;
  return size === 0 && head === '' ? true : flush(request, head, bytes, '');
}

function flush(request: Request, before: string, bytes: Bytes, after: string): boolean {
  request.answerHead = '';
  return writeOnce(request.line.socket, before, bytes, after);
}

function writeOnce(socket: Socket, before: string, bytes: Bytes, after: string): boolean {
  if (typeof bytes === 'string') {
    // Latin-1 is for the head's sake; a text that is not ASCII needs its own encoding.
    if (Buffer.byteLength(bytes) === bytes.length) {
      return socket.write(before + bytes + after, 'latin1');
    }
    return writeOnce(socket, before, Buffer.from(bytes), after);
  }
  if (before === '' && after === '') return socket.write(bytes);
  const length = before.length + bytes.length + after.length;
  if (length > SCRATCH_BYTES) {
    socket.cork();
    if (before !== '') socket.write(before, 'latin1');
    let flowing = socket.write(bytes);
    if (after !== '') flowing = socket.write(after, 'latin1');
    socket.uncork();
    return flowing;
  }
  const whole = takeScratch(socket, length);
  whole.write(before, 0, 'latin1');
  bytes.copy(whole, before.length);
  if (after !== '') whole.write(after, before.length + bytes.length, 'latin1');
  return sendScratch(socket, whole);
}
