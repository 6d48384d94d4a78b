// One gateway node in simulated time: the real wallets and the real writer of the drain, over a link
// that fails, with a journal that keeps what was synced when the node dies. What a client is told is
// told only once its record is synced, as in the real thing.

import type { Clock } from '../../src/base/clock.ts';
import { HubError } from '../../src/base/errors.ts';
import { newId } from '../../src/base/ids.ts';
import type { Sql } from '../../src/db/database.ts';
import { type BatchWriter, openBatchWriter } from '../../src/journal/writer.ts';
import { type Bank, openBank } from '../../src/ledger/bank.ts';
import type { BudgetRef } from '../../src/ledger/purse.ts';
import { endRunsOf } from '../../src/ledger/runs.ts';
import { type Hold, type Wallets, openWallets } from '../../src/ledger/wallets.ts';
import { type Link, bankOver, createLink } from './link.ts';
import { type Charge, type Model, type OpenHold, require } from './model.ts';
import { encodeCharge } from './records.ts';
import type { Time } from './time.ts';

/** How long a node may spend without the database: far shorter than usual, to see more deaths. */
const LIFE_MS = 20_000;
const TEND_MS = 500;
const DRAIN_MS = 250;
const RESTART_MS = 1_000;
const BATCH = 500;

export interface Order {
  readonly workspaceId: string;
  readonly keyId: string;
  readonly budgets: readonly BudgetRef[];
  readonly wantNanos: bigint;
  readonly leastNanos: bigint;
}

export interface SimulatedNode {
  readonly link: Link;
  isServing(): boolean;
  /** A request arrives; what becomes of it goes to the model. */
  request(order: Order): void;
  /** Holds this much at once or rejects, as the last check of a history does. */
  hold(order: Order): Promise<Hold>;
  kill(): void;
  boot(): void;
  /** The process stands still, as a virtual machine does that is moved. */
  pause(ms: number): void;
  /** The wall clock is set. */
  jump(ms: number): void;
  tend(): void;
}

export interface NodeOptions {
  readonly sql: Sql;
  readonly time: Time;
  readonly random: () => number;
  readonly model: Model;
  readonly beforeWork: () => Promise<void>;
  readonly count: (what: string) => void;
  /** The bank with the world's eyes on it. */
  readonly watch: (bank: Bank) => Bank;
}

export function createNode(options: NodeOptions): SimulatedNode {
  const { sql, time, random, model, beforeWork, count } = options;
  const nodeId = newId('node', 0);
  const journal = createMemoryJournal(model, random);
  let life = 0;
  let alive = false;
  let wallets: Wallets | undefined;
  let pausedUntilMs = 0;
  let wallOffsetMs = 0;
  const inFlight = new Set<OpenHold>();
  const clock: Clock = {
    wallMs: () => 1_700_000_000_000 + time.nowMs() + wallOffsetMs,
    monotonicMs: () => time.nowMs(),
    sleep: (ms) => new Promise((resolve) => later(ms, resolve)),
  };

  /** Runs within this life of the process, once it is awake. */
  function onNode(action: () => void, of = life): void {
    if (of !== life || !alive) return;
    if (pausedUntilMs <= time.nowMs()) action();
    else time.after(pausedUntilMs - time.nowMs(), () => onNode(action, of));
  }

  function later(ms: number, action: () => void): void {
    const of = life;
    time.after(ms, () => onNode(action, of));
  }

  function linkOfThisLife(): Link {
    const of = life;
    return createLink({
      time,
      random,
      before: beforeWork,
      count: () => count('question'),
      isAlive: () => of === life && alive,
      onNode: (action) => onNode(action, of),
    });
  }

  let link = linkOfThisLife();

  function boot(): void {
    life += 1;
    alive = true;
    const isDown = link.isDown;
    link = linkOfThisLife();
    link.isDown = isDown;
    start(link).catch(() => {
      // A start that fails ends the process, and its supervisor starts it again.
      kill();
      const of = life;
      time.after(RESTART_MS, () => {
        if (of === life && !alive) boot();
      });
    });
  }

  async function start(over: Link): Promise<void> {
    const writer = openBatchWriter(sql, nodeId, clock.wallMs, async () =>
      time.fail(new Error('Broken: the database takes every record')),
    );
    while (await drainOnce(over, writer));
    await over.ask(endOldRuns);
    const bank = bankOver(over, options.watch(openBank(sql, nodeId, clock)));
    wallets = await openWallets({ bank, clock, lifeMs: LIFE_MS, onExpired: () => undefined });
    keepTending();
    keepDraining(over, writer);
  }

  async function endOldRuns(): Promise<void> {
    const open = await sql
      .selectFrom('node_runs')
      .select('id')
      .where('node_id', '=', nodeId)
      .where('ended_at', 'is', null)
      .execute();
    await endRunsOf(sql, nodeId, clock.wallMs());
    for (const { id } of open) model.ended(id, false);
  }

  function keepTending(): void {
    void wallets?.tend();
    later(TEND_MS, keepTending);
  }

  function keepDraining(over: Link, writer: BatchWriter): void {
    void drainOnce(over, writer)
      .catch(() => journal.forgetPosition())
      .then(() => later(DRAIN_MS, () => keepDraining(over, writer)));
  }

  /** True when there may be more. */
  async function drainOnce(over: Link, writer: BatchWriter): Promise<boolean> {
    if (journal.position === undefined) {
      const { position } = await over.ask(() => writer.readPosition());
      journal.position = position;
    }
    const from = journal.position;
    const batch = journal.read(from, BATCH);
    if (batch.length === 0) return false;
    const to = from + batch.length;
    await over.ask(async () => {
      const lines = batch.map(({ line }) => line);
      await writer.write(lines, { segment: 0, position: from }, { segment: 0, position: to });
      model.booked(batch.map(({ charge }) => charge));
      count('batch');
    });
    journal.position = to;
    return true;
  }

  function request(order: Order): void {
    if (!wallets) return;
    const of = life;
    count('request');
    holdWith(wallets, order)
      .then(
        (hold) => {
          if (of === life && alive) serve(order, hold);
        },
        (error: unknown) => {
          const code = error instanceof HubError ? error.code : String(error);
          require(REFUSALS.has(code), `a request is refused for a reason, not ${code}`);
          count(code);
        },
      )
      .catch(time.fail);
  }

  async function holdWith(from: Wallets, order: Order): Promise<Hold> {
    const { workspaceId, budgets, wantNanos, leastNanos } = order;
    return from.hold({ book: 'live', workspaceId, budgets }, wantNanos, leastNanos);
  }

  function serve(order: Order, hold: Hold): void {
    const open: OpenHold = { ...hold, workspaceId: order.workspaceId };
    require(hold.amountNanos >= order.leastNanos, 'a hold covers the least');
    require(hold.amountNanos <= order.wantNanos, 'a hold is no more than was wanted');
    model.hold(open);
    inFlight.add(open);
    const durationMs = random() < 0.02 ? random() * 120_000 : random() * 2_000;
    later(durationMs, () => {
      inFlight.delete(open);
      const chargeNanos = chargeWithin(hold.amountNanos, random());
      hold.settle(chargeNanos);
      count('settlement');
      model.drop(open);
      const { runId, allowances } = hold;
      const charge: Charge = {
        requestId: newId('req', clock.wallMs()),
        workspaceId: order.workspaceId,
        runId,
        allowances,
        chargeNanos,
        quarantined: random() < 0.02,
      };
      model.charge(charge);
      const synced = journal.append({ charge, line: encodeCharge(charge, order, hold) });
      later(0.3 + random() * 5, synced);
    });
  }

  function kill(): void {
    if (alive) journal.crash();
    alive = false;
    wallets = undefined;
    for (const open of inFlight) model.drop(open);
    inFlight.clear();
  }

  return {
    get link() {
      return link;
    },
    isServing: () => wallets !== undefined,
    request,
    hold: (order) =>
      wallets ? holdWith(wallets, order) : Promise.reject(new Error('The node does not serve.')),
    kill,
    boot: () => {
      if (!alive) boot();
    },
    pause(ms) {
      pausedUntilMs = Math.max(pausedUntilMs, time.nowMs() + ms);
    },
    jump(ms) {
      wallOffsetMs += ms;
    },
    tend: () => later(0, () => void wallets?.tend()),
  };
}

const REFUSALS: ReadonlySet<string> = new Set([
  'insufficient_balance',
  'budget_exceeded',
  'storage_unavailable',
]);

/** Often nothing or all of it, else anything between. */
function chargeWithin(holdNanos: bigint, chance: number): bigint {
  if (chance < 0.05) return 0n;
  if (chance > 0.7) return holdNanos;
  return (holdNanos * BigInt(Math.floor(chance * 1_000_000))) / 1_000_000n;
}

interface Line {
  readonly charge: Charge;
  readonly line: string;
}

/** Keeps, over a crash, what was synced and perhaps a part of what was written. */
function createMemoryJournal(model: Model, random: () => number) {
  let lines: Line[] = [];
  let synced = 0;
  return {
    position: undefined as number | undefined,
    forgetPosition() {
      this.position = undefined;
    },
    append(line: Line): () => void {
      const end = lines.push(line);
      return () => {
        synced = Math.max(synced, end);
      };
    },
    read: (from: number, most: number) => lines.slice(from, Math.min(synced, from + most)),
    crash() {
      const kept = synced + Math.floor(random() * (lines.length - synced + 1));
      for (const { charge } of lines.slice(kept)) model.lose(charge);
      lines = lines.slice(0, kept);
      synced = kept;
      this.position = undefined;
    },
  };
}
