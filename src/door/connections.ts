// One connection at the door, from its first byte until it closes or node:http gets it. A request that
// is plain is served here; at the first byte of doubt the connection is handed over with everything
// that came, so that node's own parser has the last word on all that is wrong.

import type { Socket } from 'node:net';
import { readHead, repeatsHead } from './head.ts';
import type { Ground, Line, Phase, Request } from './line.ts';
import { addToBody, loseClient, openRequest } from './requests.ts';

interface DoorSocket extends Socket {
  [LINE]?: Line | undefined;
}

const LINE = Symbol('line');

/** What comes before its turn is kept up to this; beyond it reading stops. */
const MOST_BEHIND = 64 * 1024;
const MOST_DISCARDED = 64 * 1024 * 1024;
/** In so many pieces a head may come. */
const MOST_PARTS = 8;
const NOTHING = Buffer.alloc(0);
const BAD_REQUEST = 'HTTP/1.1 400 Bad Request\r\nConnection: close\r\n\r\n';

export function takeConnection(ground: Ground, socket: DoorSocket): void {
  const line: Line = {
    ground,
    socket,
    peerAddress: socket.remoteAddress,
    phase: 'head',
    sinceTick: ground.tick,
    isKept: false,
    head: undefined,
    part: undefined,
    parts: 0,
    request: undefined,
    behind: undefined,
    discarded: 0,
    isPaused: false,
    isWatched: false,
    isLast: false,
  };
  socket[LINE] = line;
  ground.lines.add(line);
  socket.on('end', onEnd).on('close', onClose).on('error', ignore);
  socket.on('drain', onDrain).on('timeout', destroy).on('data', onData);
}

function leave(line: Line): void {
  const socket: DoorSocket = line.socket;
  line.phase = 'left';
  line.ground.lines.delete(line);
  socket.off('end', onEnd).off('close', onClose).off('error', ignore);
  socket.off('drain', onDrain).off('timeout', destroy).off('data', onData);
  socket[LINE] = undefined;
}

/** Gives the connection to node:http, as if it had just come with these bytes. */
function handOver(line: Line, bytes: Buffer): void {
  const { socket } = line;
  leave(line);
  if (line.isWatched) socket.setTimeout(0);
  // A socket that flows would give the bytes to nobody before node:http listens.
  socket.pause();
  if (bytes.length > 0) socket.unshift(bytes);
  line.ground.handOver(socket);
  socket.resume();
}

function onData(this: DoorSocket, chunk: Buffer): void {
  const line = this[LINE];
  if (!line) return;
  if (line.phase === 'head') takeHead(line, chunk);
  else if (line.request) takeMore(line, line.request, chunk);
}

function takeHead(line: Line, chunk: Buffer): void {
  const { ground, part } = line;
  const bytes = part ? Buffer.concat([part, chunk]) : chunk;
  let { head } = line;
  if (!head || !repeatsHead(head, bytes)) {
    const reading = readHead(bytes, ground.isHot);
    if (reading === 'foreign') return handOver(line, bytes);
    if (reading === 'part') return keepPart(line, bytes);
    head = reading;
    line.head = head;
  }
  const end = head.length + head.bodyLength;
  // Bytes behind the request are the next one, or what is left of a length that is not true.
  if (bytes.length > end) return handOver(line, bytes);
  line.part = undefined;
  line.parts = 0;
  line.isLast = ground.isClosing || !head.keepAlive;
  enter(line, 'serving');
  const first = bytes.length > head.length ? bytes.subarray(head.length) : NOTHING;
  line.request = openRequest(line, head, first);
  ground.serve(line.request);
}

/** What comes in many small pieces is for node's parser, which remembers where it was. */
function keepPart(line: Line, bytes: Buffer): void {
  if (line.parts === MOST_PARTS) return handOver(line, bytes);
  if (!line.part) line.sinceTick = line.ground.tick;
  line.part = bytes;
  line.parts += 1;
}

function takeMore(line: Line, request: Request, chunk: Buffer): void {
  const due = request.bodyLength - request.received;
  const bytes = chunk.length > due ? chunk.subarray(0, due) : chunk;
  if (chunk.length > due) keepBehind(line, chunk.subarray(due));
  if (bytes.length === 0) return;
  if (line.phase === 'serving') {
    if (!addToBody(request, bytes)) pause(line);
    return;
  }
  request.received += bytes.length;
  line.discarded += bytes.length;
  if (request.received === request.bodyLength) settle(line);
  else if (line.discarded > MOST_DISCARDED) line.socket.destroy();
}

function keepBehind(line: Line, bytes: Buffer): void {
  line.behind = line.behind ? Buffer.concat([line.behind, bytes]) : bytes;
  if (line.behind.length > MOST_BEHIND) pause(line);
}

/** The answer has ended; the request perhaps not. */
export function answered(line: Line): void {
  const { request } = line;
  if (line.phase !== 'serving' || !request) return;
  if (request.received === request.bodyLength) return settle(line);
  request.body = undefined;
  line.discarded = 0;
  enter(line, 'lingering');
  readOn(line);
}

/** A request is over, its answer on the way: what comes next? */
function settle(line: Line): void {
  const { behind, socket } = line;
  line.request = undefined;
  line.behind = undefined;
  line.isKept = true;
  if (line.isLast) return closeSoon(line);
  if (behind) return handOver(line, behind);
  enter(line, 'head');
  // Who does not read the answers asks for no more of them.
  if (socket.writableNeedDrain) pause(line);
  else readOn(line);
}

/** Closes when all that was written is sent. */
export function closeSoon(line: Line): void {
  enter(line, 'closing');
  line.socket.destroySoon();
}

function enter(line: Line, phase: Phase): void {
  line.phase = phase;
  line.sinceTick = line.ground.tick;
}

function pause(line: Line): void {
  if (line.isPaused) return;
  line.isPaused = true;
  line.socket.pause();
}

export function readOn(line: Line): void {
  if (!line.isPaused) return;
  line.isPaused = false;
  line.socket.resume();
}

function onDrain(this: DoorSocket): void {
  const line = this[LINE];
  if (line?.phase === 'head') readOn(line);
  else if (line?.phase === 'serving') line.request?.onDrain?.();
}

/**
 * A client that sends no more has left, as it is for node:http: closing is all that a client can do
 * to cancel, and to the other end it looks the same.
 */
function onEnd(this: DoorSocket): void {
  const line = this[LINE];
  if (!line) return;
  const { request } = line;
  const isCutOff = request ? request.received < request.bodyLength : line.part !== undefined;
  if (isCutOff && !request?.isBegun) this.end(BAD_REQUEST);
  else this.end();
  enter(line, 'closing');
  line.request = undefined;
  if (request) loseClient(request);
}

function onClose(this: DoorSocket): void {
  const line = this[LINE];
  if (!line) return;
  leave(line);
  if (line.request) loseClient(line.request);
}

/** Of errors nothing follows but the closing, which comes as an event of its own. */
function ignore(): void {}

function destroy(this: DoorSocket): void {
  this.destroy();
}
