// Schemas of Gemini's older fields (`parameters`, `responseSchema`) as JSON Schema. They are a subset
// of OpenAPI 3.0: types in capitals, `nullable` beside the type, counts as texts.
// https://ai.google.dev/api/caching#Schema

import { arrayOf, isObject, objectOf, type JsonObject, type JsonValue } from '../../base/json.ts';

/** Keywords that hold one schema, a list of them, or several by name. */
const ONE: ReadonlySet<string> = new Set(['items', 'additionalProperties', 'not']);
const LIST: ReadonlySet<string> = new Set(['anyOf', 'oneOf', 'allOf', 'prefixItems']);
const NAMED: ReadonlySet<string> = new Set(['properties', '$defs', 'defs', 'definitions']);

/** Formats that say nothing beyond the type, and that JSON Schema does not know. */
const NO_FORMATS: ReadonlySet<JsonValue | undefined> = new Set([
  'enum',
  'int32',
  'int64',
  'float',
  'double',
]);

/** The same schema as JSON Schema; one that is JSON Schema already stays as it is. */
export function toJsonSchema(schema: JsonObject): JsonObject {
  const { nullable, propertyOrdering, property_ordering: ordering, example, ...rest } = schema;
  const written: JsonObject = {};
  for (const [key, value] of Object.entries(rest)) {
    if (key === 'format' && NO_FORMATS.has(value)) continue;
    written[nameOf(key)] = writeKeyword(nameOf(key), value);
  }
  const order = arrayOf(propertyOrdering ?? ordering);
  const properties = objectOf(written['properties']);
  if (order.length > 0 && properties) written['properties'] = inOrder(properties, order);
  if (example !== undefined) written['examples'] = [example];
  return nullable === true ? orNull(written) : written;
}

function nameOf(key: string): string {
  return SNAKE_NAMES.get(key) ?? key;
}

const SNAKE_NAMES: ReadonlyMap<string, string> = new Map([
  ['any_of', 'anyOf'],
  ['min_items', 'minItems'],
  ['max_items', 'maxItems'],
  ['min_length', 'minLength'],
  ['max_length', 'maxLength'],
  ['min_properties', 'minProperties'],
  ['max_properties', 'maxProperties'],
]);

function writeKeyword(key: string, value: JsonValue | undefined): JsonValue {
  if (key === 'type' && typeof value === 'string') return value.toLowerCase();
  if (ONE.has(key) && isObject(value)) return toJsonSchema(value);
  if (LIST.has(key))
    return arrayOf(value).map((item) => (isObject(item) ? toJsonSchema(item) : item));
  if (NAMED.has(key) && isObject(value)) {
    const entries = Object.entries(value).map(([name, inner]) => [
      name,
      isObject(inner) ? toJsonSchema(inner) : inner,
    ]);
    return Object.fromEntries(entries) as JsonObject;
  }
  // Counts are 64 bits wide, and so come as texts.
  const isCount = /^(min|max)(Items|Length|Properties)$/.test(key);
  return isCount && typeof value === 'string' && /^\d+$/.test(value)
    ? Number(value)
    : (value ?? null);
}

function inOrder(properties: JsonObject, order: readonly JsonValue[]): JsonObject {
  const place = (name: string): number => {
    const at = order.indexOf(name);
    return at < 0 ? order.length : at;
  };
  return Object.fromEntries(Object.entries(properties).sort(([a], [b]) => place(a) - place(b)));
}

function orNull(schema: JsonObject): JsonObject {
  const { type, enum: values, anyOf } = schema;
  return {
    ...schema,
    ...(typeof type === 'string' && { type: [type, 'null'] }),
    ...(Array.isArray(values) && { enum: [...values, null] }),
    ...(Array.isArray(anyOf) && { anyOf: [...anyOf, { type: 'null' }] }),
  };
}
