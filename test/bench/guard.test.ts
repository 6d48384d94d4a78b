// Whether a request takes more of anything countable than when the baseline was stored: the hub as a
// process, on PostgreSQL. The instruments are C, so a machine without a compiler leaves it out.

import { spawnSync } from 'node:child_process';
import { describe, expect, it } from 'vitest';
import { compareCounts, describeGrowth, readBaseline } from '../../bench/baseline.ts';
import { type Counts, countCosts } from '../../bench/counts.ts';
import { TEST_DATABASES, createDatabaseUrl } from '../support/databases.ts';

const hasPostgres = TEST_DATABASES.some(({ name, available }) => name === 'postgres' && available);
const hasCompiler = spawnSync('cc', ['--version']).status === 0;
const missing = [
  ...(hasPostgres ? [] : ['PostgreSQL']),
  ...(hasCompiler ? [] : ['a C compiler']),
  ...(process.platform === 'linux' ? [] : ['Linux']),
];
const label = missing.length === 0 ? '' : ` (left out: there is no ${missing.join(', no ')})`;

describe.skipIf(missing.length > 0)(`the gateway's own cost${label}`, () => {
  it('is not above what the baseline allows', { timeout: 240_000 }, async () => {
    const { url, drop } = await createDatabaseUrl();
    try {
      const counts = await countCosts({ databaseUrl: url });
      const { grown } = compareCounts(counts, await readBaseline());
      expect(grown, describeGrowth(grown)).toEqual([]);
    } finally {
      await drop();
    }
  });
});

describe('comparing counts', () => {
  const one = { heapBytes: 10_000, reads: 3, writes: 4, statements: 0.05, rows: 1 };
  const counts: Counts = { json: one, streamed: one, event: { ...one, heapBytes: 1_000 } };
  const withJson = (more: Partial<typeof one>): Counts => ({
    ...counts,
    json: { ...one, ...more },
  });

  it('finds nothing in the same counts', () => {
    expect(compareCounts(counts, counts)).toEqual({ grown: [], shrunk: [] });
  });

  it.each([
    ['another write', { writes: 5 }, 'a JSON request takes 5 system calls that write, it was 4'],
    ['another statement', { statements: 1.05 }, 'takes 1.05 statements to the database'],
    ['another row', { rows: 2 }, 'takes 2 rows in the database, it was 1'],
    ['a third more on the heap', { heapBytes: 13_000 }, 'takes 13000 bytes allocated'],
    ['a count that is none', { heapBytes: Number.NaN }, 'takes NaN bytes allocated'],
  ])('tells of %s', (_, more, sentence) => {
    const { grown, shrunk } = compareCounts(withJson(more), counts);
    expect(grown).toHaveLength(1);
    expect(grown[0]).toContain(sentence);
    expect(shrunk).toEqual([]);
    expect(describeGrowth(grown)).toContain('npm run bench:guard -- --accept');
  });

  it('forgives a waking of the loop, which is a read and a write, but no third', () => {
    expect(compareCounts(withJson({ reads: 4, writes: 5 }), counts).grown).toEqual([]);
    expect(compareCounts(withJson({ reads: 4, writes: 6 }), counts).grown).toHaveLength(1);
    expect(compareCounts(withJson({ reads: 5, writes: 6 }), counts).grown).toHaveLength(2);
  });

  it('tells apart what became less', () => {
    const { grown, shrunk } = compareCounts(withJson({ reads: 2 }), counts);
    expect(grown).toEqual([]);
    expect(shrunk).toEqual(['a JSON request takes 2 system calls that read, it was 3']);
  });
});
