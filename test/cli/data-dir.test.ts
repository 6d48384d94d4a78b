import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { isId } from '../../src/base/ids.ts';
import { lockDataDir, nodeId, writePrivateFile } from '../../src/host/data-dir.ts';

const HOLDER = new URL('./lock-holder.ts', import.meta.url);

describe('the data folder', () => {
  let parent: string;
  let folder: string;
  const children: ChildProcess[] = [];
  beforeEach(async () => {
    parent = await mkdtemp(join(tmpdir(), 'hub-data-'));
    folder = join(parent, 'deep', 'data');
  });
  afterEach(async () => {
    for (const child of children.splice(0)) child.kill('SIGKILL');
    await rm(parent, { recursive: true });
  });

  /** Starts a process that takes the folder; resolves to what it says. */
  async function startHolder(): Promise<{ child: ChildProcess; said: string }> {
    const child = fork(HOLDER, [folder], { execArgv: [] });
    children.push(child);
    const [said] = (await once(child, 'message')) as [string];
    return { child, said };
  }

  it('belongs to one process at a time, which a second one is told by its id', async () => {
    const { child, said } = await startHolder();
    expect(said).toBe('locked');
    const sentence = `Another process (pid ${child.pid}) serves the data folder ${folder}.`;
    expect((await startHolder()).said).toBe(sentence);
    expect(() => lockDataDir(folder)).toThrow(sentence);
  });

  it('is free at once when its process is killed', async () => {
    const { child } = await startHolder();
    const ended = once(child, 'exit');
    child.kill('SIGKILL');
    await ended;
    const lock = lockDataDir(folder);
    lock.release();
  });

  it('is free when it is released, and releasing twice does no harm', async () => {
    const lock = lockDataDir(folder);
    expect(() => lockDataDir(folder)).toThrow(`pid ${process.pid}`);
    lock.release();
    const { said } = await startHolder();
    lock.release();
    expect(said).toBe('locked');
    expect(() => lockDataDir(folder)).toThrow('Another process');
  });

  it('goes to one of many processes that start together', async () => {
    const holders = await Promise.all(Array.from({ length: 4 }, startHolder));
    expect(holders.filter(({ said }) => said === 'locked')).toHaveLength(1);
  });

  it('is made for its owner alone', async () => {
    lockDataDir(folder).release();
    expect((await stat(folder)).mode & 0o777).toBe(0o700);
  });

  it('that cannot be made is one sentence', async () => {
    await writeFile(join(parent, 'file'), '');
    const impossible = join(parent, 'file', 'data');
    expect(() => lockDataDir(impossible)).toThrow(
      `The data folder ${impossible} cannot be written (ENOTDIR); set DATA_DIR to one that can.`,
    );
  });

  it('names its node once, and never guesses a damaged name', async () => {
    lockDataDir(folder).release();
    const id = nodeId(folder, Date.now());
    expect(isId('node', id)).toBe(true);
    expect(nodeId(folder, Date.now() + 1)).toBe(id);
    await writeFile(join(folder, 'node-id'), 'node_damaged');
    expect(() => nodeId(folder, Date.now())).toThrow('does not hold a node id');
  });

  it('keeps private files readable by their owner alone, also over an open one', async () => {
    lockDataDir(folder).release();
    const path = join(folder, 'secret');
    await writeFile(path, 'old', { mode: 0o666 });
    writePrivateFile(path, 'new');
    expect((await stat(path)).mode & 0o777).toBe(0o600);
    expect(await readFile(path, 'utf8')).toBe('new');
  });
});
