// Which request has used an idempotency key. A key is taken before its request is sent and is never
// given back by hand, so no crash can forget to: it is free again when the usage row says "no charge",
// when the run died with the request (late charges of ended runs are the hub's own), and after a day.

import { type RawBuilder, sql as rawSql } from 'kysely';
import type { Sql } from '../db/database.ts';

/** A batch locks so many rows for some milliseconds, and nobody waits for them. */
const REMOVE_ROWS = 1_000;

export interface KeyUse {
  readonly apiKeyId: string;
  /** SHA-256 of the client's text. */
  readonly keyHash: Buffer;
}

export interface Earlier {
  readonly requestId: string;
  /** Whether it has ended and was charged; otherwise it is still under way. */
  readonly charged: boolean;
}

/** Both times are the database's own, so that nodes need not agree on the hour. */
const EXPIRED: RawBuilder<boolean> = rawSql`k.created_at < now() - interval '24 hours'`;

const FREE: RawBuilder<boolean> = rawSql`(
  ${EXPIRED}
  or exists (select from usage_records where id = k.request_id and charge_nanos = 0)
  or not exists (select from usage_records where id = k.request_id)
    and exists (select from node_runs where id = k.run_id and ended_at is not null))`;

/** The request that keeps this key from being used, or undefined when the key is free. */
export async function findEarlier(
  sql: Sql,
  { apiKeyId, keyHash }: KeyUse,
): Promise<Earlier | undefined> {
  const { rows } = await rawSql<Earlier>`
    select k.request_id as "requestId",
      exists (select from usage_records where id = k.request_id) as charged
    from idempotency_keys k
    where k.api_key_id = ${apiKeyId} and k.key_hash = ${keyHash} and not ${FREE}`.execute(sql);
  return rows[0];
}

/**
 * Takes the key for a request whose money `runId` holds; false when another one has it. Of several at
 * once one gets it: the row is locked before it is judged.
 */
export async function takeKey(
  sql: Sql,
  { apiKeyId, keyHash }: KeyUse,
  requestId: string,
  runId: string,
): Promise<boolean> {
  const { rows } = await rawSql`
    insert into idempotency_keys as k (api_key_id, key_hash, request_id, run_id, created_at)
    values (${apiKeyId}, ${keyHash}, ${requestId}, ${runId}, now())
    on conflict (api_key_id, key_hash) do update
      set request_id = excluded.request_id, run_id = excluded.run_id, created_at = now()
      where ${FREE}
    returning k.request_id`.execute(sql);
  return rows.length > 0;
}

/** Removes keys older than a day, a batch at a time, until there is none or `signal` says to end. */
export async function removeOldKeys(sql: Sql, signal?: AbortSignal): Promise<number> {
  let removed = 0;
  for (;;) {
    signal?.throwIfAborted();
    const { numAffectedRows = 0n } = await rawSql`
      delete from idempotency_keys where (api_key_id, key_hash) in (
        select k.api_key_id, k.key_hash from idempotency_keys k where ${EXPIRED}
        order by k.created_at limit ${REMOVE_ROWS} for update skip locked)`.execute(sql);
    removed += Number(numAffectedRows);
    if (numAffectedRows < REMOVE_ROWS) return removed;
  }
}
