// One client's way through its task: installed, pointed at the hub, run in an empty folder with nothing
// of this machine's settings around it, and what it left there.

import { randomBytes } from 'node:crypto';
import { mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { delimiter, dirname, join } from 'node:path';
import type { CodingClient, HubPlace, Task } from './client.ts';
import type { Outside } from './outside.ts';
import { type ProgramEnd, runBounded } from './programs.ts';

export interface Sighting {
  readonly end: ProgramEnd;
  /** How many calls the model was ordered to make. */
  readonly orders: number;
  /** What stood in the note, for the client to read. */
  readonly note: string;
  readonly reportText: string;
  /** What it wrote; undefined where there is no such file. */
  readonly report: string | undefined;
  readonly copy: string | undefined;
  /** Hosts beyond this machine that it asked for. */
  readonly outside: readonly string[];
}

export interface Stage {
  /** Removed by whoever made it. */
  readonly folder: string;
  readonly outside: Outside;
  readonly signal: AbortSignal;
}

const INSTALL_MS = 5 * 60_000;
const RUN_MS = 2 * 60_000;

const QUIET = ['--no-audit', '--no-fund', '--no-progress', '--loglevel=error'];

/** `fault`: why it cannot be had, in npm's own words. */
export async function install(
  client: CodingClient,
  { folder, signal }: Stage,
): Promise<{ readonly fault: string | undefined }> {
  await mkdir(folder, { recursive: true });
  const wanted = `${client.package}@${client.version}`;
  // The caller's own settings of npm hold for it, but for one that leaves out packages.
  const { NODE_ENV: _, ...callers } = process.env;
  const env = { ...callers, TMPDIR: folder };
  const args = ['install', '--prefix', folder, ...QUIET, wanted];
  const end = await runBounded('npm', args, { cwd: folder, env, timeoutMs: INSTALL_MS, signal });
  if (end.code === 0) return { fault: undefined };
  const reason = end.timedOut ? 'took too long' : end.stderr.trim() || 'failed';
  return { fault: `npm could not install ${wanted}: ${reason}` };
}

export async function runTask(
  client: CodingClient,
  hub: HubPlace,
  { folder, outside, signal }: Stage,
): Promise<Sighting> {
  const home = join(folder, 'home');
  const temp = join(folder, 'tmp');
  const work = join(folder, 'work');
  for (const each of [home, temp, work]) await mkdir(each, { recursive: true });
  const { files = {}, env, args } = await client.pointAt(hub);
  for (const [path, text] of Object.entries(files)) await write(join(home, path), text);
  const note = `note ${randomBytes(8).toString('hex')}`;
  const reportText = `report ${randomBytes(8).toString('hex')}`;
  const task: Task = {
    notePath: join(work, 'note.txt'),
    reportPath: join(work, 'report.txt'),
    reportText,
    copyCommand: 'cat note.txt > copy.txt',
  };
  await write(task.notePath, `${note}\n`);
  const orders = client.orders(task);
  outside.take();
  const program = join(folder, 'node_modules', '.bin', client.program);
  const end = await runBounded(program, args, {
    cwd: work,
    env: { PATH: pathToNode(), HOME: home, TMPDIR: temp, ...outside.env, ...env },
    input: `${orders.join('\n')}\n`,
    timeoutMs: RUN_MS,
    signal,
  });
  return {
    end,
    orders: orders.length,
    note,
    reportText,
    report: await read(task.reportPath),
    copy: await read(join(work, 'copy.txt')),
    outside: outside.take(),
  };
}

/** The Node that runs this comes first: a client that is a script starts on it. */
function pathToNode(): string {
  return [dirname(process.execPath), process.env['PATH']].join(delimiter);
}

async function write(path: string, text: string): Promise<void> {
  await mkdir(dirname(path), { recursive: true });
  await writeFile(path, text);
}

function read(path: string): Promise<string | undefined> {
  return readFile(path, 'utf8').catch(() => undefined);
}

export function remove(folder: string): Promise<void> {
  return rm(folder, { recursive: true, force: true, maxRetries: 5 });
}
