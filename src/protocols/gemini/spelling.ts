// Google's APIs take the name of each field in two spellings, `maxOutputTokens` and
// `max_output_tokens`. What is judged and what is translated is read in the first alone. Only the
// protocol's own objects are respelled: arguments, answers of tools and schemas are the caller's.

import type { JsonObject } from '../../base/json.ts';
import { invalid, isSet } from '../fields.ts';

/**
 * The object with its names in camel case; the same one where they are. Throws `invalid_request`
 * where a field is set in both, for nobody could say which of the two counts.
 */
export function respell(object: JsonObject, path = ''): JsonObject {
  let copy: JsonObject | undefined;
  for (const key in object) {
    if (!key.includes('_')) continue;
    const name = camelCase(key);
    if (name === key) continue;
    copy ??= { ...object };
    if (isSet(object[key])) {
      if (isSet(copy[name])) throw invalid(join(path, key), `\`${name}\` is set twice.`);
      copy[name] = object[key];
    }
    delete copy[key];
  }
  return copy ?? object;
}

/** The spelling in which an object has this field. */
export function spellingOf(object: JsonObject, name: string): string {
  return Object.keys(object).find((key) => isSet(object[key]) && camelCase(key) === name) ?? name;
}

export function join(path: string, key: string): string {
  return path === '' ? key : `${path}.${key}`;
}

function camelCase(key: string): string {
  return key.includes('_')
    ? key.replace(/(?<=[a-z0-9])_([a-z0-9])/g, (_, letter: string) => letter.toUpperCase())
    : key;
}
