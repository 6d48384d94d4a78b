// Time at the door: one pass over all connections now and then instead of a timer for each request.
// What takes too long ends as it would at node:http, whose limits these are.

import type { Line } from './line.ts';

const LINGER_MS = 5_000;
/** So that a client that keeps to the time it was told does not meet the closing; as node:http. */
const KEEP_ALIVE_BUFFER_MS = 1_000;
/** How long an idle connection remembers its head. */
const MEMORY_MS = 10_000;
const TIMEOUT_ANSWER = 'HTTP/1.1 408 Request Timeout\r\nConnection: close\r\n\r\n';

/** `tickMs`: how far apart the sweeps are. */
export function sweepLine(line: Line, tickMs: number): void {
  const { server, tick } = line.ground;
  const ageMs = (tick - line.sinceTick) * tickMs;
  watch(line, server.requestTimeout);
  switch (line.phase) {
    case 'head':
      if (!line.isKept || line.part) {
        if (ageMs > server.headersTimeout) timeOut(line);
      } else if (line.socket.writableLength > 0) {
        line.sinceTick = tick;
      } else if (ageMs > server.keepAliveTimeout + KEEP_ALIVE_BUFFER_MS) {
        line.socket.destroy();
      } else if (ageMs > MEMORY_MS) {
        line.head = undefined;
      }
      break;
    case 'serving':
      if (isIncomplete(line) && ageMs > server.requestTimeout) timeOut(line);
      break;
    case 'lingering':
      if (ageMs > LINGER_MS) line.socket.destroy();
      break;
    default:
  }
}

function isIncomplete({ request }: Line): boolean {
  return request !== undefined && request.received < request.bodyLength;
}

/** Tells a client that was too slow, where no answer is under way, and hangs up. */
function timeOut({ socket, request }: Line): void {
  if (!request?.isBegun) socket.write(TIMEOUT_ANSWER);
  socket.destroy();
}

/** A client that takes nothing of what it is sent, for as long as a request may take, is cut. */
function watch(line: Line, mostMs: number): void {
  const isStuck = line.socket.writableNeedDrain || line.phase === 'closing';
  if (isStuck === line.isWatched) return;
  line.isWatched = isStuck;
  line.socket.setTimeout(isStuck ? mostMs : 0);
}
