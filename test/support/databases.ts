// The databases that tests of SQL run on: both that the hub supports. PostgreSQL is left out by
// name on a machine that has none; PGlite is always there. Write such a suite as
//   for (const db of TEST_DATABASES) describe.skipIf(!db.available)(db.label, () => …)

import { randomBytes } from 'node:crypto';
import { Client } from 'pg';

export interface TestDatabase {
  readonly name: 'pglite' | 'postgres';
  readonly available: boolean;
  /** The suite's name; says why where the database is left out. */
  readonly label: string;
}

const missing = process.env['TEST_POSTGRES_MISSING'] ?? 'not started';
const hasPostgres = process.env['TEST_POSTGRES_URL'] !== undefined;

export const TEST_DATABASES: readonly TestDatabase[] = Object.freeze([
  { name: 'pglite', available: true, label: 'pglite' },
  {
    name: 'postgres',
    available: hasPostgres,
    label: hasPostgres ? 'postgres' : `postgres (left out: ${missing})`,
  },
]);

/**
 * Makes a fresh, empty PostgreSQL database. `drop` removes it and cuts whoever is still connected.
 * Throws where PostgreSQL is left out: ask `available` first.
 */
export async function createDatabaseUrl(): Promise<{ url: string; drop(): Promise<void> }> {
  const admin = process.env['TEST_POSTGRES_URL'];
  if (admin === undefined) throw new Error(`there is no PostgreSQL here: ${missing}`);
  const name = `hub_test_${randomBytes(8).toString('hex')}`;
  await execute(admin, `create database ${name}`);
  const url = new URL(admin);
  url.pathname = `/${name}`;
  const drop = (): Promise<void> => execute(admin, `drop database if exists ${name} with (force)`);
  return { url: url.href, drop };
}

async function execute(url: string, statement: string): Promise<void> {
  const client = new Client({ connectionString: url });
  await client.connect();
  try {
    await client.query(statement);
  } finally {
    await client.end();
  }
}
