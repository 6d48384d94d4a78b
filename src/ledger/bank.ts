// What a node's wallets ask of the database, as one narrow port. A database that takes a question and
// says nothing counts as away after three seconds; every question may be asked again.

import type { Clock } from '../base/clock.ts';
import { within } from '../base/deadline.ts';
import type { Nanos } from '../base/money.ts';
import type { Sql } from '../db/database.ts';
import {
  type LeaseOwner,
  type LeaseRequest,
  type Leased,
  returnLease,
  takeLease,
} from './leases.ts';
import type { BudgetRef } from './purse.ts';
import { answerRecall, awaitsAnswer, readRecalls, recallLeases } from './recalls.ts';
import { type OpenRun, expireRun, listOpenRuns, markSeen, openRun } from './runs.ts';
import { type OpenWindow, openWindow } from './windows.ts';

const AWAY_MS = 3_000;

export interface Bank {
  /** Begins a run of this node; the same one again until it is ended. */
  openRun(): Promise<string>;
  /** False when the run has been ended by others. */
  markSeen(runId: string): Promise<boolean>;
  /** The runs of all nodes. */
  listOpenRuns(): Promise<readonly OpenRun[]>;
  /** False when it has given another sign of life, or is ended already. */
  expireRun(run: OpenRun): Promise<boolean>;
  /** Undefined when the run has been ended by others. */
  lease(owner: LeaseOwner, request: LeaseRequest): Promise<Leased | undefined>;
  giveBack(owner: LeaseOwner, releaseId: string, amountNanos: Nanos): Promise<void>;
  /** Asks the other holders of a purse for what is free. */
  recall(owner: LeaseOwner): Promise<void>;
  /** Whether one of them has still to answer. */
  awaitsAnswer(owner: LeaseOwner): Promise<boolean>;
  /** The lease accounts of this run that others ask for. */
  readRecalls(runId: string): Promise<readonly string[]>;
  answerRecall(accountId: string): Promise<void>;
  openWindow(budget: BudgetRef): Promise<OpenWindow>;
}

export function openBank(sql: Sql, nodeId: string, clock: Clock): Bank {
  const ask = <T>(work: Promise<T>, what: string): Promise<T> => within(AWAY_MS, work, what);
  return {
    openRun: () => ask(openRun(sql, nodeId, clock.wallMs()), 'the begin of a run'),
    markSeen: (runId) => ask(markSeen(sql, runId), 'a sign of life'),
    listOpenRuns: () => ask(listOpenRuns(sql), 'the runs'),
    expireRun: (run) => ask(expireRun(sql, run, clock.wallMs()), 'an expiry'),
    lease: (owner, request) => ask(takeLease(sql, owner, request, clock.wallMs()), 'a lease'),
    giveBack: (owner, releaseId, amountNanos) =>
      ask(returnLease(sql, owner, releaseId, amountNanos, clock.wallMs()), 'a return'),
    recall: ({ purse, runId }) => ask(recallLeases(sql, purse.id, runId), 'a recall'),
    awaitsAnswer: ({ purse }) => ask(awaitsAnswer(sql, purse.id), 'the state of a recall'),
    readRecalls: (runId) => ask(readRecalls(sql, runId), 'the recalls'),
    answerRecall: (accountId) => ask(answerRecall(sql, accountId), 'the answer to a recall'),
    openWindow: (budget) => ask(openWindow(sql, budget), 'the window of a budget'),
  };
}
