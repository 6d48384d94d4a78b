// `npm run bench:profile`: where the hub's own time goes. V8's sampling profiler runs for the hub's
// whole life; only the samples that fall into the load after the warm-up are drawn, as flame
// graphs: docs/profile-json.svg and docs/profile-paced.svg.

import { mkdtemp, readFile, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { assert } from '../src/base/errors.ts';
import { CELLS, type Cell } from './cells.ts';
import { drawFlames } from './flames.ts';
import { type CpuProfile, foldProfile } from './fold.ts';
import { hub } from './hub.ts';
import { LOAD_CORE, SUBJECT_CORE, bindToLoadCore } from './machine.ts';
import { startMeasured } from './measured.ts';
import { startUpstream } from './upstreams.ts';

const INTERVAL_MICROS = 250;

const { values } = parseArgs({
  options: {
    only: { type: 'string', default: 'json,paced' },
    seconds: { type: 'string', default: '8' },
    warmup: { type: 'string', default: '5' },
    to: { type: 'string', default: join(import.meta.dirname, '..', 'docs') },
  },
});

bindToLoadCore();
for (const id of values.only.split(',')) {
  const cell = CELLS.find((each) => each.id === id && each.transport === 'http');
  if (!cell) throw new Error(`There is no such column: ${id}.`);
  const { profile, fromMicros, toMicros } = await profileCell(cell);
  const tree = foldProfile(profile, fromMicros, toMicros);
  const title = `${cell.title}: ${tree.samples} samples of the hub's processor time`;
  await writeFile(join(values.to, `profile-${id}.svg`), drawFlames(title, tree));
  process.stdout.write(`${id}: ${tree.samples} samples\n`);
}

interface Window {
  readonly profile: CpuProfile;
  /** On the clock of the profile, which is the system's monotonic one. */
  readonly fromMicros: number;
  readonly toMicros: number;
}

async function profileCell(cell: Cell): Promise<Window> {
  await using opened = new AsyncDisposableStack();
  const folder = opened.adopt(await mkdtemp(join(tmpdir(), 'bench-profile-')), (path) =>
    rm(path, { recursive: true, force: true }),
  );
  const upstream = opened.adopt(await startUpstream('http', folder, LOAD_CORE), (open) =>
    open.stop(),
  );
  const subject = hub({
    name: 'hub',
    variant: 'profiled',
    settings: '',
    database: 'postgres',
    nodeArgs: ['--cpu-prof', `--cpu-prof-dir=${folder}`, `--cpu-prof-interval=${INTERVAL_MICROS}`],
  });
  const measured = await startMeasured(subject, upstream, folder, SUBJECT_CORE);
  const [pid] = measured.running.pids;
  const window = { fromMicros: 0, toMicros: 0 };
  try {
    const { clients } = cell;
    await measured.load(cell, { clients, seconds: Number(values.warmup) });
    window.fromMicros = nowMicros();
    await measured.load(cell, { clients, seconds: Number(values.seconds) });
    window.toMicros = nowMicros();
  } finally {
    // The profile is written when the process ends.
    await measured.stop();
  }
  const file = (await readdir(folder)).find((name) => name.includes(`.${pid}.0.`));
  assert(file, 'the profiled process leaves its profile');
  const profile = JSON.parse(await readFile(join(folder, file), 'utf8')) as CpuProfile;
  return { profile, ...window };
}

function nowMicros(): number {
  return Number(process.hrtime.bigint() / 1_000n);
}
