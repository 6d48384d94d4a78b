// What suites of people, keys and the console share: persons, workspaces, a clock that tests move,
// and requests as the journal's drain would have recorded them.

import { type Clock, systemClock } from '../../src/base/clock.ts';
import { newId } from '../../src/base/ids.ts';
import { type Sql, inTransaction } from '../../src/db/database.ts';
import type { Tables } from '../../src/db/schema.ts';
import { hashPassword } from '../../src/identity/passwords.ts';
import { type Person, createPerson } from '../../src/identity/people.ts';
import { createWorkspace } from '../../src/identity/workspaces.ts';
import { leaseAccount } from '../../src/ledger/accounts.ts';
import { bookTransactions } from '../../src/ledger/book.ts';
import { balancePurse } from '../../src/ledger/purse.ts';
import { openRun } from '../../src/ledger/runs.ts';
import { grant, lease, settle } from '../../src/ledger/transactions.ts';

export interface TestClock extends Clock {
  advance(ms: number): void;
}

/** The real time, plus what the test has added. */
export function createTestClock(): TestClock {
  let addedMs = 0;
  return {
    wallMs: () => Date.now() + addedMs,
    monotonicMs: () => performance.now() + addedMs,
    sleep: systemClock.sleep,
    advance(ms) {
      addedMs += ms;
    },
  };
}

export const PASSWORD = 'correct horse battery staple';

export interface Member {
  readonly person: Person;
  readonly workspaceId: string;
}

/** A person with a password and a workspace; the address is a new one each time. */
export async function makeMember(
  sql: Sql,
  details: { readonly isOperator?: boolean; readonly email?: string } = {},
): Promise<Member> {
  const passwordHash = await hashPassword(PASSWORD);
  return inTransaction(sql, async (tx) => {
    const wallMs = Date.now();
    const email = details.email ?? `${newId('usr', wallMs)}@example.com`;
    const isOperator = details.isOperator ?? false;
    const made = { email, name: 'Ada', passwordHash, isOperator, emailVerified: true };
    const person = await createPerson(tx, made, wallMs);
    return { person, workspaceId: await createWorkspace(tx, 'Test', person.id, wallMs) };
  });
}

type UsageRow = Tables['usage_records'];

/** The customer gets exactly what the request costs, and its run leases it. */
async function settleRow(tx: Sql, row: UsageRow): Promise<string | null> {
  const { id: requestId, book, charge_nanos: amountNanos, workspace_id, run_id: runId } = row;
  if (amountNanos === 0n) return null;
  const purse = { ...balancePurse(book, workspace_id), book };
  const settlement = settle({ payer: leaseAccount(purse, runId), amountNanos, requestId });
  const booked = await bookTransactions(
    tx,
    [
      grant({ ...purse, amountNanos, idempotencyKey: requestId }),
      lease({ purse, runId, amountNanos, leaseId: requestId }),
      settlement,
    ],
    0,
  );
  return booked.get(settlement.idempotencyKey) ?? null;
}

/** One completed request, booked; what a test is about is overridden. */
export async function addUsage(
  sql: Sql,
  of: Pick<UsageRow, 'workspace_id' | 'key_id'> & Partial<UsageRow>,
): Promise<string> {
  const startedAt = of.started_at ?? new Date();
  const row: UsageRow = {
    id: newId('req', startedAt.getTime()),
    book: 'live',
    protocol: 'openai-chat',
    streamed: false,
    model_asked: 'sandbox/echo',
    model_served: 'sandbox/echo',
    provider: 'sandbox',
    in_uncached: 0n,
    in_cache_read: 0n,
    in_cache_write_5m: 0n,
    in_cache_write_1h: 0n,
    in_cache_write_other: 0n,
    out_text: 0n,
    out_reasoning: 0n,
    media_tokens: [],
    images: 0n,
    audio_ms: 0n,
    characters: 0n,
    search_units: 0n,
    service_tier: null,
    markup_bps: 0,
    credential_id: null,
    fee_bps: null,
    provider_cost_nanos: 0n,
    usage_source: 'provider',
    price_id: null,
    hold_nanos: 1_000_000n,
    cost_nanos: 0n,
    charge_nanos: 0n,
    quarantined: false,
    output_cap: null,
    output_cap_lowered: false,
    attempts: 1,
    status: 200,
    outcome: 'completed',
    error_code: null,
    first_byte_ms: 5,
    duration_ms: 10,
    started_at: startedAt,
    ended_at: startedAt,
    ip: null,
    run_id: of.run_id ?? (await openRun(sql, newId('node', 0), 0)),
    allowances: [],
    settlement_id: null,
    ...of,
  };
  await inTransaction(sql, async (tx) => {
    const settlement_id = await settleRow(tx, row);
    await tx
      .insertInto('usage_records')
      .values({ ...row, settlement_id })
      .execute();
  });
  return row.id;
}
