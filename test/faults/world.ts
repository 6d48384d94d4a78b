// What the fault suites share: a hub as a process with a stand-in behind both of its protocols,
// customers with exact balances, and the proof at the end that its books are exact to the nano-dollar.

import { sql as rawSql } from 'kysely';
import { expect } from 'vitest';
import { findRunningHub } from '../../src/host/control.ts';
import { embeddedDatabaseDir } from '../../src/host/data-dir.ts';
import type { Database, Sql } from '../../src/db/database.ts';
import { openPglite } from '../../src/db/pglite.ts';
import { openPostgres } from '../../src/db/postgres.ts';
import { proveLedger } from '../../src/ledger/balances.ts';
import type { ReceiptReply } from '../../src/console/contract.ts';
import { createDatabaseUrl } from '../support/databases.ts';
import { type Hub, startHub } from '../support/hub.ts';
import { type Upstream, startUpstream } from '../support/upstream.ts';

/** Dear, cheapest and middling models of the two protocols, all served by the stand-in. */
export const DEAR = 'openai/gpt-6-astra';
export const CHEAPEST = 'openai/gpt-6-luna';
export const CHAT = 'openai/gpt-4o';
export const CLAUDE = 'anthropic/claude-sonnet-5';

export interface Customer {
  readonly workspaceId: string;
  readonly liveKey: string;
  readonly testKey: string;
  readonly email: string;
}

export interface World {
  readonly hub: Hub;
  readonly upstream: Upstream;
  customer(grantNanos: bigint): Promise<Customer>;
  /** Stops the hub in order and proves its books; removes everything. */
  close(): Promise<void>;
}

/** Where real providers are, the stand-in is; a test names its models to reach it. */
export function providersAt(baseUrl: string): Record<string, string> {
  return {
    OPENAI_API_KEY: 'sk-stand-in',
    OPENAI_BASE_URL: baseUrl,
    ANTHROPIC_API_KEY: 'sk-ant-stand-in',
    ANTHROPIC_BASE_URL: baseUrl,
    COHERE_API_KEY: 'stand-in',
    COHERE_BASE_URL: baseUrl,
    VOYAGE_API_KEY: 'stand-in',
    VOYAGE_BASE_URL: baseUrl,
    VLLM_BASE_URL: baseUrl,
    DEEPSEEK_API_KEY: 'sk-deepseek',
    DEEPSEEK_BASE_URL: new URL(baseUrl).origin,
    PERPLEXITY_API_KEY: 'sk-perplexity',
    PERPLEXITY_BASE_URL: new URL(baseUrl).origin,
    LOG_LEVEL: 'error',
  };
}

/** A hub and its stand-in. With PostgreSQL, in a database of its own. `more`: settings beyond these. */
export async function openWorld(
  kind: Database['kind'] = 'pglite',
  more: Readonly<Record<string, string>> = {},
): Promise<World> {
  const upstream = await startUpstream();
  const postgres = kind === 'postgres' ? await createDatabaseUrl() : undefined;
  const env = {
    ...providersAt(upstream.baseUrl),
    ...(postgres && { DATABASE_URL: postgres.url }),
    ...more,
  };
  const hub = await startHub({ env });
  return {
    hub,
    upstream,
    customer: (grantNanos) => makeCustomer(hub, grantNanos),
    async close() {
      try {
        expect(await hub.terminate()).toBe(0);
        await withDatabase(hub.dataDir, postgres?.url, expectExactBooks);
      } finally {
        await hub.stop();
        await upstream.close();
        await postgres?.drop();
      }
    },
  };
}

let customers = 0;

/** Another operator with a workspace of its own, made by the running hub. */
export async function makeCustomer(hub: Hub, grantNanos: bigint): Promise<Customer> {
  const running = await findRunningHub(hub.dataDir);
  if (!running) throw new Error('the hub does not answer its command line');
  customers += 1;
  const email = `customer-${customers}@example.com`;
  return running.commands.bootstrap({ email, grantNanos: grantNanos.toString(), force: true });
}

export async function withDatabase<T>(
  dataDir: string,
  postgresUrl: string | undefined,
  work: (sql: Sql) => Promise<T>,
): Promise<T> {
  const database =
    postgresUrl === undefined
      ? await openPglite(embeddedDatabaseDir(dataDir))
      : openPostgres(postgresUrl);
  try {
    return await work(database.sql);
  } finally {
    await database.close();
  }
}

/**
 * The books of a hub that rests: every account is the sum of its entries and all entries sum to
 * zero; nothing is leased; every charge of the usage table is booked once, with its amount, and
 * nothing else is; each balance is what was granted less what was charged, and each window of a
 * budget has counted exactly the charges that it was to count.
 */
export async function expectExactBooks(sql: Sql): Promise<void> {
  expect(await proveLedger(sql)).toEqual({
    entriesSumNanos: 0n,
    driftedAccounts: 0,
    overdrawnAccounts: 0,
  });
  expect(await readLeases(sql)).toEqual([]);
  const { rows: unmatched } = await rawSql`
    select u.settlement_id, u.charged, s.id, s.amount_nanos
    from (
      select settlement_id, sum(charge_nanos) as charged
      from usage_records where charge_nanos > 0 group by 1
    ) u
    full join (
      select t.id, sum(e.amount_nanos) as amount_nanos
      from ledger_transactions t join ledger_entries e on e.transaction_id = t.id
      where t.kind in ('settle', 'quarantine') and t.book <> 'allowance' and e.amount_nanos > 0
      group by t.id
    ) s on s.id = u.settlement_id
    where u.charged is distinct from s.amount_nanos`.execute(sql);
  expect(unmatched).toEqual([]);
  const { rows: unexplained } = await rawSql`
    select a.id, a.balance_nanos, g.granted, c.charged
    from ledger_accounts a
    left join lateral (
      select coalesce(sum(e.amount_nanos), 0) as granted
      from ledger_entries e join ledger_transactions t on t.id = e.transaction_id
      where e.account_id = a.id and t.kind = 'grant'
    ) g on true
    left join lateral (
      select coalesce(sum(u.charge_nanos), 0) as charged from usage_records u
      where u.workspace_id = a.workspace_id and u.book = a.book
    ) c on true
    where a.kind = 'available' and a.book <> 'allowance'
      and a.balance_nanos <> g.granted - c.charged`.execute(sql);
  expect(unexplained).toEqual([]);
  const { rows: miscounted } = await rawSql`
    select w.purse_id, w.issued_nanos, l.left_nanos, c.charged
    from budget_windows w
    left join lateral (
      select coalesce(sum(a.balance_nanos), 0) as left_nanos from ledger_accounts a
      where a.purse_id = w.purse_id
    ) l on true
    left join lateral (
      select coalesce(sum(u.charge_nanos), 0) as charged
      from usage_records u join node_runs r on r.id = u.run_id
      where w.purse_id = any(u.allowances) and not r.expired
    ) c on true
    where w.issued_nanos - l.left_nanos <> c.charged`.execute(sql);
  expect(miscounted).toEqual([]);
}

/** What gateway nodes have leased at the moment: the accounts that are not empty. */
export async function readLeases(sql: Sql): Promise<{ id: string; balance_nanos: bigint }[]> {
  return sql
    .selectFrom('ledger_accounts')
    .select(['id', 'balance_nanos'])
    .where('kind', '=', 'lease')
    .where('balance_nanos', '<>', 0n)
    .execute();
}

export interface Call {
  readonly path?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly signal?: AbortSignal;
}

/** One request of a client; the path follows from the model unless it is given. */
export function call(
  hub: Hub,
  key: string,
  body: string | Record<string, unknown>,
  { path, headers, signal }: Call = {},
): Promise<Response> {
  const messages = typeof body === 'object' && String(body['model']).includes('claude');
  return fetch(`${hub.baseUrl}${path ?? (messages ? '/v1/messages' : '/v1/chat/completions')}`, {
    method: 'POST',
    headers: {
      authorization: `Bearer ${key}`,
      'content-type': 'application/json',
      ...headers,
    },
    body: typeof body === 'string' ? body : JSON.stringify(body),
    ...(signal && { signal }),
  });
}

/** A one-line conversation for this model, with whatever else the test wants in it. */
export function ask(model: string, more: Record<string, unknown> = {}): Record<string, unknown> {
  const cap = model.includes('claude') ? { max_tokens: 100 } : {};
  return { model, messages: [{ role: 'user', content: 'Hello' }], ...cap, ...more };
}

/** The receipt behind an answer, or of a request by its id. */
export async function receiptOf(
  hub: Hub,
  key: string,
  answer: Response | string,
): Promise<ReceiptReply> {
  const path =
    typeof answer === 'string'
      ? `/v1/receipts/${answer}`
      : (answer.headers.get('x-inferencehub-receipt') ?? 'no receipt header');
  const response = await fetch(`${hub.baseUrl}${path}`, {
    headers: { authorization: `Bearer ${key}` },
  });
  if (response.status !== 200) throw new Error(`receipt ${path}: ${response.status}`);
  return (await response.json()) as ReceiptReply;
}

/** What is left for this key's workspace, in nano-dollars; leased money included. */
export async function balanceOf(hub: Hub, key: string): Promise<bigint> {
  const response = await fetch(`${hub.baseUrl}/v1/credits`, {
    headers: { authorization: `Bearer ${key}` },
  });
  const text = await response.text();
  const read = (name: string): bigint => {
    const digits = new RegExp(`"${name}":(-?)(\\d+)(?:\\.(\\d+))?[,}]`).exec(text);
    if (!digits) throw new Error(`no ${name} in the credits`);
    const [, sign = '', whole = '', fraction = ''] = digits;
    return BigInt(`${sign}${whole}${fraction.padEnd(9, '0')}`);
  };
  return read('total_credits') - read('total_usage');
}
