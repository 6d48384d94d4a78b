// Who calls: API keys and the budgets that bind them, in memory, so that a request costs no database
// query once its key is known. A key that changes, or whose budgets do, is forgotten and looked up
// anew. A database that is away makes no key wrong.

import type { Clock } from '../base/clock.ts';
import { within } from '../base/deadline.ts';
import { HubError } from '../base/errors.ts';
import type { Database, Sql } from '../db/database.ts';
import type { Book } from '../db/schema.ts';
import type { BudgetRef } from '../ledger/purse.ts';
import { watchKeys } from './watch.ts';

const CAPACITY = 100_000;
/** An unknown key is not looked up again for this long; making it ends the memo. */
const UNKNOWN_MEMO_MS = 2_000;
/** After a look-up failed, none is tried for this long: a crowd of keys is no storm of connections. */
const AWAY_MS = 500;
/** Look-ups at once; more wait, so that the rest of the connections are left to others. */
const MOST_LOOKUPS = 5;
/** A database that takes connections and says nothing counts as away after this. */
const LOOKUP_MS = 2_000;

export interface ApiKey {
  readonly keyId: string;
  readonly workspaceId: string;
  readonly book: Book;
  /** What limits it: its own budgets and, of a live key, those of the member who made it. */
  readonly budgets: readonly BudgetRef[];
}

export interface KeyCache {
  /**
   * The key with this SHA-256, or undefined when there is none or it was revoked. Throws
   * `storage_unavailable` when nobody can tell.
   */
  find(hash: Buffer): ApiKey | undefined | Promise<ApiKey | undefined>;
  close(): Promise<void>;
}

interface Memo {
  /** What is known: the key, or that there is none. */
  readonly key: ApiKey | undefined;
  readonly untilMs: number;
}

export async function openKeyCache(database: Database, clock: Clock): Promise<KeyCache> {
  const memos = new Map<string, Memo>();
  const lookups = new Map<string, Promise<ApiKey | undefined>>();
  const lane = createLane(MOST_LOOKUPS);
  let away: { readonly failure: HubError; readonly untilMs: number } | undefined;
  /** Counts rounds of forgetting: a look-up that one overtook may have read an old row. */
  let round = 0;
  const watch = await watchKeys(database, (hashes) => {
    round += 1;
    for (const hash of hashes) memos.delete(nameOf(hash));
  });

  function remember(name: string, key: ApiKey | undefined): void {
    const lifetimeMs = key ? Number.POSITIVE_INFINITY : UNKNOWN_MEMO_MS;
    memos.set(name, { key, untilMs: clock.monotonicMs() + lifetimeMs });
    if (memos.size > CAPACITY) memos.delete(memos.keys().next().value ?? name);
  }

  async function ask(hash: Buffer): Promise<ApiKey | undefined> {
    if (away && away.untilMs > clock.monotonicMs()) throw away.failure;
    try {
      return await within(LOOKUP_MS, readKey(database.sql, hash), 'the look-up of a key');
    } catch (cause) {
      const failure = new HubError('storage_unavailable', { cause, retryAfterSeconds: 1 });
      away = { failure, untilMs: clock.monotonicMs() + AWAY_MS };
      throw failure;
    }
  }

  async function lookUp(hash: Buffer, name: string): Promise<ApiKey | undefined> {
    await lane.enter();
    try {
      for (;;) {
        const roundBefore = round;
        const key = await ask(hash);
        if (round !== roundBefore) continue;
        remember(name, key);
        return key;
      }
    } finally {
      lane.leave();
    }
  }

  return {
    find(hash) {
      const name = nameOf(hash);
      const memo = memos.get(name);
      if (memo && memo.untilMs > clock.monotonicMs()) return memo.key;
      let lookup = lookups.get(name);
      if (!lookup) {
        lookup = lookUp(hash, name).finally(() => lookups.delete(name));
        lookups.set(name, lookup);
      }
      return lookup;
    },
    close: watch.close,
  };
}

async function readKey(sql: Sql, hash: Buffer): Promise<ApiKey | undefined> {
  const rows = await sql
    .selectFrom('api_keys as key')
    .leftJoin('budgets as budget', (join) =>
      join.on('budget.removed_at', 'is', null).on((eb) =>
        eb.or([
          eb('budget.key_id', '=', eb.ref('key.id')),
          // Play money is free, so a member's budget counts live keys alone.
          eb.and([
            eb('key.mode', '=', 'live'),
            eb('budget.person_id', '=', eb.ref('key.created_by')),
            eb('budget.workspace_id', '=', eb.ref('key.workspace_id')),
          ]),
        ]),
      ),
    )
    .select(['key.id', 'key.workspace_id', 'key.mode'])
    .select(['budget.id as budget_id', 'budget.span', 'budget.key_id'])
    .where('key.secret_hash', '=', hash)
    .where('key.revoked_at', 'is', null)
    .orderBy('budget.id')
    .execute();
  const [row] = rows;
  if (!row) return undefined;
  const { id, workspace_id: workspaceId, mode } = row;
  const budgets = rows.flatMap(({ budget_id, span, key_id }): BudgetRef[] =>
    budget_id && span
      ? [{ id: budget_id, workspaceId, span, of: key_id === null ? 'member' : 'key' }]
      : [],
  );
  return { keyId: id, workspaceId, book: mode, budgets };
}

/** Lets `width` in at once; the others wait in their order. */
function createLane(width: number): { enter(): Promise<void>; leave(): void } {
  const waiting: (() => void)[] = [];
  let inside = 0;
  return {
    async enter() {
      if (inside >= width) await new Promise<void>((resolve) => void waiting.push(resolve));
      else inside += 1;
    },
    leave() {
      const next = waiting.shift();
      if (next) next();
      else inside -= 1;
    },
  };
}

/** The same text for the same bytes object, which a connection shows with each of its requests. */
const names = new WeakMap<Uint8Array, string>();

function nameOf(hash: Uint8Array): string {
  let name = names.get(hash);
  if (name === undefined) {
    name = Buffer.from(hash.buffer, hash.byteOffset, hash.byteLength).toString('latin1');
    names.set(hash, name);
  }
  return name;
}
