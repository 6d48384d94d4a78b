// The process that owns the tests' PostgreSQL: makes the data folder, runs the server, and when
// its parent is gone (the channel closes, however the parent ended) stops it and deletes the folder.
// initdb and postgres refuse to run as root, so as root both run as an unprivileged user.

import { type ChildProcess, execFileSync, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { chownSync, mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { Client } from 'pg';
import type { GuardReport } from './postgres-cluster.ts';

interface Owner {
  readonly uid?: number;
  readonly gid?: number;
}

const UNPRIVILEGED_USERS = ['nobody', 'postgres'];
const START_ATTEMPTS = 3;
const READY_WITHIN_MS = 30_000;

/** A test cluster may lose everything at a power cut: durability is traded for speed. */
const SETTINGS = [
  'listen_addresses=127.0.0.1',
  'fsync=off',
  'synchronous_commit=off',
  'full_page_writes=off',
  'max_connections=200',
];

await guard(process.argv[2] ?? '');

async function guard(binaries: string): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'hub-postgres-'));
  let server: ChildProcess | undefined;
  const clear = async (): Promise<void> => {
    if (server && server.exitCode === null && server.signalCode === null) {
      const ended = once(server, 'exit');
      server.kill('SIGQUIT');
      await ended;
    }
    rmSync(folder, { recursive: true, force: true });
  };
  process.once('disconnect', () => {
    void clear().finally(() => process.exit());
  });
  try {
    const owner = chooseOwner();
    if (owner.uid !== undefined) chownSync(folder, owner.uid, owner.gid ?? owner.uid);
    initialise(binaries, folder, owner);
    for (let attempt = 1; ; attempt += 1) {
      const port = await findFreePort();
      server = startServer(binaries, folder, owner, port);
      const url = `postgres://postgres@127.0.0.1:${port}/postgres`;
      if (await isReady(server, url)) {
        report({ url });
        return;
      }
      if (attempt === START_ATTEMPTS) throw new Error('the server did not start');
    }
  } catch (error) {
    await clear();
    report({ missing: error instanceof Error ? firstLine(error.message) : String(error) });
  }
}

function report(message: GuardReport): void {
  process.send?.(message);
}

function firstLine(text: string): string {
  return text.split('\n', 1)[0] ?? text;
}

function chooseOwner(): Owner {
  if (process.getuid?.() !== 0) return {};
  for (const name of UNPRIVILEGED_USERS) {
    const uid = spawnSync('id', ['-u', name], { encoding: 'utf8' });
    const gid = spawnSync('id', ['-g', name], { encoding: 'utf8' });
    if (uid.status === 0 && gid.status === 0) {
      return { uid: Number(uid.stdout), gid: Number(gid.stdout) };
    }
  }
  throw new Error('root may not run a server, and there is no unprivileged user');
}

function processOptions(folder: string, owner: Owner) {
  // Nothing of the caller's environment: PGDATA, PGPORT and their like name another cluster.
  const env: NodeJS.ProcessEnv = { PATH: process.env['PATH'], LC_ALL: 'C', TZ: 'UTC' };
  return { ...owner, cwd: folder, env };
}

function initialise(binaries: string, folder: string, owner: Owner): void {
  const options = ['--username=postgres', '--auth=trust', '--encoding=UTF8', '--no-sync'];
  execFileSync(join(binaries, 'initdb'), ['-D', join(folder, 'data'), '--locale=C', ...options], {
    ...processOptions(folder, owner),
    stdio: 'pipe',
  });
}

function startServer(binaries: string, folder: string, owner: Owner, port: number): ChildProcess {
  const settings = [...SETTINGS, `port=${port}`, `unix_socket_directories=${folder}`];
  return spawn(
    join(binaries, 'postgres'),
    ['-D', join(folder, 'data'), ...settings.flatMap((setting) => ['-c', setting])],
    { ...processOptions(folder, owner), stdio: 'ignore' },
  );
}

/** Whether the server answers a query; false when it ended, as when another took its port. */
async function isReady(server: ChildProcess, url: string): Promise<boolean> {
  const deadline = performance.now() + READY_WITHIN_MS;
  while (server.exitCode === null && performance.now() < deadline) {
    const client = new Client({ connectionString: url });
    // A connection that is cut while the server starts is one more attempt, not a crash.
    client.on('error', () => {});
    try {
      await client.connect();
      await client.query('select 1');
      return server.exitCode === null;
    } catch {
      await pause(50);
    } finally {
      await client.end().catch(() => {});
    }
  }
  return false;
}

async function findFreePort(): Promise<number> {
  const probe = createServer().listen(0, '127.0.0.1');
  await once(probe, 'listening');
  const address = probe.address();
  probe.close();
  await once(probe, 'close');
  if (address === null || typeof address === 'string') throw new Error('no free port');
  return address.port;
}
