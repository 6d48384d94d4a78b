// Holds lists of proofs to the tests that they name, and the billing rules to their list.

import type { Proof } from '../faults/coverage.ts';

const CALL = /\b(?:it|test)(?:\.\w+)*(?=\()/g;
const TITLE = /\(\s*(?=['"`])/y;
const QUOTED = /'(?:[^'\\]|\\.)*'|"(?:[^"\\]|\\.)*"|`(?:[^`\\]|\\.)*`|[()]/gs;

/** The titles of the tests in a file, with … for each value that it fills in. */
export function readTitles(text: string): Set<string> {
  return new Set(
    [...text.matchAll(CALL)].flatMap((call) => {
      const open = call.index + call[0].length;
      const start = findTitle(text, open) ?? findTitle(text, endOfCall(text, open));
      return start === undefined ? [] : [readTitle(text, start)];
    }),
  );
}

/** Where the quote stands that begins a title, if the call that opens at `open` begins with one. */
function findTitle(text: string, open: number): number | undefined {
  TITLE.lastIndex = open;
  return TITLE.test(text) ? TITLE.lastIndex : undefined;
}

/** Behind the call that opens at `open`: that of a table of cases, to which a title follows. */
function endOfCall(text: string, open: number): number {
  QUOTED.lastIndex = open;
  let depth = 0;
  for (let found = QUOTED.exec(text); found; found = QUOTED.exec(text)) {
    if (found[0] === '(') depth += 1;
    else if (found[0] === ')') depth -= 1;
    if (depth === 0) return QUOTED.lastIndex;
  }
  return text.length;
}

/** The text that begins with a quote at `start`. Values hold braces in pairs, and quotes of any kind. */
function readTitle(text: string, start: number): string {
  let title = '';
  let depth = 0;
  for (let i = start + 1; i < text.length; i++) {
    if (depth > 0) depth += Number(text[i] === '{') - Number(text[i] === '}');
    else if (text[i] === text[start]) break;
    else if (text[i] === '\\') title += text[++i];
    else if (text[start] === '`' && text.startsWith('${', i)) {
      title += '…';
      depth = 1;
      i += 1;
    } else title += text[i];
  }
  return title;
}

/** Claims that no test proves, or whose tests are not there; `read` gives a file below test/. */
export function findUnproven(
  proofs: readonly Proof[],
  read: (path: string) => string | undefined,
): string[] {
  return proofs.flatMap(({ claim, tests }) => {
    const named = Object.entries(tests).flatMap(([path, titles]) =>
      titles.map((title) => ({ path, title })),
    );
    if (named.length === 0) return [`${claim}: no test`];
    return named.flatMap(({ path, title }) => {
      const text = read(path);
      if (text === undefined) return [`${claim}: there is no test/${path}`];
      return readTitles(text).has(title) ? [] : [`${claim}: test/${path} has no “${title}”`];
    });
  });
}

/** The bold words with which the rules of a document begin; a rule without them counts by its words. */
export function readRules(document: string): string[] {
  return document
    .split('\n')
    .filter((line) => line.startsWith('* '))
    .map((line) => /^\* \*\*(.+?)\*\*/.exec(line)?.[1] ?? line.slice(2));
}
