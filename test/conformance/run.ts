// Runs a folder of recorded provider traffic through a hub and says, file by file, whether every
// client gets what the provider said and pays for what it used.
//   node test/conformance/run.ts --recordings FOLDER [--only SUBSTRING] [--single-cuts N]

import { existsSync } from 'node:fs';
import { basename, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { providerOf } from './provider-of.ts';
import { type RecordingFile, readRecordings } from './recordings.ts';
import { type Verdict, replay } from './replay.ts';
import { type Score, openScore } from './score.ts';
import { type Stage, openStage } from './stage.ts';
import { type Pair, pairId, wireOf } from './wires.ts';

/** More would hide the first ones, which tell the most. */
const MOST_FAULTS = 6;

process.exitCode = await main(process.argv.slice(2));

interface Options {
  readonly recordings: string;
  readonly only: string;
  readonly singleCuts: number;
}

async function main(args: readonly string[]): Promise<number> {
  const startedMs = performance.now();
  const options = readOptions(args);
  if (!options) {
    process.stderr.write(
      'Usage: npm run conformance -- --recordings FOLDER [--only SUBSTRING] [--single-cuts N]\n',
    );
    return 2;
  }
  if (!existsSync(options.recordings)) {
    process.stderr.write(`There is no folder ${options.recordings}.\n`);
    return 2;
  }
  const files = await readRecordings(options.recordings, options.only);
  const pairs = pairsOf(files, options);
  const score = openScore();
  const stage = pairs.length > 0 ? await openStage(pairs) : undefined;
  // The hubs are processes of their own, which would outlive this one.
  for (const signal of ['SIGINT', 'SIGTERM'] as const) {
    process.once(signal, () => void stage?.close().finally(() => process.exit(1)));
  }
  try {
    for (const file of files) {
      process.stdout.write(await judgeFile(file, options, stage, score));
    }
  } finally {
    await stage?.close();
  }
  process.stdout.write(score.summary(files.length, performance.now() - startedMs));
  return score.isGood() ? 0 : 1;
}

/** Undefined where they are not what the runner takes. */
function readOptions(args: readonly string[]): Options | undefined {
  const options = {
    recordings: { type: 'string' },
    only: { type: 'string', default: '' },
    'single-cuts': { type: 'string', default: '0' },
  } as const;
  try {
    const {
      recordings,
      only,
      'single-cuts': cuts,
    } = parseArgs({ args: [...args], options }).values;
    if (recordings === undefined || !/^\d{1,6}$/.test(cuts)) return undefined;
    return { recordings, only, singleCuts: Number(cuts) };
  } catch {
    return undefined;
  }
}

/** The folders of a file from its own outwards, that of the recordings last. */
function foldersOf({ name }: RecordingFile, { recordings }: Options): string[] {
  return [...name.split('/').slice(0, -1).toReversed(), basename(resolve(recordings))];
}

function pairsOf(files: readonly RecordingFile[], options: Options): Pair[] {
  const pairs = new Map<string, Pair>();
  for (const file of files) {
    for (const { method, path } of file.recordings) {
      const wire = wireOf(method, path);
      if (!wire) continue;
      const pair = { provider: providerOf(foldersOf(file, options), wire), wire };
      pairs.set(pairId(pair), pair);
    }
  }
  return [...pairs.values()];
}

/** Returns the lines about it. */
async function judgeFile(
  file: RecordingFile,
  options: Options,
  stage: Stage | undefined,
  score: Score,
): Promise<string> {
  const faults = file.fault === undefined ? [] : [file.fault];
  const notes = new Set<string>();
  const folders = foldersOf(file, options);
  let passed = 0;
  if (file.fault !== undefined) score.unreadable();
  for (const [i, recording] of file.recordings.entries()) {
    const wire = wireOf(recording.method, recording.path);
    if (!wire || !stage) {
      notes.add(`${recording.path} is not spoken`);
      score.unspoken(recording.path);
      continue;
    }
    const provider = providerOf(folders, wire);
    const cast = { recording, wire, provider, singleCuts: options.singleCuts };
    const verdict = await replay(cast, stage).catch(
      (error: unknown): Verdict => ({
        faults: [(error as Error).message],
        notes: [],
        ways: new Map(),
      }),
    );
    for (const note of verdict.notes) notes.add(note);
    faults.push(...verdict.faults.map((fault) => `recording ${i + 1}: ${fault}`));
    if (verdict.faults.length === 0) passed += 1;
    score.judged(`${folders.at(file.name.includes('/') ? -2 : -1)}, ${wire}`, verdict);
  }
  const mark = faults.length > 0 ? '✗' : passed > 0 ? '✓' : '·';
  const noted = notes.size > 0 ? ` (${[...notes].join('; ')})` : '';
  const lines = [
    `${mark} ${file.name}${noted}`,
    ...faults.slice(0, MOST_FAULTS).map((fault) => `    ${fault}`),
    ...(faults.length > MOST_FAULTS ? [`    and ${faults.length - MOST_FAULTS} more`] : []),
  ];
  return `${lines.join('\n')}\n`;
}
