// Nodes that are gone for longer than their leases last: one is killed, one lives but cannot reach
// the database. Another node may then spend all of their customers' money; when they come back, what
// they had answered is booked once, and the hub bears it, because the customer has his money back.

import { setTimeout as sleep } from 'node:timers/promises';
import { type TcpProxy, startProxy } from '../../test/faults/tcp-proxy.ts';
import { readBorne } from './books.ts';
import type { Sighting } from './client.ts';
import { type Hubs, type Seat, openHubs } from './hubs.ts';
import { concludeQuietly } from './kills.ts';
import { type Findings, type Run, percentile, randomOfRound } from './part.ts';
import { chargeOf } from './stand-in.ts';
import {
  type Purse,
  type WholeBalance,
  isServedInFull,
  openWholeBalance,
} from './whole-balance.ts';

const NODES = 3;
const FRESH_MS = 1_500;
const NEWS_MS = 1_500;
const LEASE_SECONDS = 5;
/** Leases of a node that was not seen for so long are given back. */
const EXPIRE_MS = LEASE_SECONDS * 1_200;
/** The last sign of life may be this much older than the cut; and others look this seldom. */
const LATE_SIGN_MS = 2_500;
const NOTICED_MS = 5_000;
const PROBE_MS = 100;
const GIVE_UP_MS = 30_000;
const MOST_ANSWERS = 5;
const DYING_STREAM_MS = 2_000;
/** Begun while the node may spend, ended when its money is long someone else's. */
const LONG_STREAM_MS = EXPIRE_MS + NOTICED_MS;

interface Stage {
  readonly hubs: Hubs;
  readonly cables: readonly TcpProxy[];
  readonly balance: WholeBalance;
  readonly violations: string[];
  readonly backAfterMs: number[];
  /** Numbers of the requests that were answered by nodes that had lost the database. */
  readonly offline: Set<number>;
}

export async function runDeadNodes(run: Run): Promise<Findings> {
  await using opened = new AsyncDisposableStack();
  const cables: TcpProxy[] = [];
  const route = async (url: string): Promise<string> => {
    cables.push(opened.adopt(await startProxy(url), (proxy) => proxy.close()));
    return cables.at(-1)!.url;
  };
  const env = { NODE_LEASE_SECONDS: String(LEASE_SECONDS) };
  const options = { kind: 'postgres', count: NODES, env, route } as const;
  const hubs = opened.adopt(await openHubs(options), (open) => open.close());
  const balance = await openWholeBalance(hubs);
  const offline = new Set<number>();
  const stage: Stage = { hubs, cables, balance, violations: [], backAfterMs: [], offline };
  for (let round = 0; round < run.rounds; round++) {
    run.signal.throwIfAborted();
    await runRound(stage, randomOfRound(run.seed, round), round);
    run.note(`${round + 1} of ${run.rounds} rounds with a dead and a lonely node`);
  }
  return await judgeAll(stage);
}

async function runRound(stage: Stage, random: () => number, round: number): Promise<void> {
  const { hubs, cables, balance, violations } = stage;
  const seats = [0, 1, 2].map((i) => hubs.seats[(i + round) % NODES]!) as [Seat, Seat, Seat];
  const [dying, lonely, healthy] = seats;
  const purses = {
    dying: await balance.open(dying.index),
    lonely: await balance.open(lonely.index),
  };
  // A key that was just made is forgotten once more when the news of it arrives.
  await sleep(NEWS_MS);
  // What is idle for three seconds goes home: where booking took too long it is asked for again.
  for (let askedMs = Number.NEGATIVE_INFINITY; performance.now() - askedMs >= FRESH_MS; ) {
    askedMs = performance.now();
    const firsts = [
      await balance.askForAll(dying, purses.dying),
      await balance.askForAll(lonely, purses.lonely),
    ];
    await waitUntilBooked(stage, firsts, 'before the cut');
  }
  // What these nodes answer from here on, they cannot book; their customers do not pay it.
  const known = new Set(balance.sightings.map(({ nonce }) => nonce));
  for (const seat of [dying, lonely]) cables[seat.index]!.cut();
  const cutMs = performance.now();
  const offlinePurse = (): Purse => ({ key: purses.dying.key, leftNanos: 0n });
  for (let i = 1 + Math.floor(random() * MOST_ANSWERS); i > 0; i--) {
    const sighting = await balance.askForLittle(dying, offlinePurse());
    if (!sighting.finished) violations.push(`a node with leased money said ${sighting.status}`);
  }
  const cutOff = balance.askForLittle(dying, offlinePurse(), DYING_STREAM_MS);
  await sleep(random() * DYING_STREAM_MS * 1.1);
  await dying.kill();
  const hermit = startHermit(stage, lonely, purses.lonely.key);
  const backs = await Promise.all(
    [purses.dying, purses.lonely].map((purse) => spendElsewhere(stage, healthy, purse, cutMs)),
  );
  const answered = await hermit.stop();
  await cutOff;
  for (const sighting of answered) {
    if (sighting.finished && sighting.startedMs > backs[1]!) {
      violations.push('a node spent money after it had been given back');
    }
  }
  for (const { nonce, seat } of balance.sightings) {
    if (!known.has(nonce) && seat !== healthy.index) stage.offline.add(nonce);
  }
  for (const seat of [dying, lonely]) cables[seat.index]!.restore();
  await dying.restart();
  await waitUntilBooked(stage, balance.sightings, 'after the return');
  await expectServed(stage, lonely, await balance.open(lonely.index));
}

interface Hermit {
  /** Waits for the last answer. */
  stop(): Promise<readonly Sighting[]>;
}

/** Asks the node that has lost the database all the time; one stream outlives its leases. */
function startHermit({ balance }: Stage, seat: Seat, key: string): Hermit {
  const stop = new AbortController();
  const sightings: Sighting[] = [];
  const ask = async (streamedForMs?: number): Promise<void> => {
    const purse = { key, leftNanos: 0n };
    sightings.push(await balance.askForLittle(seat, purse, streamedForMs));
  };
  const long = ask(LONG_STREAM_MS);
  const acting = (async () => {
    while (!stop.signal.aborted) {
      await ask();
      await sleep(PROBE_MS);
    }
  })();
  return {
    async stop() {
      await long;
      stop.abort();
      await acting;
      return sightings;
    },
  };
}

/** Asks another node for all that the customer has until it serves; returns when that was. */
async function spendElsewhere(
  { balance, violations, backAfterMs }: Stage,
  seat: Seat,
  purse: Purse,
  cutMs: number,
): Promise<number> {
  for (;;) {
    const sighting = await balance.askForAll(seat, purse);
    const afterMs = Math.round(performance.now() - cutMs);
    if (isServedInFull(sighting)) {
      backAfterMs.push(afterMs);
      if (afterMs < EXPIRE_MS - LATE_SIGN_MS || afterMs > EXPIRE_MS + NOTICED_MS) {
        violations.push(`leases of ${LEASE_SECONDS} s were given back after ${afterMs} ms`);
      }
      return performance.now();
    }
    if (sighting.finished) violations.push('a part of the leased money was spent elsewhere');
    else if (sighting.status !== 402) violations.push(`another node said ${sighting.status}`);
    if (afterMs > GIVE_UP_MS) {
      violations.push('the money of a dead node did not come back');
      return performance.now();
    }
    await sleep(PROBE_MS);
  }
}

async function waitUntilBooked(
  { hubs, violations }: Stage,
  sightings: readonly Sighting[],
  when: string,
): Promise<void> {
  const ids = sightings.filter(({ finished }) => finished).map(({ requestId }) => requestId ?? '');
  const deadlineMs = performance.now() + GIVE_UP_MS;
  await hubs.query(async (sql) => {
    for (;;) {
      const rows = await sql
        .selectFrom('usage_records')
        .select('id')
        .where('id', 'in', ids)
        .execute();
      if (rows.length === ids.length) return;
      if (performance.now() > deadlineMs) {
        violations.push(`${ids.length - rows.length} answers were not booked ${when}`);
        return;
      }
      await sleep(PROBE_MS);
    }
  });
}

/** A node that was alone begins a new life as soon as it reaches the database. */
async function expectServed(
  { balance, violations }: Stage,
  seat: Seat,
  purse: Purse,
): Promise<void> {
  const deadlineMs = performance.now() + NOTICED_MS;
  while (performance.now() < deadlineMs) {
    if ((await balance.askForLittle(seat, purse)).finished) return;
    await sleep(PROBE_MS);
  }
  violations.push('a node that came back does not serve');
}

async function judgeAll(stage: Stage): Promise<Findings> {
  const { hubs, balance, offline, backAfterMs } = stage;
  const verdict = await concludeQuietly(hubs, balance.sightings, true);
  const borne = await hubs.query(readBorne);
  const expected = [...verdict.booked]
    .filter((nonce) => offline.has(nonce))
    .reduce((sum, nonce) => sum + chargeOf('dear', nonce), 0n);
  const violations = [...stage.violations, ...verdict.violations];
  if (borne !== expected) violations.push(`the hub bears ${borne} instead of ${expected}`);
  const late = [...verdict.booked].filter((nonce) => offline.has(nonce)).length;
  return {
    violations,
    figures: [
      `${late} answers of nodes whose leases had been given back are borne by the hub`,
      `leases of ${LEASE_SECONDS} s were spendable elsewhere ` +
        `${Math.round(percentile(backAfterMs, 0.5))} ms after the cut (median)`,
    ],
  };
}
