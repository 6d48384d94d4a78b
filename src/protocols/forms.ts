// Reads fields of a form, where everything is text. What is no number or flag is refused like the wrong
// type in a body of JSON.

import type { JsonValue } from '../base/json.ts';
import { readFlag, readInteger } from './fields.ts';

const FLAGS: ReadonlyMap<JsonValue | undefined, boolean> = new Map([
  ['true', true],
  ['false', false],
]);

export function readFormFlag(value: JsonValue | undefined, path: string): boolean | undefined {
  return FLAGS.get(value) ?? readFlag(value, path);
}

export function readFormInteger(
  value: JsonValue | undefined,
  path: string,
  least: number,
  most: number,
): number | undefined {
  const isDigits = typeof value === 'string' && /^\d{1,9}$/.test(value);
  return readInteger(isDigits ? Number(value) : value, path, least, most);
}
