// Clients against every provider, over one hub: each cell of a client's table is a test, and a last one
// holds the table in the document to what came out.

import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type World, openWorld } from '../clients/world.ts';
import { type Bench, openBench } from './bench.ts';
import { CASES, type Case, outcomeOf } from './cases.ts';
import type { Client } from './client.ts';
import { type Others, PROVIDERS, type Provider, startOthers } from './providers.ts';
import { documentedTable, isWriting, renderTable, writeTable } from './table.ts';

export function testMatrix(...clients: readonly Client[]): void {
  let world: World;
  let others: Others;

  beforeAll(async () => {
    others = await startOthers();
    world = await openWorld(others);
  });

  afterAll(() => world.close());

  describe.each(clients)('$title', (client) => {
    /** Each provider's cases one after another, all providers at once. */
    let lanes: ReadonlyMap<Provider, ReadonlyMap<Case, Promise<string>>>;
    const results = new Map(CASES.map(({ title }) => [title, new Map<string, string>()]));

    beforeAll(() => {
      lanes = new Map(
        PROVIDERS.map((each) => [each, startLane(openBench(world, others, client, each))]),
      );
    });

    describe.each(PROVIDERS)('and a provider of $title', (provider) => {
      it.each(CASES)('$title', async (each) => {
        const outcome = await lanes.get(provider)?.get(each);
        results.get(each.title)?.set(provider.title, outcome ?? expect.fail('It was not run.'));
      });
    });

    it('is what the document says', () => {
      const table = renderTable(client.title, results);
      if (isWriting()) writeTable(client.title, table);
      expect(documentedTable(client.title)).toBe(table);
    });
  });
}

/** The next case begins when an answer is there; the receipts come while it runs. */
function startLane(bench: Bench): ReadonlyMap<Case, Promise<string>> {
  const lane = new Map<Case, Promise<string>>();
  let turn: Promise<unknown> = Promise.resolve();
  for (const each of CASES) {
    const ended = turn.then(async () => {
      const outcome = await outcomeOf(each, bench);
      return { outcome, settled: bench.settled() };
    });
    const judged = ended.then(async ({ outcome, settled }) => {
      await settled;
      return outcome;
    });
    judged.catch(() => undefined);
    turn = ended.catch(() => undefined);
    lane.set(each, judged);
  }
  return lane;
}
