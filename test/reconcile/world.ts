// Books as a working hub leaves them, made by the code that makes them there: grants, leases of two
// lives of nodes, and requests that the drain's own writer books.

import { expect } from 'vitest';
import { newId } from '../../src/base/ids.ts';
import type { Log, LogFields } from '../../src/base/log.ts';
import { NO_TOKENS, NO_UNITS } from '../../src/chat/usage.ts';
import { type Sql, inTransaction } from '../../src/db/database.ts';
import { openBatchWriter } from '../../src/journal/writer.ts';
import { bookTransactions } from '../../src/ledger/book.ts';
import { balancePurse, windowPurse } from '../../src/ledger/purse.ts';
import { expireRun, openRun } from '../../src/ledger/runs.ts';
import { allow, grant, lease } from '../../src/ledger/transactions.ts';
import type { ProofId, ProofResult } from '../../src/reconcile/proof.ts';
import { PROOFS } from '../../src/reconcile/proofs/list.ts';
import { addUpMonths } from '../../src/reconcile/provider-months.ts';
import { type UsageRecord, encodeRecord } from '../../src/usage/record.ts';
import { makeWorkspace } from '../ledger/world.ts';

export const GRANT_NANOS = 1_000_000n;
const LEASE_NANOS = 400_000n;
export const FREE_PROVIDERS = ['sandbox', 'vllm'];

export interface Shop {
  readonly workspaceId: string;
  readonly keyId: string;
  readonly nodeId: string;
  readonly runId: string;
  /** A window of a budget of this shop's key. */
  readonly windowId: string;
  /** Books a request as the drain does; returns its id. */
  sell(fields?: Partial<UsageRecord>): Promise<string>;
}

/** A customer with money, a key, a budget's window, and a life of a node that has leased of both. */
export async function openShop(sql: Sql): Promise<Shop> {
  const now = Date.now();
  const workspaceId = await makeWorkspace(sql);
  const [keyId, nodeId] = [newId('key', now), newId('node', now)];
  await sql
    .insertInto('api_keys')
    .values({
      id: keyId,
      workspace_id: workspaceId,
      name: 'k',
      mode: 'live',
      last_four: 'abcd',
      secret_hash: Buffer.from(keyId.slice(4).padEnd(32, '0')),
      created_by: null,
      revoked_at: null,
    })
    .execute();
  const runId = await openRun(sql, nodeId, now);
  const windowId = `${newId('bgt', now)}:2026-11-01`;
  const window = windowPurse(windowId, workspaceId);
  const id = () => newId('txn', now);
  const leases = [balancePurse('live', workspaceId), balancePurse('test', workspaceId), window];
  await inTransaction(sql, (tx) =>
    bookTransactions(
      tx,
      [
        ...(['live', 'test'] as const).map((book) =>
          grant({ book, workspaceId, amountNanos: GRANT_NANOS, idempotencyKey: id() }),
        ),
        allow({ purse: window, amountNanos: GRANT_NANOS, allowId: id() }),
        ...leases.map((purse) => lease({ purse, runId, leaseId: id(), amountNanos: LEASE_NANOS })),
      ],
      now,
    ),
  );
  const writer = openBatchWriter(sql, nodeId, Date.now, (record) =>
    Promise.reject(new Error(`refused: ${record}`)),
  );
  const shop = { workspaceId, keyId, nodeId, runId, windowId };
  return {
    ...shop,
    async sell(fields = {}) {
      const record = recordOf(shop, fields);
      const from = await writer.readPosition();
      await writer.write([encodeRecord(record)], from, { ...from, position: from.position + 1 });
      return record.id;
    },
  };
}

export function recordOf(shop: Omit<Shop, 'sell'>, fields: Partial<UsageRecord> = {}): UsageRecord {
  const startedAtMs = fields.startedAtMs ?? Date.now();
  return {
    id: newId('req', startedAtMs),
    workspaceId: shop.workspaceId,
    keyId: shop.keyId,
    book: 'live',
    protocol: 'openai-chat',
    streamed: false,
    modelAsked: 'openai/gpt-4o',
    modelServed: 'openai/gpt-4o',
    provider: 'openai',
    tokens: NO_TOKENS,
    units: NO_UNITS,
    usageSource: 'provider',
    priceId: null,
    serviceTier: null,
    markupBps: 0,
    credentialId: null,
    feeBps: null,
    providerCostNanos: 900n,
    holdNanos: 5_000n,
    costNanos: 1_000n,
    chargeNanos: 1_000n,
    quarantined: false,
    outputCap: null,
    outputCapLowered: false,
    attempts: 1,
    failedAttempts: [],
    status: 200,
    outcome: 'completed',
    errorCode: null,
    firstByteMs: 1,
    durationMs: 2,
    startedAtMs,
    endedAtMs: startedAtMs,
    ip: null,
    runId: shop.runId,
    allowances: [],
    ...fields,
  };
}

/** One of each thing that ordinary business leaves in the books. */
export async function doBusiness(sql: Sql): Promise<{ shop: Shop; charged: string }> {
  const shop = await openShop(sql);
  const charged = await shop.sell();
  await shop.sell({ book: 'test', provider: 'sandbox' });
  await shop.sell({ chargeNanos: 0n, costNanos: 0n, providerCostNanos: 0n, outcome: 'refused' });
  await shop.sell({ costNanos: 9_000n, chargeNanos: 5_000n });
  await shop.sell({ allowances: [shop.windowId] });
  await shop.sell({ quarantined: true, usageSource: 'unreadable', allowances: [shop.windowId] });
  const failed = { provider: 'anthropic', status: 529, errorCode: 'upstream_overloaded' } as const;
  await shop.sell({ attempts: 2, failedAttempts: [{ ...failed, costNanos: 70n }] });
  const gone = await openShop(sql);
  await sql
    .updateTable('node_runs')
    .set({ seen_at: new Date(Date.now() - 3_600_000) })
    .where('id', '=', gone.runId)
    .execute();
  expect(await expireRun(sql, { id: gone.runId, beats: 0n }, Date.now())).toBe(true);
  await gone.sell({ allowances: [gone.windowId] });
  await gone.sell({ quarantined: true, usageSource: 'unreadable' });
  return { shop, charged };
}

/** All proofs on what this transaction sees, in slices of a few rows, without keeping anything. */
export async function proveAll(tx: Sql): Promise<Record<ProofId, ProofResult>> {
  const view = { tx, signal: undefined, sliceRows: 3 };
  const providerMonths = await addUpMonths(view, FREE_PROVIDERS);
  const snapshot = { ...view, processors: [], freeProviders: FREE_PROVIDERS, providerMonths };
  const results: Partial<Record<ProofId, ProofResult>> = {};
  for (const proof of PROOFS) results[proof.id] = await proof.prove(snapshot);
  return results as Record<ProofId, ProofResult>;
}

/** Does harm inside a transaction, looks at it, and undoes it. */
export async function whileHarmed<T>(
  sql: Sql,
  harm: (tx: Sql) => Promise<unknown>,
  look: (tx: Sql) => Promise<T>,
): Promise<T> {
  const undo = new Error('undone');
  let seen: { readonly value: T } | undefined;
  await inTransaction(sql, async (tx) => {
    await harm(tx);
    seen = { value: await look(tx) };
    throw undo;
  }).catch((error: unknown) => {
    if (error !== undo) throw error;
  });
  if (!seen) throw new Error('nothing was seen');
  return seen.value;
}

export function collectLog(): Log & { readonly lines: { event: string; fields?: LogFields }[] } {
  const lines: { event: string; fields?: LogFields }[] = [];
  const add = (event: string, fields?: LogFields): void =>
    void lines.push(fields ? { event, fields } : { event });
  return { lines, info: add, warn: add, error: add };
}
