// Brings a database to the newest schema: the numbered files of sql/, each once, in one transaction
// with its mark. Several nodes may do it at the same time; the migrator takes an advisory lock.

import { readdir, readFile } from 'node:fs/promises';
import { sql as rawSql } from 'kysely';
import { type Migration, Migrator } from 'kysely/migration';
import type { Sql } from './database.ts';

const FOLDER = new URL('../../sql/', import.meta.url);

/** Applies what is missing; throws what the database said when a file fails (nothing is kept then). */
export async function migrate(sql: Sql): Promise<void> {
  const migrator = new Migrator({ db: sql, provider: { getMigrations: readMigrations } });
  const { error } = await migrator.migrateToLatest();
  if (error !== undefined) throw error;
}

async function readMigrations(): Promise<Record<string, Migration>> {
  const names = (await readdir(FOLDER)).filter((name) => /^\d{4}_[a-z0-9_]+\.sql$/.test(name));
  const migrations: Record<string, Migration> = {};
  for (const name of names.sort()) {
    const text = await readFile(new URL(name, FOLDER), 'utf8');
    migrations[name.slice(0, -'.sql'.length)] = {
      async up(db) {
        await rawSql.raw(text).execute(db);
      },
    };
  }
  return migrations;
}
