// The database of a simulation: a real one, whose `now()` is the simulation's. A function of that name
// stands before the built-in one in the search path and reads a sequence that is set before each piece
// of work.

import { sql as rawSql } from 'kysely';
import type { Sql } from '../../src/db/database.ts';
import { openPostgres } from '../../src/db/postgres.ts';
import { type OpenTestDatabase, openTestDatabase } from '../support/open-database.ts';

export interface SimulatedDatabase {
  readonly sql: Sql;
  /** What `now()` is from here on, in milliseconds since the Unix epoch. */
  setClock(wallMs: number): Promise<void>;
  drop(): Promise<void>;
}

const FIRST_MS = 1_700_000_000_000;
const PATH = 'sim, pg_catalog, public';

export async function openSimulatedDatabase(
  kind: 'postgres' | 'pglite',
): Promise<SimulatedDatabase> {
  const open = await openTestDatabase(kind);
  await rawSql
    .raw(`
    create schema sim;
    create sequence sim.clock_ms start ${FIRST_MS};
    select nextval('sim.clock_ms');
    create function sim.now() returns timestamptz language sql stable
      as 'select to_timestamp(last_value / 1000.0) from sim.clock_ms';`)
    .execute(open.database.sql);
  const { sql, drop } = await enterSimulatedTime(open);
  let clockMs = FIRST_MS;
  return {
    sql,
    drop,
    async setClock(wallMs) {
      const next = Math.floor(wallMs);
      if (next === clockMs) return;
      clockMs = next;
      await rawSql`select setval('sim.clock_ms', ${next}::bigint)`.execute(sql);
    },
  };
}

async function enterSimulatedTime(open: OpenTestDatabase) {
  const { database, url, drop } = open;
  if (url === undefined) {
    await rawSql.raw(`set search_path = ${PATH}`).execute(database.sql);
    return { sql: database.sql, drop };
  }
  const name = new URL(url).pathname.slice(1);
  await rawSql
    .raw(`alter database ${name} set search_path = ${PATH};
      alter database ${name} set synchronous_commit = off`)
    .execute(database.sql);
  // Sessions that begin from here on live in simulated time.
  const again = openPostgres(url);
  return { sql: again.sql, drop: () => again.close().then(drop) };
}
