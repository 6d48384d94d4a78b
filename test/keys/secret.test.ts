import { createHash } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createKeySecret, keyHint, parseKeySecret } from '../../src/keys/secret.ts';

const modes = fc.constantFrom('live' as const, 'test' as const);

describe('the text of an API key', () => {
  it('parses to its mode and to the hash that it was made with', () => {
    fc.assert(
      fc.property(modes, (mode) => {
        const { text, hash, lastFour } = createKeySecret(mode);
        expect(text).toMatch(new RegExp(`^ih_${mode}_[0-9a-z]{59}$`));
        expect(hash).toEqual(createHash('sha256').update(text).digest());
        expect(parseKeySecret(text)).toEqual({ mode, hash });
        expect(keyHint(mode, lastFour)).toBe(`ih_${mode}_…${text.slice(-4)}`);
      }),
    );
  });

  it('is refused with any one character replaced', () => {
    const character = fc.constantFrom(...Array.from('0123456789abcdefghjkmnpqrstvwxyzilou_A-'));
    fc.assert(
      fc.property(modes, fc.nat(), character, (mode, seed, replacement) => {
        const { text } = createKeySecret(mode);
        const at = seed % text.length;
        fc.pre(text[at] !== replacement);
        const mistyped = text.slice(0, at) + replacement + text.slice(at + 1);
        expect(parseKeySecret(mistyped)).toBeUndefined();
      }),
      { numRuns: 2_000 },
    );
  });

  it('is refused with two neighbours swapped, cut short, lengthened, or of the other mode', () => {
    fc.assert(
      fc.property(modes, fc.nat(), (mode, seed) => {
        const { text } = createKeySecret(mode);
        const at = seed % (text.length - 1);
        const [a = '', b = ''] = [text[at], text[at + 1]];
        fc.pre(a !== b);
        expect(parseKeySecret(text.slice(0, at) + b + a + text.slice(at + 2))).toBeUndefined();
        expect(parseKeySecret(text.slice(0, at))).toBeUndefined();
        expect(parseKeySecret(`${text}0`)).toBeUndefined();
        expect(parseKeySecret(`${text}\n`)).toBeUndefined();
        const other = mode === 'live' ? 'test' : 'live';
        expect(parseKeySecret(text.replace(mode, other))).toBeUndefined();
      }),
    );
  });

  it('never throws on whatever is sent', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => {
        const text = Buffer.from(bytes).toString('utf16le');
        expect(parseKeySecret(text)).toBeUndefined();
        expect(parseKeySecret(`ih_live_${text}`)).toBeUndefined();
      }),
    );
  });

  it('is never the same twice', () => {
    const texts = Array.from({ length: 1_000 }, () => createKeySecret('live').text);
    expect(new Set(texts).size).toBe(texts.length);
  });
});
