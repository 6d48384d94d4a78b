// Answers and arguments made from a JSON Schema: valid for what the schema says, and bounded for
// whatever strangers may send.

import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { JsonObject } from '../../src/base/json.ts';
import { sampleSchema } from '../../src/sandbox/schema-sample.ts';
import type { Sandbox } from '../../src/sandbox/server.ts';
import { startSandbox } from '../../src/sandbox/server.ts';
import { ask, completeMessage } from './client.ts';

let sandbox: Sandbox;
beforeAll(async () => {
  sandbox = await startSandbox();
});
afterAll(() => sandbox.close());

const jsonOf = async (model: string, format: unknown): Promise<unknown> => {
  const body = ask(model, 'hello', { response_format: format });
  return JSON.parse((await completeMessage(sandbox, body)).content ?? '');
};

describe('response_format', () => {
  it.each(['echo', 'lorem', 'tools'])('json_object makes %s answer an object', async (model) => {
    expect(await jsonOf(model, { type: 'json_object' })).toEqual({ text: 'example' });
  });

  it('json_schema is answered by a document of that schema', async () => {
    const schema = {
      type: 'object',
      properties: { name: { type: 'string' }, tags: { type: 'array', minItems: 2, items: {} } },
      required: ['name', 'tags'],
    };
    const format = { type: 'json_schema', json_schema: { name: 'thing', schema } };
    expect(await jsonOf('echo', format)).toEqual({
      name: 'example',
      tags: ['example', 'example'],
    });
  });

  it('text leaves the answer as it is', async () => {
    const body = ask('echo', 'hello', { response_format: { type: 'text' } });
    expect((await completeMessage(sandbox, body)).content).toBe('hello');
  });
});

describe('sampleSchema', () => {
  const object = (properties: JsonObject): JsonObject => ({
    type: 'object',
    properties,
    required: Object.keys(properties),
  });

  it.each<[string, JsonObject, unknown]>([
    ['a string', { type: 'string' }, 'example'],
    ['a number', { type: 'number' }, 1],
    ['a boolean', { type: 'boolean' }, true],
    ['null', { type: 'null' }, null],
    ['a nullable string', { type: ['null', 'string'] }, 'example'],
    ['the first of an enum', { type: 'string', enum: ['b', 'a'] }, 'b'],
    ['a constant', { const: 42 }, 42],
    ['a null constant', { const: null, enum: [1] }, null],
    ['a number with a minimum', { type: 'integer', minimum: 5 }, 5],
    ['a number below a bound', { type: 'integer', exclusiveMaximum: 0 }, -1],
    ['a number above a bound', { type: 'integer', exclusiveMinimum: 9 }, 10],
    ['a short string', { type: 'string', maxLength: 3 }, 'exa'],
    ['a long string', { type: 'string', minLength: 9 }, 'exampleex'],
    ['an empty array', { type: 'array', items: { type: 'string' } }, []],
    ['an object without a type', { ...object({ a: {} }), type: 'object' }, { a: 'example' }],
    ['the alternative that is not null', { anyOf: [{ type: 'null' }, { const: 1 }] }, 1],
    [
      'all parts joined',
      { allOf: [object({ a: { const: 1 } }), object({ b: { const: 2 } })] },
      { a: 1, b: 2 },
    ],
    [
      'what a reference names',
      { ...object({ at: { $ref: '#/$defs/a~1b' } }), $defs: { 'a/b': { type: 'boolean' } } },
      { at: true },
    ],
    ['no optional properties', { type: 'object', properties: { a: {} } }, {}],
  ])('makes %s', (_, schema, expected) => {
    expect(sampleSchema(schema)).toEqual(expected);
  });

  it('keeps a property named __proto__ a property', () => {
    const schema = JSON.parse(
      '{"type":"object","required":["__proto__"],"properties":{"__proto__":{"const":7}}}',
    ) as JsonObject;
    expect(JSON.stringify(sampleSchema(schema))).toBe('{"__proto__":7}');
  });

  it('ends on schemas that contain themselves, however wide', () => {
    const names = Array.from({ length: 50 }, (_, i) => `p${i}`);
    const self = { $ref: '#' };
    const wide = object(Object.fromEntries(names.map((name) => [name, self])));
    const parts = { allOf: Array.from({ length: 50 }, () => self) };
    const items: JsonObject = { type: 'array', minItems: 1e9, items: self };
    const heavy = {
      ...wide,
      allOf: [self, self],
      anyOf: Array.from({ length: 9_999 }, () => self),
    };
    for (const schema of [self, wide, parts, items, heavy]) {
      expect(JSON.stringify(sampleSchema(schema)).length).toBeLessThan(1_000_000);
    }
  });

  it.each<[string, JsonObject]>([
    ['names', { type: 'object', required: ['x'.repeat(2_000)] }],
    ['values', { ...object({ a: { const: 'x'.repeat(2_000) } }) }],
    ['strings', { ...object({ a: { type: 'string', minLength: 1e9 } }) }],
  ])('does not repeat %s without bound', (_, schema) => {
    expect(JSON.stringify(sampleSchema(schema)).length).toBeLessThan(1_100);
  });
});
