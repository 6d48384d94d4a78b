// One flood: hundreds of requests at once on a fresh customer with funds for exactly ten of them.

import type { Pool } from 'undici';
import { type Customer, makeCustomer } from '../../test/faults/world.ts';
import type { Hub } from '../../test/support/hub.ts';
import { type FloodProvider, type FloodState, costOf, floodBody } from './flood-provider.ts';
import type { FloodRecord } from './flood-rows.ts';
import { pick } from './part.ts';

export const REQUESTS = 500;
const FUNDED = 10;
const LONGEST_DELAY_MS = 30;
const UNDECIDED_MS = 30_000;
/**
 * The shortest answer that a hub admits, so that a hold cannot be lowered and ten is ten; and a
 * longer one, whose cap a scarce balance lowers.
 */
export const CAPS = [16, 500] as const;

/** Over all nodes, answered when all is decided; answered as it comes, with any usage; or all to one
 * node while another holds the money idle. */
const MANNERS = ['gated', 'as it comes', 'called home'] as const;

export interface Stage {
  readonly hubs: readonly Hub[];
  readonly pools: readonly Pool[];
  readonly provider: FloodProvider;
  /** What a prompt can be at most, in tokens, by the cap that stands beside it. */
  readonly promptBounds: ReadonlyMap<number, number>;
}

export interface FloodResult {
  readonly record: FloodRecord;
  readonly decidedMs: number;
  readonly violations: readonly string[];
}

interface Flood {
  readonly round: number;
  readonly cap: number;
  readonly manner: (typeof MANNERS)[number];
  readonly customer: Customer;
  readonly grantNanos: bigint;
  /** Requests before the flood: the one that makes a node lease everything. */
  readonly before: number;
  /** What the least of requests costs at the most: less than that nobody can spend. */
  readonly leastNanos: bigint;
}

/** Numbers of rounds begin at 1. */
export async function runFlood(
  stage: Stage,
  round: number,
  random: () => number,
): Promise<FloodResult> {
  const manner = pick(random, MANNERS);
  const cap = pick(random, CAPS);
  const promptBound = stage.promptBounds.get(cap)!;
  const before = manner === 'called home' ? 1 : 0;
  const grantNanos = costOf(promptBound, cap) * BigInt(FUNDED + before);
  const customer = await makeCustomer(stage.hubs[round % stage.hubs.length]!, grantNanos);
  const leastNanos = costOf(promptBound, CAPS[0]);
  const flood = { round, cap, manner, customer, grantNanos, before, leastNanos };
  const state = stage.provider.begin(round, {
    grantNanos,
    before,
    requests: REQUESTS,
    promptBound,
    gated: manner !== 'as it comes',
    longestDelayMs: LONGEST_DELAY_MS,
    random,
  });
  const statuses: number[] = [];
  if (before > 0) statuses.push(await ask(stage, flood, 0));
  const startedMs = performance.now();
  const sent = Array.from({ length: REQUESTS }, async (_, i) => {
    const status = await ask(stage, flood, before > 0 ? 1 : i);
    statuses.push(status);
    if (status !== 200) state.decide();
  });
  const giveUp = setTimeout(() => {
    state.violations.push('not every request was decided in time');
    state.release();
  }, UNDECIDED_MS);
  await state.decided;
  const decidedMs = performance.now() - startedMs;
  await Promise.all(sent);
  clearTimeout(giveUp);
  stage.provider.end(round);
  return conclude(flood, state, statuses, decidedMs);
}

/** Sends one request to a node; resolves with the status, 0 where there was no answer. */
async function ask(stage: Stage, flood: Flood, node: number): Promise<number> {
  const pool = stage.pools[(flood.round + node) % stage.pools.length]!;
  try {
    const answer = await pool.request({
      method: 'POST',
      path: '/v1/chat/completions',
      headers: {
        authorization: `Bearer ${flood.customer.liveKey}`,
        'content-type': 'application/json',
      },
      body: floodBody(flood.round, flood.cap),
    });
    await answer.body.dump();
    return answer.statusCode;
  } catch {
    return 0;
  }
}

function conclude(
  flood: Flood,
  state: FloodState,
  statuses: readonly number[],
  decidedMs: number,
): FloodResult {
  const { round, cap, manner, grantNanos, before } = flood;
  const faults = [...state.violations];
  const served = statuses.filter((status) => status === 200).length;
  const odd = new Set(statuses.filter((status) => status !== 200 && status !== 402));
  if (odd.size > 0) faults.push(`some ended with ${[...odd].join()}`);
  if (served !== state.forwarded) faults.push(`${state.forwarded} forwarded, ${served} served`);
  const leftNanos = grantNanos - state.chargedNanos;
  if (leftNanos < 0n) faults.push(`overspent by ${-leftNanos}`);
  if (manner !== 'as it comes') {
    const funded = FUNDED + before;
    if (cap === CAPS[0] && served !== funded)
      faults.push(`${served} served on funds for ${funded}`);
    if (leftNanos >= flood.leastNanos)
      faults.push(`${leftNanos} of ${grantNanos} was not spendable`);
  }
  const name = `flood ${round} (${manner}, cap ${cap})`;
  const { workspaceId } = flood.customer;
  const record = { name, workspaceId, served, refused: statuses.length - served, leftNanos };
  return { record, decidedMs, violations: faults.map((fault) => `${name}: ${fault}`) };
}
