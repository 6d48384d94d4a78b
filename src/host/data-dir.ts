// The data folder and who may use it. Two processes on one embedded database destroy it, so the
// folder is taken by a lock that the kernel frees when its holder dies, however it dies: SQLite's
// own file lock, the only such lock that Node offers without a native package.

import {
  chmodSync,
  existsSync,
  mkdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { setTimeout as sleep } from 'node:timers/promises';
import { HubError } from '../base/errors.ts';
import { isId, newId } from '../base/ids.ts';

export interface DataDirLock {
  release(): void;
}

const SQLITE_BUSY = 5;
const LOCK_POLL_MS = 50;

/**
 * Makes the folder if need be and takes it for this process. Throws `conflict` when another process
 * has it, and an error of one sentence when it cannot be written.
 */
export function lockDataDir(dataDir: string): DataDirLock {
  makeDataDir(dataDir);
  const database = openLock(dataDir);
  const pidPath = join(dataDir, 'lock.pid');
  try {
    database.exec('pragma locking_mode = exclusive; begin exclusive');
  } catch (error) {
    database.close();
    if ((error as { errcode?: number }).errcode === SQLITE_BUSY) throw takenBy(pidPath, dataDir);
    throw unwritable(dataDir, error);
  }
  writePrivateFile(pidPath, `${process.pid}\n`);
  return {
    release() {
      if (!database.isOpen) return;
      rmSync(pidPath, { force: true });
      database.close();
    },
  };
}

/** The same, where another process may still be about to end: it gets so long for it. */
export async function waitForDataDir(dataDir: string, longestMs: number): Promise<DataDirLock> {
  const deadlineMs = performance.now() + longestMs;
  for (;;) {
    try {
      return lockDataDir(dataDir);
    } catch (error) {
      const isTaken = error instanceof HubError && error.code === 'conflict';
      if (!isTaken || performance.now() >= deadlineMs) throw error;
    }
    await sleep(LOCK_POLL_MS);
  }
}

/** Where the embedded database lives within the data folder. */
export function embeddedDatabaseDir(dataDir: string): string {
  return join(dataDir, 'database');
}

/** This node's id, made at the first call and kept in the folder; call it under the lock. */
export function nodeId(dataDir: string, wallMs: number): string {
  const path = nodeIdPath(dataDir);
  const kept = readText(path)?.trim();
  if (kept !== undefined && isId('node', kept)) return kept;
  if (kept)
    throw new Error(`The file ${path} does not hold a node id; remove it to get a new one.`);
  const id = newId('node', wallMs);
  writePrivateFile(path, `${id}\n`);
  return id;
}

/** Whether a node has ever run on this folder. */
export function hasNode(dataDir: string): boolean {
  return existsSync(nodeIdPath(dataDir));
}

function nodeIdPath(dataDir: string): string {
  return join(dataDir, 'node-id');
}

/** Replaces a file as a whole (a reader sees the old or the new text), readable by its owner only. */
export function writePrivateFile(path: string, text: string): void {
  const draft = `${path}.${process.pid}.draft`;
  writeFileSync(draft, text, { mode: 0o600, flush: true });
  chmodSync(draft, 0o600);
  renameSync(draft, path);
}

/** The text of a file, or undefined when there is none. */
export function readText(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    if ((error as { code?: string }).code === 'ENOENT') return undefined;
    throw error;
  }
}

function makeDataDir(dataDir: string): void {
  try {
    makeFolders(dataDir);
  } catch (error) {
    throw unwritable(dataDir, error);
  }
}

/** One by one: node's own recursive mkdir never returns where a parent is there but takes no folder. */
function makeFolders(folder: string): void {
  if (existsSync(folder)) return;
  makeFolders(dirname(folder));
  mkdirSync(folder, { mode: 0o700 });
}

function openLock(dataDir: string): DatabaseSync {
  try {
    return new DatabaseSync(join(dataDir, 'lock.sqlite'), { timeout: 0 });
  } catch (error) {
    throw unwritable(dataDir, error);
  }
}

function takenBy(pidPath: string, dataDir: string): HubError {
  const pid = readText(pidPath)?.trim();
  const who = pid ? `Another process (pid ${pid})` : 'Another process';
  return new HubError('conflict', { message: `${who} serves the data folder ${dataDir}.` });
}

function unwritable(dataDir: string, cause: unknown): Error {
  const reason = (cause as { code?: string }).code ?? 'unknown';
  return new Error(
    `The data folder ${dataDir} cannot be written (${reason}); set DATA_DIR to one that can.`,
    { cause },
  );
}
