// Who calls: API keys and the budgets that bind them, in memory, so that a request costs no database
// query once its key is known. A key that changes, or whose budgets do, is forgotten and looked up
// anew, and so is one that expires. A database that is away makes no key wrong.

import type { Clock } from '../base/clock.ts';
import { within } from '../base/deadline.ts';
import { HubError } from '../base/errors.ts';
import type { Database } from '../db/database.ts';
import { type ApiKey, readKey } from './api-key.ts';
import { createKeyMemos, nameOf } from './memos.ts';
import { watchKeys } from './watch.ts';

/** After a look-up failed, none is tried for this long: a crowd of keys is no storm of connections. */
const AWAY_MS = 500;
/** Look-ups at once; more wait, so that the rest of the connections are left to others. */
const MOST_LOOKUPS = 5;
/** A database that takes connections and says nothing counts as away after this. */
const LOOKUP_MS = 2_000;

export interface KeyCache {
  /**
   * The key with this SHA-256, or undefined when there is none or it was revoked. Whether one that is
   * found may be used now is `assertUsable`'s. Throws `storage_unavailable` when nobody can tell.
   */
  find(hash: Buffer): ApiKey | undefined | Promise<ApiKey | undefined>;
  close(): Promise<void>;
}

export async function openKeyCache(database: Database, clock: Clock): Promise<KeyCache> {
  const memos = createKeyMemos(clock);
  const lookups = new Map<string, Promise<ApiKey | undefined>>();
  const lane = createLane(MOST_LOOKUPS);
  let away: { readonly failure: HubError; readonly untilMs: number } | undefined;
  /** Counts rounds of forgetting: a look-up that one overtook may have read an old row. */
  let round = 0;
  const watch = await watchKeys(database, (changes) => {
    round += 1;
    memos.forget(changes);
  });

  async function ask(hash: Buffer): Promise<ApiKey | undefined> {
    if (away && away.untilMs > clock.monotonicMs()) throw away.failure;
    try {
      return await within(
        LOOKUP_MS,
        readKey(database.sql, hash, clock.wallMs()),
        'the look-up of a key',
      );
    } catch (cause) {
      const failure = new HubError('storage_unavailable', { cause, retryAfterSeconds: 1 });
      away = { failure, untilMs: clock.monotonicMs() + AWAY_MS };
      throw failure;
    }
  }

  async function lookUp(hash: Buffer): Promise<ApiKey | undefined> {
    await lane.enter();
    try {
      for (;;) {
        const roundBefore = round;
        const key = await ask(hash);
        if (round !== roundBefore) continue;
        memos.remember(hash, key);
        return key;
      }
    } finally {
      lane.leave();
    }
  }

  return {
    find(hash) {
      const memo = memos.find(hash);
      if (memo) return memo.key;
      const name = nameOf(hash);
      let lookup = lookups.get(name);
      if (!lookup) {
        lookup = lookUp(hash).finally(() => lookups.delete(name));
        lookups.set(name, lookup);
      }
      return lookup;
    },
    close: watch.close,
  };
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
