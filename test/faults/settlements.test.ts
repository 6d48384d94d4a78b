// A settlement whose outcome is unknown is tried again: the database broke before its commit, or after
// it, with the answer lost. Either way a hold is settled once.

import { sql as rawSql } from 'kysely';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { createDatabaseUrl, TEST_DATABASES } from '../support/databases.ts';
import { type Hub, startHub } from '../support/hub.ts';
import { answerJson, startUpstream, type Upstream } from '../support/upstream.ts';
import { chatAnswer } from './answers.ts';
import { type TcpProxy, startProxy } from './tcp-proxy.ts';
import { CHAT, type Customer, ask, balanceOf, call, expectExactBooks } from './world.ts';
import { makeCustomer, providersAt, receiptOf, withDatabase } from './world.ts';

vi.setConfig({ testTimeout: 120_000 });

const CHAT_NANOS = 20n * 2_500n + 7n * 10_000n;
/** Said in the transaction of a batch: its rows, their settlements and the drained position. */
const BATCH = 'copy usage_records';
const { available, label } = TEST_DATABASES.find(({ name }) => name === 'postgres')!;

describe.skipIf(!available)(`a settlement whose outcome is unknown: ${label}`, () => {
  let upstream: Upstream;
  let server: Awaited<ReturnType<typeof createDatabaseUrl>>;
  let proxy: TcpProxy;
  let hub: Hub;
  let customer: Customer;
  beforeAll(async () => {
    upstream = await startUpstream(answerJson(chatAnswer()));
    server = await createDatabaseUrl();
    proxy = await startProxy(server.url);
    hub = await startHub({ env: { ...providersAt(upstream.baseUrl), DATABASE_URL: proxy.url } });
    customer = await makeCustomer(hub, 100_000_000_000n);
  });
  afterAll(async () => {
    await hub.stop();
    await proxy.close();
    await upstream.close();
    await server.drop();
  });

  /** What a request was charged, where the ledger has its settlement with the sum of its requests. */
  const settlementsOf = (requestId: string): Promise<bigint[]> =>
    withDatabase('', server.url, async (sql) => {
      const { rows } = await rawSql<{ charge: bigint }>`
        select u.charge_nanos as charge from usage_records u
        join ledger_entries e on e.transaction_id = u.settlement_id and e.amount_nanos =
          (select sum(charge_nanos) from usage_records where settlement_id = u.settlement_id)
        where u.id = ${requestId}`.execute(sql);
      return rows.map((row) => row.charge);
    });

  for (const when of ['before', 'after'] as const) {
    it(`because the connection broke ${when} its commit is booked once`, async () => {
      const before = await balanceOf(hub, customer.liveKey);
      const broken = proxy.breakCommit(BATCH, when);
      const response = await call(hub, customer.liveKey, ask(CHAT));
      expect(response.status).toBe(200);
      await broken;
      const requestId = response.headers.get('x-request-id') ?? '';
      if (when === 'after') expect(await settlementsOf(requestId)).toEqual([CHAT_NANOS]);
      // The drain comes by again: it has met the failure and works once more.
      await vi.waitFor(
        async () => {
          const next = await call(hub, customer.liveKey, ask(CHAT));
          await receiptOf(hub, customer.liveKey, next);
        },
        { timeout: 20_000, interval: 200 },
      );
      expect(hub.output()).toContain('drain_stalled');
      expect(await settlementsOf(requestId)).toEqual([CHAT_NANOS]);
      const receipt = await receiptOf(hub, customer.liveKey, requestId);
      expect(BigInt(receipt.chargeNanos)).toBe(CHAT_NANOS);
      const charged = before - (await balanceOf(hub, customer.liveKey));
      expect(charged % CHAT_NANOS).toBe(0n);
    });
  }

  it('leaves exact books at the end', async () => {
    expect(await hub.terminate()).toBe(0);
    await withDatabase('', server.url, expectExactBooks);
  });
});
