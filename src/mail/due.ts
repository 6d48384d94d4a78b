// Which message is whose turn. A node takes a due one for a while, by the database's clock, which all
// nodes share: no other takes it in that time, and if the node dies it is due again afterwards. Each
// try has a number, so that a node that was held up cannot mark what another has taken since.

import { sql as rawSql } from 'kysely';
import type { Sql } from '../db/database.ts';
import type { MailKind } from '../db/schema-people.ts';
import type { JsonObject } from '../base/json.ts';
import { announceMails } from './queue.ts';

/** A little less than a day, with the pauses below. */
export const MOST_ATTEMPTS = 20;
const FIRST_PAUSE_MS = 15_000;
const LONGEST_PAUSE_MS = 2 * 3_600_000;
const KEPT_DAYS = 30;

/** A message that this node has taken for one try. */
export interface DueMail {
  readonly id: string;
  readonly kind: MailKind;
  readonly address: string;
  readonly personId: string | null;
  readonly subjectId: string | null;
  readonly facts: JsonObject;
  /** Which try it is, counted from 1. */
  readonly attempt: number;
}

/**
 * Takes the message that has been due the longest, if there is one. A notice to everybody goes after
 * what somebody waits for.
 */
export async function takeDueMail(sql: Sql, leaseMs: number): Promise<DueMail | undefined> {
  const { rows } = await rawSql<DueMail>`
    update mails set attempts = attempts + 1, failure = null, due_at = ${fromNow(leaseMs)}
    where id = (
      select id from mails where sent_at is null and given_up_at is null and due_at <= now()
      order by kind = 'policy_change', due_at limit 1 for update skip locked)
    returning id, kind, address, person_id as "personId", subject_id as "subjectId", facts,
      attempts as attempt`.execute(sql);
  return rows[0];
}

/** It was sent, or is not to be sent any more. */
export async function markDone(sql: Sql, { id, attempt }: DueMail): Promise<void> {
  await rawSql`update mails set sent_at = now()
    where ${isStillOurs(id, attempt)}`.execute(sql);
}

/** Another try after a pause, unless it is of no use or there were enough: true where it is given up. */
export async function markFailed(
  sql: Sql,
  { id, attempt }: DueMail,
  failure: string,
  isPermanent: boolean,
): Promise<boolean> {
  if (isPermanent || attempt >= MOST_ATTEMPTS) {
    await rawSql`update mails set given_up_at = now(), failure = ${failure}
      where ${isStillOurs(id, attempt)}`.execute(sql);
    return true;
  }
  await rawSql`update mails set due_at = ${fromNow(pauseMs(attempt))}, failure = ${failure}
    where ${isStillOurs(id, attempt)}`.execute(sql);
  return false;
}

/** Makes a message due again that was given up; false where there is none such. */
export async function retryMail(tx: Sql, id: string): Promise<boolean> {
  const { numAffectedRows } = await rawSql`
    update mails set given_up_at = null, attempts = 0, due_at = now()
    where id = ${id} and given_up_at is not null`.execute(tx);
  if (numAffectedRows === 1n) await announceMails(tx);
  return numAffectedRows === 1n;
}

/** Forgets what was sent or given up long ago. */
export async function forgetOldMails(sql: Sql): Promise<void> {
  await rawSql`delete from mails
    where coalesce(sent_at, given_up_at) < now() - make_interval(days => ${KEPT_DAYS})
  `.execute(sql);
}

/** Doubles with every try. */
export function pauseMs(attempt: number): number {
  return Math.min(FIRST_PAUSE_MS * 2 ** (attempt - 1), LONGEST_PAUSE_MS);
}

function isStillOurs(id: string, attempt: number) {
  return rawSql<boolean>`id = ${id} and attempts = ${attempt} and sent_at is null
    and given_up_at is null`;
}

function fromNow(ms: number) {
  return rawSql<Date>`now() + make_interval(secs => ${ms / 1_000})`;
}
