// How flags and numbers are read: in JSON by their type, in a form from texts, for it has nothing else.
// What is no number or flag is refused alike.

import type { JsonValue } from '../base/json.ts';
import { readFlag, readInteger } from './fields.ts';

export interface FieldReaders {
  readonly flag: typeof readFlag;
  readonly integer: typeof readInteger;
}

export const JSON_FIELDS = Object.freeze<FieldReaders>({ flag: readFlag, integer: readInteger });

const FLAGS: ReadonlyMap<JsonValue | undefined, boolean> = new Map([
  ['true', true],
  ['false', false],
]);

export const FORM_FIELDS = Object.freeze<FieldReaders>({
  flag: (value, path) => FLAGS.get(value) ?? readFlag(value, path),
  integer(value, path, least, most) {
    const isDigits = typeof value === 'string' && /^\d{1,9}$/.test(value);
    return readInteger(isDigits ? Number(value) : value, path, least, most);
  },
});
