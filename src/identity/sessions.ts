// Signed-in sessions. The browser holds a token, the database its hash; a session ends after 14
// idle days, after 30 days in any case, and at sign-out. Every sign-in makes a new one.

import type { Sql } from '../db/database.ts';
import { type Person, personOf } from './people.ts';
import { createToken, hashToken } from './tokens.ts';

const DAY_MS = 86_400_000;
const IDLE_MS = 14 * DAY_MS;
export const SESSION_MS = 30 * DAY_MS;
/** A busy page must not write a row per request. */
const TOUCH_EVERY_MS = 60_000;

export interface Session {
  readonly person: Person;
  readonly lastSeenMs: number;
}

/**
 * Starts a session and returns its token. The session that the browser had before ends, so that a
 * token planted before the sign-in is worth nothing after it.
 */
export async function startSession(
  sql: Sql,
  personId: string,
  previousToken: string | undefined,
  wallMs: number,
): Promise<string> {
  if (previousToken !== undefined) await endSession(sql, previousToken);
  await forgetExpired(sql, personId, wallMs);
  const { token, hash } = createToken();
  const now = new Date(wallMs);
  await sql
    .insertInto('sessions')
    .values({
      token_hash: hash,
      person_id: personId,
      created_at: now,
      last_seen_at: now,
      expires_at: new Date(wallMs + SESSION_MS),
    })
    .execute();
  return token;
}

/** The session behind a token, or undefined when there is none or it has expired. */
export async function findSession(
  sql: Sql,
  token: string,
  wallMs: number,
): Promise<Session | undefined> {
  const row = await sql
    .selectFrom('sessions')
    .innerJoin('people', 'people.id', 'sessions.person_id')
    .select(['people.id', 'people.email', 'people.name', 'people.is_operator', 'last_seen_at'])
    .where('token_hash', '=', hashToken(token))
    .where('expires_at', '>', new Date(wallMs))
    .where('last_seen_at', '>', new Date(wallMs - IDLE_MS))
    .executeTakeFirst();
  return row && { person: personOf(row), lastSeenMs: row.last_seen_at.getTime() };
}

/** Notes that a session is in use, at most once a minute. */
export async function touchSession(
  sql: Sql,
  token: string,
  session: Session,
  wallMs: number,
): Promise<void> {
  if (wallMs - session.lastSeenMs < TOUCH_EVERY_MS) return;
  await sql
    .updateTable('sessions')
    .set({ last_seen_at: new Date(wallMs) })
    .where('token_hash', '=', hashToken(token))
    .execute();
}

export async function endSession(sql: Sql, token: string): Promise<void> {
  await sql.deleteFrom('sessions').where('token_hash', '=', hashToken(token)).execute();
}

async function forgetExpired(sql: Sql, personId: string, wallMs: number): Promise<void> {
  await sql
    .deleteFrom('sessions')
    .where('person_id', '=', personId)
    .where((eb) =>
      eb.or([
        eb('expires_at', '<=', new Date(wallMs)),
        eb('last_seen_at', '<=', new Date(wallMs - IDLE_MS)),
      ]),
    )
    .execute();
}
