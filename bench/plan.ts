// What a run measures, from the command line.

import { parseArgs } from 'node:util';
import { CELLS, type Cell } from './cells.ts';
import { SUBJECTS, findSubject } from './subjects.ts';
import { PEERS } from './peers/peers.ts';
import type { Subject } from './subject.ts';

export const HELP = `npm run bench -- [options]
  --only LIST       columns (${CELLS.map(({ id }) => id).join(', ')},
                    latency, memory, cold-start); all unless given
  --subjects LIST   ${SUBJECTS.map(({ name }) => name).join(', ')};
                    or all, or peers; hub:NAME=VALUE+NAME=VALUE is the hub with further settings,
                    of which CHECKOUT=FOLDER takes its sources from there (default nginx,hub)
  --rounds N        how often each is measured (default 3)
  --seconds N       how long load is sent each time (default 4)
  --warmup N        how long before the first time (default 4)
  --out FILE        writes what was found as JSON
  --from FILE       measures nothing, shows what was written before
  --docs            writes the tables into docs/performance.md, and docs/performance.svg
`;

const EXTRAS = ['latency', 'memory', 'cold-start'] as const;
type Extra = (typeof EXTRAS)[number];

export interface Plan {
  readonly cells: readonly Cell[];
  readonly extras: ReadonlySet<Extra>;
  readonly subjects: readonly Subject[];
  readonly rounds: number;
  readonly seconds: number;
  readonly warmupSeconds: number;
  readonly out: string | undefined;
  readonly from: string | undefined;
  readonly docs: boolean;
  readonly help: boolean;
}

/** Throws where a name or a number is none. */
export function readPlan(args: readonly string[]): Plan {
  const { values } = parseArgs({
    args: [...args],
    options: {
      only: { type: 'string' },
      subjects: { type: 'string', default: 'nginx,hub' },
      rounds: { type: 'string', default: '3' },
      seconds: { type: 'string', default: '4' },
      warmup: { type: 'string', default: '4' },
      out: { type: 'string' },
      from: { type: 'string' },
      docs: { type: 'boolean', default: false },
      help: { type: 'boolean', default: false },
    },
  });
  const only = values.only?.split(',') ?? [...CELLS.map(({ id }) => id), ...EXTRAS];
  return {
    cells: CELLS.filter(({ id }) => only.includes(id)),
    extras: new Set(EXTRAS.filter((extra) => only.includes(extra))),
    subjects: values.subjects.split(',').flatMap(subjectsOf),
    rounds: readNumber('rounds', values.rounds),
    seconds: readNumber('seconds', values.seconds),
    warmupSeconds: readNumber('warmup', values.warmup),
    out: values.out,
    from: values.from,
    docs: values.docs,
    help: values.help || hasUnknown(only),
  };
}

function subjectsOf(name: string): readonly Subject[] {
  if (name === 'all') return SUBJECTS;
  return name === 'peers' ? PEERS : [findSubject(name)];
}

function readNumber(name: string, text: string): number {
  const number = Number(text);
  if (!(number > 0)) throw new Error(`--${name} is a number above 0.`);
  return number;
}

function hasUnknown(only: readonly string[]): boolean {
  const known = new Set<string>([...CELLS.map(({ id }) => id), ...EXTRAS]);
  return only.some((name) => !known.has(name));
}
