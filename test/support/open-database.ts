// Opens a fresh, migrated database of either kind for a suite; `drop` leaves nothing behind.

import { cp, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Database } from '../../src/db/database.ts';
import { migrate } from '../../src/db/migrate.ts';
import { openPglite } from '../../src/db/pglite.ts';
import { openPostgres } from '../../src/db/postgres.ts';
import { createDatabaseUrl } from './databases.ts';

export interface OpenTestDatabase {
  readonly database: Database;
  /** The server's URL; undefined for the embedded database. */
  readonly url: string | undefined;
  drop(): Promise<void>;
}

export async function openTestDatabase(kind: Database['kind']): Promise<OpenTestDatabase> {
  if (kind === 'postgres') {
    const { url, drop } = await createDatabaseUrl();
    const database = openPostgres(url);
    await migrate(database.sql);
    return { database, url, drop: () => database.close().then(drop) };
  }
  const folder = await mkdtemp(join(tmpdir(), 'hub-pglite-'));
  const template = process.env['TEST_PGLITE_TEMPLATE'];
  if (template !== undefined) await cp(template, folder, { recursive: true });
  const database = await openPglite(folder);
  await migrate(database.sql);
  const drop = async (): Promise<void> => {
    await database.close();
    await rm(folder, { recursive: true, force: true });
  };
  return { database, url: undefined, drop };
}
