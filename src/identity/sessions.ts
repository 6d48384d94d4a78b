// Sessions: what the one cookie stands for. The browser holds a token, the database its hash. A
// session has a stage: `anonymous` and `second_factor` are on the way to `signed_in`, short-lived and
// worth nothing by themselves. Every rise of rights makes a new token, so a planted one stays worthless.

import { HubError } from '../base/errors.ts';
import { newId } from '../base/ids.ts';
import type { Sql } from '../db/database.ts';
import type { SessionStage } from '../db/schema-people.ts';
import { type Person, personOf } from './people.ts';
import { createToken, hashToken } from './tokens.ts';

const MINUTE_MS = 60_000;
const DAY_MS = 86_400_000;
const IDLE_MS = 14 * DAY_MS;
export const SESSION_MS = 30 * DAY_MS;
const LIFETIME_MS: Readonly<Record<SessionStage, number>> = Object.freeze({
  anonymous: 60 * MINUTE_MS,
  second_factor: 10 * MINUTE_MS,
  signed_in: SESSION_MS,
});
/** A busy page must not write a row per request. */
const TOUCH_EVERY_MS = MINUTE_MS;
/** How long a proof of who one is opens what a stolen session must not. */
const RECENT_MS = 30 * MINUTE_MS;

/** From where, in words that a person recognises and nobody else can use. */
export interface ClientPlace {
  /** `Firefox on Linux`. */
  readonly device: string;
  /** `203.0.113.0/24`; null where the address is not known. */
  readonly ipPrefix: string | null;
}

/** A session of somebody who has signed in. */
export interface Session {
  readonly id: string;
  readonly person: Person;
  readonly lastSeenMs: number;
  readonly authenticatedMs: number;
}

/** A session at any stage. */
export interface AnySession {
  readonly id: string;
  readonly stage: SessionStage;
  /** Null for an anonymous one. */
  readonly personId: string | null;
}

export interface NewSession {
  readonly stage: SessionStage;
  readonly personId: string | null;
  readonly place: ClientPlace;
}

/**
 * Starts a session and returns its token. The session that the browser had before ends, so that a
 * token planted before the sign-in is worth nothing after it.
 */
export async function startSession(
  sql: Sql,
  { stage, personId, place }: NewSession,
  previousToken: string | undefined,
  wallMs: number,
): Promise<string> {
  const { token, hash } = createToken();
  const now = new Date(wallMs);
  await sql
    .insertInto('sessions')
    .values({
      id: newId('ses', wallMs),
      token_hash: hash,
      person_id: personId,
      stage,
      authenticated_at: stage === 'signed_in' ? now : null,
      device: place.device,
      ip_prefix: place.ipPrefix,
      created_at: now,
      last_seen_at: now,
      expires_at: new Date(wallMs + LIFETIME_MS[stage]),
    })
    .execute();
  // After the insert, which waits for whoever has locked the person and would end these too.
  if (previousToken !== undefined) await endSession(sql, previousToken);
  await forgetExpired(sql, wallMs);
  return token;
}

/** The signed-in session behind a token, or undefined when there is none or it has expired. */
export async function findSession(
  sql: Sql,
  token: string,
  wallMs: number,
): Promise<Session | undefined> {
  const row = await sql
    .selectFrom('sessions')
    .innerJoin('people', 'people.id', 'sessions.person_id')
    .select(['people.id', 'people.email', 'people.name', 'people.is_operator'])
    .select(['sessions.id as session_id', 'last_seen_at', 'authenticated_at'])
    .where('token_hash', '=', hashToken(token))
    .where('stage', '=', 'signed_in')
    .where('expires_at', '>', new Date(wallMs))
    .where('last_seen_at', '>', new Date(wallMs - IDLE_MS))
    .executeTakeFirst();
  return (
    row && {
      id: row.session_id,
      person: personOf(row),
      lastSeenMs: row.last_seen_at.getTime(),
      authenticatedMs: row.authenticated_at?.getTime() ?? 0,
    }
  );
}

/** The session behind a token at whatever stage, or undefined when there is none or it has expired. */
export async function findAnySession(
  sql: Sql,
  token: string,
  wallMs: number,
): Promise<AnySession | undefined> {
  const row = await sql
    .selectFrom('sessions')
    .select(['id', 'stage', 'person_id'])
    .where('token_hash', '=', hashToken(token))
    .where('expires_at', '>', new Date(wallMs))
    .where('last_seen_at', '>', new Date(wallMs - IDLE_MS))
    .executeTakeFirst();
  return row && { id: row.id, stage: row.stage, personId: row.person_id };
}

/** Whether who it is was proven a short while ago. */
export function isRecent(session: Session, wallMs: number): boolean {
  return wallMs - session.authenticatedMs < RECENT_MS;
}

/**
 * For a change that was begun by this session, inside the change's transaction: throws
 * `not_signed_in` where the session has been ended meanwhile.
 */
export async function requireLiveSession(tx: Sql, sessionId: string): Promise<void> {
  const row = await tx
    .selectFrom('sessions')
    .select('id')
    .where('id', '=', sessionId)
    .where('stage', '=', 'signed_in')
    .executeTakeFirst();
  if (!row) throw new HubError('not_signed_in');
}

/** A session as its person sees it in a list. */
export interface ListedSession extends ClientPlace {
  readonly id: string;
  readonly createdAt: Date;
  readonly lastSeenAt: Date;
}

/** Where a person is signed in, the newest use first. */
export function listSessions(sql: Sql, personId: string, wallMs: number): Promise<ListedSession[]> {
  return sql
    .selectFrom('sessions')
    .select(['id', 'device', 'ip_prefix as ipPrefix'])
    .select(['created_at as createdAt', 'last_seen_at as lastSeenAt'])
    .where('person_id', '=', personId)
    .where('stage', '=', 'signed_in')
    .where('expires_at', '>', new Date(wallMs))
    .where('last_seen_at', '>', new Date(wallMs - IDLE_MS))
    .orderBy('last_seen_at', 'desc')
    .orderBy('id', 'desc')
    .execute();
}

/** After a new proof of who it is: the same session under a new token, which is returned. */
export async function renewSession(sql: Sql, sessionId: string, wallMs: number): Promise<string> {
  const { token, hash } = createToken();
  await sql
    .updateTable('sessions')
    .set({ token_hash: hash, authenticated_at: new Date(wallMs), last_seen_at: new Date(wallMs) })
    .where('id', '=', sessionId)
    .where('stage', '=', 'signed_in')
    .execute();
  return token;
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

/** Ends one of a person's sessions by its name; throws `not_found` where they have none such. */
export async function endSessionOf(sql: Sql, personId: string, sessionId: string): Promise<void> {
  const ended = await sql
    .deleteFrom('sessions')
    .where('id', '=', sessionId)
    .where('person_id', '=', personId)
    .returning('id')
    .executeTakeFirst();
  if (!ended) throw new HubError('not_found');
}

/** Ends all sessions of a person but the one that is named, at every stage. */
export async function endSessionsOf(
  sql: Sql,
  personId: string,
  exceptSessionId?: string,
): Promise<void> {
  await sql
    .deleteFrom('sessions')
    .where('person_id', '=', personId)
    .$if(exceptSessionId !== undefined, (query) => query.where('id', '<>', exceptSessionId ?? ''))
    .execute();
}

/** What somebody else is just ending is left to them. */
/** By the end that all have; idle ones are dead before, and go then. */
async function forgetExpired(sql: Sql, wallMs: number): Promise<void> {
  await sql.deleteFrom('sessions').where('expires_at', '<=', new Date(wallMs)).execute();
}
