// Holds the text files free of banned words, and shows that each pattern sees its word.

import { describe, expect, it } from 'vitest';
import { readTree } from './tree.ts';
import { BANNED, findBannedWords } from './words.ts';

/** In the order of the table; cut in two, so that this file may be read like any other. */
const PLANTED = [
  ['// TO', 'DO: later'],
  ['const a = b as a', 'ny;'],
  ['// @ts-ig', 'nore'],
  ['see ../sha', 'red/notes.md'],
  ['cd /ro', 'ot/build'],
  ['https://registry.npm', 'js.org/a'],
  ['As an A', 'I, one cannot'],
  ['<<<<', '<<< HEAD'],
  ['sk_live', '_0123456789abcdef'],
];

describe('banned words', () => {
  it('stand in no text file', () => {
    expect(findBannedWords(readTree())).toEqual([]);
  });

  for (const [index, { what }] of BANNED.entries()) {
    it(`are found: ${what}`, () => {
      const text = PLANTED[index]?.join('') ?? '';
      expect(findBannedWords(new Map([['a.md', `first line\n${text}`]]))).toEqual([
        `a.md:2 has ${what}: ${text}`,
      ]);
    });
  }
});
