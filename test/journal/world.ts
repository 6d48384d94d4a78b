// What the journal's suites share: reading a journal from its beginning, copies of a folder in every
// state of damage, and a customer whose leased money the records spend.

import { createHash, randomInt } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { systemClock } from '../../src/base/clock.ts';
import { newId } from '../../src/base/ids.ts';
import { NO_TOKENS, NO_UNITS } from '../../src/chat/usage.ts';
import type { Database, Sql } from '../../src/db/database.ts';
import { type Drain, startDrain } from '../../src/journal/drain.ts';
import type { Journal, JournalEnd } from '../../src/journal/journal.ts';
import type { DamageReport } from '../../src/journal/quarantine.ts';
import { type TornTail, readBatch } from '../../src/journal/reader.ts';
import { leaseAccount } from '../../src/ledger/accounts.ts';
import { takeLease } from '../../src/ledger/leases.ts';
import { openRun } from '../../src/ledger/runs.ts';
import { type UsageRecord, encodeRecord } from '../../src/usage/record.ts';
import { balanceOf, liveOf, makeWorkspace } from '../ledger/world.ts';

export const CHARGE_NANOS = 56n;

export interface ReadJournal {
  readonly records: string[];
  readonly damages: DamageReport[];
  readonly torn: TornTail[];
  readonly at: JournalEnd;
}

/** Everything that can be read from a place on, with the troubles met on the way. */
export async function readAll(
  journal: Pick<Journal, 'folder' | 'end'>,
  from: JournalEnd = { segment: 0, position: 0 },
): Promise<ReadJournal> {
  const read: ReadJournal = { records: [], damages: [], torn: [], at: from };
  let at = from;
  // The reader asks for the folder and the end only.
  const source = journal as Journal;
  for (let batch = await readBatch(source, at); batch; batch = await readBatch(source, at)) {
    read.records.push(...batch.records);
    read.damages.push(...batch.damages);
    if (batch.torn) read.torn.push(batch.torn);
    at = batch.next;
  }
  return { ...read, at };
}

export async function makeFolder(): Promise<{ folder: string } & AsyncDisposable> {
  const folder = await mkdtemp(join(tmpdir(), 'hub-journal-'));
  return {
    folder,
    [Symbol.asyncDispose]: () => rm(folder, { recursive: true, force: true }),
  };
}

/** A customer with a lease of a run of a node, as the gateway would hold it. */
export interface Payer {
  readonly workspaceId: string;
  readonly nodeId: string;
  record(fields?: Partial<UsageRecord>): UsageRecord;
  /** The ids of the usage rows, sorted. */
  booked(): Promise<string[]>;
  leasedNanos(): Promise<bigint>;
}

export async function openPayer(sql: Sql, leasedNanos: bigint): Promise<Payer> {
  const workspaceId = await makeWorkspace(sql, leasedNanos);
  const nodeId = newId('node', Date.now());
  const keyId = newId('key', Date.now());
  await sql
    .insertInto('api_keys')
    .values({
      id: keyId,
      workspace_id: workspaceId,
      name: 'k',
      mode: 'live',
      last_four: 'abcd',
      secret_hash: createHash('sha256').update(keyId).digest(),
      created_by: null,
      revoked_at: null,
    })
    .execute();
  const runId = await openRun(sql, nodeId, Date.now());
  const owner = { purse: liveOf(workspaceId), runId };
  const leaseId = newId('txn', 0);
  await takeLease(sql, owner, { leaseId, wantNanos: leasedNanos, aheadNanos: 0n }, Date.now());
  return {
    workspaceId,
    nodeId,
    record: (fields) => ({ ...makeRecord(), workspaceId, keyId, runId, ...fields }),
    async booked() {
      const rows = await sql
        .selectFrom('usage_records')
        .select('id')
        .where('workspace_id', '=', workspaceId)
        .execute();
      return rows.map((row) => row.id).sort();
    },
    leasedNanos: () => balanceOf(sql, leaseAccount(owner.purse, runId).id),
  };
}

/** A record of a request that no database knows. */
export function makeRecord(): UsageRecord {
  return {
    id: newId('req', Date.now()),
    workspaceId: newId('ws', Date.now()),
    keyId: newId('key', Date.now()),
    book: 'live',
    protocol: 'openai-chat',
    streamed: true,
    modelAsked: 'sandbox/echo',
    modelServed: 'sandbox/echo',
    provider: 'sandbox',
    tokens: { ...NO_TOKENS, inUncached: 3, outText: 5 },
    units: NO_UNITS,
    usageSource: 'provider',
    priceId: null,
    serviceTier: null,
    markupBps: 0,
    credentialId: null,
    feeBps: null,
    providerCostNanos: CHARGE_NANOS,
    holdNanos: 100n,
    costNanos: CHARGE_NANOS,
    chargeNanos: CHARGE_NANOS,
    quarantined: false,
    outputCap: 10,
    outputCapLowered: false,
    attempts: 1,
    failedAttempts: [],
    status: 200,
    outcome: 'completed',
    errorCode: null,
    firstByteMs: 4,
    durationMs: 9,
    startedAtMs: 1_700_000_000_000,
    endedAtMs: 1_700_000_000_009,
    ip: '192.0.2.7',
    runId: newId('run', Date.now()),
    allowances: [],
  };
}

export async function appendAll(journal: Journal, records: readonly UsageRecord[]): Promise<void> {
  await Promise.all(records.map((record) => journal.append(encodeRecord(record))));
}

/** A drain that tells what it meets in `troubles`. */
export function drainInto(
  database: Database,
  journal: Journal,
  nodeId: string,
  troubles: string[] = [],
): Drain {
  return startDrain(database, journal, nodeId, systemClock, {
    drained: () => undefined,
    trouble: (what) => void troubles.push(what),
    stalled: () => void troubles.push('stalled'),
  });
}

export const idsOf = (records: readonly UsageRecord[]): string[] =>
  records.map((record) => record.id).sort();

/** Numbers from a seed that a failing run prints, so that it can be run again. */
export function seededRandom(seed = randomInt(2 ** 31)): {
  seed: number;
  below(n: number): number;
} {
  let state = seed;
  return {
    seed,
    below(n) {
      state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
      return Math.floor((state / 2 ** 32) * n);
    },
  };
}
