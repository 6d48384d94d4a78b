// Floods over two nodes on one PostgreSQL, round after round. Never one nano-dollar more is promised
// than there is, and where every answer costs its worst case the whole balance is spent, whichever
// node held it.

import { Pool } from 'undici';
import { makeCustomer, providersAt, receiptOf, withDatabase } from '../../test/faults/world.ts';
import { createDatabaseUrl } from '../../test/support/databases.ts';
import { type Hub, startHub } from '../../test/support/hub.ts';
import { findBookFaults } from './books.ts';
import { floodBody, promptBoundOf, startFloodProvider } from './flood-provider.ts';
import { CAPS, type FloodResult, REQUESTS, type Stage, runFlood } from './flood-round.ts';
import { findFloodFaults } from './flood-rows.ts';
import { type Findings, type Run, percentile, randomOfRound } from './part.ts';

const NODES = 2;
/** Rounds that run at the same time, each on its own customer. */
const LANES = 2;
const RICH_NANOS = 1_000_000_000_000n;

export async function runFloods(run: Run): Promise<Findings> {
  await using opened = new AsyncDisposableStack();
  const provider = await startFloodProvider();
  opened.defer(() => provider.upstream.close());
  const { url, drop } = await createDatabaseUrl();
  opened.defer(drop);
  const env = { ...providersAt(provider.upstream.baseUrl), DATABASE_URL: url, SANDBOX: 'off' };
  const hubs: Hub[] = [];
  for (let i = 0; i < NODES; i++) {
    hubs.push(opened.adopt(await startHub({ env }), (hub) => hub.stop()));
  }
  const pools = hubs.map((hub) =>
    opened.adopt(new Pool(hub.baseUrl, { connections: REQUESTS * LANES }), (pool) =>
      pool.destroy(),
    ),
  );
  const stage = { hubs, pools, provider, promptBounds: await readPromptBounds(hubs[0]!) };
  const startedMs = performance.now();
  const results = await runRounds(stage, run);
  const seconds = (performance.now() - startedMs) / 1_000;
  const violations = results.flatMap((result) => result.violations);
  await Promise.all(pools.map((pool) => pool.close()));
  for (const code of await Promise.all(hubs.map((hub) => hub.terminate()))) {
    if (code !== 0) violations.push(`a hub left with code ${code}`);
  }
  const records = results.map(({ record }) => record);
  await withDatabase('', url, async (sql) => {
    violations.push(...(await findBookFaults(sql)), ...(await findFloodFaults(sql, records)));
  });
  return { violations, figures: figuresOf(results, seconds) };
}

async function runRounds(stage: Stage, run: Run): Promise<FloodResult[]> {
  const results: FloodResult[] = [];
  let begun = 0;
  let faults = 0;
  const lane = async (): Promise<void> => {
    while (begun < run.rounds) {
      run.signal.throwIfAborted();
      const round = ++begun;
      const result = await runFlood(stage, round, randomOfRound(run.seed, round));
      results.push(result);
      faults += result.violations.length;
      run.note(`${results.length} of ${run.rounds} floods, ${faults} faults`);
    }
  };
  await Promise.all(Array.from({ length: LANES }, lane));
  return results;
}

/** As a rich customer's receipts tell for each cap. */
async function readPromptBounds(hub: Hub): Promise<ReadonlyMap<number, number>> {
  const { liveKey } = await makeCustomer(hub, RICH_NANOS);
  const bounds = new Map<number, number>();
  for (const cap of CAPS) {
    const answer = await fetch(`${hub.baseUrl}/v1/chat/completions`, {
      method: 'POST',
      headers: { authorization: `Bearer ${liveKey}`, 'content-type': 'application/json' },
      body: floodBody(0, cap),
    });
    await answer.arrayBuffer();
    const { holdNanos } = await receiptOf(hub, liveKey, answer);
    bounds.set(cap, promptBoundOf(BigInt(holdNanos), cap));
  }
  return bounds;
}

function figuresOf(results: readonly FloodResult[], seconds: number): string[] {
  const served = results.reduce((sum, { record }) => sum + record.served, 0);
  const requests = results.reduce((sum, { record }) => sum + record.refused, served);
  const decidedMs = results.map((result) => result.decidedMs);
  const shown = (share: number): number => Math.round(percentile(decidedMs, share));
  return [
    `${requests} requests, ${Math.round(requests / seconds)} a second; ${served} of them served`,
    `a flood was decided within ${shown(0.5)} ms (median), ${shown(0.99)} ms (99 %)`,
  ];
}
