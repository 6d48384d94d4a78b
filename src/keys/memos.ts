// What was found out about the texts of keys, by their hashes: in memory, bounded, and true until a
// change is told or a time has come.

import type { Clock } from '../base/clock.ts';
import type { ApiKey } from './api-key.ts';
import type { KeyChange } from './watch.ts';

const CAPACITY = 100_000;
/** An unknown key is not looked up again for this long; making it ends the memo. */
const UNKNOWN_MEMO_MS = 2_000;
const { POSITIVE_INFINITY } = Number;

export interface Memo {
  /** The key, or that there is none. */
  readonly key: ApiKey | undefined;
  /** On the monotonic clock, and on the wall's, by which keys end. */
  readonly untilMs: number;
  readonly untilWallMs: number;
}

export interface KeyMemos {
  find(hash: Uint8Array): Memo | undefined;
  remember(hash: Uint8Array, key: ApiKey | undefined): void;
  forget(changes: readonly KeyChange[]): void;
}

export function createKeyMemos(clock: Clock): KeyMemos {
  const memos = new Map<string, Memo>();
  /** By key: no row tells any more of a text that a rotation has ended. */
  const textsOf = new Map<string, Set<string>>();

  function holds({ untilMs, untilWallMs }: Memo): boolean {
    if (untilMs !== POSITIVE_INFINITY && untilMs <= clock.monotonicMs()) return false;
    return untilWallMs === POSITIVE_INFINITY || untilWallMs > clock.wallMs();
  }

  function forget(name: string): void {
    const keyId = memos.get(name)?.key?.keyId ?? '';
    memos.delete(name);
    const texts = textsOf.get(keyId);
    texts?.delete(name);
    if (texts?.size === 0) textsOf.delete(keyId);
  }

  return {
    find(hash) {
      const memo = memos.get(nameOf(hash));
      return memo && holds(memo) ? memo : undefined;
    },
    remember(hash, key) {
      const name = nameOf(hash);
      forget(name);
      // A clock that was ahead for a moment must not end a key for good.
      const isSure = key !== undefined && key.ended !== 'expired';
      const untilMs = isSure ? POSITIVE_INFINITY : clock.monotonicMs() + UNKNOWN_MEMO_MS;
      memos.set(name, { key, untilMs, untilWallMs: key?.trueUntilMs ?? POSITIVE_INFINITY });
      if (key) textsOf.set(key.keyId, (textsOf.get(key.keyId) ?? new Set()).add(name));
      if (memos.size > CAPACITY) forget(memos.keys().next().value ?? name);
    },
    forget(changes) {
      for (const { keyId, hashes } of changes) {
        for (const hash of hashes) forget(nameOf(hash));
        for (const name of textsOf.get(keyId) ?? []) forget(name);
      }
    },
  };
}

/** The same text for the same bytes object, which a connection shows with each of its requests. */
const names = new WeakMap<Uint8Array, string>();

export function nameOf(hash: Uint8Array): string {
  let name = names.get(hash);
  if (name === undefined) {
    name = Buffer.from(hash.buffer, hash.byteOffset, hash.byteLength).toString('latin1');
    names.set(hash, name);
  }
  return name;
}
