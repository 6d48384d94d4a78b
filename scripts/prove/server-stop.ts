// Stops and starts the PostgreSQL server of a throw-away cluster under its users. What the server
// was started with stands in its own folder (postmaster.opts), so it comes back the same.

import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { Client } from 'pg';

const READY_WITHIN_MS = 60_000;
const RETRY_MS = 50;

export interface ServerSwitch {
  /** Ends the server at once (SIGQUIT: as a crash would) or in order (SIGINT). */
  stop(signal: 'SIGQUIT' | 'SIGINT'): Promise<void>;
  /** Starts it again; resolves when it answers. */
  start(): Promise<void>;
  /** Ends a server that was started here; call it before the cluster is removed. */
  close(): Promise<void>;
}

/** For a cluster of this process alone. What was committed must survive, so commits wait from now on. */
export async function openServerSwitch(url: string): Promise<ServerSwitch> {
  const dataDir = await ask(url, async (client) => {
    const database = new URL(url).pathname.slice(1);
    await client.query(`alter database "${database}" set synchronous_commit = on`);
    const { rows } = await client.query<{ data_directory: string }>('show data_directory');
    return rows[0]!.data_directory;
  });
  const [command = '', ...args] = parseOptions(
    await readFile(join(dataDir, 'postmaster.opts'), 'utf8'),
  );
  const { uid, gid } = await stat(dataDir);
  const owner = process.getuid?.() === 0 ? { uid, gid } : {};
  let server: ChildProcess | undefined;

  async function stop(signal: 'SIGQUIT' | 'SIGINT'): Promise<void> {
    const pid = Number((await readFile(join(dataDir, 'postmaster.pid'), 'utf8')).split('\n', 1)[0]);
    process.kill(pid, signal);
    while (isAlive(pid)) await sleep(RETRY_MS);
  }

  return {
    stop,
    async start() {
      const env = { PATH: process.env['PATH'], LC_ALL: 'C', TZ: 'UTC' };
      server = spawn(command, args, { ...owner, cwd: dataDir, env, stdio: 'ignore' });
      const deadlineMs = performance.now() + READY_WITHIN_MS;
      while (!(await answers(url))) {
        if (performance.now() > deadlineMs) throw new Error('the server did not come back');
        await sleep(RETRY_MS);
      }
    },
    async close() {
      if (!server || server.exitCode !== null || server.signalCode !== null) return;
      const ended = once(server, 'exit');
      server.kill('SIGQUIT');
      await ended;
    },
  };
}

function parseOptions(text: string): string[] {
  const line = text.split('\n', 1)[0] ?? '';
  const command = line.slice(0, line.indexOf(' "'));
  return [command, ...[...line.matchAll(/"([^"]*)"/g)].map((match) => match[1] ?? '')];
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

async function answers(url: string): Promise<boolean> {
  try {
    await ask(url, (client) => client.query('select 1'));
    return true;
  } catch {
    return false;
  }
}

/** A connection of its own for one piece of work. */
export async function ask<T>(url: string, work: (client: Client) => Promise<T>): Promise<T> {
  const client = new Client({ connectionString: url });
  client.on('error', () => undefined);
  await client.connect();
  try {
    return await work(client);
  } finally {
    await client.end().catch(() => undefined);
  }
}
