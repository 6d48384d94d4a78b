// Holds the looks of the code, and shows that each rule sees what it is there to see.

import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { findFaults, RULES } from './style.ts';
import { ROOT, readTree } from './tree.ts';

const HEADER = '// What this file owns.\n';

/** For each rule a file that breaks it, and one that comes close but does not. */
const PLANTED: Readonly<Record<string, { bad: [string, string]; good: [string, string] }>> = {
  'file size': {
    bad: ['src/base/a.ts', `${HEADER}${'\n'.repeat(400)}`],
    good: ['src/base/a.ts', `${HEADER}${'\n'.repeat(399)}`],
  },
  header: {
    bad: ['src/base/a.ts', 'export const a = 1;\n'],
    good: ['src/base/a.ts', `${HEADER.repeat(5)}\nexport const a = 1;\n`],
  },
  'file name': {
    bad: ['src/base/jsonEdit.ts', HEADER],
    good: ['src/base/json-edit.ts', HEADER],
  },
  'default export': {
    bad: ['src/base/a.ts', `${HEADER}export default 1;\n`],
    good: ['web/vite.config.ts', `${HEADER}export default 1;\n`],
  },
  class: {
    bad: ['src/base/a.ts', `${HEADER}export class Book {}\n`],
    good: ['src/base/a.ts', `${HEADER}export class HubError extends Error {}\n`],
  },
  'floating money': {
    bad: ['src/ledger/a.ts', `${HEADER}const usd = parseFloat(text);\n`],
    good: ['web/parts/a.ts', `${HEADER}const usd = x.toFixed(2);\n`],
  },
  environment: {
    bad: ['src/db/a.ts', `${HEADER}const url = process.env['DATABASE_URL'];\n`],
    good: ['src/config.ts', `${HEADER}const url = process.env['DATABASE_URL'];\n`],
  },
  'console output': {
    bad: ['src/db/a.ts', `${HEADER}console.log(prompt);\n`],
    good: ['src/main.ts', `${HEADER}console.log(address);\n`],
  },
};

describe('the code', () => {
  const tree = readTree();
  for (const rule of RULES) {
    it(`keeps the rule: ${rule.name}`, () => {
      expect(findFaults(tree, [rule])).toEqual([]);
    });
  }

  it('has functions, lines and files of bounded size by lint and format', () => {
    const lint = readFileSync(join(ROOT, '.oxlintrc.json'), 'utf8');
    const format = JSON.parse(readFileSync(join(ROOT, 'biome.json'), 'utf8'));
    expect(lint).toContain('"max-lines-per-function": ["error", { "max": 70,');
    expect(lint).toContain('"max-lines": ["error", { "max": 400 }]');
    expect(format.formatter.lineWidth).toBe(100);
  });
});

describe('the rules of style', () => {
  for (const rule of RULES) {
    it(`see a breach of: ${rule.name}`, () => {
      const planted = PLANTED[rule.name];
      expect(planted, 'every rule needs a planted breach').toBeDefined();
      if (planted === undefined) return;
      expect(findFaults(new Map([planted.bad]), [rule])).toHaveLength(1);
      expect(findFaults(new Map([planted.good]), [rule])).toEqual([]);
    });
  }
});
