// One worker of a hub as its supervisor sees it: the process of the moment, whether it serves, and
// how soon after an end the next one is started.

import cluster, { type Worker } from 'node:cluster';
import type { FromWorker, ToWorker } from './channel.ts';
import { watchHandingOver } from './handing-over.ts';

const FIRST_PAUSE_MS = 100;
const LONGEST_PAUSE_MS = 5_000;
/** A worker that served for so long did not die of its start. */
const STEADY_MS = 10_000;

export interface Seat {
  /** Counted from 1. */
  readonly number: number;
  /** Whether a process is here. */
  isTaken(): boolean;
  /** Whether one is here, or will be after a pause. */
  isKept(): boolean;
  serves(): boolean;
  start(): void;
  /** After a pause that grows with every end in a row. */
  startLater(): void;
  /** What cannot be sent is for a process that is about to end. */
  say(message: ToWorker): void;
  /** Ends the process, if there is one, and starts no other. */
  end(signal: 'SIGTERM' | 'SIGKILL'): void;
}

export interface End {
  readonly hadServed: boolean;
  readonly code: number | null;
  readonly signal: string | null;
}

export interface SeatEvents {
  served(seat: Seat): void;
  said(seat: Seat, message: FromWorker): void;
  ended(seat: Seat, end: End): void;
}

export function createSeat(number: number, events: SeatEvents): Seat {
  let worker: Worker | undefined;
  let servesSinceMs: number | undefined;
  /** Ends in a row, each soon after its start. */
  let ends = 0;
  let timer: NodeJS.Timeout | undefined;

  function start(): void {
    timer = undefined;
    cluster.setupPrimary({ args: ['worker', number.toString()] });
    const fresh = cluster.fork();
    worker = fresh;
    watchHandingOver(fresh);
    fresh.on('message', (message: FromWorker) => {
      if (message.kind !== 'serves') return events.said(seat, message);
      servesSinceMs = performance.now();
      events.served(seat);
    });
    fresh.on('exit', onEnd);
    // A process that could not be made has no exit.
    fresh.on('error', () => {
      if (fresh.process.pid === undefined) onEnd(1, null);
    });
  }

  function onEnd(code: number | null, signal: string | null): void {
    const servedMs = servesSinceMs === undefined ? 0 : performance.now() - servesSinceMs;
    const hadServed = servesSinceMs !== undefined;
    ends = servedMs >= STEADY_MS ? 1 : ends + 1;
    worker = undefined;
    servesSinceMs = undefined;
    events.ended(seat, { hadServed, code, signal });
  }

  const seat: Seat = {
    number,
    isTaken: () => worker !== undefined,
    isKept: () => worker !== undefined || timer !== undefined,
    serves: () => servesSinceMs !== undefined,
    start,
    startLater() {
      timer = setTimeout(start, Math.min(FIRST_PAUSE_MS * 2 ** (ends - 1), LONGEST_PAUSE_MS));
    },
    say: (message) => void worker?.process.send?.(message, undefined, undefined, () => undefined),
    end(signal) {
      clearTimeout(timer);
      worker?.process.kill(signal);
    },
  };
  return seat;
}
