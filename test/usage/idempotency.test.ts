// Idempotency keys in both databases: who gets one, when it is free again, and that old ones go.

import { hash } from 'node:crypto';
import { sql as rawSql } from 'kysely';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { newId } from '../../src/base/ids.ts';
import { type Sql, inTransaction } from '../../src/db/database.ts';
import { createKey } from '../../src/keys/manage.ts';
import { endRunsOf, openRun } from '../../src/ledger/runs.ts';
import { type KeyUse, findEarlier, removeOldKeys, takeKey } from '../../src/usage/idempotency.ts';
import { makeMember } from '../identity/world.ts';
import { TEST_DATABASES } from '../support/databases.ts';
import { type OpenTestDatabase, openTestDatabase } from '../support/open-database.ts';

const requestId = (): string => newId('req', Date.now());

for (const { name, available, label } of TEST_DATABASES) {
  describe.skipIf(!available)(`idempotency keys on ${label}`, () => {
    let opened: OpenTestDatabase;
    let sql: Sql;
    let apiKeyId: string;
    let nodeId: string;
    let runId: string;
    beforeAll(async () => {
      opened = await openTestDatabase(name);
      sql = opened.database.sql;
      const { workspaceId, person } = await makeMember(sql);
      const order = { workspaceId, name: 'k', mode: 'live' as const, createdBy: person.id };
      apiKeyId = (await inTransaction(sql, (tx) => createKey(tx, order, Date.now()))).key.id;
      nodeId = newId('node', Date.now());
      runId = await openRun(sql, nodeId, Date.now());
    });
    afterAll(() => opened.drop());

    const keyOf = (text: string): KeyUse => ({
      apiKeyId,
      keyHash: hash('sha256', text, 'buffer'),
    });

    it('are taken by one request of many at the same time', async () => {
      const use = keyOf('many');
      const ids = Array.from({ length: 20 }, requestId);
      const taken = await Promise.all(ids.map((id) => takeKey(sql, use, id, runId)));
      expect(taken.filter(Boolean)).toHaveLength(1);
      expect(await findEarlier(sql, use)).toEqual({
        requestId: ids[taken.indexOf(true)],
        charged: false,
      });
    });

    it('are free at first, and again when the run of the request has ended without a record', async () => {
      const use = keyOf('run');
      expect(await findEarlier(sql, use)).toBeUndefined();
      expect(await takeKey(sql, use, requestId(), runId)).toBe(true);
      expect(await takeKey(sql, use, requestId(), runId)).toBe(false);
      await endRunsOf(sql, nodeId, Date.now());
      expect(await findEarlier(sql, use)).toBeUndefined();
      runId = await openRun(sql, nodeId, Date.now());
      const next = requestId();
      expect(await takeKey(sql, use, next, runId)).toBe(true);
      expect(await findEarlier(sql, use)).toEqual({ requestId: next, charged: false });
    });

    it('that are older than a day are removed, in batches, and no others', async () => {
      await sql.deleteFrom('idempotency_keys').execute();
      const add = (count: number, hours: number): Promise<unknown> =>
        rawSql`insert into idempotency_keys (api_key_id, key_hash, request_id, run_id, created_at)
          select ${apiKeyId}, sha256(convert_to(${`${hours}:`} || i, 'utf8')), ${requestId()},
            ${runId}, now() - make_interval(mins => ${hours * 60})
          from generate_series(1, ${count}) as i`.execute(sql);
      await add(2_500, 25);
      await add(3, 23);
      expect(await removeOldKeys(sql)).toBe(2_500);
      expect(await removeOldKeys(sql)).toBe(0);
      const left = await sql.selectFrom('idempotency_keys').select('key_hash').execute();
      expect(left).toHaveLength(3);
    });

    it('are removed no further once the work is to end', async () => {
      await expect(removeOldKeys(sql, AbortSignal.abort())).rejects.toThrow('abort');
    });
  });
}
