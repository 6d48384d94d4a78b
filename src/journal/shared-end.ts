// Up to where records are on disk, in memory that two threads share: one number, so that it is never
// read half.

import type { JournalEnd } from './journal.ts';

export type SharedEnd = BigInt64Array<SharedArrayBuffer>;

/** Positions are far below this. */
const POSITION_BITS = 32n;

export function shareEnd(): SharedEnd {
  return new BigInt64Array(new SharedArrayBuffer(BigInt64Array.BYTES_PER_ELEMENT));
}

export function storeEnd(shared: SharedEnd, { segment, position }: JournalEnd): void {
  Atomics.store(shared, 0, (BigInt(segment) << POSITION_BITS) | BigInt(position));
  Atomics.notify(shared, 0);
}

export function loadEnd(shared: SharedEnd): JournalEnd {
  const packed = Atomics.load(shared, 0);
  const segment = Number(packed >> POSITION_BITS);
  return { segment, position: Number(BigInt.asUintN(Number(POSITION_BITS), packed)) };
}

/** Resolves when the end is no longer where it was. */
export async function nextEnd(shared: SharedEnd, was: JournalEnd): Promise<void> {
  const packed = (BigInt(was.segment) << POSITION_BITS) | BigInt(was.position);
  const waiting = Atomics.waitAsync(shared, 0, packed);
  if (waiting.async) await waiting.value;
}
