// Every fault, every billing rule and every statement about protocols names the tests that prove it,
// and they exist; and the checker sees what is missing.

import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { FAULTS } from '../faults/coverage.ts';
import { PEOPLE_FAULTS } from '../faults/people-coverage.ts';
import { REQUEST_FAULTS } from '../faults/request-coverage.ts';
import { BILLING_RULES } from '../faults/rules-coverage.ts';
import { FURTHER_STATEMENTS } from '../protocols/statements/further.ts';
import { LISTED, STATEMENTS } from '../protocols/statements/index.ts';
import { findUnproven, readRules, readTitles } from './coverage.ts';
import { ROOT } from './tree.ts';

const read = (path: string): string | undefined => {
  const file = join(ROOT, 'test', path);
  return existsSync(file) ? readFileSync(file, 'utf8') : undefined;
};

describe('the proofs', () => {
  it('of faults exist', () => {
    expect(findUnproven([...FAULTS, ...REQUEST_FAULTS, ...PEOPLE_FAULTS], read)).toEqual([]);
  });

  it('of what must hold between protocols exist', () => {
    expect(findUnproven([...STATEMENTS, ...FURTHER_STATEMENTS], read)).toEqual([]);
    const numbers = STATEMENTS.map(({ number }) => number);
    expect(numbers).toEqual(Array.from({ length: LISTED }, (_, i) => i + 1));
    expect(new Set(STATEMENTS.map(({ claim }) => claim)).size).toBe(STATEMENTS.length);
  });

  it('of billing rules exist, one for every rule of the document and no other', () => {
    expect(findUnproven(BILLING_RULES, read)).toEqual([]);
    const rules = readRules(readFileSync(join(ROOT, 'docs', 'billing-rules.md'), 'utf8'));
    const begins = (rule: string): boolean =>
      BILLING_RULES.some(({ claim }) => rule.startsWith(claim));
    expect(rules.filter((rule) => !begins(rule))).toEqual([]);
    const stands = ({ claim }: { claim: string }): boolean =>
      rules.some((rule) => rule.startsWith(claim));
    expect(BILLING_RULES.filter((proof) => !stands(proof))).toEqual([]);
  });
});

describe('the checker of proofs', () => {
  it('reads titles in any quotes, over lines, with what is filled in left open', () => {
    const text = [
      "it('plain', () => {});",
      'test(',
      '  "it\'s quoted",',
      // oxlint-disable-next-line no-template-curly-in-string -- the text of a template
      'it(`for ${{ a: `x${1}` }.a} and ${b}`, () => {});',
      "it('esc\\'aped', () => {});",
      "it.each(CASES)('of $what, %s', () => {});",
      "it.each(Object.entries(CASES))('of each', () => {});",
      "it.each(['a', 'b'])('of %s', () => {});",
    ].join('\n');
    expect([...readTitles(text)]).toEqual([
      'plain',
      "it's quoted",
      'for … and …',
      "esc'aped",
      'of $what, %s',
      'of each',
      'of %s',
    ]);
  });

  it('sees a claim without tests, a test that is gone and a file that is gone', () => {
    const files: Readonly<Record<string, string>> = { 'a.test.ts': "it('holds', () => {});" };
    const find = (tests: Record<string, string[]>): string[] =>
      findUnproven([{ claim: 'c', tests }], (path) => files[path]);
    expect(find({ 'a.test.ts': ['holds'] })).toEqual([]);
    expect(find({})).toHaveLength(1);
    expect(find({ 'a.test.ts': [] })).toHaveLength(1);
    expect(find({ 'a.test.ts': ['held'] })).toHaveLength(1);
    expect(find({ 'b.test.ts': ['holds'] })).toHaveLength(1);
  });

  it('reads the rules of a document by their first words', () => {
    expect(readRules('# Rules\n\n* **One** is this,\n  and more.\n* Two.\n')).toEqual([
      'One',
      'Two.',
    ]);
  });
});
