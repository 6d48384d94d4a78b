// The network between a node and the database: every question takes its time, may never arrive, or may
// be carried out with its answer lost; while the link is down nothing passes. The asker hears of a lost
// question or answer only as a time-out.

import type { Bank } from '../../src/ledger/bank.ts';
import type { Time } from './time.ts';

const TIMEOUT_MS = 3_000;
const LOST = 0.01;

export interface Link {
  isDown: boolean;
  /** Quick, and nothing is lost. */
  isCalm: boolean;
  /** Carries a question; never settles for an asker that has died meanwhile. */
  ask<T>(work: () => Promise<T>): Promise<T>;
}

export interface LinkOptions {
  readonly time: Time;
  readonly random: () => number;
  /** Runs a piece of the asker when it is awake; never, once it has died. */
  readonly onNode: (action: () => void) => void;
  readonly isAlive: () => boolean;
  /** Prepares the database for the next piece of work (its clock). */
  readonly before: () => Promise<void>;
  readonly count: () => void;
}

export function createLink({ time, random, onNode, isAlive, before, count }: LinkOptions): Link {
  const link: Link = { isDown: false, isCalm: false, ask };

  function ask<T>(work: () => Promise<T>): Promise<T> {
    const { promise, resolve, reject } = Promise.withResolvers<T>();
    const fail = (): void => onNode(() => reject(new Error('No answer came.')));
    const fate = link.isCalm ? 1 : random();
    const latencyMs = (): number => (link.isCalm ? 1 : latency(random));
    if (!isAlive()) return promise;
    if (link.isDown || fate < LOST / 2) {
      time.after(TIMEOUT_MS, fail);
      return promise;
    }
    time.after(latencyMs(), async () => {
      if (link.isDown) return time.after(TIMEOUT_MS, fail);
      await before();
      count();
      const answer = await work().then(
        (value) => () => resolve(value),
        (error: unknown) => () => reject(error),
      );
      if (fate < LOST) return time.after(TIMEOUT_MS, fail);
      time.after(latencyMs(), () => {
        if (link.isDown) time.after(TIMEOUT_MS, fail);
        else onNode(answer);
      });
    });
    return promise;
  }

  return link;
}

function latency(random: () => number): number {
  return random() < 0.02 ? random() * 500 : 0.2 + random() * 3;
}

/** The bank as it is reached over the link. */
export function bankOver(link: Link, bank: Bank): Bank {
  return {
    openRun: () => link.ask(() => bank.openRun()),
    markSeen: (runId) => link.ask(() => bank.markSeen(runId)),
    listOpenRuns: () => link.ask(() => bank.listOpenRuns()),
    expireRun: (run) => link.ask(() => bank.expireRun(run)),
    lease: (owner, request) => link.ask(() => bank.lease(owner, request)),
    giveBack: (owner, releaseId, amount) => link.ask(() => bank.giveBack(owner, releaseId, amount)),
    recall: (owner) => link.ask(() => bank.recall(owner)),
    awaitsAnswer: (owner) => link.ask(() => bank.awaitsAnswer(owner)),
    readRecalls: (runId) => link.ask(() => bank.readRecalls(runId)),
    answerRecall: (accountId) => link.ask(() => bank.answerRecall(accountId)),
    openWindow: (budget) => link.ask(() => bank.openWindow(budget)),
  };
}
