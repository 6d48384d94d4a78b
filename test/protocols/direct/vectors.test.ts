// Vectors in the encoding that a client asked for, whatever the provider sent.

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { arrayOf, objectOf, stringOf, type JsonObject } from '../../../src/base/json.ts';
import { PROTOCOLS } from '../../../src/protocols/list.ts';

const embeddings = PROTOCOLS['openai-embeddings'];

/** What the client gets; undefined where the provider's bytes pass. */
function rewrite(encoding_format: string | undefined, reply: JsonObject): JsonObject | undefined {
  const asked = { model: 'm', input: 'a', ...(encoding_format && { encoding_format }) };
  const written = embeddings.rewriteReply?.(reply, embeddings.inspectRequest(asked));
  expect(written?.contentType ?? 'application/json').toBe('application/json');
  return written && (JSON.parse(written.text) as JsonObject);
}

const item = (index: number, embedding: number[] | string) => ({
  object: 'embedding',
  index,
  embedding,
});
const list = (...data: JsonObject[]): JsonObject => ({ object: 'list', data, usage: { a: 1 } });

/** Of the first item. */
const vectorOf = ({ data }: JsonObject) => objectOf(arrayOf(data)[0])?.['embedding'];

/** 1.5 and -2 as float32, the lowest byte first. */
const BASE64 = 'AADAPwAAAMA=';

describe('a reply with vectors', () => {
  it('passes where it is as it was asked for', () => {
    expect(rewrite('base64', list(item(0, BASE64), item(1, BASE64)))).toBeUndefined();
    expect(rewrite('float', list(item(0, [1.5])))).toBeUndefined();
    expect(rewrite(undefined, list(item(0, [1.5])))).toBeUndefined();
    expect(rewrite('base64', { error: 'none' })).toBeUndefined();
  });

  it('is encoded where base64 was asked for, and decoded where it was not', () => {
    const numbers = list(item(0, [1.5, -2]));
    const text = list(item(0, BASE64));
    expect(rewrite('base64', numbers)).toEqual(text);
    expect(rewrite('float', text)).toEqual(numbers);
    expect(rewrite(undefined, text)).toEqual(numbers);
  });

  it('comes in the order of its index, each with its own vector', () => {
    const sorted = list(item(0, [0]), item(1, [1]), item(2, [2]));
    expect(rewrite('float', list(item(2, [2]), item(0, [0]), item(1, [1])))).toEqual(sorted);
    expect(rewrite('base64', list(item(1, BASE64), item(0, [1.5, -2])))).toEqual(
      list(item(0, BASE64), item(1, BASE64)),
    );
  });

  it('keeps every number of single precision', () => {
    const float32 = fc.float({ noNaN: true, noDefaultInfinity: true });
    fc.assert(
      fc.property(fc.array(float32), (vector) => {
        const encoded = rewrite('base64', list(item(0, vector))) ?? {};
        const bytes = Buffer.from(stringOf(vectorOf(encoded)) ?? '', 'base64');
        const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
        expect(vector.map((_, i) => view.getFloat32(i * 4, true))).toEqual(vector);
        // JSON has no minus zero.
        const plain = vector.map((value) => value + 0);
        expect(vectorOf(rewrite('float', encoded) ?? {})).toEqual(plain);
      }),
    );
  });
});
