// A throw-away PostgreSQL for the tests, in a temporary folder of its own, on a free port. A guard
// process owns the server and the folder and clears both when its channel closes, so that nothing
// stays behind even when the test run is killed. A cluster that exists already is never touched.

import { fork } from 'node:child_process';
import { existsSync, readdirSync } from 'node:fs';
import { delimiter, join } from 'node:path';

export interface PostgresCluster {
  /** An administrator's address on the cluster; its path names the maintenance database. */
  readonly url: string;
  /** Ends the server and deletes its folder; resolves when both are gone. */
  stop(): Promise<void>;
}

/** Why there is no cluster, as the end of a sentence. */
export interface MissingCluster {
  readonly missing: string;
}

/** What the guard says once: the server's address, or why there is none. */
export type GuardReport = { readonly url: string } | MissingCluster;

const SYSTEM_FOLDERS = ['/usr/lib/postgresql', '/opt/homebrew/opt', '/usr/local/opt'];
const GUARD = new URL('./postgres-guard.ts', import.meta.url);

/**
 * Starts a cluster, or adopts the server that TEST_DATABASE_URL names (its role must be allowed to
 * create databases). A machine without server binaries gets the reason instead.
 */
export async function startPostgresCluster(): Promise<PostgresCluster | MissingCluster> {
  const given = process.env['TEST_DATABASE_URL'];
  if (given) return { url: given, stop: async () => {} };
  const binaries = findServerBinaries(process.env['PATH'] ?? '', SYSTEM_FOLDERS);
  if (binaries === undefined) return { missing: 'no server binaries' };
  return startGuard(binaries);
}

/** The folder that holds `initdb` and `postgres`: the newest packaged one, else one on the path. */
export function findServerBinaries(path: string, folders: readonly string[]): string | undefined {
  const packaged = folders
    .flatMap((folder) => (existsSync(folder) ? versionsIn(folder) : []))
    .toSorted((a, b) => b.version - a.version)
    .map((found) => found.bin);
  const onPath = path.split(delimiter).filter((folder) => folder !== '');
  return [...packaged, ...onPath].find(
    (folder) => existsSync(join(folder, 'initdb')) && existsSync(join(folder, 'postgres')),
  );
}

function versionsIn(folder: string): { version: number; bin: string }[] {
  return readdirSync(folder).flatMap((name) => {
    const version = /^(?:postgresql@)?(\d+)$/.exec(name)?.[1];
    return version ? [{ version: Number(version), bin: join(folder, name, 'bin') }] : [];
  });
}

function startGuard(binaries: string): Promise<PostgresCluster | MissingCluster> {
  // Detached: an interrupt from the keyboard goes to the whole process group, and must not end the
  // guard before it has cleared up.
  const guard = fork(GUARD, [binaries], { detached: true, stdio: 'ignore', execArgv: [] });
  const ended = new Promise<void>((resolve) => {
    guard.once('exit', () => resolve());
  });
  const stop = async (): Promise<void> => {
    guard.ref();
    if (guard.connected) guard.disconnect();
    await ended;
  };
  return new Promise((resolve) => {
    guard.once('error', (error) => resolve({ missing: error.message }));
    guard.once('exit', () => resolve({ missing: 'the server ended before it was ready' }));
    guard.once('message', (report: GuardReport) => {
      guard.unref();
      guard.channel?.unref();
      if ('url' in report) return resolve({ url: report.url, stop });
      guard.disconnect();
      resolve(report);
    });
  });
}
