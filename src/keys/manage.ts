// Making, listing and revoking API keys (change.ts changes them). Every change takes its number under one lock that
// lasts until the commit, so numbers become visible in order: a gateway that has seen number n will
// never meet a lower one that it has not seen.

import { type Selectable, sql as rawSql } from 'kysely';
import { HubError } from '../base/errors.ts';
import { isId, newId } from '../base/ids.ts';
import type { Sql } from '../db/database.ts';
import type { Book } from '../db/schema.ts';
import type { ApiKeysTable } from '../db/schema-people.ts';
import { KEYS_CHANNEL } from './watch.ts';
import { type KeyLimits, NO_LIMITS, columnsOf, limitsOf } from './limits.ts';
import { createKeySecret, keyHint } from './secret.ts';

const CHANGES_LOCK = 7_261_001;
/** Of a row that changes, after `announceChange`. */
export const NEXT_CHANGE = { change: rawSql<bigint>`nextval('api_key_changes')` };

export interface KeyRow {
  readonly id: string;
  readonly name: string;
  readonly mode: Book;
  readonly hint: string;
  readonly createdAt: Date;
  readonly revokedAt: Date | null;
  readonly lastUsedAt: Date | null;
  readonly createdBy: string | null;
  readonly app: string | null;
  readonly disabledAt: Date | null;
  readonly previousUntil: Date | null;
  readonly limits: KeyLimits;
}

export interface NewKey {
  readonly workspaceId: string;
  readonly name: string;
  readonly mode: Book;
  readonly createdBy: string;
  /** None but the scope of inference, unless given. */
  readonly limits?: Partial<KeyLimits>;
  /** The host of the app that it is made for. */
  readonly app?: string;
}

/** More than that in use would be a table of keys that nobody oversees. */
const MOST_KEYS = 500;

/**
 * Makes a key inside the caller's transaction. `secret` is its text, for the only time. Throws
 * `conflict` where the workspace has too many.
 */
export async function createKey(
  tx: Sql,
  key: NewKey,
  wallMs: number,
): Promise<{ readonly key: KeyRow; readonly secret: string }> {
  const { text, hash, lastFour } = createKeySecret(key.mode);
  const { workspaceId, name, mode, createdBy, app = null } = key;
  const limits = { ...NO_LIMITS, ...key.limits };
  const id = newId('key', wallMs);
  const createdAt = new Date(wallMs);
  await announceChange(tx);
  await refuseTooMany(tx, workspaceId);
  await tx
    .insertInto('api_keys')
    .values({
      id,
      workspace_id: workspaceId,
      name,
      mode,
      secret_hash: hash,
      last_four: lastFour,
      created_by: createdBy,
      created_at: createdAt,
      app,
      ...columnsOf(limits),
    })
    .execute();
  const hint = keyHint(mode, lastFour);
  const row = { ...NEW_ROW, id, name, mode, hint, createdAt, createdBy, app, limits };
  return { key: row, secret: text };
}

async function refuseTooMany(tx: Sql, workspaceId: string): Promise<void> {
  const { keys } = await tx
    .selectFrom('api_keys')
    .select((eb) => eb.fn.countAll<bigint>().as('keys'))
    .where('workspace_id', '=', workspaceId)
    .where('revoked_at', 'is', null)
    .executeTakeFirstOrThrow();
  if (keys < MOST_KEYS) return;
  const message = `A workspace has at most ${MOST_KEYS} keys. Revoke one that is not used.`;
  throw new HubError('conflict', { message });
}

/** What of a key says that nothing has happened to it yet. */
const NEW_ROW = Object.freeze({
  revokedAt: null,
  lastUsedAt: null,
  disabledAt: null,
  previousUntil: null,
});

/**
 * The keys of a workspace, newest first. The last use is when the newest request of a key ended:
 * one step into the index of requests a key, however many requests there are.
 */
export async function listKeys(sql: Sql, workspaceId: string): Promise<KeyRow[]> {
  const rows = await selectKeys(sql, workspaceId).orderBy('id', 'desc').execute();
  return rows.map(keyRowOf);
}

/** Throws `not_found` for a key of another workspace as for one that does not exist. */
export async function readKeyRow(sql: Sql, workspaceId: string, keyId: string): Promise<KeyRow> {
  if (!isId('key', keyId)) throw new HubError('not_found');
  const row = await selectKeys(sql, workspaceId).where('key.id', '=', keyId).executeTakeFirst();
  if (!row) throw new HubError('not_found');
  return keyRowOf(row);
}

function selectKeys(sql: Sql, workspaceId: string) {
  return sql
    .selectFrom('api_keys as key')
    .leftJoinLateral(
      (eb) =>
        eb
          .selectFrom('usage_records as usage')
          .select('usage.ended_at')
          .whereRef('usage.key_id', '=', 'key.id')
          .orderBy('usage.id', 'desc')
          .limit(1)
          .as('newest'),
      (join) => join.onTrue(),
    )
    .selectAll('key')
    .select('newest.ended_at')
    .where('workspace_id', '=', workspaceId);
}

function keyRowOf(row: Selectable<ApiKeysTable> & { readonly ended_at: Date | null }): KeyRow {
  return {
    id: row.id,
    name: row.name,
    mode: row.mode,
    hint: keyHint(row.mode, row.last_four),
    createdAt: row.created_at,
    createdBy: row.created_by,
    app: row.app,
    revokedAt: row.revoked_at,
    lastUsedAt: row.ended_at,
    disabledAt: row.disabled_at,
    previousUntil: row.previous_until,
    limits: limitsOf(row),
  };
}

/** How many keys that still work each person has made in a workspace, by person. */
export async function countActiveKeys(
  sql: Sql,
  workspaceId: string,
): Promise<ReadonlyMap<string, number>> {
  const rows = await sql
    .selectFrom('api_keys')
    .select((eb) => ['created_by', eb.fn.countAll<bigint>().as('keys')])
    .where('workspace_id', '=', workspaceId)
    .where('revoked_at', 'is', null)
    .where('created_by', 'is not', null)
    .groupBy('created_by')
    .execute();
  return new Map(rows.map((row) => [row.created_by ?? '', Number(row.keys)]));
}

/**
 * Revokes a key inside the caller's transaction; once revoked, doing it again changes nothing.
 * Throws `not_found` for a key of another workspace as for one that does not exist.
 */
export async function revokeKey(
  tx: Sql,
  workspaceId: string,
  keyId: string,
  wallMs: number,
): Promise<void> {
  await announceChange(tx);
  const { isRevoked } = await requireKey(tx, workspaceId, keyId);
  if (isRevoked) return;
  await tx
    .updateTable('api_keys')
    .set({ revoked_at: new Date(wallMs), ...NEXT_CHANGE })
    .where('id', '=', keyId)
    .execute();
}

/** The same for all keys that a member made in a workspace, or a person in any. */
export async function revokeKeysOf(
  tx: Sql,
  maker: { readonly personId: string; readonly workspaceId?: string },
  wallMs: number,
): Promise<void> {
  await announceChange(tx);
  const { personId, workspaceId } = maker;
  await tx
    .updateTable('api_keys')
    .set({ revoked_at: new Date(wallMs), ...NEXT_CHANGE })
    .where('created_by', '=', personId)
    .where('revoked_at', 'is', null)
    .$if(workspaceId !== undefined, (query) => query.where('workspace_id', '=', workspaceId ?? ''))
    .execute();
}

/**
 * Makes another member the maker of a member's keys, whose budgets bind them from then on. Those that
 * manage keys are revoked: whoever leaves knows their text, and they would act in the other's name.
 */
export async function handOverKeys(
  tx: Sql,
  workspaceId: string,
  fromPersonId: string,
  toPersonId: string,
  wallMs: number,
): Promise<void> {
  await announceChange(tx);
  const update = tx
    .updateTable('api_keys')
    .where('workspace_id', '=', workspaceId)
    .where('created_by', '=', fromPersonId)
    .where('revoked_at', 'is', null);
  await update
    .set({ revoked_at: new Date(wallMs), ...NEXT_CHANGE })
    .where(rawSql<boolean>`'keys' = any(scopes)`)
    .execute();
  await update.set({ created_by: toPersonId, ...NEXT_CHANGE }).execute();
}

/** Throws `not_found` for a key of another workspace as for one that does not exist. */
export async function requireKey(
  sql: Sql,
  workspaceId: string,
  keyId: string,
): Promise<{ readonly isRevoked: boolean; readonly createdBy: string | null }> {
  if (!isId('key', keyId)) throw new HubError('not_found');
  const key = await sql
    .selectFrom('api_keys')
    .select(['revoked_at', 'created_by'])
    .where('id', '=', keyId)
    .where('workspace_id', '=', workspaceId)
    .executeTakeFirst();
  if (!key) throw new HubError('not_found');
  return { isRevoked: key.revoked_at !== null, createdBy: key.created_by };
}

/** Makes the gateways read a key anew once the caller's transaction has committed. */
export async function touchKey(tx: Sql, keyId: string): Promise<void> {
  await announceChange(tx);
  await tx.updateTable('api_keys').set(NEXT_CHANGE).where('id', '=', keyId).execute();
}

/** The same for the live keys that a member made in the workspace. */
export async function touchLiveKeysOf(
  tx: Sql,
  workspaceId: string,
  personId: string,
): Promise<void> {
  await announceChange(tx);
  await tx
    .updateTable('api_keys')
    .set(NEXT_CHANGE)
    .where('workspace_id', '=', workspaceId)
    .where('created_by', '=', personId)
    .where('mode', '=', 'live')
    .where('revoked_at', 'is', null)
    .execute();
}

/** Takes the lock of change numbers and tells the gateways at commit that there is a new one. */
export async function announceChange(tx: Sql): Promise<void> {
  await rawSql`select pg_advisory_xact_lock(${CHANGES_LOCK})`.execute(tx);
  await rawSql`select pg_notify(${KEYS_CHANNEL}, '')`.execute(tx);
}
