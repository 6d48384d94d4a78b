// Books what a node left behind that nobody runs any more, as its own next start would: its journal
// into the database, records that were refused once more, and what it had leased to the customers.

import type { Clock } from '../base/clock.ts';
import type { Database } from '../db/database.ts';
import { endRunsOf } from '../ledger/runs.ts';
import { type DrainEvents, startDrain } from './drain.ts';
import { openJournal } from './journal.ts';

export interface FormerNode {
  readonly nodeId: string;
  /** Its journal's; the caller holds the lock of the node. */
  readonly folder: string;
}

/** Resolves once all is booked; waits for a database that is away. */
export async function bookFormerNode(
  database: Database,
  { nodeId, folder }: FormerNode,
  clock: Clock,
  events: DrainEvents,
): Promise<void> {
  await using opened = new AsyncDisposableStack();
  const journal = opened.adopt(await openJournal(folder), (open) => open.close());
  const drain = opened.adopt(startDrain(database, journal, nodeId, clock, events), (open) =>
    open.close(),
  );
  await drain.retryRefused();
  await drain.flush();
  await endRunsOf(database.sql, nodeId, clock.wallMs());
}
