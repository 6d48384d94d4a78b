// The last dollar: one node holds all that a customer has, idle, and another is asked for all of it.
// It must be served within a second, whether or not notifications arrive; and what nobody uses must
// be back on the balance within five.

import { sql as rawSql } from 'kysely';
import { setTimeout as sleep } from 'node:timers/promises';
import { startDeafProxy } from './deaf-proxy.ts';
import { type Hubs, openHubs } from './hubs.ts';
import { concludeQuietly } from './kills.ts';
import { type Findings, type Run, percentile, pick, randomOfRound } from './part.ts';
import {
  type Purse,
  type WholeBalance,
  isServedInFull,
  openWholeBalance,
} from './whole-balance.ts';

const NODES = 3;
/** Customers at the same time. */
const LANES = 4;
const WITHIN_MS = 1_000;
/** Fewer, on a machine with more to do, tell of the usual try alone. */
const MANY_TRIES = 100;
const GIVE_UP_MS = 10_000;
const RETRY_MS = 20;
const LONGEST_PAUSE_MS = 200;
const IDLE_WITHIN_MS = 5_000;
/** Tries with one customer, before its balance has become too small. */
const TRIES_A_CUSTOMER = 25;

interface Tries {
  readonly tookMs: number[];
  readonly violations: string[];
  /** Tries that were refused or served in part at first. */
  retried: number;
}

/** `tries` a way: with notifications and without. */
export async function runLastDollar(run: Run, tries: number): Promise<Findings> {
  const heard = await runWay(run, tries, true);
  const deaf = await runWay(run, tries, false);
  return {
    violations: [...heard.violations, ...deaf.violations],
    figures: [...heard.figures, ...deaf.figures],
  };
}

async function runWay(run: Run, tries: number, heard: boolean): Promise<Findings> {
  await using opened = new AsyncDisposableStack();
  const route = async (url: string): Promise<string> => {
    if (heard) return url;
    return opened.adopt(await startDeafProxy(url), (proxy) => proxy.close()).url;
  };
  const hubs = opened.adopt(await openHubs({ kind: 'postgres', count: NODES, route }), (open) =>
    open.close(),
  );
  const balance = await openWholeBalance(hubs);
  const seen: Tries = { tookMs: [], violations: [], retried: 0 };
  let begun = 0;
  const lane = async (index: number): Promise<void> => {
    const random = randomOfRound(run.seed, index);
    while (begun < tries) {
      const count = Math.min(TRIES_A_CUSTOMER, Math.ceil(tries / LANES), tries - begun);
      begun += count;
      run.signal.throwIfAborted();
      await moveAround(hubs, balance, random, count, seen);
    }
  };
  await Promise.all(Array.from({ length: LANES }, (_, index) => lane(index)));
  const share = tries < MANY_TRIES ? 0.5 : 0.99;
  const slowMs = Math.round(percentile(seen.tookMs, share));
  if (slowMs > WITHIN_MS) seen.violations.push(`the last dollar took ${slowMs} ms`);
  const idleMs = await waitUntilReturned(hubs);
  if (idleMs > IDLE_WITHIN_MS) seen.violations.push(`idle money was away for ${idleMs} ms`);
  const verdict = await concludeQuietly(hubs, balance.sightings);
  const name = heard ? 'notified' : 'without notifications';
  return {
    violations: [...seen.violations, ...verdict.violations].map((fault) => `${name}: ${fault}`),
    figures: [
      `${name}: ${seen.tookMs.length} last dollars spent on another node after ` +
        `${Math.round(percentile(seen.tookMs, 0.5))} ms (median), ` +
        `${Math.round(percentile(seen.tookMs, 0.99))} ms (99 %); ${seen.retried} asked again`,
      `${name}: idle money was back after ${Math.round(idleMs)} ms`,
    ],
  };
}

/** One customer goes from node to node, each time with all that he has. */
async function moveAround(
  hubs: Hubs,
  balance: WholeBalance,
  random: () => number,
  tries: number,
  seen: Tries,
): Promise<void> {
  let seat = pick(random, hubs.seats);
  const purse = await balance.open(seat.index);
  const first = await balance.askForAll(seat, purse);
  if (!isServedInFull(first)) seen.violations.push(`the first request ended with ${first.status}`);
  for (let i = 0; i < tries; i++) {
    await sleep(random() * LONGEST_PAUSE_MS);
    const before = seat;
    seat = pick(
      random,
      hubs.seats.filter((other) => other !== before),
    );
    const startedMs = performance.now();
    const asked = await askUntilServed(hubs, balance, seat.index, purse);
    const tookMs = performance.now() - startedMs;
    seen.tookMs.push(tookMs);
    if (asked > 1) seen.retried += 1;
    if (tookMs > GIVE_UP_MS) seen.violations.push('the last dollar was not to be had');
  }
}

/** Returns how often it was asked. */
async function askUntilServed(
  hubs: Hubs,
  balance: WholeBalance,
  seat: number,
  purse: Purse,
): Promise<number> {
  const deadlineMs = performance.now() + GIVE_UP_MS;
  for (let asked = 1; ; asked++) {
    const sighting = await balance.askForAll(hubs.seats[seat]!, purse);
    if (isServedInFull(sighting) || performance.now() > deadlineMs) return asked;
    await sleep(RETRY_MS);
  }
}

/** How long after the last request something was still leased. */
async function waitUntilReturned(hubs: Hubs): Promise<number> {
  const startedMs = performance.now();
  return hubs.query(async (sql) => {
    for (;;) {
      const { rows } = await rawSql<{ leased: boolean }>`
        select exists (select from ledger_accounts where kind = 'lease' and balance_nanos > 0)
          as leased`.execute(sql);
      const elapsedMs = performance.now() - startedMs;
      if (!rows[0]?.leased || elapsedMs > GIVE_UP_MS) return elapsedMs;
      await sleep(RETRY_MS);
    }
  });
}
