// Clocks that jump, the node's and the database's: a day of a budget begins once, at midnight in UTC.
// The node's clock is moved inside its process; the database's by a function now() of the test's own
// that stands before PostgreSQL's in the search path, so that real statements read it.

import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { sql as rawSql } from 'kysely';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { setBudget } from '../../src/budgets/manage.ts';
import { type Sql, inTransaction } from '../../src/db/database.ts';
import { createDatabaseUrl, TEST_DATABASES } from '../support/databases.ts';
import { type Hub, startHub } from '../support/hub.ts';
import { type Upstream, answerJson, startUpstream } from '../support/upstream.ts';
import { chatAnswer } from './answers.ts';
import { CHAT, type Customer, ask, call, makeCustomer, providersAt } from './world.ts';
import { receiptOf, withDatabase } from './world.ts';

vi.setConfig({ testTimeout: 120_000, hookTimeout: 120_000 });

const DAY_S = 86_400;
/** Time enough to use a window up before the midnight that a test waits for. */
const EVENING_S = 8;
/** Held for each request: a little more than half of the daily limit below. */
const SMALL = { max_completion_tokens: 16 };
const { available, label } = TEST_DATABASES.find(({ name }) => name === 'postgres')!;

describe.skipIf(!available)(`a daily budget, when clocks jump: ${label}`, () => {
  let upstream: Upstream;
  let server: Awaited<ReturnType<typeof createDatabaseUrl>>;
  let folder: string;
  let customer: Customer;

  const database = <T>(work: (sql: Sql) => Promise<T>): Promise<T> =>
    withDatabase('', server.url, work);

  /** Moves the database's clock to so many seconds from the real time. */
  const moveDatabase = (seconds: number): Promise<unknown> =>
    database((sql) => rawSql`update shifted.clock set ahead = ${seconds}`.execute(sql));

  /** Moves the node's wall clock; its monotonic one runs on, as on a real machine. */
  const moveNode = (seconds: number): Promise<void> =>
    writeFile(join(folder, 'ahead'), String(seconds));

  function start(): Promise<Hub> {
    const shift = pathToFileURL(join(folder, 'shift.mjs')).href;
    const env = { ...providersAt(upstream.baseUrl), NODE_OPTIONS: `--import=${shift}` };
    return startHub({ env: { ...env, DATABASE_URL: server.url } });
  }

  async function withHub(work: (hub: Hub) => Promise<void>): Promise<void> {
    const hub = await start();
    try {
      await work(hub);
    } finally {
      await hub.stop();
    }
  }

  /** How many requests are served until the budget says no. */
  async function useUp(hub: Hub): Promise<number> {
    for (let served = 0; ; served++) {
      const response = await call(hub, customer.liveKey, ask(CHAT, SMALL));
      const { error } = (await response.json()) as { error?: { code: string } };
      if (response.status !== 200) {
        expect([response.status, error?.code]).toEqual([402, 'budget_exceeded']);
        return served;
      }
    }
  }

  beforeAll(async () => {
    upstream = await startUpstream(answerJson(chatAnswer()));
    server = await createDatabaseUrl();
    folder = await mkdtemp(join(tmpdir(), 'hub-clock-'));
    await writeFile(
      join(folder, 'shift.mjs'),
      `import { readFileSync } from 'node:fs';
      const now = Date.now;
      const ahead = ${JSON.stringify(join(folder, 'ahead'))};
      Date.now = () => now() + Number(readFileSync(ahead, 'utf8')) * 1000;`,
    );
    await moveNode(0);
    await withHub(async (hub) => {
      customer = await makeCustomer(hub, 100_000_000_000n);
      const response = await call(hub, customer.liveKey, ask(CHAT, SMALL));
      const { holdNanos } = await receiptOf(hub, customer.liveKey, response);
      await database(async (sql) => {
        const { id: keyId } = await sql
          .selectFrom('api_keys')
          .select('id')
          .where('workspace_id', '=', customer.workspaceId)
          .where('mode', '=', 'live')
          .executeTakeFirstOrThrow();
        const owner = { workspaceId: customer.workspaceId, keyId };
        const limitNanos = (BigInt(holdNanos) * 3n) / 2n;
        await inTransaction(sql, (tx) => setBudget(tx, owner, 'daily', limitNanos, Date.now()));
      });
    });
    const { pathname } = new URL(server.url);
    await database(async (sql) => {
      const name = rawSql.id(pathname.slice(1));
      await rawSql`create schema shifted`.execute(sql);
      await rawSql`create table shifted.clock (ahead integer not null)`.execute(sql);
      await rawSql`insert into shifted.clock values (0)`.execute(sql);
      await rawSql`create function shifted.now() returns timestamptz language sql stable as
        'select pg_catalog.now() + make_interval(secs => ahead) from shifted.clock'`.execute(sql);
      await rawSql`alter database ${name} set search_path = shifted, pg_catalog, public`.execute(
        sql,
      );
      // Days are UTC's, whatever the server thinks of as local.
      await rawSql`alter database ${name} set timezone = 'Pacific/Auckland'`.execute(sql);
    });
  });
  afterAll(async () => {
    await upstream.close();
    await server.drop();
    await rm(folder, { recursive: true, force: true });
  });

  /** Seconds from now until so long before the next midnight in UTC. */
  const untilEvening = (): number => DAY_S - EVENING_S - (Math.floor(Date.now() / 1_000) % DAY_S);

  it('is renewed at midnight in UTC, without a restart, and once', async () => {
    await withHub(async (hub) => {
      await moveDatabase(untilEvening());
      const first = await useUp(hub);
      expect(first).toBeGreaterThan(0);
      expect(await useUp(hub)).toBe(0);
      const served = await vi.waitFor(
        async () => {
          const again = await useUp(hub);
          expect(again).toBeGreaterThan(0);
          return again;
        },
        { timeout: (EVENING_S + 10) * 1_000, interval: 200 },
      );
      expect(served).toBe(first);
      expect(await useUp(hub)).toBe(0);
    });
  });

  it("is not renewed by the node's clock when it runs ahead and comes back", async () => {
    await withHub(async (hub) => {
      for (const days of [1, 3, 0]) {
        await moveNode(days * DAY_S);
        expect([days, await useUp(hub)]).toEqual([days, 0]);
      }
    });
  });

  it("is renewed once by the database's clock: not again when it goes back and comes again", async () => {
    const evening = untilEvening();
    const afternoon = evening - 12 * 3_600;
    for (const [days, renewed] of [
      [1, true],
      [0, false],
      [-3, false],
      [1, false],
      [2, true],
      [1, false],
    ] as const) {
      await moveDatabase(afternoon + (days + 1) * DAY_S);
      await withHub(async (hub) => {
        expect([days, (await useUp(hub)) > 0]).toEqual([days, renewed]);
      });
    }
  });
});
