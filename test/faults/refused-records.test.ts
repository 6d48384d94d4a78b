// A record that the database refuses is kept on disk, stands where the operator looks, and is booked
// once the cause is gone and the operator has it tried again.

import { expect, it, vi } from 'vitest';
import { newId } from '../../src/base/ids.ts';
import type { ReconciliationReply } from '../../src/console/contract-operator.ts';
import { journalDir } from '../../src/host/storage.ts';
import { openJournal } from '../../src/journal/journal.ts';
import { encodeCharge } from '../simulation/records.ts';
import { TEST_DATABASES, createDatabaseUrl } from '../support/databases.ts';
import { startHub } from '../support/hub.ts';
import { signIn } from './console-session.ts';
import { makeCustomer, withDatabase } from './world.ts';

vi.setConfig({ testTimeout: 60_000 });

const { available, label } = TEST_DATABASES.find(({ name }) => name === 'postgres')!;
const CHARGE_NANOS = 7n;

it.skipIf(!available)(`a refused record is kept, shown and tried again: ${label}`, async () => {
  const { url, drop } = await createDatabaseUrl();
  const env = { DATABASE_URL: url, LOG_LEVEL: 'silent' };
  const first = await startHub({ env });
  let hub = first;
  try {
    const customer = await makeCustomer(first, 1_000n);
    await first.terminate();
    const keyId = newId('key', Date.now());
    const requestId = newId('req', Date.now());
    const { workspaceId } = customer;
    await withDatabase('', url, async (sql) => {
      const run = await sql.selectFrom('node_runs').select('id').executeTakeFirstOrThrow();
      const charge = { requestId, workspaceId, runId: run.id, chargeNanos: CHARGE_NANOS };
      const hold = {
        amountNanos: CHARGE_NANOS,
        runId: run.id,
        allowances: [],
        settle: () => undefined,
      };
      const line = encodeCharge({ ...charge, allowances: [], quarantined: false }, { keyId }, hold);
      const journal = await openJournal(journalDir(first.dataDir));
      await journal.append(line);
      await journal.close();
    });

    hub = await startHub({ env, dataDir: first.dataDir });
    const operator = await signIn(hub, customer);
    const read = async () => {
      const response = await operator.request('GET', '/operator/reconciliation');
      return ((await response.json()) as ReconciliationReply).journal;
    };
    const clean = { refusedRecords: 0, damagedSegments: 0, missingSegments: 0 };
    expect(await read()).toEqual({ ...clean, refusedRecords: 1 });

    // The key that the record names comes back, as from a backup.
    await withDatabase('', url, (sql) =>
      sql
        .insertInto('api_keys')
        .values({
          id: keyId,
          workspace_id: workspaceId,
          name: 'restored',
          mode: 'live',
          last_four: 'abcd',
          secret_hash: Buffer.alloc(32, 1),
          created_by: null,
          revoked_at: null,
        })
        .execute(),
    );
    const retried = await operator.request('POST', '/operator/journal/retries', {});
    expect(await retried.json()).toEqual({ records: 1 });
    await withDatabase('', url, (sql) =>
      vi.waitFor(async () => {
        const row = sql
          .selectFrom('usage_records')
          .select('charge_nanos')
          .where('id', '=', requestId);
        expect(await row.executeTakeFirst()).toEqual({ charge_nanos: CHARGE_NANOS });
      }),
    );
    expect(await read()).toEqual(clean);
  } finally {
    await hub.stop();
    await first.stop();
    await drop();
  }
});
