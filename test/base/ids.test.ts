import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { encodeBase32, isId, newId } from '../../src/base/ids.ts';

describe('ids', () => {
  test('sort by the time of their making', () => {
    const at = [1, 1_000, 1_700_000_000_000, 1_700_000_000_001, 2 ** 47];
    const ids = at.map((wallMs) => newId('req', wallMs));
    expect(ids.toSorted()).toEqual(ids);
  });

  test('are never the same twice and are known by their prefix', () => {
    const ids = new Set(Array.from({ length: 5_000 }, () => newId('key', 0)));
    expect(ids.size).toBe(5_000);
    for (const id of ids) expect([isId('key', id), isId('req', id)]).toEqual([true, false]);
  });

  test.each([
    '',
    'req_',
    'req_1',
    `req_${'i'.repeat(26)}`,
    `req_${'0'.repeat(27)}`,
    `REQ_${'0'.repeat(26)}`,
  ])('%j is no id', (text) => expect(isId('req', text)).toBe(false));

  test('base 32 keeps every bit', () => {
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 1, maxLength: 40 }), (bytes) => {
        const alphabet = '0123456789abcdefghjkmnpqrstvwxyz';
        const bits = Array.from(encodeBase32(bytes))
          .map((character) => alphabet.indexOf(character).toString(2).padStart(5, '0'))
          .join('');
        const decoded = Array.from(bytes, (_, i) =>
          Number.parseInt(bits.slice(i * 8, i * 8 + 8), 2),
        );
        expect(decoded).toEqual([...bytes]);
        expect(bits.slice(bytes.length * 8)).toMatch(/^0*$/);
      }),
    );
  });
});
