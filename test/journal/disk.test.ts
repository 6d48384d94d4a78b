// The journal on disks that fail: full at every byte of a write, read-only, failing only when flushed
// (a loop device whose file cannot grow gives EIO at the flush), and hanging. Real file systems,
// mounted for the test; left out by name where that is not allowed.

import { execFileSync } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { readdir, rm, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, describe, expect, test, vi } from 'vitest';
import { FRAME_BYTES } from '../../src/journal/frames.ts';
import { type Journal, openJournal } from '../../src/journal/journal.ts';
import { HEADER_BYTES } from '../../src/journal/segments.ts';
import { makeFolder, readAll } from './world.ts';

const undo: (() => void)[] = [];

function run(command: string, ...args: string[]): void {
  execFileSync(command, args, { stdio: 'pipe' });
}

/** A file system of its own at a new folder. */
function mount(...args: string[]): string {
  const folder = mkdtempSync(join(tmpdir(), 'hub-disk-'));
  undo.push(() => rmSync(folder, { recursive: true, force: true }));
  run('mount', ...args, folder);
  undo.push(() => run('umount', '--lazy', folder));
  return folder;
}

const mountTmpfs = (size: number): string => mount('-t', 'tmpfs', '-o', `size=${size}`, 'none');

/** An ext2 file system in a sparse file on a small disk: writes succeed and their flush fails. */
function mountSparse(outerBytes: number): { disk: string; outer: string } {
  const outer = mountTmpfs(outerBytes);
  const image = join(outer, 'image');
  run('truncate', '--size', '8M', image);
  run('mkfs.ext2', '-q', image);
  return { disk: mount('-o', 'loop', image), outer };
}

function can(...trial: (() => unknown)[]): boolean {
  try {
    for (const step of trial) step();
    return true;
  } catch {
    return false;
  } finally {
    undoAll();
  }
}

function undoAll(): void {
  for (const step of undo.splice(0).toReversed()) step();
}

afterEach(undoAll);

const canLimit = existsSync('/usr/bin/prlimit');
const canMount = process.platform === 'linux' && can(() => mountTmpfs(65_536));
const canLoop = canMount && can(() => mountSparse(1024 * 1024));
const canFreeze = canLoop && can(() => run('fsfreeze', '--version'));

const recordOf = (i: number): string => JSON.stringify({ id: i, text: 'r'.repeat(400) });
const segmentsIn = async (folder: string): Promise<string[]> =>
  (await readdir(folder)).filter((name) => name.endsWith('.journal'));

/** Appends without waiting; resolves with what became of each. */
function appendMany(journal: Journal, from: number, count: number): Promise<void[]> {
  return Promise.all(Array.from({ length: count }, (_, i) => journal.append(recordOf(from + i))));
}

async function expectHealed(journal: Journal): Promise<void> {
  await vi.waitFor(() => expect(journal.healthy()).toBe(true), { timeout: 5_000, interval: 20 });
}

/** Every record is there, once or as a whole again where a try was half-done; nothing else is. */
async function expectAll(journal: Journal, count: number): Promise<void> {
  const { records, damages } = await readAll(journal);
  const sent = Array.from({ length: count }, (_, i) => recordOf(i));
  expect([...new Set(records)]).toEqual(sent);
  expect(damages).toEqual([]);
}

/** The most bytes that this process may write to any file; a write then stops in the middle. */
function limitFiles(bytes: number | 'unlimited'): void {
  run('/usr/bin/prlimit', '--pid', String(process.pid), `--fsize=${bytes}:unlimited`);
}

describe.skipIf(!canLimit)('a journal whose files cannot grow', () => {
  test('loses and doubles nothing, whatever byte of a batch the file ends at', async () => {
    const batch = 3 * (FRAME_BYTES + recordOf(0).length);
    for (let room = 0; room < batch; room += 43) {
      await using made = await makeFolder();
      const journal = await openJournal(made.folder);
      undo.push(() => limitFiles('unlimited'));
      limitFiles(HEADER_BYTES + room);
      const sent = appendMany(journal, 0, 3);
      await vi.waitFor(() => expect(journal.healthy()).toBe(false), { interval: 2 });
      limitFiles('unlimited');
      await sent;
      await expectAll(journal, 3);
      await journal.close();
    }
  });

  test('leaves one file behind while it fails, not one a try', async () => {
    await using made = await makeFolder();
    const journal = await openJournal(made.folder);
    await appendMany(journal, 0, 3);
    undo.push(() => limitFiles('unlimited'));
    limitFiles(HEADER_BYTES + 100);
    const waiting = appendMany(journal, 3, 3);
    await vi.waitFor(() => expect(journal.healthy()).toBe(false), { interval: 2 });
    await sleep(2_000);
    expect((await segmentsIn(made.folder)).length).toBeLessThanOrEqual(2);
    limitFiles('unlimited');
    await waiting;
    await expectAll(journal, 6);
    await journal.close();
  });
});

describe.skipIf(!canMount)('a journal on a disk that is full (needs to mount)', () => {
  // tmpfs counts whole pages, so a page is filled from each distance to its end.
  test('loses and doubles nothing, wherever in a write the space ends', async () => {
    const disk = mountTmpfs(10 * 4096);
    for (let room = 0; room < 4096; room += 509) {
      const folder = join(disk, `journal-${room}`);
      const journal = await openJournal(folder);
      await journal.append(JSON.stringify('p'.repeat(room)));
      const ballast = join(disk, 'ballast');
      await writeFile(ballast, Buffer.alloc(64 * 4096)).catch(() => undefined);
      const sent = appendMany(journal, 0, 30);
      await vi.waitFor(() => expect(journal.healthy()).toBe(false), { interval: 2 });
      await rm(ballast);
      await sent;
      expect(journal.healthy()).toBe(true);
      const { records, damages } = await readAll(journal);
      expect(damages).toEqual([]);
      expect(new Set(records).size).toBe(31);
      await journal.close();
      await rm(folder, { recursive: true });
    }
  });

  test('leaves a handful of files behind, not one a try, and comes back by itself', async () => {
    const disk = mountTmpfs(64 * 1024);
    const folder = join(disk, 'journal');
    const journal = await openJournal(folder);
    await appendMany(journal, 0, 3);
    await writeFile(join(disk, 'ballast'), Buffer.alloc(128 * 1024)).catch(() => undefined);
    const waiting = appendMany(journal, 3, 20);
    await vi.waitFor(() => expect(journal.healthy()).toBe(false));
    await sleep(3_000);
    expect((await segmentsIn(folder)).length).toBeLessThanOrEqual(2);
    await rm(join(disk, 'ballast'));
    await waiting;
    await expectHealed(journal);
    await expectAll(journal, 23);
    expect((await segmentsIn(folder)).length).toBeLessThanOrEqual(2);
    await journal.close();
  });

  test('does not open where the disk is read-only, and has lost nothing afterwards', async () => {
    const disk = mountTmpfs(256 * 1024);
    const folder = join(disk, 'journal');
    const first = await openJournal(folder);
    await appendMany(first, 0, 3);
    await first.close();
    run('mount', '-o', 'remount,ro', disk);
    await expect(openJournal(folder)).rejects.toThrow(/EROFS/);
    run('mount', '-o', 'remount,rw', disk);
    const second = await openJournal(folder);
    await appendMany(second, 3, 3);
    await expectAll(second, 6);
    await second.close();
  });
});

describe.skipIf(!canLoop)('a journal on a disk whose flush fails (needs loop devices)', () => {
  test('counts nothing as written that the disk did not take', async () => {
    const { disk, outer } = mountSparse(1024 * 1024);
    const folder = join(disk, 'journal');
    const journal = await openJournal(folder);
    await appendMany(journal, 0, 3);
    const before = journal.end();
    await writeFile(join(outer, 'ballast'), Buffer.alloc(2 * 1024 * 1024)).catch(() => undefined);
    const waiting = appendMany(journal, 3, 500);
    await vi.waitFor(() => expect(journal.healthy()).toBe(false), { timeout: 5_000 });
    expect(journal.end().segment).toBeLessThanOrEqual(before.segment + 1);
    await truncate(join(outer, 'ballast'), 0);
    await waiting;
    await expectHealed(journal);
    await expectAll(journal, 503);
    expect((await segmentsIn(folder)).length).toBeLessThanOrEqual(3);
    await journal.close();
  });

  test.skipIf(!canFreeze)(
    'refuses new work while the disk hangs, and goes on after it',
    async () => {
      const { disk } = mountSparse(16 * 1024 * 1024);
      const folder = join(disk, 'journal');
      const journal = await openJournal(folder);
      await appendMany(journal, 0, 3);
      run('fsfreeze', '--freeze', disk);
      try {
        const waiting = appendMany(journal, 3, 3);
        await vi.waitFor(() => expect(journal.healthy()).toBe(false), { timeout: 6_000 });
        const outcomes = await Promise.allSettled([waiting, journal.append('"late"')]);
        const refused = { status: 'rejected', reason: { code: 'journal_unavailable' } };
        expect(outcomes).toMatchObject([refused, refused]);
      } finally {
        run('fsfreeze', '--unfreeze', disk);
      }
      await expectHealed(journal);
      const { records } = await readAll(journal);
      expect(records).toEqual([...Array.from({ length: 6 }, (_, i) => recordOf(i)), '"late"']);
      await journal.close();
    },
  );
});
