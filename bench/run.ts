// `npm run bench`: what a request costs each subject, measured in turn and in rounds. Tables go to
// stdout, with --docs also into docs/performance.md, which says what they mean.

import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { loadavg, tmpdir } from 'node:os';
import { join } from 'node:path';
import { measureColdStarts } from './cold-starts.ts';
import { measureCosts } from './costs.ts';
import { writeDocs } from './docs.ts';
import { measureLatencies } from './latencies.ts';
import { bindToLoadCore } from './machine.ts';
import { measureMemories } from './memories.ts';
import { HELP, type Plan, readPlan } from './plan.ts';
import type { CostReport, Report, SubjectReport } from './report.ts';
import { openStage, say } from './stage.ts';
import { describeSurroundings } from './surroundings.ts';
import { writeTables } from './tables.ts';

const plan = readPlan(process.argv.slice(2));
process.exitCode = await main(plan);

async function main(options: Plan): Promise<number> {
  if (options.help) {
    process.stdout.write(HELP);
    return 2;
  }
  const report = options.from
    ? (JSON.parse(await readFile(options.from, 'utf8')) as Report)
    : await measure(options);
  if (options.out) await writeFile(options.out, `${JSON.stringify(report, undefined, 1)}\n`);
  process.stdout.write(writeTables(report));
  if (options.docs) await writeDocs(report);
  return 0;
}

async function measure(options: Plan): Promise<Report> {
  bindToLoadCore();
  const [loadBefore = 0] = loadavg();
  const folder = await mkdtemp(join(tmpdir(), 'bench-'));
  try {
    const subjects = new Map<string, SubjectReport>();
    const found = await measurePlain(options, folder, subjects);
    const tls = await measureTls(options, folder, subjects);
    const starting = options.subjects.filter(({ name }) => !subjects.get(name)?.missing);
    const memories = options.extras.has('memory')
      ? await measureMemories(starting, options.rounds, folder)
      : [];
    return {
      surroundings: describeSurroundings(options, loadBefore),
      subjects: [...subjects.values()],
      ...found,
      costs: [...found.costs, ...tls],
      memories,
    };
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

type Subjects = Map<string, SubjectReport>;

async function measurePlain(
  { cells, extras, ...options }: Plan,
  folder: string,
  subjects: Subjects,
): Promise<Pick<Report, 'costs' | 'latencies' | 'coldStarts'>> {
  const plain = cells.filter(({ transport }) => transport === 'http');
  const wanted = plain.length > 0 || extras.has('latency') || extras.has('cold-start');
  if (!wanted) return { costs: [], latencies: [], coldStarts: [] };
  await using stage = await openStage('http', options.subjects, folder);
  for (const subject of stage.subjects) subjects.set(subject.name, subject);
  const costs: CostReport[] = [];
  for (const cell of plain) {
    say(cell.title);
    costs.push(...(await measureCosts(cell, stage.measured, options)));
  }
  const latencies = extras.has('latency')
    ? await measureLatencies(stage.upstream, stage.measured, { ...options, folder })
    : [];
  const coldStarts = extras.has('cold-start')
    ? await measureColdStarts(stage.measured, options.rounds)
    : [];
  return { costs, latencies, coldStarts };
}

async function measureTls(
  { cells, ...options }: Plan,
  folder: string,
  subjects: Subjects,
): Promise<CostReport[]> {
  const chosen = cells.filter(({ transport }) => transport === 'https');
  const known = options.subjects.filter(({ name }) => !subjects.get(name)?.missing);
  if (chosen.length === 0) return [];
  await using stage = await openStage('https', known, folder);
  for (const subject of stage.subjects) {
    if (!subjects.has(subject.name)) subjects.set(subject.name, subject);
  }
  const costs: CostReport[] = [];
  for (const cell of chosen) {
    say(cell.title);
    costs.push(...(await measureCosts(cell, stage.measured, options)));
  }
  return costs;
}
