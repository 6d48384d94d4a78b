// Reads fields of a client's body. A wrong type is `invalid_request`, a field that cannot be said
// or has no price is `unsupported_parameter`; both name the field by its path in the caller's own
// body, and neither repeats its value. OpenAI's clients send null for "not set", so null is absent.

import { HubError } from '../base/errors.ts';
import { isObject, type JsonObject, type JsonValue } from '../base/json.ts';

/** Deeper bodies are refused: walking or writing them could exhaust the stack. */
export const MAX_DEPTH = 200;
export const MAX_TOKEN_LIMIT = 2 ** 31 - 1;

export function invalid(param: string, message: string): HubError {
  return new HubError('invalid_request', { param, message });
}

export function unsupported(param: string, message: string): HubError {
  return new HubError('unsupported_parameter', { param, message });
}

/** For fields that change the price in a way that the price list does not know. */
export function unpriced(param: string): HubError {
  return unsupported(param, `\`${param}\` has no price on this hub yet.`);
}

/** For fields that the model's own protocol cannot express. */
export function untranslatable(param: string): HubError {
  return unsupported(param, `\`${param}\` cannot be said in the protocol of this model.`);
}

/** Whether the field is set at all. */
export function isSet(value: JsonValue | undefined): value is Exclude<JsonValue, null> {
  return value !== undefined && value !== null;
}

export function readString(value: JsonValue | undefined, path: string): string {
  if (typeof value !== 'string') throw invalid(path, `\`${path}\` must be a string.`);
  return value;
}

export function readName(value: JsonValue | undefined, path: string): string {
  const name = readString(value, path);
  if (name === '') throw invalid(path, `\`${path}\` must not be empty.`);
  return name;
}

export function readObject(value: JsonValue | undefined, path: string): JsonObject {
  if (!isObject(value)) throw invalid(path, `\`${path}\` must be an object.`);
  return value;
}

export function readArray(value: JsonValue | undefined, path: string): JsonValue[] {
  if (!Array.isArray(value)) throw invalid(path, `\`${path}\` must be an array.`);
  return value;
}

export function readOptionalString(value: JsonValue | undefined, path: string): string | undefined {
  return isSet(value) ? readString(value, path) : undefined;
}

export function readOptionalArray(value: JsonValue | undefined, path: string): JsonValue[] {
  return isSet(value) ? readArray(value, path) : [];
}

export function readFlag(value: JsonValue | undefined, path: string): boolean | undefined {
  if (!isSet(value)) return undefined;
  if (typeof value !== 'boolean') throw invalid(path, `\`${path}\` must be true or false.`);
  return value;
}

export function readNumber(value: JsonValue | undefined, path: string): number | undefined {
  if (!isSet(value)) return undefined;
  if (typeof value !== 'number' || !Number.isFinite(value)) {
    throw invalid(path, `\`${path}\` must be a number.`);
  }
  return value;
}

/** A whole number within the bounds, or undefined where the field is not set. */
export function readInteger(
  value: JsonValue | undefined,
  path: string,
  least: number,
  most: number,
): number | undefined {
  if (!isSet(value)) return undefined;
  if (typeof value !== 'number' || !Number.isSafeInteger(value) || value < least || value > most) {
    throw invalid(path, `\`${path}\` must be a whole number from ${least} to ${most}.`);
  }
  return value;
}

/** The model's name, as every protocol has it. */
export function readModel(value: JsonValue | undefined): string {
  if (typeof value !== 'string' || value === '' || value.length > 256) {
    throw invalid('model', '`model` must be a string of 1 to 256 characters.');
  }
  return value;
}

export type Present<T> = { [K in keyof T]?: Exclude<T[K], undefined> };

/** The members that are not undefined; what exact optional properties ask for. */
export function present<T extends object>(members: T): Present<T> {
  const kept: Record<string, unknown> = {};
  for (const key in members) if (members[key] !== undefined) kept[key] = members[key];
  return kept as Present<T>;
}

/** Refuses bodies nested beyond a bound. Iterative, for its own stack must hold. */
export function refuseDeepNesting(body: JsonValue): void {
  let level: JsonValue[] = [body];
  for (let depth = 0; level.length > 0; depth++) {
    if (depth > MAX_DEPTH) throw tooDeep();
    const next: JsonValue[] = [];
    for (const value of level) {
      if (typeof value !== 'object' || value === null) continue;
      for (const child of Object.values(value)) {
        if (typeof child === 'object' && child !== null) next.push(child);
      }
    }
    level = next;
  }
}

export function tooDeep(): HubError {
  return new HubError('invalid_request', { message: 'The body is nested too deeply.' });
}

/** Names the fields of an object beyond the known ones, for the list of drops. */
export function noteUnknown(
  object: JsonObject,
  known: ReadonlySet<string>,
  path: string,
  dropped: Set<string>,
): void {
  for (const key of Object.keys(object)) {
    if (!known.has(key) && isSet(object[key])) dropped.add(`${path}.${key}`);
  }
}

/** What becomes of a field on the translated way: of the body, or of the object at a path in it. */
export interface FieldRules {
  readonly translated: ReadonlySet<string>;
  /** Hints that the answer does not depend on; the published list of drops. */
  readonly droppable: ReadonlySet<string>;
}

/** Notes the documented drops; refuses by name whatever neither is translated nor documented. */
export function sortFields(
  object: JsonObject,
  rules: FieldRules,
  dropped: Set<string>,
  path?: string,
): void {
  for (const key of Object.keys(object)) {
    if (!isSet(object[key]) || rules.translated.has(key)) continue;
    const name = path === undefined ? key : `${path}.${key}`;
    if (!rules.droppable.has(key)) throw untranslatable(name);
    dropped.add(name);
  }
}
