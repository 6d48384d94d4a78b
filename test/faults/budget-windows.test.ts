// Windows of budgets as calendars go by: the database believes another day, nodes start anew, and
// exactly the budgets whose window has ended are renewed. A clock that goes back renews none.

import { sql as rawSql } from 'kysely';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import type { Span } from '../../src/console/contract.ts';
import { createDatabaseUrl, TEST_DATABASES } from '../support/databases.ts';
import { type Hub, startHub } from '../support/hub.ts';
import { type Upstream, answerJson, startUpstream } from '../support/upstream.ts';
import { chatAnswer } from './answers.ts';
import { signIn } from './console-session.ts';
import {
  CHAT,
  ask,
  call,
  expectExactBooks,
  makeCustomer,
  providersAt,
  receiptOf,
  withDatabase,
} from './world.ts';

vi.setConfig({ testTimeout: 120_000 });

const SPANS = ['daily', 'weekly', 'monthly', 'total'] as const;
const DAY_MS = 86_400_000;
const CAPPED = { max_completion_tokens: 500, stream: false };
const { available, label } = TEST_DATABASES.find(({ name }) => name === 'postgres')!;

describe.skipIf(!available)(`windows of budgets: ${label}`, () => {
  let upstream: Upstream;
  let server: Awaited<ReturnType<typeof createDatabaseUrl>>;
  const keys = new Map<Span, string>();

  const withHub = async <T>(work: (hub: Hub) => Promise<T>): Promise<T> => {
    const env = { ...providersAt(upstream.baseUrl), DATABASE_URL: server.url };
    const hub = await startHub({ env });
    try {
      return await work(hub);
    } finally {
      await hub.stop();
    }
  };
  const statusOf = async (hub: Hub, secret: string): Promise<number> => {
    const response = await call(hub, secret, ask(CHAT, CAPPED));
    await response.arrayBuffer();
    return response.status;
  };

  beforeAll(async () => {
    // More than any hold covers, so that a request is charged its whole hold.
    const usage = { prompt_tokens: 10_000_000, completion_tokens: 10_000 };
    upstream = await startUpstream(answerJson(chatAnswer(usage)));
    server = await createDatabaseUrl();
    await withHub(async (hub) => {
      const customer = await makeCustomer(hub, 1_000_000_000_000n);
      const session = await signIn(hub, customer);
      const response = await call(hub, customer.liveKey, ask(CHAT, CAPPED));
      await response.arrayBuffer();
      const { holdNanos } = await receiptOf(hub, customer.liveKey, response);
      for (const span of SPANS) {
        // For one request.
        const budget = { span, limitUsd: `0.${holdNanos.padStart(9, '0')}` };
        const order = { name: span, mode: 'live', budget };
        const made = await session.request(
          'POST',
          `/workspaces/${customer.workspaceId}/keys`,
          order,
        );
        keys.set(span, ((await made.json()) as { secret: string }).secret);
      }
    });
  });
  afterAll(async () => {
    await withDatabase('', server.url, expectExactBooks);
    await upstream.close();
    await server.drop();
  });

  /** Which budgets let one request through at this day of the database; none lets two. */
  async function renewedOn(day: Date): Promise<Span[]> {
    await shiftCalendar(server.url, day);
    return withHub(async (hub) => {
      const renewed: Span[] = [];
      for (const [span, secret] of keys) {
        if ((await statusOf(hub, secret)) === 200) renewed.push(span);
        expect(await statusOf(hub, secret)).toBe(402);
      }
      return renewed;
    });
  }

  it('are renewed by the day, from Monday and from the first, and never twice', async () => {
    const wednesday = midMonthWednesday();
    const after = (days: number): Date => new Date(wednesday.getTime() + days * DAY_MS);
    expect(await renewedOn(wednesday)).toEqual(['daily', 'weekly', 'monthly', 'total']);
    expect(await renewedOn(after(1))).toEqual(['daily']);
    expect(await renewedOn(after(5))).toEqual(['daily', 'weekly']);
    expect(await renewedOn(after(26))).toEqual(['daily', 'weekly', 'monthly']);
    // Clocks that go back find the newest window, which is spent.
    expect(await renewedOn(after(5))).toEqual([]);
    expect(await renewedOn(new Date())).toEqual([]);
    expect(await renewedOn(after(27))).toEqual(['daily']);
  });
});

/** A Wednesday to come, from the 8th to the 14th: 26 days later another month has begun. */
function midMonthWednesday(): Date {
  const now = new Date();
  const first = new Date(Date.UTC(now.getUTCFullYear(), now.getUTCMonth() + 2, 8, 12));
  return new Date(first.getTime() + ((3 - first.getUTCDay() + 7) % 7) * DAY_MS);
}

/** From now on connections to this database reckon windows as if it were this day. */
function shiftCalendar(url: string, day: Date): Promise<void> {
  const days = Math.round((day.getTime() - Date.now()) / DAY_MS);
  const database = new URL(url).pathname.slice(1);
  return withDatabase('', url, async (sql) => {
    await rawSql`create schema if not exists calendar`.execute(sql);
    await rawSql`
      create or replace function calendar.date_trunc(text, timestamptz, text)
      returns timestamptz language sql stable as
      ${rawSql.lit(`select pg_catalog.date_trunc($1, $2 + interval '${days} days', $3)`)}`.execute(
      sql,
    );
    await rawSql`alter database ${rawSql.id(database)}
      set search_path = public, calendar, pg_catalog`.execute(sql);
  });
}
