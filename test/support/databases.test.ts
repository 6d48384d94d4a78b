// The test databases themselves: fresh, empty, apart from each other, and gone when dropped.

import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Client } from 'pg';
import { describe, expect, it } from 'vitest';
import { createDatabaseUrl, TEST_DATABASES } from './databases.ts';
import { findServerBinaries } from './postgres-cluster.ts';

async function ask(url: string, statement: string): Promise<unknown[]> {
  const client = new Client({ connectionString: url });
  await client.connect();
  try {
    return (await client.query(statement)).rows;
  } finally {
    await client.end();
  }
}

for (const { available, label } of TEST_DATABASES.filter(({ name }) => name === 'postgres')) {
  describe.skipIf(!available)(`test databases on ${label}`, () => {
    it('are apart from each other, and gone once dropped', async () => {
      const [one, two] = await Promise.all([createDatabaseUrl(), createDatabaseUrl()]);
      await ask(one.url, 'create table mark (id int)');
      const query = "select to_regclass('mark') is not null as present";
      expect(await ask(one.url, query)).toEqual([{ present: true }]);
      expect(await ask(two.url, query)).toEqual([{ present: false }]);
      await Promise.all([one.drop(), two.drop()]);
      await expect(ask(one.url, 'select 1')).rejects.toMatchObject({ code: '3D000' });
    });
  });
}

describe('the search for server binaries', () => {
  it('takes the newest package, else what is on the path, else nothing', () => {
    const folder = mkdtempSync(join(tmpdir(), 'hub-binaries-'));
    const plant = (bin: string): string => {
      mkdirSync(bin, { recursive: true });
      for (const name of ['initdb', 'postgres']) writeFileSync(join(bin, name), '');
      return bin;
    };
    try {
      const path = join(folder, 'bin');
      expect(findServerBinaries(path, [folder])).toBeUndefined();
      plant(path);
      expect(findServerBinaries(path, [folder])).toBe(path);
      plant(join(folder, '9', 'bin'));
      const newest = plant(join(folder, '18', 'bin'));
      expect(findServerBinaries(path, [folder])).toBe(newest);
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  });
});
