// Processor time a request, column by column: each subject is warmed up once, then all are measured
// in turn, round by round, so that what changes on the machine meets all of them.

import type { Cell } from './cells.ts';
import type { Cost, Measured } from './measured.ts';
import type { CostReport } from './report.ts';
import { reasonOf, say } from './stage.ts';

export interface CostOptions {
  readonly rounds: number;
  readonly seconds: number;
  readonly warmupSeconds: number;
}

export async function measureCosts(
  cell: Cell,
  subjects: readonly Measured[],
  options: CostOptions,
): Promise<CostReport[]> {
  const found = new Map<Measured, Cost[]>();
  const failures = new Map<Measured, string>();
  const attempt = async (subject: Measured, work: () => Promise<unknown>): Promise<void> => {
    if (failures.has(subject)) return;
    await work().catch((error: unknown) => {
      failures.set(subject, reasonOf(error));
      say(`  ${subject.subject.name}: ${reasonOf(error)}`);
    });
  };
  const able = subjects.filter((subject) => subject.can(cell));
  for (const subject of able) {
    found.set(subject, []);
    const volume = { clients: cell.clients, seconds: options.warmupSeconds };
    await attempt(subject, () => subject.load(cell, volume));
  }
  for (let round = 0; round < options.rounds; round++) {
    // Nobody is always the first after somebody else.
    for (const i of able.keys()) {
      const subject = able[(i + round) % able.length];
      if (!subject) continue;
      await attempt(subject, async () => {
        const cost = await subject.measure(cell, options.seconds);
        found.get(subject)?.push(cost);
        tell(cell, subject, cost);
      });
    }
  }
  return able.map((subject) => reportOf(cell, subject, found.get(subject) ?? [], failures));
}

function reportOf(
  cell: Cell,
  subject: Measured,
  costs: readonly Cost[],
  failures: ReadonlyMap<Measured, string>,
): CostReport {
  const failed = failures.get(subject);
  return {
    cell: cell.id,
    subject: subject.subject.name,
    micros: costs.map(({ micros }) => micros),
    byTree: costs.at(-1)?.byTree ?? {},
    perSecond: costs.map(({ report }) => report.requests / report.seconds),
    p50Micros: costs.map(({ report }) => report.latencyMicros.p50),
    p99Micros: costs.map(({ report }) => report.latencyMicros.p99),
    ...(failed !== undefined && { failed }),
  };
}

function tell(cell: Cell, { subject }: Measured, { micros, byTree, report }: Cost): void {
  const trees = Object.entries(byTree).map(([name, part]) => `${name} ${part.toFixed(1)}`);
  const { p50, p99 } = report.latencyMicros;
  say(
    `  ${cell.id} ${subject.name}: ${micros.toFixed(1)} µs (${trees.join(', ')}), ` +
      `${Math.round(report.requests / report.seconds)}/s, p50 ${p50} p99 ${p99}`,
  );
}
