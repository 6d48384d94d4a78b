// Words that must not stand in the project's text files. Each pattern is written so that it does not
// match itself, so this file needs no exception.

import type { Tree } from './tree.ts';

export const BANNED: readonly { readonly what: string; readonly pattern: RegExp }[] = Object.freeze(
  [
    { what: 'work that is left for later', pattern: /\b(TO[D]O|FIX[M]E|X{3}|HAC[K])\b/ },
    {
      what: 'a cast that switches the types off',
      pattern: /\bas an[y]\b(?! (of|other|one|number))/,
    },
    { what: 'a type check that is switched off', pattern: /@ts-(ignor[e]|nochec[k])/ },
    {
      what: 'a path outside the repository',
      pattern: /\.\.\/share[d]\b|\/work\/(mai[n]|share[d])\b/,
    },
    { what: 'a folder of one machine', pattern: /\/(home|Users)\/[a-z]+\/|\/roo[t]\// },
    {
      what: 'a registry address',
      pattern: /registry\.(npmj[s]|yarnpk[g])\b|\b(jfro[g]|verdacci[o])\b/,
    },
    { what: 'the voice of an assistant', pattern: /\b[aA]s an (A[I]|language mode[l])\b/ },
    { what: 'a merge that is not finished', pattern: /^(<{7}|>{7}) /m },
    {
      what: 'a key that looks real',
      pattern: /\bsk_liv[e]_[A-Za-z0-9]{16,}|-----BEGIN [A-Z ]*PRIVATE/,
    },
  ],
);

/** Each banned word with the place where it stands. */
export function findBannedWords(tree: Tree): string[] {
  return [...tree].flatMap(([path, text]) =>
    text
      .split('\n')
      .flatMap((line, index) =>
        BANNED.filter(({ pattern }) => pattern.test(line)).map(
          ({ what }) => `${path}:${index + 1} has ${what}: ${line.trim().slice(0, 80)}`,
        ),
      ),
  );
}
