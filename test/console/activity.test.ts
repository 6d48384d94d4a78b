import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { newId } from '../../src/base/ids.ts';
import type { ActivityReply, ReceiptReply } from '../../src/console/contract.ts';
import { inTransaction } from '../../src/db/database.ts';
import { createKey } from '../../src/keys/manage.ts';
import { leaseAccount } from '../../src/ledger/accounts.ts';
import { balancePurse } from '../../src/ledger/purse.ts';
import { openRun } from '../../src/ledger/runs.ts';
import { TEST_DATABASES } from '../support/databases.ts';
import { type Member, addUsage, makeMember } from '../identity/world.ts';
import { type Browser, type TestConsole, failureOf, openConsole, signInAs } from './world.ts';

const PRICE_ID = 'sandbox/echo@2026-01-01';
const RATES = {
  inUncached: '100000001',
  inCacheRead: '10000000',
  inCacheWrite5m: '125000000',
  inCacheWrite1h: '200000000',
  inCacheWriteOther: '125000000',
  inAudio: '1000000000',
  inAudioCacheRead: '50000000',
  inImage: '300000000',
  inImageCacheRead: '30000000',
  outText: '400000003',
  outReasoning: '400000003',
  outAudio: '2000000000',
  outImage: '700000000',
};

for (const db of TEST_DATABASES) {
  describe.skipIf(!db.available)(db.label, () => {
    let hub: TestConsole;
    let member: Member;
    let stranger: Member;
    let browser: Browser;
    let keyId: string;
    let home: string;
    beforeAll(async () => {
      hub = await openConsole(db.name);
      member = await makeMember(hub.sql);
      stranger = await makeMember(hub.sql);
      browser = await signInAs(hub, member.person.email);
      home = `/workspaces/${member.workspaceId}`;
      const of = { workspaceId: member.workspaceId, createdBy: member.person.id };
      const made = await inTransaction(hub.sql, (tx) =>
        createKey(tx, { ...of, name: 'laptop', mode: 'live' }, Date.now()),
      );
      keyId = made.key.id;
      const list = await hub.sql
        .insertInto('price_lists')
        .values({ origin: 'builtin' })
        .returning('number')
        .executeTakeFirstOrThrow();
      await hub.sql
        .insertInto('prices')
        .values({
          id: PRICE_ID,
          version: PRICE_ID,
          list: list.number,
          provider: 'sandbox',
          model: 'sandbox/echo',
          effective_from: new Date('2026-01-01'),
          service_tier: null,
          above_prompt_tokens: 0n,
          rates: JSON.stringify(RATES),
        })
        .execute();
    });
    afterAll(() => hub.close());

    const add = (row: Partial<Parameters<typeof addUsage>[1]>) =>
      addUsage(hub.sql, { workspace_id: member.workspaceId, key_id: keyId, ...row });
    const page = async (query: string) =>
      (await browser.get(`${home}/activity?${query}`)).body as unknown as ActivityReply;
    const receipt = async (id: string) =>
      (await browser.get(`${home}/receipts/${id}`)).body as unknown as ReceiptReply;

    it('pages through the requests, newest first, each once', async () => {
      const ids: string[] = [];
      for (let n = 0; n < 7; n++) {
        const started_at = new Date(Date.now() - (10 - n) * 60_000);
        ids.unshift(await add({ started_at, book: n % 2 === 0 ? 'live' : 'test' }));
      }
      const seen: string[] = [];
      let before = '';
      for (let pages = 1; ; pages++) {
        const { rows, next } = await page(`limit=3${before}`);
        seen.push(...rows.map((row) => row.id));
        if (next === null) {
          expect(pages).toBe(3);
          break;
        }
        before = `&before=${next}`;
      }
      expect(seen).toEqual(ids);
      const { rows, next } = await page('book=test&limit=3');
      expect(rows.map((row) => row.book)).toEqual(['test', 'test', 'test']);
      expect(next).toBeNull();
    });

    it('pages through the requests of more keys than a page has rows', async () => {
      const owner = await makeMember(hub.sql);
      const theirs = await signInAs(hub, owner.person.email);
      const keys = await Promise.all(
        ['a', 'b', 'c', 'd'].map((name) =>
          inTransaction(hub.sql, (tx) =>
            createKey(
              tx,
              { workspaceId: owner.workspaceId, createdBy: owner.person.id, name, mode: 'live' },
              Date.now(),
            ),
          ),
        ),
      );
      const names: string[] = [];
      // Bursts of one key and turns of several; the last key is not used at all.
      for (const n of [0, 0, 1, 2, 1, 0, 2, 2]) {
        const { id, name } = keys[n]!.key;
        const started_at = new Date(Date.now() - (100 - names.length) * 60_000);
        await addUsage(hub.sql, { workspace_id: owner.workspaceId, key_id: id, started_at });
        names.unshift(name);
      }
      for (const limit of [1, 2, 3]) {
        const seen: string[] = [];
        for (let next: string | null = ''; next !== null; ) {
          const before = next && `&before=${next}`;
          const path = `/workspaces/${owner.workspaceId}/activity?limit=${limit}${before}`;
          const reply = (await theirs.get(path)).body as unknown as ActivityReply;
          seen.push(...reply.rows.map(({ keyName }) => keyName));
          next = reply.next;
        }
        expect(seen).toEqual(names);
      }
    });

    it('says what a page needs of each request', async () => {
      const started_at = new Date('2026-05-06T07:08:09.123Z');
      const id = await add({
        started_at,
        in_uncached: 1n,
        in_cache_read: 20n,
        in_cache_write_5m: 300n,
        in_cache_write_1h: 4_000n,
        in_cache_write_other: 50_000n,
        out_text: 6n,
        out_reasoning: 70n,
        media_tokens: [100_000n, 500n, 200_000n, 6_000n, 800n, 9_000n],
        charge_nanos: 12_345n,
        first_byte_ms: null,
        streamed: true,
      });
      const { rows } = await page('limit=200');
      expect(rows.find((row) => row.id === id)).toEqual({
        id,
        book: 'live',
        keyId,
        keyName: 'laptop',
        protocol: 'openai-chat',
        streamed: true,
        modelAsked: 'sandbox/echo',
        modelServed: 'sandbox/echo',
        provider: 'sandbox',
        inputTokens: 354_301,
        cacheReadTokens: 6_520,
        outputTokens: 9_876,
        chargeNanos: '12345',
        isOwnCredential: false,
        quarantined: false,
        status: 200,
        outcome: 'completed',
        errorCode: null,
        firstByteMs: null,
        durationMs: 10,
        startedAt: '2026-05-06T07:08:09.123Z',
      });
    });

    it.each(['limit=0', 'limit=201', 'limit=x', 'book=both', 'before=req_x', 'before=%00'])(
      'refuses the query %s',
      async (query) => {
        const answer = await browser.get(`${home}/activity?${query}`);
        expect(failureOf(answer)).toEqual({
          status: 400,
          code: 'invalid_request',
          param: query.split('=')[0],
        });
      },
    );

    it('shows a request that was still in the journal when the page asked', async () => {
      let id = '';
      hub.pendingUsage = async () => {
        id = await add({});
      };
      const { rows } = await page('limit=1');
      expect(rows[0]?.id).toBe(id);
    });

    it('explains a charge down to the ledger', async () => {
      const requestId = newId('req', Date.now());
      const runId = await openRun(hub.sql, newId('node', 0), 0);
      const payer = leaseAccount(balancePurse('live', member.workspaceId), runId);
      // 7 × 100000001 + 3 × 400000003 femto-dollars, rounded up to a nano-dollar.
      const amountNanos = 1_901n;
      await add({
        id: requestId,
        in_uncached: 7n,
        out_text: 3n,
        price_id: PRICE_ID,
        hold_nanos: 5_000n,
        cost_nanos: amountNanos,
        charge_nanos: amountNanos,
        output_cap: 64n,
        output_cap_lowered: true,
        run_id: runId,
      });
      const shown = await receipt(requestId);
      expect(shown).toMatchObject({
        id: requestId,
        priceId: PRICE_ID,
        lines: [
          {
            class: 'inUncached',
            quantity: 7,
            nanosPerMillion: '100000001',
            amountFemtos: '700000007',
          },
          {
            class: 'outText',
            quantity: 3,
            nanosPerMillion: '400000003',
            amountFemtos: '1200000009',
          },
        ],
        costNanos: '1901',
        chargeNanos: '1901',
        holdNanos: '5000',
        outputCap: 64,
        outputCapLowered: true,
      });
      const femtos = shown.lines.reduce((sum, line) => sum + BigInt(line.amountFemtos), 0n);
      expect((femtos + 999_999n) / 1_000_000n).toBe(BigInt(shown.costNanos));
      expect(shown.ledger).toMatchObject({
        transactionId: expect.stringMatching(/^txn_/),
        kind: 'settle',
        totalNanos: '1901',
        requests: 1,
        entries: [
          { account: payer.id, amountNanos: '-1901' },
          { account: 'live:revenue', amountNanos: '1901' },
        ],
      });
    });

    it('shows every token class in the order of the metering', async () => {
      const id = await add({
        in_uncached: 1n,
        in_cache_read: 1n,
        in_cache_write_5m: 1n,
        in_cache_write_1h: 1n,
        in_cache_write_other: 1n,
        out_text: 1n,
        out_reasoning: 1n,
        media_tokens: [1n, 1n, 1n, 1n, 1n, 1n],
        price_id: PRICE_ID,
      });
      const { lines } = await receipt(id);
      expect(lines.map((line) => [line.class, line.nanosPerMillion])).toEqual(
        Object.entries(RATES),
      );
    });

    it('explains a request that cost nothing by having neither lines nor ledger', async () => {
      const id = await add({ status: 404, outcome: 'refused', error_code: 'model_not_found' });
      expect(await receipt(id)).toMatchObject({ lines: [], ledger: null, chargeNanos: '0' });
    });

    it('waits for a receipt that is still in the journal', async () => {
      const id = newId('req', Date.now());
      hub.pendingUsage = async () => {
        await add({ id });
      };
      expect(await receipt(id)).toMatchObject({ id });
    });

    it("has no receipt for a stranger's request, for one that never was, or for no id", async () => {
      const theirs = await signInAs(hub, stranger.person.email);
      const id = await add({});
      const path = `/workspaces/${stranger.workspaceId}/receipts`;
      for (const asked of [id, newId('req', Date.now()), 'req_x', '%00']) {
        expect((await theirs.get(`${path}/${asked}`)).status).toBe(404);
      }
    });
  });
}
