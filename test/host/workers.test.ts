// A hub of several workers, as processes: one address, a node each, and one hub for whoever uses it.

import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { findBookFaults } from '../../scripts/prove/books.ts';
import { conclude } from '../../scripts/prove/kills.ts';
import { openHubs } from '../../scripts/prove/hubs.ts';
import { startLoad } from '../../scripts/prove/load.ts';
import { signIn } from '../faults/console-session.ts';
import { CHEAPEST, type Customer, ask, makeCustomer } from '../faults/world.ts';
import { TEST_DATABASES } from '../support/databases.ts';
import { type Hub, runCli } from '../support/hub.ts';
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

describe.skipIf(!available)(`a hub of two workers: ${label}`, () => {
  let yard: Yard;
  let hub: Hub;
  let customer: Customer;
  let limitedAsks = 0;
  beforeAll(async () => {
    yard = await openYard();
    hub = await yard.start(2);
    customer = await makeCustomer(hub, GRANT_NANOS);
  });
  afterAll(() => yard.close());

  it('serves on one address with two nodes, each with a run and leases of its own', async () => {
    const ids: string[] = [];
    for (let i = 0; i < 6; i++) ids.push(await infer(hub, customer.liveKey));
    expect(new Set(ids).size).toBe(6);
    await yard.query(async (sql) => {
      expect(await countRows(sql, 'leasing_runs')).toBe(2);
      await until('all is booked', async () => (await countRows(sql, 'usage_records')) === 6);
      expect(await countRows(sql, 'recording_runs')).toBe(2);
      expect(await countRows(sql, 'open_runs')).toBe(2);
    });
  });

  it('says where it is, and links to the first operator, once', () => {
    expect(hub.output().match(/InferenceHub \S+ is at /g)).toHaveLength(1);
    expect(hub.output().match(/\/welcome#/g)).toHaveLength(1);
  });

  it('knows at every worker what any of them has answered', async () => {
    for (let i = 0; i < 3; i++) {
      const id = await infer(hub, customer.liveKey);
      const headers = { authorization: `Bearer ${customer.liveKey}` };
      const receipts = [1, 2].map(() => send(hub, `/v1/receipts/${id}`, { headers }));
      for (const { statusCode, body } of await Promise.all(receipts)) {
        await body.dump();
        expect(statusCode).toBe(200);
      }
    }
  });

  it('tells an open page of what any worker answers', async () => {
    const link = await runCli(['link', '--email', customer.email, '--json'], {
      ...yard.env,
      DATA_DIR: hub.dataDir,
    });
    const { url } = JSON.parse(link.stdout) as { url: string };
    const signedIn = await send(hub, '/api/v1/sign-in/link', {
      method: 'POST',
      headers: { origin: hub.baseUrl },
      body: { token: new URL(url).hash.slice(1) },
    });
    await signedIn.body.dump();
    const cookie = String(signedIn.headers['set-cookie']).split(';')[0] ?? '';
    const path = `/api/v1/workspaces/${customer.workspaceId}/events`;
    const feed = await send(hub, path, { headers: { cookie } });
    let text = '';
    feed.body.on('data', (chunk: Buffer) => void (text += chunk.toString()));
    feed.body.on('error', () => undefined);
    for (let i = 0; i < 4; i++) {
      const before = text.length;
      await infer(hub, customer.liveKey);
      await until('the page is told', () => text.slice(before).includes('"what":"activity"'));
    }
    feed.body.destroy();
  });

  it('counts the failures to sign in of all workers together', async () => {
    const attempt = async (): Promise<number> => {
      const { statusCode, body } = await send(hub, '/api/v1/sign-in', {
        method: 'POST',
        headers: { origin: hub.baseUrl },
        body: { email: customer.email, password: 'a wrong password' },
      });
      await body.dump();
      return statusCode;
    };
    const statuses: number[] = [];
    for (let i = 0; i < 14; i++) statuses.push(await attempt());
    expect(statuses).toEqual([...Array<number>(10).fill(401), ...Array<number>(4).fill(429)]);
  });

  it('counts what a key asks of all workers together, and what runs at once', async () => {
    const session = await signIn(hub, customer);
    const make = async (limits: object): Promise<string> => {
      const path = `/workspaces/${customer.workspaceId}/keys`;
      const made = await session.request('POST', path, { name: 'x', mode: 'live', ...limits });
      return ((await made.json()) as { secret: string }).secret;
    };
    const statusOf = async (secret: string): Promise<number> => {
      limitedAsks += 1;
      const { statusCode, body } = await send(hub, '/v1/chat/completions', {
        method: 'POST',
        headers: { authorization: `Bearer ${secret}` },
        body: ask(CHEAPEST, { max_completion_tokens: 16 }),
      });
      await body.dump();
      return statusCode;
    };
    const counted = await make({ requestsPerMinute: 5 });
    const statuses: number[] = [];
    for (let i = 0; i < 9; i++) statuses.push(await statusOf(counted));
    expect(statuses).toEqual([...Array<number>(5).fill(200), ...Array<number>(4).fill(429)]);
    const alone = await make({ concurrency: 1 });
    for (let i = 0; i < 6; i++) {
      await until('the place is free', async () => (await statusOf(alone)) === 200);
    }
  });

  it('leaves no process, no lease and no open run when it is asked to stop', async () => {
    const pids = await Promise.all([pidOf(hub), pidOf(hub, 1), pidOf(hub, 2)]);
    expect(new Set(pids).size).toBe(3);
    const answers = await Promise.all(
      Array.from({ length: 8 }, () => infer(hub, customer.liveKey)),
    );
    expect(await hub.terminate()).toBe(0);
    expect(pids.map((pid) => isAlive(pid ?? 0))).toEqual([false, false, false]);
    await yard.query(async (sql) => {
      expect(await findBookFaults(sql)).toEqual([]);
      expect(await countRows(sql, 'open_runs')).toBe(0);
      expect(await countRows(sql, 'usage_records')).toBe(6 + 3 + 4 + limitedAsks + answers.length);
    });
  });
});

describe.skipIf(!available)(`a worker that is killed under load: ${label}`, () => {
  it('comes back while the others serve, and the books stay exact', async () => {
    await using opened = new AsyncDisposableStack();
    const env = { WORKERS: '2', LOG_LEVEL: 'info' };
    const hubs = opened.adopt(await openHubs({ kind: 'postgres', count: 1, env }), (open) =>
      open.close(),
    );
    const many = { clients: 24, customers: 3, seed: 1 };
    const load = opened.adopt(await startLoad(hubs, many), (running) => running.abandon());
    const hub = hubs.seats[0]!.hub();
    let starts = 2;
    for (const worker of [2, 1]) {
      await sleep(700);
      const pid = await pidOf(hub, worker);
      const finished = load.sightings.filter((seen) => seen.finished).length;
      process.kill(pid ?? Number.NaN, 'SIGKILL');
      await until('the others go on', () => {
        const now = load.sightings.filter((seen) => seen.finished).length;
        return now > finished + 20;
      });
      await until('the worker is back', async () => {
        const next = await pidOf(hub, worker);
        return next !== undefined && next !== pid;
      });
      starts += 1;
      await until('it serves again', () => hub.output().split('worker_serves').length > starts);
    }
    const verdict = await conclude(hubs, load, true);
    expect(verdict.violations).toEqual([]);
    expect(verdict.finished).toBeGreaterThan(100);
  });
});
