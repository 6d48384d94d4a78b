// The operator's page of proposed prices: what it shows, and that decisions are made once.

import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { refreshPrices } from '../../src/catalog/price-proposals.ts';
import type { PriceProposal } from '../../src/console/contract-operator.ts';
import { makeMember } from '../identity/world.ts';
import { TEST_DATABASES } from '../support/databases.ts';
import { type Browser, type TestConsole, failureOf, openConsole, signInAs } from './world.ts';

const prices = (output_mtok: number) => ({ input_mtok: 2, cache_read_mtok: 0.5, output_mtok });

for (const db of TEST_DATABASES) {
  describe.skipIf(!db.available)(`proposed prices on ${db.label}`, () => {
    let hub: TestConsole;
    let root: Browser;
    let personId: string;
    beforeAll(async () => {
      hub = await openConsole(db.name);
      const { person } = await makeMember(hub.sql, { isOperator: true });
      personId = person.id;
      root = await signInAs(hub, person.email);
      const models = [
        { id: 'o3', prices: prices(9) },
        { id: 'gpt-4.1', prices: prices(800) },
      ];
      await refreshPrices(hub.sql, [{ id: 'openai', models }], hub.clock.wallMs());
    });
    afterAll(() => hub.close());

    const list = async () =>
      (await root.get('/operator/price-proposals')).body['proposals'] as PriceProposal[];
    const decide = (id: string | undefined, body: object) =>
      root.post(`/operator/price-proposals/${id}`, body);
    const decisions = () =>
      hub.sql
        .selectFrom('price_proposals')
        .select(['model', 'decision', 'decided_by'])
        .orderBy('model')
        .execute();

    it('are listed figure by figure, with what the checks would refuse', async () => {
      const proposals = await list();
      // Azure sells at OpenAI's price.
      expect(proposals.map(({ model, faults }) => [model, faults])).toEqual([
        ['openai/gpt-4.1', ['jump']],
        ['openai/o3', []],
        ['azure/gpt-4.1', ['jump']],
      ]);
      expect(proposals[1]?.figures).toContainEqual({
        tier: '',
        class: 'outText',
        before: '8000000000',
        after: '9000000000',
      });
    });

    it('are decided once, by whom is kept, and a jump only where it is meant', async () => {
      const [jumping, plain, resold] = await list();
      const refused = await decide(jumping?.id, { decision: 'approved' });
      expect(failureOf(refused)).toMatchObject({ status: 409, code: 'conflict' });
      expect((await decide(plain?.id, { decision: 'approved' })).body['version']).toMatch(
        /^openai\/o3@.+\.own$/,
      );
      expect((await decide(plain?.id, { decision: 'rejected' })).status).toBe(404);
      const meant = await decide(jumping?.id, { decision: 'approved', acceptJump: true });
      expect(meant.status).toBe(200);
      expect((await decide(resold?.id, { decision: 'rejected' })).status).toBe(200);
      expect(await list()).toEqual([]);
      expect(await decisions()).toEqual([
        { model: 'azure/gpt-4.1', decision: 'rejected', decided_by: personId },
        { model: 'openai/gpt-4.1', decision: 'approved', decided_by: personId },
        { model: 'openai/o3', decision: 'approved', decided_by: personId },
      ]);
    });

    it('take no other decision, and no other id', async () => {
      expect((await decide('1', { decision: 'withdrawn' })).status).toBe(400);
      expect((await decide('x', { decision: 'rejected' })).status).toBe(404);
    });
  });
}
