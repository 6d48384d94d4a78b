// The fast door: takes the connections of an http server before node:http does, serves the plain
// requests of the hot routes over the bare socket, and hands everything else over. The server keeps
// the listening socket and the limits; docs/decisions/0011-fast-door.md has the reasons and figures.

import type { Server } from 'node:http';
import type { Socket } from 'node:net';
import type { InboundHandler } from '../http/inbound.ts';
import type { Holder } from '../http/server.ts';
import { answered, closeSoon, readOn, takeConnection } from './connections.ts';
import type { IsHot } from './head.ts';
import type { Ground } from './line.ts';
import { sweepLine } from './sweep.ts';

export interface DoorOptions {
  readonly server: Server;
  /** Whether a request by this method to this path, without its query, is for `serve`. */
  readonly isHot: IsHot;
  readonly serve: InboundHandler;
  /** How often time limits are looked at. */
  readonly sweepMs?: number;
}

const SWEEP_MS = 1_000;

/**
 * Steps between a server's connections and node:http. The holder that is returned is told to close
 * idle connections when the server closes: from then on each one closes after its answer.
 */
export function openDoor({ server, isHot, serve, sweepMs = SWEEP_MS }: DoorOptions): Holder {
  const takers = server.listeners('connection') as ((socket: Socket) => void)[];
  const ground: Ground = {
    server,
    isHot,
    serve,
    handOver(socket) {
      for (const take of takers) take.call(server, socket);
    },
    lines: new Set(),
    keepAliveText: keepAliveText(server.keepAliveTimeout),
    tick: 0,
    isClosing: false,
    answered,
    readOn,
  };
  server.removeAllListeners('connection');
  server.on('connection', (socket: Socket) => takeConnection(ground, socket));
  const sweeper = setInterval(() => {
    ground.tick += 1;
    for (const line of ground.lines) sweepLine(line, sweepMs);
  }, sweepMs).unref();
  server.on('close', () => clearInterval(sweeper));
  return {
    closeIdleConnections: () => closeIdle(ground),
    closeAllConnections() {
      for (const { socket } of ground.lines) socket.destroy();
    },
  };
}

function keepAliveText(timeoutMs: number): string {
  return `Connection: keep-alive\r\nKeep-Alive: timeout=${Math.floor(timeoutMs / 1_000)}\r\n`;
}

function closeIdle(ground: Ground): void {
  ground.isClosing = true;
  for (const line of ground.lines) {
    line.isLast = true;
    if (line.phase === 'head' && !line.part) closeSoon(line);
  }
}
