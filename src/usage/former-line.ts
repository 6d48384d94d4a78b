// Lines of journals that versions before batch settlement left undrained: JSON with the table's column
// names. They are made into lines of today, so that nothing that was journalled is lost.

import { type JsonObject, arrayOf, isObject, parseJson } from '../base/json.ts';
import { copyText } from '../db/copy.ts';
import { RECORD_COLUMNS } from './record.ts';

export function isFormerLine(line: string): boolean {
  return line.startsWith('{');
}

/** The same record as a line of today; undefined where it is none. */
export function rewriteFormerLine(line: string): string | undefined {
  const row = parseJson(line);
  if (!isObject(row)) return undefined;
  const columns = RECORD_COLUMNS.map((name) => columnOf(row, name));
  const attempts = arrayOf(row['failed_attempts']);
  columns.push(attempts.length === 0 ? '' : JSON.stringify(attempts));
  return columns.join('\t');
}

function columnOf(row: JsonObject, name: string): string {
  const value = row[name];
  if (value === null || value === undefined) return '\\N';
  if (typeof value === 'boolean') return value ? 't' : 'f';
  if (Array.isArray(value)) return copyText(`{${value.map(String).join(',')}}`);
  return copyText(typeof value === 'string' ? value : JSON.stringify(value));
}
