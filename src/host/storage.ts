// Opens the database that the settings name, at the newest schema. Shared by the server and by the
// commands that work on a stopped hub.

import { join } from 'node:path';
import { HubError } from '../base/errors.ts';
import type { Config } from '../config.ts';
import { embeddedDatabaseDir } from './data-dir.ts';
import { type Database, isRefusal } from '../db/database.ts';
import { migrate } from '../db/migrate.ts';
import { openPglite } from '../db/pglite.ts';
import { openPostgres } from '../db/postgres.ts';

/** The caller holds the data folder's lock when the database is the embedded one. */
export async function openStorage(
  config: Pick<Config, 'databaseUrl' | 'dataDir'>,
): Promise<Database> {
  const database = config.databaseUrl
    ? openPostgres(config.databaseUrl)
    : await openPglite(embeddedDatabaseDir(config.dataDir));
  try {
    await migrate(database.sql);
  } catch (error) {
    await database.close().catch(() => undefined);
    throw explain(error);
  }
  return database;
}

function explain(error: unknown): unknown {
  // A refused statement is a fault of a migration; everything else is a server that does not answer.
  if (isRefusal(error)) return error;
  const message = `The database at DATABASE_URL cannot be used: ${(error as Error).message}.`;
  return new HubError('storage_unavailable', { message, cause: error });
}

export function journalDir(dataDir: string): string {
  return join(dataDir, 'journal');
}
