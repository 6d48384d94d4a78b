// Who does the work of a due time: a row in the database, claimed by one node at a time. A claim
// lives by the database's clock, which all nodes share, and ends unless its holder renews it.

import { sql as rawSql } from 'kysely';
import type { Sql } from '../db/database.ts';

/** How long done work is remembered; a clock that falls back further does it again. */
const KEPT_DAYS = 90;

export interface Claim {
  readonly job: string;
  readonly dueAt: Date;
  readonly holder: string;
}

/** Claims a due time; the number of the attempt, or undefined while others have it or it is done. */
export async function takeClaim(
  sql: Sql,
  { job, dueAt, holder }: Claim,
  claimMs: number,
): Promise<number | undefined> {
  const { rows } = await rawSql<{ attempts: number }>`
    insert into job_runs (job, due_at, claimed_by, claimed_until)
    values (${job}, ${dueAt}, ${holder}, ${fromNow(claimMs)})
    on conflict (job, due_at) do update set claimed_by = excluded.claimed_by,
      claimed_until = excluded.claimed_until, attempts = job_runs.attempts + 1
    where job_runs.finished_at is null and job_runs.claimed_until < now()
    returning attempts`.execute(sql);
  return rows[0]?.attempts;
}

/** Moves the end of a claim; false when it is not the holder's any more. */
export async function renewClaim(sql: Sql, claim: Claim, claimMs: number): Promise<boolean> {
  const { numAffectedRows } = await rawSql`
    update job_runs set claimed_until = ${fromNow(claimMs)}
    where ${isHeld(claim)}`.execute(sql);
  return numAffectedRows === 1n;
}

/** The work is done, for ever; forgets what was done long ago. */
export async function finishClaim(sql: Sql, claim: Claim): Promise<void> {
  await rawSql`update job_runs set finished_at = now() where ${isHeld(claim)}`.execute(sql);
  await rawSql`delete from job_runs
    where job = ${claim.job} and finished_at < now() - make_interval(days => ${KEPT_DAYS})
  `.execute(sql);
}

/** Lets anybody try again after a pause. */
export async function dropClaim(sql: Sql, claim: Claim, pauseMs: number): Promise<void> {
  await renewClaim(sql, claim, pauseMs);
}

function isHeld({ job, dueAt, holder }: Claim) {
  return rawSql<boolean>`job = ${job} and due_at = ${dueAt} and claimed_by = ${holder}
    and finished_at is null`;
}

function fromNow(ms: number) {
  return rawSql<Date>`now() + make_interval(secs => ${ms / 1_000})`;
}
