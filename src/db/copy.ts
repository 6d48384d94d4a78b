// Rows in PostgreSQL's COPY text format, the cheapest way into a table: columns between tabs, rows
// between line ends, `\N` for null (https://www.postgresql.org/docs/current/sql-copy.html). A query of
// this shape goes through kysely like any other, so that a transaction keeps its connection; each of
// the two databases knows it by `copyOf`.

import { CompiledQuery } from 'kysely';
import type { Sql } from './database.ts';

/** Appends rows, whole with their line ends, to a table; all of them or, when it throws, none. */
export async function copyIn(
  tx: Sql,
  table: string,
  columns: readonly string[],
  rows: Uint8Array,
): Promise<void> {
  const text = `copy ${table} (${columns.join(', ')}) from stdin`;
  await tx.executeQuery(CompiledQuery.raw(text, [rows]));
}

/** The rows that come with a statement of `copyIn`; undefined for every other statement. */
export function copyOf(text: string, parameters: readonly unknown[]): Uint8Array | undefined {
  const [rows] = parameters;
  return rows instanceof Uint8Array && /^copy \w+ \(.*\) from stdin$/.test(text) ? rows : undefined;
}

const SPECIAL = /[\\\t\n\r]/;
const EACH_SPECIAL = /[\\\t\n\r]/g;
const ESCAPES: Readonly<Record<string, string>> = {
  '\\': '\\\\',
  '\t': '\\t',
  '\n': '\\n',
  '\r': '\\r',
};

/** A text as a column. */
export function copyText(text: string): string {
  return SPECIAL.test(text) ? text.replaceAll(EACH_SPECIAL, (sign) => ESCAPES[sign] ?? '') : text;
}
