// A PostgreSQL of a measurement's own: everything as it is installed (unlike the tests' it is
// durable), on the subject's core, because the database's work counts as the hub's.

import { execFileSync, spawnSync } from 'node:child_process';
import { chownSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Client } from 'pg';
import { findServerBinaries } from '../test/support/postgres-cluster.ts';
import { findFreePort, startChild, waitUntil } from './child.ts';
import { onCore } from './machine.ts';

export interface Postgres {
  readonly url: string;
  readonly pid: number;
  readonly version: string;
  stop(): Promise<void>;
}

const FOLDERS = ['/usr/lib/postgresql', '/opt/homebrew/opt', '/usr/local/opt'];

/** Throws where this machine has no server binaries. */
export async function startPostgres(core: number | undefined): Promise<Postgres> {
  const binaries = findServerBinaries(process.env['PATH'] ?? '', FOLDERS);
  if (binaries === undefined) throw new Error('PostgreSQL is not installed.');
  const folder = mkdtempSync(join(tmpdir(), 'bench-postgres-'));
  const owner = chooseOwner();
  if (owner) chownSync(folder, owner.uid, owner.gid);
  const options = { ...owner, cwd: folder, env: { PATH: process.env['PATH'], LC_ALL: 'C' } };
  const data = join(folder, 'data');
  const making = ['-D', data, '--username=postgres', '--auth=trust', '--encoding=UTF8'];
  execFileSync(join(binaries, 'initdb'), [...making, '--locale=C'], { ...options, stdio: 'pipe' });
  const port = await findFreePort();
  const settings = ['listen_addresses=127.0.0.1', `port=${port}`];
  const args = [...settings, `unix_socket_directories=${folder}`].flatMap((each) => ['-c', each]);
  const command = onCore(core, join(binaries, 'postgres'), '-D', data, ...args);
  const child = await startChild(command, options);
  const url = `postgres://postgres@127.0.0.1:${port}/postgres`;
  const version = await waitUntil(child, () => askVersion(url));
  return {
    url,
    pid: child.pid,
    version,
    async stop() {
      await child.stop('SIGINT');
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

/** initdb and postgres refuse to run as root. */
function chooseOwner(): { uid: number; gid: number } | undefined {
  if (process.getuid?.() !== 0) return undefined;
  const id = (flag: string): number =>
    Number(spawnSync('id', [flag, 'nobody'], { encoding: 'utf8' }).stdout);
  return { uid: id('-u'), gid: id('-g') };
}

async function askVersion(url: string): Promise<string | undefined> {
  const client = new Client({ connectionString: url });
  client.on('error', () => {});
  try {
    await client.connect();
    const { rows } = await client.query<{ server_version: string }>('show server_version');
    return rows[0]?.server_version.split(' ')[0];
  } catch {
    return undefined;
  } finally {
    await client.end().catch(() => {});
  }
}
