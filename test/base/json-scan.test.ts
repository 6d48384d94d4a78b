import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { isOutlined, originalLength, scanJson } from '../../src/base/json-scan.ts';

const outlineOf = (text: string): string => scanJson(text).outline;
const LARGE = 'x'.repeat(20_000);

/** What an outline must keep of a value: all but what is in its long strings. */
function shape(value: unknown): unknown {
  if (typeof value === 'string') return value.length > 64 ? 'long' : value;
  if (Array.isArray(value)) return value.map(shape);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, each]) => [shape(key), shape(each)]));
}

function unmark(value: unknown): unknown {
  if (typeof value === 'string') return isOutlined(value) ? 'long' : shape(value);
  if (Array.isArray(value)) return value.map(unmark);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, each]) => [key, unmark(each)]));
}

describe('the outline of a JSON text', () => {
  test('has the same shape and the same short values', () => {
    const ascii = fc.string({ unit: 'binary-ascii', maxLength: 400 });
    const strings = fc.oneof(ascii, fc.constant(LARGE), fc.constant('\\"'.repeat(300)));
    const values = fc.jsonValue({ depthSize: 'medium', stringUnit: 'binary-ascii' });
    fc.assert(
      fc.property(fc.array(strings), values, fc.nat(3), (texts, value, space) => {
        const text = JSON.stringify({ pad: LARGE, texts, value }, null, space);
        const given: unknown = JSON.parse(text);
        const outline: unknown = JSON.parse(outlineOf(text));
        // Escapes make the text of a string longer than the string, so that a short one may be cut.
        expect(unmark(outline)).toEqual(unmark(cutAlike(given, outline)));
      }),
      { numRuns: 300 },
    );
  });

  test('is the text itself where that has no long strings', () => {
    for (const text of ['{"a":"b"}', JSON.stringify([...Array(9_000).keys()])]) {
      expect(outlineOf(text)).toBe(text);
    }
  });

  test('knows how long a cut string was, and keeps its beginning', () => {
    const url = `data:image/png;base64,${LARGE}`;
    const outline = JSON.parse(outlineOf(JSON.stringify({ url }))) as { url: string };
    expect(outline.url.length).toBeLessThan(200);
    expect(outline.url.startsWith('data:image/png')).toBe(true);
    expect(originalLength(outline.url)).toBe(url.length);
    expect(originalLength('short')).toBe(5);
  });

  test('cuts no escape in two', () => {
    for (let at = 0; at < 80; at++) {
      const text = JSON.stringify({ a: `${'x'.repeat(at)}"\u0001\\${LARGE}` });
      expect(() => JSON.parse(outlineOf(text))).not.toThrow();
    }
  });

  test('stays no JSON where the text is none', () => {
    const texts = [`{"a":"${LARGE}`, `{"a":"${LARGE}\\"}`, `{"a":"${LARGE}" "b"}`, `["${LARGE}"}`];
    for (const text of texts) expect(() => JSON.parse(outlineOf(text))).toThrow();
  });
});

/** `given` with those strings marked that the outline cut because of their escapes. */
function cutAlike(given: unknown, outline: unknown): unknown {
  if (typeof given === 'string') {
    return typeof outline === 'string' && isOutlined(outline) ? outline : given;
  }
  if (Array.isArray(given) && Array.isArray(outline)) {
    return given.map((each, i) => cutAlike(each, outline[i]));
  }
  if (typeof given !== 'object' || given === null) return given;
  const values = Object.values(outline as object) as unknown[];
  return Object.fromEntries(
    Object.entries(given).map(([key, each], i) => [key, cutAlike(each, values[i])]),
  );
}
