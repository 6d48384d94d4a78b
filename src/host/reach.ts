// How a command reaches the hub: a running one does the work itself where it alone may touch the
// embedded database; otherwise the command opens the database, under the same lock that a hub takes.

import { setTimeout as sleep } from 'node:timers/promises';
import { systemClock } from '../base/clock.ts';
import { HubError } from '../base/errors.ts';
import { type HubCommands, hubCommands } from './commands.ts';
import type { Config } from '../config.ts';
import { findRunningHub } from './control.ts';
import { type DataDirLock, lockDataDir } from './data-dir.ts';
import { httpUrl } from '../http/server.ts';
import { openStorage } from './storage.ts';

/** A hub that starts holds the lock before it listens. */
const BUSY_WAIT_MS = 15_000;
const BUSY_POLL_MS = 100;

/** Runs one command on the hub: on its own database, or by the hub that has the database open. */
export async function withHub<T>(
  config: Config,
  work: (commands: HubCommands) => Promise<T>,
): Promise<T> {
  if (config.databaseUrl !== undefined) {
    const running = await findRunningHub(config.dataDir);
    const baseUrl = running?.baseUrl ?? configuredUrl(config);
    return withDatabase(config, baseUrl, work);
  }
  const deadlineMs = systemClock.monotonicMs() + BUSY_WAIT_MS;
  for (;;) {
    const running = await findRunningHub(config.dataDir);
    if (running) return work(running.commands);
    const lock = tryLock(config.dataDir, systemClock.monotonicMs() > deadlineMs);
    if (lock) {
      try {
        return await withDatabase(config, configuredUrl(config), work);
      } finally {
        lock.release();
      }
    }
    await sleep(BUSY_POLL_MS);
  }
}

/** Undefined while another process has the folder, which is an error only at the last try. */
function tryLock(dataDir: string, isLastTry: boolean): DataDirLock | undefined {
  try {
    return lockDataDir(dataDir);
  } catch (error) {
    if (!isLastTry && error instanceof HubError && error.code === 'conflict') return undefined;
    throw error;
  }
}

async function withDatabase<T>(
  config: Config,
  baseUrl: string,
  work: (commands: HubCommands) => Promise<T>,
): Promise<T> {
  const database = await openStorage(config);
  try {
    return await work(hubCommands(database.sql, systemClock, () => baseUrl));
  } finally {
    await database.close();
  }
}

function configuredUrl(config: Config): string {
  return config.publicUrl ?? httpUrl(config.host, config.port);
}
