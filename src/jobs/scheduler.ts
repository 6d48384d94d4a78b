// Does scheduled work: each due time of a job once, on one of all nodes that share the database. A
// node that dies in the middle is replaced after its claim has run out; work that fails is tried again
// after a pause, until the next due time takes its place.

import { randomUUID } from 'node:crypto';
import type { Clock } from '../base/clock.ts';
import { waitAtMost } from '../base/deadline.ts';
import { HubError } from '../base/errors.ts';
import { type Log, framesOf } from '../base/log.ts';
import { type Sql, sqlState } from '../db/database.ts';
import { type Claim, dropClaim, finishClaim, renewClaim, takeClaim } from './claims.ts';
import type { Job } from './job.ts';

const LOOK_MS = 20_000;
const CLAIM_MS = 60_000;
const RETRY_MS = 60_000;
const LONGEST_RETRY_MS = 3_600_000;
const STOP_MS = 5_000;

export interface SchedulerDeps {
  readonly sql: Sql;
  readonly clock: Clock;
  readonly log: Log;
  readonly jobs: readonly Job[];
  /** How often it looks for due work, how long a claim lives, and the first pause after a failure. */
  readonly lookMs?: number;
  readonly claimMs?: number;
  readonly retryMs?: number;
}

export interface Scheduler {
  /** Ends running work early and waits for it a bounded time; what is left is claimed by others. */
  stop(): Promise<void>;
}

/** Looks for due work until it is stopped; the first time after one interval. */
export function startScheduler(deps: SchedulerDeps): Scheduler {
  const stopping = new AbortController();
  const running = new Map<Job, Promise<void>>();
  const holder = randomUUID();
  const look = (): void => {
    for (const job of deps.jobs) {
      if (running.has(job)) continue;
      const work = doDueWork(deps, job, holder, stopping.signal).finally(() => running.delete(job));
      running.set(job, work);
    }
  };
  const timer = setInterval(look, deps.lookMs ?? LOOK_MS);
  return {
    async stop() {
      clearInterval(timer);
      stopping.abort();
      await waitAtMost(STOP_MS, Promise.all(running.values()));
    },
  };
}

/** Never rejects: what goes wrong is logged, and tried again at a later look. */
async function doDueWork(
  deps: SchedulerDeps,
  job: Job,
  holder: string,
  stopping: AbortSignal,
): Promise<void> {
  const { sql, clock, claimMs = CLAIM_MS, retryMs = RETRY_MS } = deps;
  const claim = { job: job.name, dueAt: new Date(job.dueMs(clock.wallMs())), holder };
  let attempt: number | undefined;
  try {
    attempt = await takeClaim(sql, claim, claimMs);
    if (attempt === undefined) return;
    const keeping = keepClaim(deps, claim, claimMs);
    try {
      await job.run(AbortSignal.any([stopping, keeping.lost]));
    } finally {
      keeping.end();
    }
    await finishClaim(sql, claim);
  } catch (error) {
    if (!stopping.aborted) logFailure(deps.log, job, error);
    if (attempt === undefined) return;
    const pauseMs = Math.min(retryMs * 2 ** Math.min(attempt - 1, 10), LONGEST_RETRY_MS);
    // Where this fails too, the claim runs out by itself.
    await dropClaim(sql, claim, stopping.aborted ? 0 : pauseMs).catch(() => undefined);
  }
}

/** Renews a claim while its work goes on; `lost` fires when others may have taken it. */
function keepClaim(
  { sql, clock }: SchedulerDeps,
  claim: Claim,
  claimMs: number,
): { readonly lost: AbortSignal; end(): void } {
  const lost = new AbortController();
  let renewedMs = clock.monotonicMs();
  let isRenewing = false;
  const renew = async (): Promise<void> => {
    if (isRenewing) return;
    isRenewing = true;
    const startedMs = clock.monotonicMs();
    try {
      if (await renewClaim(sql, claim, claimMs)) renewedMs = startedMs;
      else lost.abort();
    } catch {
      if (clock.monotonicMs() - renewedMs > claimMs) lost.abort();
    } finally {
      isRenewing = false;
    }
  };
  const timer = setInterval(() => void renew(), claimMs / 3);
  return { lost: lost.signal, end: () => clearInterval(timer) };
}

function logFailure(log: Log, job: Job, error: unknown): void {
  const code = error instanceof HubError ? error.code : undefined;
  const state = sqlState(error);
  log.error('job_failed', { job: job.name, code, sqlState: state, frames: framesOf(error) });
}
