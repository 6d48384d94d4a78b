// Lines of journals that earlier versions left undrained. They are made into lines of today, so that
// nothing that was journalled is lost: JSON with the table's column names, from before batch settlement;
// rows that end with the client's address, from before customers had credentials of their own; rows that
// end with the fee for one, from before tokens of sound and pictures were kept apart.

import { type JsonObject, arrayOf, isObject, parseJson } from '../base/json.ts';
import { copyText } from '../db/copy.ts';
import { RECORD_COLUMNS } from './record.ts';

const TAB = '\t';
/** What was not known then, in the place before the failed attempts. */
const NO_CREDENTIAL = '\t\\N\t\\N';
const NO_MEDIA = '\t{}';

/** A line of today, or one that becomes it; undefined where it is none. */
export function updateLine(line: string): string | undefined {
  if (line.startsWith('{')) return rewriteJson(line);
  const end = line.lastIndexOf(TAB);
  const lastAt = line.lastIndexOf(TAB, end - 1);
  // Today a list stands there; the fee and the address were none.
  if (line[lastAt + 1] === '{') return line;
  const timeAt = line.lastIndexOf(TAB, lastAt - 1) + 1;
  // A credential's id came to stand where the time at which the answer ended stood.
  const isOldest = isDigit(line.charCodeAt(timeAt));
  return line.slice(0, end) + (isOldest ? NO_CREDENTIAL : '') + NO_MEDIA + line.slice(end);
}

function isDigit(code: number): boolean {
  return code >= 48 && code <= 57;
}

function rewriteJson(line: string): string | undefined {
  const row = parseJson(line);
  if (!isObject(row)) return undefined;
  const columns = RECORD_COLUMNS.map((name) => columnOf(row, name));
  const attempts = arrayOf(row['failed_attempts']);
  columns.push(attempts.length === 0 ? '' : JSON.stringify(attempts));
  return columns.join('\t');
}

function columnOf(row: JsonObject, name: string): string {
  const value = row[name] ?? (name === 'media_tokens' ? [] : undefined);
  if (value === null || value === undefined) return '\\N';
  if (typeof value === 'boolean') return value ? 't' : 'f';
  if (Array.isArray(value)) return copyText(`{${value.map(String).join(',')}}`);
  return copyText(typeof value === 'string' ? value : JSON.stringify(value));
}
