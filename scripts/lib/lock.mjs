// One process at a time, by a folder that names its holder. The folder is made aside, with the
// holder's pid as a file in it, and moved into place: a move onto a folder that is not empty fails,
// so taking is atomic. A dead holder's file is deleted by its name, so a live one's never is.

import { mkdirSync, readdirSync, renameSync, rmdirSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { LaunchError, say } from './progress.mjs';

const RETRY_MS = 100;
const PATIENCE_MS = 10 * 60_000;

/** Runs `work` while this process holds the lock at `path`; waits for a holder that is alive. */
export async function withLock(path, work) {
  await take(path);
  try {
    return await work();
  } finally {
    rmSync(join(path, String(process.pid)), { force: true });
    removeIfEmpty(path);
  }
}

async function take(path) {
  const aside = `${path}.${process.pid}`;
  mkdirSync(dirname(path), { recursive: true });
  rmSync(aside, { recursive: true, force: true });
  mkdirSync(aside);
  writeFileSync(join(aside, String(process.pid)), '');
  const deadlineMs = performance.now() + PATIENCE_MS;
  let announced = false;
  while (!moveInto(aside, path)) {
    const holder = clearDead(path);
    if (holder !== undefined && !announced) {
      announced = true;
      say(`waiting for process ${holder}, which prepares the same folder`);
    }
    if (performance.now() > deadlineMs) {
      rmSync(aside, { recursive: true, force: true });
      throw new LaunchError(`Gave up waiting; if nothing else is starting, delete ${path}.`);
    }
    await pause(RETRY_MS);
  }
}

function moveInto(aside, path) {
  try {
    renameSync(aside, path);
    return true;
  } catch (error) {
    // EPERM and EACCES are how Windows says that the folder is there already.
    if (['ENOTEMPTY', 'EEXIST', 'EPERM', 'EACCES'].includes(error.code)) return false;
    throw error;
  }
}

/** Deletes what a dead holder left; returns the pid of a live one. */
function clearDead(path) {
  let names = [];
  try {
    names = readdirSync(path);
  } catch (error) {
    if (error.code !== 'ENOENT') throw error;
  }
  const live = names.find((name) => Number(name) !== process.pid && isAlive(Number(name)));
  if (live !== undefined) return live;
  for (const name of names) rmSync(join(path, name), { force: true });
  removeIfEmpty(path);
  return undefined;
}

function isAlive(pid) {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return error.code === 'EPERM';
  }
}

function removeIfEmpty(path) {
  try {
    rmdirSync(path);
  } catch (error) {
    if (!['ENOENT', 'ENOTEMPTY', 'EEXIST', 'EPERM'].includes(error.code)) throw error;
  }
}
