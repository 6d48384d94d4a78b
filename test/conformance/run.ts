// Runs a folder of recorded provider traffic through a hub and says, file by file, whether every
// client gets what the provider said and pays for what it used.
//   node test/conformance/run.ts --recordings FOLDER [--only SUBSTRING]

import { existsSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { startRawProvider } from '../clients/raw-provider.ts';
import { startHub } from '../support/hub.ts';
import { type RecordingFile, readRecordings } from './recordings.ts';
import { OWN_ONLY, type Stage, type Verdict, dialectOf, replay } from './replay.ts';

/** More would hide the first ones, which tell the most. */
const MOST_FAULTS = 6;

process.exitCode = await main(process.argv.slice(2));

async function main(args: readonly string[]): Promise<number> {
  const options = readOptions(args);
  if (options?.recordings === undefined) {
    process.stderr.write('Usage: npm run conformance -- --recordings FOLDER [--only SUBSTRING]\n');
    return 2;
  }
  if (!existsSync(options.recordings)) {
    process.stderr.write(`There is no folder ${options.recordings}.\n`);
    return 2;
  }
  const files = await readRecordings(options.recordings, options.only ?? '');
  const { stage, close } = await openStage();
  // The hub is a process of its own, which would outlive this one.
  for (const signal of ['SIGINT', 'SIGTERM'] as const) {
    process.once(signal, () => void close().finally(() => process.exit(1)));
  }
  const total: Score = { passed: 0, failed: 0, ownOnly: 0, unspoken: new Map() };
  try {
    for (const file of files) await judgeFile(file, stage, total);
  } finally {
    await close();
  }
  return summarize(files.length, total);
}

/** Undefined where they are not what the runner takes. */
function readOptions(args: readonly string[]): { recordings?: string; only?: string } | undefined {
  const options = { recordings: { type: 'string' }, only: { type: 'string' } } as const;
  try {
    return parseArgs({ args: [...args], options }).values;
  } catch {
    return undefined;
  }
}

interface Score {
  passed: number;
  failed: number;
  /** Those that only the recorded protocol can ask for. */
  ownOnly: number;
  /** How many recordings of each path are not spoken yet. */
  readonly unspoken: Map<string, number>;
}

async function openStage(): Promise<{ stage: Stage; close(): Promise<void> }> {
  const provider = await startRawProvider();
  const hub = await startHub({
    env: {
      OPENAI_API_KEY: 'k',
      OPENAI_BASE_URL: provider.baseUrl,
      ANTHROPIC_API_KEY: 'k',
      ANTHROPIC_BASE_URL: provider.baseUrl,
    },
  });
  const { liveKey: key } = await hub.bootstrap('100000');
  const { data } = (await (await fetch(`${hub.baseUrl}/v1/models`)).json()) as {
    data: { id: string }[];
  };
  return {
    stage: { baseUrl: hub.baseUrl, key, models: new Set(data.map(({ id }) => id)), provider },
    close: () => Promise.all([hub.stop(), provider.close()]).then(() => undefined),
  };
}

async function judgeFile(file: RecordingFile, stage: Stage, total: Score): Promise<void> {
  const faults: string[] = [];
  const notes = new Set<string>();
  let passed = 0;
  if (file.fault !== undefined) {
    faults.push(file.fault);
    total.failed += 1;
  }
  for (const [i, recording] of file.recordings.entries()) {
    const { method, path } = recording;
    const dialect = method === 'POST' ? dialectOf(path) : undefined;
    if (!dialect) {
      notes.add(`${path} is not spoken yet`);
      total.unspoken.set(path, (total.unspoken.get(path) ?? 0) + 1);
      continue;
    }
    const verdict = await replay(recording, dialect, stage).catch(
      (error: unknown): Verdict => ({
        faults: [(error as Error).message],
        notes: [],
      }),
    );
    for (const note of verdict.notes) notes.add(note);
    if (verdict.notes.includes(OWN_ONLY)) total.ownOnly += 1;
    faults.push(...verdict.faults.map((fault) => `recording ${i + 1}: ${fault}`));
    if (verdict.faults.length === 0) passed += 1;
    else total.failed += 1;
  }
  total.passed += passed;
  const mark = faults.length > 0 ? '✗' : passed > 0 ? '✓' : '·';
  const noted = notes.size > 0 ? ` (${[...notes].join('; ')})` : '';
  const lines = [
    `${mark} ${file.name}${noted}`,
    ...faults.slice(0, MOST_FAULTS).map((fault) => `    ${fault}`),
    ...(faults.length > MOST_FAULTS ? [`    and ${faults.length - MOST_FAULTS} more`] : []),
  ];
  process.stdout.write(`${lines.join('\n')}\n`);
}

/** Prints the last lines; returns the exit code. */
function summarize(files: number, { passed, failed, ownOnly, unspoken }: Score): number {
  const paths = [...unspoken].toSorted(([a], [b]) => (a < b ? -1 : 1));
  for (const [path, count] of paths) process.stdout.write(`not spoken yet: ${count} of ${path}\n`);
  const later = paths.reduce((sum, [, count]) => sum + count, 0);
  const recordings = passed + failed + later;
  if (ownOnly > 0) process.stdout.write(`${OWN_ONLY}: ${ownOnly}\n`);
  process.stdout.write(`${files} files\n`);
  process.stdout.write(
    `${recordings} recordings, ${passed} passed, ${failed} failed, ${later} not spoken yet\n`,
  );
  return failed === 0 && recordings > 0 ? 0 : 1;
}
