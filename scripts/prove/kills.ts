// Hubs that die, or are asked to stop, at any instant of a load that never pauses, and come back on
// the same folder. At the end every answer that a client saw end is booked once, and nothing else is.

import { setTimeout as sleep } from 'node:timers/promises';
import { findBookFaults } from './books.ts';
import type { Sighting } from './client.ts';
import { type Hubs, type HubsOptions, type Seat, openHubs } from './hubs.ts';
import { type Load, startLoad } from './load.ts';
import { type Findings, type Run, pick, randomOfRound } from './part.ts';
import { type Verdict, judge } from './verdict.ts';

export const CLIENTS = 48;
const CUSTOMERS = 6;
/** Rounds on one database; then the hubs stop in order and everything is counted. */
const ROUNDS_A_WORLD = 10;
const SHORTEST_ROUND_MS = 50;
const ROUND_SPREAD_MS = 1_200;

export type World = Pick<HubsOptions, 'kind' | 'count'>;

export const PAIR: World = { kind: 'postgres', count: 2 };
export const EMBEDDED: World = { kind: 'pglite', count: 1 };
const SINGLE: World = { kind: 'postgres', count: 1 };
/** One world after the other, over and over. */
const WORLDS: readonly World[] = [PAIR, EMBEDDED, PAIR, SINGLE, PAIR];

/** SIGKILL at a random instant, restart, over and over. */
export function runKills(run: Run, worlds = worldsHere()): Promise<Findings> {
  return runEnds(run, worlds, { kills: true, end: (seat) => seat.kill() });
}

/** SIGTERM at a random instant: nothing that runs is cut off, and the exit code is 0. */
export function runTerms(run: Run, worlds = worldsHere()): Promise<Findings> {
  const end = async (seat: Seat, violations: string[]): Promise<void> => {
    const code = await seat.terminate();
    if (code !== 0) violations.push(`a hub that was asked to stop left with code ${code}`);
  };
  return runEnds(run, worlds, { kills: false, end });
}

interface Manner {
  readonly kills: boolean;
  end(seat: Seat, violations: string[]): Promise<void>;
}

interface Total {
  readonly violations: string[];
  finished: number;
  cutAtLastBytes: number;
  lost: number;
  rounds: number;
}

async function runEnds(run: Run, worlds: readonly World[], manner: Manner): Promise<Findings> {
  const total: Total = { violations: [], finished: 0, cutAtLastBytes: 0, lost: 0, rounds: 0 };
  const each = Math.min(ROUNDS_A_WORLD, Math.ceil(run.rounds / 2));
  for (let world = 0; total.rounds < run.rounds; world++) {
    run.signal.throwIfAborted();
    const rounds = Math.min(each, run.rounds - total.rounds);
    await runWorld(worlds[world % worlds.length]!, { ...run, rounds }, manner, total);
    run.note(
      `${total.rounds} of ${run.rounds} rounds, ${total.finished} answers came to their end`,
    );
  }
  const { violations, finished, cutAtLastBytes, lost } = total;
  const figures = [`${finished} answers came to their end`];
  if (manner.kills) {
    figures.push(
      `${cutAtLastBytes} booked whose client was cut off at the last bytes`,
      `${lost} cut off earlier: no row, no charge`,
    );
  }
  return { violations, figures };
}

/** A machine without PostgreSQL proves what the embedded database can show. */
function worldsHere(): readonly World[] {
  return process.env['TEST_POSTGRES_URL'] === undefined ? [EMBEDDED] : WORLDS;
}

async function runWorld(world: World, run: Run, manner: Manner, total: Total): Promise<void> {
  await using opened = new AsyncDisposableStack();
  const hubs = opened.adopt(await openHubs(world), (open) => open.close());
  const many = { clients: CLIENTS, customers: CUSTOMERS, seed: run.seed * 1_000 + total.rounds };
  const load = opened.adopt(await startLoad(hubs, many), (running) => running.abandon());
  for (let i = 0; i < run.rounds; i++) {
    run.signal.throwIfAborted();
    const random = randomOfRound(run.seed, total.rounds++);
    await sleep(SHORTEST_ROUND_MS + random() * ROUND_SPREAD_MS);
    const seat = pick(random, hubs.seats);
    await manner.end(seat, total.violations);
    await seat.restart();
  }
  const { violations, ...verdict } = await conclude(hubs, load, manner.kills);
  const name = `${world.count} on ${world.kind}, rounds to ${total.rounds}`;
  total.violations.push(...violations.map((violation) => `${name}: ${violation}`));
  total.finished += verdict.finished;
  total.cutAtLastBytes += verdict.cutAtLastBytes;
  total.lost += verdict.lost;
}

/** Ends the load and the hubs in order, and proves books and answers against each other. */
export async function conclude(hubs: Hubs, load: Load, mayCut: boolean): Promise<Verdict> {
  await load.stop();
  return concludeQuietly(hubs, load.sightings, mayCut);
}

/** The same where nothing is asked any more. */
export async function concludeQuietly(
  hubs: Hubs,
  sightings: readonly Sighting[],
  mayCut = false,
): Promise<Verdict> {
  const codes = await Promise.all(hubs.seats.map((seat) => seat.terminate()));
  const verdict = await hubs.query(async (sql) => {
    const judged = await judge(sql, sightings, hubs.standIn, mayCut);
    judged.violations.push(...(await findBookFaults(sql)));
    return judged;
  });
  for (const code of codes) {
    if (code !== 0) verdict.violations.push(`a hub left with code ${code} at the end`);
  }
  return verdict;
}
