// The process that was started, where a hub has several workers: it forks them, starts those again
// that die, and passes on when to stop. It serves nothing itself; the connections that come to the one
// address are given to the workers in turn.

import cluster from 'node:cluster';
import type { Log } from '../base/log.ts';
import type { FromWorker } from './channel.ts';
import { createRelay } from './relay.ts';
import { type End, type Seat, createSeat } from './seat.ts';

/** So many starts in a row that came to nothing end the hub: nobody should have to find it half alive. */
const MOST_FAILED_STARTS = 5;
/** How a worker says that it could not start only because the database is away. */
export const AWAY_EXIT_CODE = 75;

export interface SupervisorOptions {
  /** How many workers. */
  readonly count: number;
  /** One that takes longer to stop is killed. */
  readonly longestStopMs: number;
  readonly log: Log;
}

export interface Supervisor {
  /** Rejects, with all workers stopped, when a worker cannot be started. */
  readonly failed: Promise<never>;
  /** Stops all workers in order; throws where one did not leave in order. */
  stop(): Promise<void>;
}

/** Starts so many workers: the first alone, as it prepares the database, then the others. */
export function supervise({ count, longestStopMs, log }: SupervisorOptions): Supervisor {
  cluster.schedulingPolicy = cluster.SCHED_RR;
  const relay = createRelay();
  const failed = Promise.withResolvers<never>();
  let stopping: PromiseWithResolvers<void> | undefined;
  let isGreeted = false;
  let disorderly: Error | undefined;
  /** By worker: starts in a row that came to nothing. */
  const failedStarts = new Map<number, number>();
  const events = { served, said, ended };
  const seats = Array.from({ length: count }, (_, index) => createSeat(index + 1, events));

  function served(seat: Seat): void {
    failedStarts.delete(seat.number);
    log.info('worker_serves', { worker: seat.number });
    if (stopping) return;
    for (const other of seats) if (!other.isKept()) other.start();
    if (!isGreeted && seats.every((other) => other.serves())) seat.say({ kind: 'greet' });
  }

  function said(seat: Seat, message: FromWorker): void {
    if (message.kind === 'greeted') isGreeted = true;
    else if (message.kind === 'done') relay.done(seat, message.telling);
    else if (message.kind === 'tell') {
      const others = seats.filter((other) => other !== seat && other.serves());
      relay.tell(seat, message, others);
    }
  }

  function ended(seat: Seat, end: End): void {
    relay.left(seat);
    const { number } = seat;
    const { hadServed, code, signal } = end;
    if (stopping) {
      if (hadServed && code !== 0)
        disorderly ??= new Error(`Worker ${number} did not stop in order.`);
      return leaveWhenEmpty();
    }
    if (isLost(number, end))
      return giveUp(new Error(`Worker ${number} cannot start, so the hub ends.`));
    const how = { code: code?.toString(), signal: signal ?? undefined };
    log.warn('worker_ended', { worker: number, ...how });
    seat.startLater();
  }

  /** Whether no further start would help. */
  function isLost(number: number, { hadServed, code }: End): boolean {
    if (hadServed) return false;
    // What is wrong at the very first start is wrong with the settings, or with what they name.
    if (!isGreeted && code !== null) return true;
    if (code === AWAY_EXIT_CODE) return false;
    const failures = (failedStarts.get(number) ?? 0) + 1;
    failedStarts.set(number, failures);
    return failures >= MOST_FAILED_STARTS;
  }

  function giveUp(reason: Error): void {
    const fail = (): void => failed.reject(reason);
    stop().then(fail, fail);
  }

  function stop(): Promise<void> {
    if (stopping) return stopping.promise;
    stopping = Promise.withResolvers();
    for (const seat of seats) seat.end('SIGTERM');
    setTimeout(() => seats.forEach((seat) => seat.end('SIGKILL')), longestStopMs).unref();
    leaveWhenEmpty();
    return stopping.promise;
  }

  function leaveWhenEmpty(): void {
    if (seats.some((seat) => seat.isTaken())) return;
    if (disorderly) stopping?.reject(disorderly);
    else stopping?.resolve();
  }

  seats[0]?.start();
  return { failed: failed.promise, stop };
}
