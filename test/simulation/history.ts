// One history: customers, nodes and everything that can go wrong, drawn from one seed. Customers send
// requests and get money, limits change, charges are reviewed and given back; nodes die and come back
// soon, late or after they were given up; links and the database fail; clocks jump; processes stand still.

import { newId } from '../../src/base/ids.ts';
import type { Span } from '../../src/ledger/purse.ts';
import { recallLeases } from '../../src/ledger/recalls.ts';
import { refundCharge, reviewCharge } from '../../src/ledger/reviews.ts';
import { createRandom } from '../../scripts/prove/part.ts';
import { grantTo, makeBudget, makeWorkspace } from '../ledger/world.ts';
import { type Customer, proveHistory } from './proof.ts';
import type { SimulatedDatabase } from './database.ts';
import { type Model, createModel } from './model.ts';
import { type SimulatedNode, createNode } from './node.ts';
import { type Time, createTime } from './time.ts';
import { type Windows, watchBank } from './watch.ts';

const CUSTOMERS = 6;
const SECOND = 1_000;
const DAY = 86_400_000;
const SPANS: readonly Span[] = ['total', 'daily', 'weekly', 'monthly'];
/** Every outage is over by then, and whoever died is back. */
const LONGEST_AWAY_MS = 100 * SECOND;
/** Time enough for what runs to end, for the dead to be given up and for idle money to go home. */
const AFTERMATH_MS = 140 * SECOND;

export interface HistoryOptions {
  readonly database: SimulatedDatabase;
  readonly seed: number;
  /** The load ends once so much has happened. */
  readonly operations: number;
}

export interface History {
  /** How often each thing happened. */
  readonly counts: Readonly<Record<string, number>>;
  readonly operations: number;
  readonly simulatedMs: number;
  readonly lateCharges: number;
}

/** Lives one history through and proves its books; throws what was broken, with the seed. */
export async function liveHistory(options: HistoryOptions): Promise<History> {
  const world = await openWorld(options);
  const { time, nodes } = world;
  try {
    for (const node of nodes) node.boot();
    await time.run(10 * SECOND);
    load(world);
    trouble(world);
    while (world.operations() < options.operations) await time.run(time.nowMs() + SECOND);
    world.isOver = true;
    await time.run(time.nowMs() + LONGEST_AWAY_MS);
    for (const node of nodes) node.boot();
    for (const { link } of nodes) {
      link.isDown = false;
      link.isCalm = true;
    }
    await time.run(time.nowMs() + AFTERMATH_MS);
    await proveHistory(world);
  } catch (error) {
    const at = `seed ${options.seed}, ${Math.round(time.nowMs())} ms`;
    throw new Error(`The history of ${at}: ${(error as Error).message}`, { cause: error });
  }
  const lateCharges = world.model.late.size;
  const operations = world.operations();
  return { counts: world.counts, operations, simulatedMs: time.nowMs(), lateCharges };
}

export interface World {
  readonly database: SimulatedDatabase;
  readonly time: Time;
  readonly random: () => number;
  readonly model: Model;
  readonly nodes: readonly SimulatedNode[];
  readonly customers: readonly Customer[];
  readonly windows: Windows;
  readonly counts: Record<string, number>;
  readonly count: (what: string) => void;
  readonly operations: () => number;
  /** Sets the database's clock to now before a piece of work. */
  readonly beforeWork: () => Promise<void>;
  dbOffsetMs: number;
  isOver: boolean;
}

async function openWorld({ database, seed }: HistoryOptions): Promise<World> {
  const random = createRandom(seed);
  const time = createTime();
  const model = createModel();
  const counts: Record<string, number> = {};
  let operations = 0;
  const count = (what: string): void => {
    counts[what] = (counts[what] ?? 0) + 1;
    operations += 1;
  };
  const customers: Customer[] = [];
  for (let i = 0; i < CUSTOMERS; i++) customers.push(await makeCustomer(database, model, random));
  const windows: Windows = new Map();
  const beforeWork = (): Promise<void> =>
    database.setClock(1_700_000_000_000 + time.nowMs() + world.dbOffsetMs);
  const nodes: SimulatedNode[] = [];
  const watched = { model, windows, customers, count, notify: () => notifyAll(world) };
  const world: World = {
    database,
    time,
    random,
    model,
    nodes,
    customers,
    windows,
    counts,
    count,
    operations: () => operations,
    beforeWork,
    dbOffsetMs: 0,
    isOver: false,
  };
  for (let i = 0; i < 2 + Math.floor(random() * 3); i++) {
    const watch = (bank: Parameters<typeof watchBank>[0]) => watchBank(bank, watched);
    nodes.push(createNode({ sql: database.sql, time, random, model, beforeWork, count, watch }));
  }
  return world;
}

async function makeCustomer(
  { sql }: SimulatedDatabase,
  model: Model,
  random: () => number,
): Promise<Customer> {
  const fundsNanos = BigInt(Math.floor(random() * 60_000_000_000));
  const workspaceId = await makeWorkspace(sql, fundsNanos);
  model.fund(workspaceId, fundsNanos);
  const budgets = [];
  for (const span of SPANS) {
    if (random() > 0.3) continue;
    const limitNanos = BigInt(Math.floor(random() * 15_000_000_000));
    budgets.push({ ref: await makeBudget(sql, workspaceId, span, limitNanos), limitNanos });
  }
  const { keyId } = await makeBudget(sql, workspaceId, 'total', 0n);
  return { workspaceId, keyId, budgets, typicalNanos: 100_000 + random() * 5_000_000 };
}

/** Notifications mostly come, soon; one that does not is made up for by the node's own rounds. */
function notifyAll({ time, random, nodes }: World): void {
  for (const node of nodes) {
    if (random() < 0.8) time.after(random() * 10, () => node.tend());
  }
}

/** Requests of every customer, at a rate of its own, in bursts and lulls, at any node. */
function load(world: World): void {
  const { time, random, nodes } = world;
  for (const customer of world.customers) {
    const rate = 30 + random() * 600;
    const next = (): void => {
      if (world.isOver) return;
      const isBurst = random() < 0.01;
      for (let i = 0; i < (isBurst ? 50 : 1); i++) {
        const want = Math.ceil(random() * customer.typicalNanos * (random() < 0.05 ? 100 : 1));
        nodes[Math.floor(random() * nodes.length)]?.request({
          ...customer,
          budgets: random() < 0.5 ? customer.budgets.map(({ ref }) => ref) : [],
          wantNanos: BigInt(want),
          leastNanos: BigInt(Math.ceil(want * random() * random())),
        });
      }
      time.after((-Math.log(1 - random()) / rate) * SECOND, next);
    };
    time.after(random() * SECOND, next);
  }
}

/** Everything else that happens, each at its own mean interval. */
function trouble(world: World): void {
  const { time, random } = world;
  const node = (): SimulatedNode => pick(world.nodes, random);
  const every = (seconds: number, what: string, work: () => void | Promise<void>): void => {
    const again = (): void =>
      time.after(-Math.log(1 - random()) * seconds * SECOND, async () => {
        if (world.isOver) return;
        world.count(what);
        await work();
        again();
      });
    again();
  };
  every(6, 'kill', () => {
    const victim = node();
    victim.kill();
    const awayMs = random() < 0.7 ? random() * 5 * SECOND : random() * LONGEST_AWAY_MS;
    time.after(awayMs, () => victim.boot());
  });
  every(8, 'cut', () => cut([node()], outage(random), world));
  every(60, 'database away', () => cut(world.nodes, outage(random), world));
  every(15, 'pause', () => node().pause(outage(random)));
  every(60, 'clock jump', () => node().jump((random() - 0.5) * 2 * DAY));
  every(90, 'database clock jump', () => {
    world.dbOffsetMs += (random() - 0.4) * 2 * DAY;
  });
  every(4, 'grant', () => grantSome(world));
  every(5, 'limit', () => changeLimit(world));
  every(1, 'refund', () => giveSomeBack(world));
}

/** From a hiccup to minutes. */
function outage(random: () => number): number {
  return random() < 0.7 ? random() * 2 * SECOND : random() * LONGEST_AWAY_MS;
}

function cut(nodes: readonly SimulatedNode[], ms: number, { time }: World): void {
  const links = nodes.map(({ link }) => link);
  for (const link of links) link.isDown = true;
  time.after(ms, () => {
    for (const link of links) link.isDown = false;
    // A node that was started meanwhile has a link of its own, which began as the old one was.
    for (const node of nodes) node.link.isDown = false;
  });
}

async function grantSome(world: World): Promise<void> {
  const { workspaceId } = pick(world.customers, world.random);
  const amountNanos = 1n + BigInt(Math.floor(world.random() * 30_000_000_000));
  await world.beforeWork();
  await grantTo(world.database.sql, workspaceId, amountNanos);
  world.model.fund(workspaceId, amountNanos);
}

async function changeLimit(world: World): Promise<void> {
  const { random, database, model, windows } = world;
  const { budgets } = pick(world.customers, random);
  if (budgets.length === 0) return;
  const budget = pick(budgets, random);
  budget.limitNanos = BigInt(Math.floor(random() * 30_000_000_000));
  await world.beforeWork();
  await database.sql
    .updateTable('budgets')
    .set({ limit_nanos: budget.limitNanos })
    .where('id', '=', budget.ref.id)
    .execute();
  for (const purseId of windows.get(budget.ref.id) ?? []) {
    model.allow(purseId, budget.limitNanos);
    await recallLeases(database.sql, purseId);
  }
  notifyAll(world);
}

/** The operator reviews a quarantined charge, or gives a part of an earned one back, sometimes twice. */
async function giveSomeBack(world: World): Promise<void> {
  const { random, database, model } = world;
  const charge = pick([...world.model.recent()], random);
  if (!charge || charge.chargeNanos === 0n || model.late.has(charge.requestId)) return;
  const { requestId, workspaceId } = charge;
  const amountNanos = 1n + (charge.chargeNanos * BigInt(Math.floor(random() * 1_000))) / 1_000n;
  if (amountNanos > charge.chargeNanos) return;
  await world.beforeWork();
  const refundId = newId('txn', 0);
  for (let i = 0; i < (random() < 0.2 ? 2 : 1); i++) {
    if (charge.quarantined) {
      const of = { requestId, giveBackNanos: amountNanos };
      await reviewCharge(database.sql, of, world.time.nowMs());
    } else {
      await refundCharge(database.sql, { requestId, amountNanos, refundId }, world.time.nowMs());
    }
  }
  model.forget(requestId);
  model.fund(workspaceId, amountNanos);
}

function pick<T>(items: readonly T[], random: () => number): T {
  return items[Math.floor(random() * items.length)] as T;
}
