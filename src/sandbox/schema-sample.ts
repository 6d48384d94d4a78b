// The smallest JSON value that a JSON Schema allows, always the same one. It knows the keywords that
// tool definitions use; `pattern` and `format` are not followed. Schemas come from strangers and may
// refer to themselves, so depth and size are bounded: past the bound a value is empty.

import type { JsonObject, JsonValue } from '../base/json.ts';
import { arrayOf, isObject, objectOf, stringOf } from '../base/json.ts';

const MAX_DEPTH = 12;
const MAX_ITEMS = 16;
const MAX_CHARACTERS = 1_000;
/** Counted in values made and schema keys read; a short schema can unfold into a huge one. */
const MAX_WORK = 10_000;
const SAMPLE_TEXT = 'example';

interface Task {
  readonly root: JsonObject;
  workLeft: number;
}

/** A value for this schema; never throws, whatever the schema holds. */
export function sampleSchema(schema: JsonObject): JsonValue {
  return sample(schema, 0, { root: schema, workLeft: MAX_WORK });
}

function sample(schema: JsonValue | undefined, depth: number, task: Task): JsonValue {
  task.workLeft -= 1;
  const rules = flatten(schema, depth, task);
  const fixed = rules['const'] === undefined ? arrayOf(rules['enum'])[0] : rules['const'];
  if (isShort(fixed)) return fixed;
  switch (typeOf(rules)) {
    case 'object':
      return sampleObject(rules, depth, task);
    case 'array':
      return sampleArray(rules, depth, task);
    case 'number':
    case 'integer':
      return sampleNumber(rules);
    case 'boolean':
      return true;
    case 'null':
      return null;
    default:
      return sampleText(rules);
  }
}

function sampleObject(rules: JsonObject, depth: number, task: Task): JsonObject {
  const properties = objectOf(rules['properties']) ?? {};
  const entries: [string, JsonValue][] = [];
  for (const name of arrayOf(rules['required'])) {
    if (depth >= MAX_DEPTH || task.workLeft <= 0) break;
    if (typeof name !== 'string' || !isShort(name)) continue;
    const schema = Object.hasOwn(properties, name) ? properties[name] : undefined;
    entries.push([name, sample(schema, depth + 1, task)]);
  }
  // fromEntries defines own properties, so a property named __proto__ stays a property.
  return Object.fromEntries(entries);
}

function sampleArray(rules: JsonObject, depth: number, task: Task): JsonValue[] {
  const length = depth < MAX_DEPTH ? Math.min(numberOf(rules['minItems']) ?? 0, MAX_ITEMS) : 0;
  const items: JsonValue[] = [];
  while (items.length < length && task.workLeft > 0) {
    items.push(sample(rules['items'], depth + 1, task));
  }
  return items;
}

function sampleNumber(rules: JsonObject): number {
  const low = numberOf(rules['minimum']) ?? after(rules['exclusiveMinimum'], 1);
  const high = numberOf(rules['maximum']) ?? after(rules['exclusiveMaximum'], -1);
  return Math.min(Math.max(1, low ?? 1), high ?? Number.MAX_SAFE_INTEGER);
}

function after(bound: JsonValue | undefined, step: number): number | undefined {
  const value = numberOf(bound);
  return value === undefined ? undefined : value + step;
}

function sampleText(rules: JsonObject): string {
  const shortest = Math.min(numberOf(rules['minLength']) ?? 0, MAX_CHARACTERS);
  const longest = numberOf(rules['maxLength']) ?? MAX_CHARACTERS;
  return SAMPLE_TEXT.padEnd(shortest, SAMPLE_TEXT).slice(0, Math.max(0, longest));
}

/** The schema with its reference followed, its first alternative chosen, its parts joined. */
function flatten(schema: JsonValue | undefined, depth: number, task: Task): JsonObject {
  if (!isObject(schema) || depth > MAX_DEPTH || task.workLeft <= 0) return {};
  const { $ref, allOf, anyOf, oneOf, ...own } = schema;
  const alternatives = [...arrayOf(anyOf), ...arrayOf(oneOf)];
  task.workLeft -= 1 + Object.keys(own).length + alternatives.length;
  const chosen = alternatives.find((option) => objectOf(option)?.['type'] !== 'null');
  const parts = [
    ...($ref === undefined ? [] : [lookUp(stringOf($ref) ?? '', task.root)]),
    ...arrayOf(allOf).slice(0, MAX_ITEMS),
    ...(chosen === undefined ? [] : [chosen]),
  ];
  return parts.reduce<JsonObject>(
    (joined, part) => join(joined, flatten(part, depth + 1, task), task),
    own,
  );
}

function join(left: JsonObject, right: JsonObject, task: Task): JsonObject {
  if (task.workLeft > 0) task.workLeft -= sizeOf(left) + sizeOf(right);
  if (task.workLeft <= 0) return left;
  return {
    ...left,
    ...right,
    properties: { ...objectOf(left['properties']), ...objectOf(right['properties']) },
    required: [...new Set([...arrayOf(left['required']), ...arrayOf(right['required'])])],
  };
}

/** What joining a schema to another one costs. */
function sizeOf(schema: JsonObject): number {
  const properties = objectOf(schema['properties']) ?? {};
  return 1 + Object.keys(properties).length + arrayOf(schema['required']).length;
}

/** Follows a reference inside the document, such as `#/$defs/Point`; others lead nowhere. */
function lookUp(reference: string, root: JsonObject): JsonValue | undefined {
  if (!reference.startsWith('#') || !isShort(reference)) return undefined;
  let found: JsonValue | undefined = root;
  for (const step of reference.split('/').slice(1)) {
    const name = step.replaceAll('~1', '/').replaceAll('~0', '~');
    found = isObject(found) && Object.hasOwn(found, name) ? found[name] : undefined;
  }
  return found;
}

function typeOf(rules: JsonObject): string | undefined {
  const declared = rules['type'];
  const types = Array.isArray(declared) ? declared : [declared];
  const type = types.slice(0, MAX_ITEMS).find((candidate) => candidate !== 'null') ?? types[0];
  if (typeof type === 'string') return type;
  const properties = objectOf(rules['properties']);
  if (properties !== undefined && Object.keys(properties).length > 0) return 'object';
  return rules['items'] === undefined ? undefined : 'array';
}

/** Fixed values and names are repeated in the sample, so long ones are not taken over. */
function isShort(value: JsonValue | undefined): value is string | number | boolean | null {
  if (typeof value === 'string') return value.length <= MAX_CHARACTERS;
  return value !== undefined && (value === null || typeof value !== 'object');
}

function numberOf(value: JsonValue | undefined): number | undefined {
  return typeof value === 'number' ? value : undefined;
}
