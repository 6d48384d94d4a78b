// The asking half of a request at the door: its place in memory and the gathering of its body. A body
// that came with its head is not copied; any other grows with what comes, never with what is announced.

import { HubError } from '../base/errors.ts';
import { bodyTooLarge } from '../http/inbound.ts';
import { ANSWERING } from './answers.ts';
import type { Head } from './head.ts';
import type { Line, Request } from './line.ts';

/** How much of a body is taken before anybody has asked for it. */
const MOST_UNASKED = 64 * 1024;
const LEAST_RESERVED = 16 * 1024;

const { begin, cut, end, respond, write } = ANSWERING;

/** `first`: what came of the body together with the head, not beyond its end. */
export function openRequest(line: Line, head: Head, first: Buffer): Request {
  const isWhole = first.length === head.bodyLength;
  const request: Request = {
    method: 'POST',
    url: head.url,
    headers: head.headers,
    peerAddress: line.peerAddress,
    bodyLength: head.bodyLength,
    readBody,
    isBegun: false,
    isGone: false,
    onGone: undefined,
    onDrain: undefined,
    begin,
    write,
    end,
    respond,
    cut,
    line,
    isEnded: false,
    received: isWhole ? first.length : 0,
    body: isWhole ? first : undefined,
    waiting: undefined,
    answerHead: '',
    framing: 'none',
    answerLeft: 0,
  };
  if (!isWhole) addToBody(request, first);
  return request;
}

function readBody(this: Request, maxBytes: number): Buffer | Promise<Buffer> {
  if (this.bodyLength > maxBytes) throw bodyTooLarge(maxBytes);
  if (this.received === this.bodyLength) {
    const { body = Buffer.alloc(0) } = this;
    // The reader's from now on, who will not keep it for as long as the answer takes.
    this.body = undefined;
    return body;
  }
  if (this.isGone) throw new HubError('client_closed');
  this.waiting ??= Promise.withResolvers<Buffer>();
  this.line.ground.readOn(this.line);
  return this.waiting.promise;
}

/** Takes more of the body, never beyond its end; false where no more should be read for now. */
export function addToBody(request: Request, bytes: Buffer): boolean {
  const { received, bodyLength } = request;
  const sum = received + bytes.length;
  if (sum > 0) {
    request.body = roomFor(request.body, received, sum, bodyLength);
    bytes.copy(request.body, received);
  }
  request.received = sum;
  if (sum === bodyLength && request.body) {
    if (!request.waiting) return true;
    request.waiting.resolve(request.body);
    request.waiting = undefined;
    request.body = undefined;
    return true;
  }
  return request.waiting !== undefined || sum < MOST_UNASKED;
}

function roomFor(body: Buffer | undefined, used: number, needed: number, most: number): Buffer {
  if (body && body.length >= needed) return body;
  const room = Buffer.allocUnsafeSlow(Math.min(most, Math.max(2 * needed, LEAST_RESERVED)));
  if (body) body.copy(room, 0, 0, used);
  return room;
}

/** The client has left: whoever works for it is told. */
export function loseClient(request: Request): void {
  if (request.isGone) return;
  request.isGone = true;
  request.waiting?.reject(new HubError('client_closed'));
  request.waiting = undefined;
  const { onGone } = request;
  request.onGone = undefined;
  if (!request.isEnded) onGone?.();
}
