// What the suites of several workers share: a hub of them on a real PostgreSQL with a stand-in behind
// it, each request over a connection of its own (connections, not requests, are given out in turn),
// and what the workers' processes and the database say about them.

import { setTimeout as sleep } from 'node:timers/promises';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { sql as rawSql } from 'kysely';
import { Agent, type Dispatcher, request } from 'undici';
import type { Sql } from '../../src/db/database.ts';
import { chatAnswer } from '../faults/answers.ts';
import { CHEAPEST, ask, providersAt, withDatabase } from '../faults/world.ts';
import { createDatabaseUrl } from '../support/databases.ts';
import { type Hub, startHub } from '../support/hub.ts';
import { answerJson, startUpstream } from '../support/upstream.ts';

const PATIENCE_MS = 15_000;

export interface Yard {
  /** What every hub here is started with, its number of workers apart. */
  readonly env: Readonly<Record<string, string>>;
  readonly databaseUrl: string;
  start(workers: number, options?: { dataDir?: string; databaseUrl?: string }): Promise<Hub>;
  query<T>(work: (sql: Sql) => Promise<T>): Promise<T>;
  close(): Promise<void>;
}

/** A database and a stand-in of their own; what is started here is stopped at the end. */
export async function openYard(): Promise<Yard> {
  const upstream = await startUpstream(answerJson(chatAnswer()));
  const { url: databaseUrl, drop } = await createDatabaseUrl();
  const env = { ...providersAt(upstream.baseUrl), DATABASE_URL: databaseUrl };
  const hubs: Hub[] = [];
  return {
    env,
    databaseUrl,
    async start(workers, { dataDir, databaseUrl: url = databaseUrl } = {}) {
      const settings = { ...env, WORKERS: workers.toString(), DATABASE_URL: url };
      const hub = await startHub({ env: settings, ...(dataDir !== undefined && { dataDir }) });
      hubs.push(hub);
      return hub;
    },
    query: (work) => withDatabase('', databaseUrl, work),
    async close() {
      // The first made the folder, and removes it.
      for (const hub of hubs.toReversed()) await hub.stop();
      await upstream.close();
      await drop();
    },
  };
}

/** No connection is used twice. */
const agent = new Agent({ pipelining: 0 });

export async function send(
  hub: Hub,
  path: string,
  options: {
    readonly method?: 'GET' | 'POST';
    readonly headers?: Readonly<Record<string, string>>;
    readonly body?: unknown;
  } = {},
): Promise<Dispatcher.ResponseData> {
  const { method = 'GET', headers, body } = options;
  return request(`${hub.baseUrl}${path}`, {
    method,
    dispatcher: agent,
    headers: { ...(body !== undefined && { 'content-type': 'application/json' }), ...headers },
    ...(body !== undefined && { body: JSON.stringify(body) }),
  });
}

/** One request for inference, small enough that one lease pays for hundreds; its id. */
export async function infer(hub: Hub, key: string): Promise<string> {
  const answer = await send(hub, '/v1/chat/completions', {
    method: 'POST',
    headers: { authorization: `Bearer ${key}` },
    body: ask(CHEAPEST, { max_completion_tokens: 16 }),
  });
  const text = await answer.body.text();
  if (answer.statusCode !== 200) throw new Error(`${answer.statusCode}: ${text}`);
  return String(answer.headers['x-request-id']);
}

/** The process that holds a folder's lock: the supervisor's, or with a number a worker's. */
export async function pidOf({ dataDir }: Hub, worker?: number): Promise<number | undefined> {
  const folder = worker === undefined ? dataDir : join(dataDir, 'workers', String(worker));
  const text = await readFile(join(folder, 'lock.pid'), 'utf8').catch(() => '');
  return text === '' ? undefined : Number(text);
}

export function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

/** Polls until it holds; throws after 15 s. */
export async function until(
  what: string,
  holds: () => boolean | Promise<boolean>,
  patienceMs = PATIENCE_MS,
): Promise<void> {
  const deadlineMs = performance.now() + patienceMs;
  while (!(await holds())) {
    if (performance.now() > deadlineMs) throw new Error(`It never came that ${what}.`);
    await sleep(20);
  }
}

export async function countRows(
  sql: Sql,
  which: 'usage_records' | 'open_runs' | 'ended_runs' | 'leasing_runs' | 'recording_runs',
): Promise<number> {
  const queries = {
    usage_records: rawSql<Count>`select count(*) as count from usage_records`,
    open_runs: rawSql<Count>`select count(*) as count from node_runs where ended_at is null`,
    ended_runs: rawSql<Count>`select count(*) as count from node_runs where ended_at is not null`,
    leasing_runs: rawSql<Count>`select count(distinct run_id) as count from ledger_accounts
      where kind = 'lease' and balance_nanos > 0`,
    recording_runs: rawSql<Count>`select count(distinct run_id) as count from usage_records`,
  };
  const { rows } = await queries[which].execute(sql);
  return Number(rows[0]?.count ?? 0);
}

interface Count {
  readonly count: bigint;
}
