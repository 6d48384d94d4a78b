// Counts what was replayed and how it went, and writes the last lines of a run.

import type { Verdict, WayTaken } from './replay.ts';
import { CLIENTS, labelOf } from './wires.ts';

export interface Score {
  /** `group`: whose recording it is, and of which protocol. */
  judged(group: string, verdict: Verdict): void;
  unspoken(path: string): void;
  unreadable(): void;
  /** Whether something was replayed and nothing failed. */
  isGood(): boolean;
  summary(files: number, ms: number): string;
}

interface Row {
  exchanges: number;
  passed: number;
  /** How many exchanges took each way, in the order of the clients. */
  readonly ways: Record<WayTaken, number>[];
}

export function openScore(): Score {
  const rows = new Map<string, Row>();
  const unspoken = new Map<string, number>();
  let failed = 0;
  const passed = (): number => [...rows.values()].reduce((sum, row) => sum + row.passed, 0);

  function rowOf(group: string): Row {
    const row = rows.get(group) ?? {
      exchanges: 0,
      passed: 0,
      ways: CLIENTS.map(() => ({ same: 0, translated: 0, 'not asked': 0 })),
    };
    rows.set(group, row);
    return row;
  }

  return {
    judged(group, { faults, ways }) {
      const row = rowOf(group);
      row.exchanges += 1;
      if (faults.length === 0) row.passed += 1;
      else failed += 1;
      for (const [i, client] of CLIENTS.entries()) {
        const way = ways.get(client);
        if (way) row.ways[i]![way] += 1;
      }
    },
    unspoken: (path) => void unspoken.set(path, (unspoken.get(path) ?? 0) + 1),
    unreadable: () => void (failed += 1),
    isGood: () => failed === 0 && passed() > 0,
    summary(files, ms) {
      const paths = [...unspoken].toSorted(([a], [b]) => (a < b ? -1 : 1));
      const later = paths.reduce((sum, [, count]) => sum + count, 0);
      const total = passed() + failed + later;
      const lines = [
        ...table(rows),
        ...paths.map(([path, count]) => `not spoken: ${count} of ${path}`),
        `${files} files in ${(ms / 1_000).toFixed(1)} s`,
        `${total} recordings, ${passed()} passed, ${failed} failed, ${later} not spoken`,
      ];
      return `${lines.join('\n')}\n`;
    },
  };
}

/** As Markdown, a line a group: `21 =` passed as they were, `21` translated. */
function table(rows: ReadonlyMap<string, Row>): string[] {
  if (rows.size === 0) return [];
  const head = ['recordings of', 'exchanges', 'passed', ...CLIENTS.map(labelOf)];
  const lines = [...rows].map(([group, { exchanges, passed, ways }]) =>
    [group, exchanges, passed, ...ways.map(describe)].join(' | '),
  );
  const rule = `|${'---|'.repeat(head.length)}`;
  const [first, ...rest] = [head.join(' | '), ...lines].map((line) => `| ${line} |`);
  return [first!, rule, ...rest];
}

function describe({ same, translated }: Record<WayTaken, number>): string {
  const ways = [...(same > 0 ? [`${same} =`] : []), ...(translated > 0 ? [`${translated}`] : [])];
  return ways.join(', ') || '–';
}
