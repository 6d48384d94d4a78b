// How a hub of several workers ends when it is not asked to, what cannot be started at all, and that
// journals are booked whose worker does not exist any more.

import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { once } from 'node:events';
import { type AddressInfo, createServer } from 'node:net';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { findBookFaults } from '../../scripts/prove/books.ts';
import { type TcpProxy, startProxy } from '../faults/tcp-proxy.ts';
import { makeCustomer } from '../faults/world.ts';
import { TEST_DATABASES, createDatabaseUrl } from '../support/databases.ts';
import { type Hub, startHub } from '../support/hub.ts';
import {
  type Yard,
  countRows,
  infer,
  isAlive,
  openYard,
  pidOf,
  send,
  until,
} from './worker-world.ts';

vi.setConfig({ testTimeout: 60_000 });

const GRANT_NANOS = 100_000_000_000n;
const { available, label } = TEST_DATABASES.find(({ name }) => name === 'postgres')!;

describe.skipIf(!available)(`workers and their supervisor: ${label}`, () => {
  let yard: Yard;
  let proxy: TcpProxy;
  let answered: number;
  beforeEach(async () => {
    answered = 0;
    yard = await openYard();
    proxy = await startProxy(yard.databaseUrl);
  });
  afterEach(async () => {
    proxy.restore();
    await yard.close();
    await proxy.close();
  });

  /** The workers' processes, those that there are. */
  const workersOf = async (hub: Hub): Promise<number[]> => {
    const pids = await Promise.all([1, 2, 3].map((worker) => pidOf(hub, worker)));
    return pids.filter((pid) => pid !== undefined);
  };
  const answer = async (hub: Hub, key: string): Promise<void> => {
    await infer(hub, key);
    answered += 1;
  };
  const isAllBooked = (): Promise<boolean> =>
    yard.query(async (sql) => (await countRows(sql, 'usage_records')) === answered);

  it('end when the supervisor is killed, and the next hub starts on the folder', async () => {
    const hub = await yard.start(2);
    const pids = await workersOf(hub);
    await hub.kill();
    // What they compiled is written to the suite's cache before they are gone.
    await until('the workers are gone', () => !pids.some(isAlive));
    const next = await yard.start(2, { dataDir: hub.dataDir });
    expect(await next.terminate()).toBe(0);
  });

  it('leave no client waiting that was on its way to one that died', async () => {
    const hub = await yard.start(2);
    const [, second = 0] = await workersOf(hub);
    // A process that stands still takes a connection, and never says so.
    process.kill(second, 'SIGSTOP');
    const clients = 6;
    let over = 0;
    for (let i = 0; i < clients; i++) {
      void send(hub, '/v1/models')
        .then(({ body }) => body.dump())
        .catch(() => undefined)
        .then(() => (over += 1));
    }
    await until('all but one are answered', () => over === clients - 1);
    process.kill(second, 'SIGKILL');
    await until('the last one is not left alone', () => over === clients);
  });

  it('end as a whole when one cannot be started again, and say why', async () => {
    const hub = await yard.start(2);
    const [first = 0, second = 0] = await workersOf(hub);
    await writeFile(join(hub.dataDir, 'workers', '2', 'node-id'), 'nonsense\n');
    process.kill(second, 'SIGKILL');
    await until('the first worker has ended, too', () => !isAlive(first), 30_000);
    expect(await hub.terminate()).toBe(1);
    expect(hub.output()).toContain('does not hold a node id');
    expect(hub.output()).toMatch(/Worker 2 cannot start, so the hub ends\.\n$/);
  });

  it('go on where one cannot come back because the database is away, until it can', async () => {
    const hub = await yard.start(2, { databaseUrl: proxy.url });
    const { liveKey } = await makeCustomer(hub, GRANT_NANOS);
    for (let i = 0; i < 4; i++) await answer(hub, liveKey);
    const [, second = 0] = await workersOf(hub);
    proxy.cut();
    process.kill(second, 'SIGKILL');
    const said = (): number => hub.output().split('The database at DATABASE_URL').length - 1;
    await until(
      'it has failed more often than by a fault of its own it may',
      async () => {
        // Money that nobody spends would go home. A worker takes with it what was just given to it.
        await answer(hub, liveKey).catch((error: unknown) => {
          if ((error as { code?: string }).code !== 'ECONNRESET') throw error;
        });
        return said() > 5;
      },
      40_000,
    );
    proxy.restore();
    await until('its former run is ended, and it has a new one', () =>
      yard.query(
        async (sql) =>
          (await countRows(sql, 'ended_runs')) === 1 && (await countRows(sql, 'open_runs')) === 2,
      ),
    );
    expect(await hub.terminate()).toBe(0);
    expect(await yard.query(findBookFaults)).toEqual([]);
  });

  it.each([
    [2, 1],
    [1, 2],
    [3, 2],
  ])('lose nothing of their journals when %i become %i', async (before, after) => {
    const hub = await yard.start(before, { databaseUrl: proxy.url });
    const { liveKey } = await makeCustomer(hub, GRANT_NANOS);
    // Every node leases and knows the key, so that each can serve with the database away.
    for (let i = 0; i < 2 * before; i++) await answer(hub, liveKey);
    await until('all is booked', isAllBooked);
    proxy.cut();
    for (let i = 0; i < 3 * before; i++) await answer(hub, liveKey);
    const pids = await workersOf(hub);
    await hub.kill();
    await until('all are gone', () => !pids.some(isAlive));
    expect(await isAllBooked()).toBe(false);

    proxy.restore();
    const next = await yard.start(after, { dataDir: hub.dataDir });
    expect(await isAllBooked()).toBe(true);
    await yard.query(async (sql) => expect(await countRows(sql, 'open_runs')).toBe(after));
    expect(await next.terminate()).toBe(0);
    expect(await yard.query(findBookFaults)).toEqual([]);
  });
});

describe('workers that cannot be', () => {
  const refusal = async (env: Record<string, string>): Promise<string> =>
    startHub({ env }).then(
      (hub) => hub.stop().then(() => 'it started'),
      (error: unknown) => (error as Error).message,
    );

  it('are refused without a database that several processes can share', async () => {
    expect(await refusal({ WORKERS: '2' })).toMatch(/Wrong settings: WORKERS .* DATABASE_URL/);
  });

  it('are refused in wrong numbers', async () => {
    for (const workers of ['0', '65', 'many']) {
      const said = await refusal({ WORKERS: workers });
      expect(said).toMatch(/Wrong settings: WORKERS must be a whole number from 1 to 64/);
    }
  });

  it('end the start at once when the database does not answer', async () => {
    const away = { WORKERS: '2', DATABASE_URL: 'postgres://hub:hunter2@127.0.0.1:1/hub' };
    const said = await refusal(away);
    expect(said.match(/The database at DATABASE_URL cannot be used: /g)).toHaveLength(1);
    expect(said).not.toContain('hunter2');
  });

  it.skipIf(!available)('end the start at once when the port is taken', async () => {
    const other = createServer().listen(0, '127.0.0.1');
    await once(other, 'listening');
    const { port } = other.address() as AddressInfo;
    const { url, drop } = await createDatabaseUrl();
    const said = await refusal({ WORKERS: '2', DATABASE_URL: url, PORT: port.toString() });
    expect(said.match(/is in use by another program; set PORT to a free one/g)).toHaveLength(1);
    other.close();
    await drop();
  });
});
