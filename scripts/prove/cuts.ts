// The database goes away under load, in every way and for a tenth of a second up to minutes: what is
// leased goes on being spent, nobody is told that his key or his money is wrong, and on its return
// everything is booked exactly once.

import { setTimeout as sleep } from 'node:timers/promises';
import { type TcpProxy, startProxy } from '../../test/faults/tcp-proxy.ts';
import { startPostgresCluster } from '../../test/support/postgres-cluster.ts';
import type { Sighting } from './client.ts';
import { type Hubs, openHubs } from './hubs.ts';
import { conclude } from './kills.ts';
import { type Load, startLoad } from './load.ts';
import { OUTAGES } from './outages.ts';
import { type Findings, type Run, pick, randomOfRound } from './part.ts';
import { type ServerSwitch, ask, openServerSwitch } from './server-stop.ts';
import { type Steady, startSteady } from './steady.ts';

const NODES = 2;
const CLIENTS = 24;
const CUSTOMERS = 4;
/** How often a broken cable is one node's alone. */
const ONE_NODE_SHARE = 0.3;
const SHORTEST_MS = 100;
/** From this many rounds on outages last up to a minute, and one lasts two. */
const FULL_ROUNDS = 20;
const LONGEST_MS = 60_000;
const MINUTES_MS = 120_000;
const LONGEST_SHORT_MS = 6_000;
const DRAINED_WITHIN_MS = 60_000;
const QUIET_MS = 1_000;
/** What a client may be told meanwhile: served, or come back. */
const HONEST: readonly (number | undefined)[] = [200, 503];
/** Numbers of requests, and with them prices, begin low for the steady customers, a range each. */
const STEADY_NONCES = 20_000;

interface Stage {
  readonly hubs: Hubs;
  readonly cables: readonly TcpProxy[];
  readonly server: ServerSwitch;
  readonly url: string;
  readonly load: Load;
  readonly steadies: readonly Steady[];
  readonly drainedMs: number[];
  readonly violations: string[];
}

export async function runCuts(run: Run): Promise<Findings> {
  await using opened = new AsyncDisposableStack();
  // Of its own, because it is stopped and crashed here.
  const cluster = await startPostgresCluster();
  if ('missing' in cluster) throw new Error(`there is no PostgreSQL here: ${cluster.missing}`);
  opened.defer(() => cluster.stop());
  const { url } = cluster;
  const server = opened.adopt(await openServerSwitch(url), (open) => open.close());
  const cables: TcpProxy[] = [];
  const route = async (): Promise<string> => {
    cables.push(opened.adopt(await startProxy(url), (proxy) => proxy.close()));
    return cables.at(-1)!.url;
  };
  const options = { kind: 'postgres', count: NODES, url, route } as const;
  const hubs = opened.adopt(await openHubs(options), (open) => open.close());
  const firstNonce = NODES * STEADY_NONCES;
  const many = { clients: CLIENTS, customers: CUSTOMERS, seed: run.seed, firstNonce };
  const load = opened.adopt(await startLoad(hubs, many), (running) => running.abandon());
  const steadies: Steady[] = [];
  for (const [i, seat] of hubs.seats.entries()) {
    const steady = await startSteady(hubs, seat, i * STEADY_NONCES);
    steadies.push(opened.adopt(steady, (running) => running.abandon()));
  }
  const drainedMs: number[] = [];
  const violations: string[] = [];
  const stage = { hubs, cables, server, url, load, steadies, drainedMs, violations };
  for (let round = 0; round < run.rounds; round++) {
    run.signal.throwIfAborted();
    await runOutage(stage, run, round);
  }
  // Awaited here: what it asks is closed when this function is left.
  return await judgeAll(stage);
}

async function runOutage(stage: Stage, run: Run, round: number): Promise<void> {
  const { violations, load, steadies } = stage;
  const random = randomOfRound(run.seed, round);
  // Every way once before any comes twice.
  const outage = OUTAGES[(round + run.seed) % OUTAGES.length]!;
  const lastsMs = durationOf(run, round, random);
  const one =
    outage.ofCables && random() < ONE_NODE_SHARE ? [pick(random, stage.cables)] : undefined;
  const scene = { ...stage, cables: one ?? stage.cables, random, signal: run.signal };
  const name = `${outage.name}${one ? ' (one node)' : ''}, ${Math.round(lastsMs)} ms`;
  run.note(`outage ${round + 1} of ${run.rounds}: ${name}`);
  const from = load.sightings.length;
  await outage.run(scene, lastsMs);
  const returnedMs = performance.now();
  const finished = [load, ...steadies].flatMap(({ sightings }) =>
    sightings.filter((sighting) => sighting.finished),
  );
  await waitUntilBooked(stage, finished, name);
  stage.drainedMs.push(performance.now() - returnedMs);
  await sleep(QUIET_MS);
  const odd = load.sightings.slice(from).filter(({ status }) => !HONEST.includes(status));
  violations.push(...odd.map(({ status }) => `${name}: a request ended with ${status}`));
  for (const steady of steadies) {
    violations.push(...steady.takeFaults().map((fault) => `${name}: ${fault}`));
  }
}

/** Spread evenly over the orders of magnitude. */
function durationOf(run: Run, round: number, random: () => number): number {
  const isFull = run.rounds >= FULL_ROUNDS;
  if (isFull && round === 0) return MINUTES_MS;
  return SHORTEST_MS * ((isFull ? LONGEST_MS : LONGEST_SHORT_MS) / SHORTEST_MS) ** random();
}

/** Everything that a client saw end before is booked before long. */
async function waitUntilBooked(
  { url, violations }: Stage,
  finished: readonly Sighting[],
  name: string,
): Promise<void> {
  const ids = finished.map(({ requestId }) => requestId);
  const deadlineMs = performance.now() + DRAINED_WITHIN_MS;
  for (;;) {
    const missing = await ask(url, async (client) => {
      const { rows } = await client.query<{ missing: string }>(
        `select count(*) as missing from unnest($1::text[]) as seen (id)
         where not exists (select from usage_records where usage_records.id = seen.id)`,
        [ids],
      );
      return Number(rows[0]?.missing);
    });
    if (missing === 0) return;
    if (performance.now() > deadlineMs) {
      violations.push(`${name}: ${missing} answers were not booked in time`);
      return;
    }
    await sleep(100);
  }
}

async function judgeAll({ hubs, load, steadies, violations, drainedMs }: Stage): Promise<Findings> {
  for (const steady of steadies) await steady.stop();
  const all: Load = {
    ...load,
    get sightings() {
      return [load, ...steadies].flatMap(({ sightings }) => sightings);
    },
  };
  const verdict = await conclude(hubs, all, false);
  const steady = steadies.reduce((sum, { sightings }) => sum + sightings.length, 0);
  const refused = load.sightings.filter(({ status }) => status === 503).length;
  return {
    violations: [...violations, ...verdict.violations],
    figures: [
      `${verdict.finished} answers came to their end`,
      `${steady} small requests within leases; ${refused} others were told to come back`,
      `all was booked ${Math.round(Math.max(...drainedMs))} ms after a return at the latest`,
    ],
  };
}
