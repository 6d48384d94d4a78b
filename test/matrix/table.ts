// The table of one client in docs/compatibility.md: rendered from the results, read, and with
// MATRIX_WRITE set put in the place of the old one.

import { readFileSync, writeFileSync } from 'node:fs';

const DOCUMENT = new URL('../../docs/compatibility.md', import.meta.url);

/** The results by case, then by provider, both in their order. */
export type Results = ReadonlyMap<string, ReadonlyMap<string, string>>;

export function renderTable(title: string, results: Results): string {
  const [first] = results.values();
  const providers = [...(first?.keys() ?? [])];
  const rows = [...results].map(([name, cells]) => row([name, ...cells.values()]));
  return [row([title, ...providers]), `|${'---|'.repeat(providers.length + 1)}`, ...rows].join(
    '\n',
  );
}

function row(cells: readonly string[]): string {
  return `| ${cells.join(' | ')} |`;
}

/** The table with this title in its first field; empty where there is none. */
export function documentedTable(title: string): string {
  return find(readFileSync(DOCUMENT, 'utf8'), title);
}

/** The first fields of the tables with these columns. */
export function documentedTitles(providers: readonly string[]): string[] {
  const end = ` | ${providers.join(' | ')} |`;
  return readFileSync(DOCUMENT, 'utf8')
    .split('\n')
    .filter((line) => line.startsWith('| ') && line.endsWith(end))
    .map((line) => line.slice(2, -end.length));
}

export function isWriting(): boolean {
  return process.env['MATRIX_WRITE'] !== undefined;
}

export function writeTable(title: string, table: string): void {
  const text = readFileSync(DOCUMENT, 'utf8');
  const old = find(text, title);
  if (old === '') throw new Error(`The document has no table that begins with: | ${title} |`);
  writeFileSync(
    DOCUMENT,
    text.replace(old, () => table),
  );
}

function find(text: string, title: string): string {
  const lines = text.split('\n');
  const start = lines.findIndex((line) => line.startsWith(`| ${title} |`));
  if (start < 0) return '';
  const length = lines.slice(start).findIndex((line) => !line.startsWith('|'));
  return lines.slice(start, start + length).join('\n');
}
