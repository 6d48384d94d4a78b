// From measured numbers to what is read: middles, ratios, tables, the place in the document, and the
// tree of a profile.

import { describe, expect, it } from 'vitest';
import { drawChart } from '../../bench/chart.ts';
import { replaceFigures } from '../../bench/docs.ts';
import { type CpuProfile, foldProfile } from '../../bench/fold.ts';
import { drawFlames } from '../../bench/flames.ts';
import type { CostReport, Report } from '../../bench/report.ts';
import { readMessages } from '../../bench/statements.ts';
import { medianOf, ratiosOf, spreadOf, welchT } from '../../bench/statistics.ts';
import { ratioOf, writeTables } from '../../bench/tables.ts';

const cost = (cell: string, subject: string, micros: readonly number[]): CostReport => ({
  cell,
  subject,
  micros,
  byTree: {},
  perSecond: micros,
  p50Micros: micros,
  p99Micros: micros,
});

const subject = (name: string) => ({ name, variant: 'plain', settings: 'all on', version: '1' });

const REPORT: Report = {
  surroundings: {
    date: '2026-11-24',
    commit: 'abc',
    processor: 'P',
    cores: 2,
    kernel: 'Linux',
    node: 'v26',
    loadBefore: 0.1,
    loadAfter: 0.2,
    rounds: 3,
    seconds: 1,
    warmupSeconds: 1,
  },
  subjects: [
    subject('nginx'),
    subject('hub'),
    { ...subject('gone'), missing: 'no | such\nthing as /opt/some/where/it.mjs' },
  ],
  costs: [
    cost('json', 'nginx', [10, 20, 10]),
    cost('json', 'hub', [20, 40, 30]),
    cost('paced', 'hub', [8, 8, 8]),
    cost('chat-to-messages', 'hub', [12, 12, 12]),
  ],
  latencies: [{ subject: 'hub', addedP50Micros: [100], addedP99Micros: [900] }],
  memories: [],
  coldStarts: [{ subject: 'hub', millis: [], failed: 'it stayed silent' }],
};

describe('numbers of rounds', () => {
  it('have a middle that one bad round does not move', () => {
    expect(medianOf([9, 1, 1_000])).toBe(9);
    expect(medianOf([4, 1, 3, 2])).toBe(2.5);
    expect(spreadOf([10, 12, 11, 900])).toBe(1);
  });

  it('tell two lots apart by how their means differ for their spread', () => {
    expect(welchT([1, 2, 3], [4, 5, 6])).toBeCloseTo(-3 / Math.sqrt(2 / 3), 10);
    expect(welchT([1, 2, 3, 4], [2, 3])).toBeCloseTo(0, 10);
    expect(welchT([0, 100], [200, 300])).toBeCloseTo(-200 / Math.sqrt(5_000), 10);
  });

  it('are held to the same round of the base', () => {
    expect(ratiosOf([20, 40, 30], [10, 20])).toEqual([2, 2]);
  });
});

describe('the tables', () => {
  it('give the median of the ratios, translated ones relative to the untranslated', () => {
    const [, json, , translated] = REPORT.costs;
    expect(json && ratioOf(REPORT, json)).toBe(2);
    expect(translated && ratioOf(REPORT, translated)).toBe(1.5);
    const tables = writeTables(REPORT);
    expect(tables).toContain('| hub | 30.0 ±10.0 (2.00×) | 8.0 ±0.0 |');
    expect(tables).toContain('12.0 ±0.0 (1.50× of untranslated)');
  });

  it('say what is missing and what failed', () => {
    const tables = writeTables(REPORT);
    expect(tables).toContain('not measured: no , such thing as it.mjs |');
    expect(tables).toContain('* hub, another column: it stayed silent');
  });

  it('go between the marks of the document and nowhere else', () => {
    const begin = '<!-- figures: written by npm run bench -- --docs -->';
    const end = '<!-- end of figures -->';
    const text = `Before\n${begin}\nold\n${end}\nAfter\n`;
    expect(replaceFigures(text, 'new\n')).toBe(`Before\n${begin}\n\nnew\n\n${end}\nAfter\n`);
    expect(() => replaceFigures('no marks', 'new')).toThrow('has no place between');
  });

  it('have a picture with a bar for each subject', () => {
    const chart = drawChart(REPORT);
    expect(chart).toContain('>2.00×, 30.0 µs<');
    expect(chart).toContain('>1.00×, 10.0 µs<');
  });
});

describe('a profile', () => {
  const frame = (functionName: string, url = '') => ({ functionName, url, lineNumber: 9 });
  const PROFILE: CpuProfile = {
    startTime: 1_000,
    nodes: [
      { id: 1, callFrame: frame('(root)'), children: [2, 4, 5] },
      { id: 2, callFrame: frame('relay', 'file:///somewhere/src/relay.ts'), children: [3] },
      { id: 3, callFrame: frame('write', 'node:net') },
      { id: 4, callFrame: frame('(idle)') },
      { id: 5, callFrame: frame('<b>', 'file:///somewhere/node_modules/pg/lib/a.js') },
    ],
    samples: [3, 3, 2, 4, 5, 3],
    timeDeltas: [100, 100, 100, 100, 100, 5_000],
  };

  it('counts the samples of its span without waiting, by place from the root', () => {
    const root = foldProfile(PROFILE, 1_150, 2_000);
    expect(root.samples).toBe(3);
    const relay = root.children.get('relay src/relay.ts:10');
    expect(relay).toMatchObject({ samples: 2, owner: 'hub' });
    expect(relay?.children.get('write node:net:10')).toMatchObject({ samples: 1, owner: 'node' });
    expect(root.children.get('<b> pg/lib/a.js:10')).toMatchObject({ owner: 'package' });
  });

  it('is drawn with its names escaped', () => {
    const flames = drawFlames('JSON', foldProfile(PROFILE, 0, 9_000));
    expect(flames).toContain('&lt;b&gt; pg/lib/a.js:10, 20.0 %');
    expect(flames).not.toContain('somewhere');
  });
});

describe("the database's messages", () => {
  const message = (type: string, body: string): Buffer => {
    const head = Buffer.alloc(5);
    head.write(type);
    head.writeUInt32BE(body.length + 4, 1);
    return type === '' ? Buffer.concat([head.subarray(1), Buffer.from(body)]) : joined(head, body);
  };
  const joined = (head: Buffer, body: string): Buffer => Buffer.concat([head, Buffer.from(body)]);
  const bytes = Buffer.concat([
    message('', 'startup Q'),
    message('Q', 'select 1'),
    message('P', 'QQEE'),
    message('E', ''),
    message('S', ''),
  ]);

  it.each([1, 2, 7, bytes.length])('are found in pieces of %i bytes', (size) => {
    const types: string[] = [];
    const read = readMessages((type) => types.push(String.fromCharCode(type)));
    for (let at = 0; at < bytes.length; at += size) read(bytes.subarray(at, at + size));
    expect(types).toEqual(['Q', 'P', 'E', 'S']);
  });
});
