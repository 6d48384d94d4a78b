// How a workspace begins: with its owner, and with play money for its test keys.

import { NANOS_PER_USD } from '../base/money.ts';
import type { Sql } from '../db/database.ts';
import { bookTransactions } from '../ledger/book.ts';
import { grant } from '../ledger/transactions.ts';
import { createWorkspace } from './workspaces.ts';

const PLAY_MONEY_NANOS = 1_000n * NANOS_PER_USD;

/** Opens a workspace inside the caller's transaction; returns its id. */
export async function openWorkspace(
  tx: Sql,
  name: string,
  ownerId: string,
  wallMs: number,
): Promise<string> {
  const workspaceId = await createWorkspace(tx, name, ownerId, wallMs);
  const play = { workspaceId, book: 'test', idempotencyKey: 'play-money' } as const;
  await bookTransactions(tx, [grant({ ...play, amountNanos: PLAY_MONEY_NANOS })], wallMs);
  return workspaceId;
}
