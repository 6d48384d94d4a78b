// The database port: one typed query builder over PostgreSQL or over the embedded PGlite, the same
// SQL on both, plus notifications. Rooms take a `Sql` (the handle or a transaction) and never learn
// which of the two it is.

import type { Kysely } from 'kysely';
import type { Tables } from './schema.ts';

/** A handle or a running transaction. Inside a transaction use only the transaction's own handle. */
export type Sql = Kysely<Tables>;

export interface Database {
  readonly kind: 'postgres' | 'pglite';
  readonly sql: Sql;
  /**
   * Calls back on every notification, and after each reconnection (something may have been missed).
   * A hint only: whoever needs certainty also polls.
   */
  listen(channel: string, onNotify: () => void): Promise<void>;
  close(): Promise<void>;
}

/** Runs `work` in one transaction; a throw rolls back. */
export function inTransaction<T>(sql: Sql, work: (tx: Sql) => Promise<T>): Promise<T> {
  return sql.transaction().execute(work);
}

/** The SQLSTATE of a database error, else undefined. */
export function sqlState(error: unknown): string | undefined {
  const code = (error as { code?: unknown } | null)?.code;
  return typeof code === 'string' && /^[0-9A-Z]{5}$/.test(code) ? code : undefined;
}

/** The name of the constraint that a database error speaks of, else undefined. */
export function violatedConstraint(error: unknown): string | undefined {
  const name = (error as { constraint?: unknown } | null)?.constraint;
  return typeof name === 'string' ? name : undefined;
}

/**
 * Whether the database refused the statement itself, so that the same statement can never succeed;
 * everything else (connection lost, shutting down, out of slots, deadlock) is worth another try.
 * Classes: 22 data, 23 integrity, 42 syntax or access, https://www.postgresql.org/docs/current/errcodes-appendix.html
 */
export function isRefusal(error: unknown): boolean {
  return /^(22|23|42|P0)/.test(sqlState(error) ?? '');
}
