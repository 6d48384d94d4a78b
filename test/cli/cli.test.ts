import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import type { BootstrapReply } from '../../src/host/commands.ts';
import { SETTINGS } from '../../src/config.ts';
import { lockDataDir } from '../../src/host/data-dir.ts';
import { consumeLink } from '../../src/identity/links.ts';
import { parseKeySecret } from '../../src/keys/secret.ts';
import { readBalance } from '../../src/ledger/balances.ts';
import { openStorage } from '../../src/host/storage.ts';
import { TEST_DATABASES, createDatabaseUrl } from '../support/databases.ts';
import { runCommand } from './command.ts';
import { serveFolder } from './served.ts';

// Each test is a handful of processes, and the first makes an embedded database from nothing.
vi.setConfig({ testTimeout: 120_000 });

/** One line of JSON and nothing else. */
function parseLine(stdout: string): BootstrapReply {
  expect(stdout).toMatch(/^[^\n]+\n$/);
  return JSON.parse(stdout) as BootstrapReply;
}

for (const db of TEST_DATABASES) {
  describe.skipIf(!db.available)(`on ${db.label}`, () => {
    let dataDir: string;
    let env: Record<string, string>;
    let drop: () => Promise<void> = async () => undefined;
    beforeAll(async () => {
      dataDir = await mkdtemp(join(tmpdir(), 'hub-cli-'));
      env = { DATA_DIR: dataDir, PORT: '4321' };
      if (db.name === 'postgres') {
        const made = await createDatabaseUrl();
        env['DATABASE_URL'] = made.url;
        drop = made.drop;
      }
    });
    afterAll(async () => {
      await drop();
      await rm(dataDir, { recursive: true });
    });

    const openHubStorage = () => openStorage({ dataDir, databaseUrl: env['DATABASE_URL'] });

    it('bootstraps a stopped hub once, and once more with force', async () => {
      const args = ['bootstrap', '--email', 'Root@Example.com', '--grant', '25.5', '--json'];
      const first = await runCommand(args, env);
      expect(first).toMatchObject({ code: 0, stderr: '' });
      const made = parseLine(first.stdout);
      expect(made).toMatchObject({ baseUrl: 'http://127.0.0.1:4321', email: 'root@example.com' });
      expect(parseKeySecret(made.liveKey)?.mode).toBe('live');
      expect(parseKeySecret(made.testKey)?.mode).toBe('test');
      const second = await runCommand(args, env);
      expect(second).toEqual({
        code: 1,
        stdout: '',
        stderr: 'This hub has an operator already.\n',
      });
      const forced = await runCommand([...args, '--force'], env);
      expect(parseLine(forced.stdout).workspaceId).not.toBe(made.workspaceId);
      const database = await openHubStorage();
      const balance = await readBalance(database.sql, 'live', made.workspaceId);
      await database.close();
      expect(balance.balanceNanos).toBe(25_500_000_000n);
    });

    it('prints a sign-in link for the operator that works', async () => {
      const { code, stdout } = await runCommand(['link'], env);
      expect(code).toBe(0);
      expect(stdout).toMatch(/^http:\/\/127\.0\.0\.1:4321\/sign-in#[\w-]{43}\n$/);
      const token = stdout.trim().split('#')[1] ?? '';
      const database = await openHubStorage();
      const link = await consumeLink(database.sql, 'sign_in', token, Date.now());
      await database.close();
      expect(link?.personId).toMatch(/^usr_/);
    });

    it('prints no link for an address that is no operator’s', async () => {
      const { code, stdout, stderr } = await runCommand(['link', '--email', 'x@example.com'], env);
      expect([code, stdout, stderr]).toEqual([
        1,
        '',
        'No operator of this hub has that address.\n',
      ]);
    });

    it('knows the address of a hub that runs', async () => {
      const baseUrl = 'http://127.0.0.1:9876';
      const served = await serveFolder(dataDir, { baseUrl, databaseUrl: env['DATABASE_URL'] });
      const { stdout, stderr } = await runCommand(['link'], env);
      await served.close();
      expect(stderr).toBe('');
      expect(stdout).toMatch(/^http:\/\/127\.0\.0\.1:9876\/sign-in#/);
    });
  });
}

describe('the command line', () => {
  let dataDir: string;
  let env: Record<string, string>;
  beforeEach(async () => {
    dataDir = await mkdtemp(join(tmpdir(), 'hub-cli-'));
    env = { DATA_DIR: dataDir };
  });
  afterEach(() => rm(dataDir, { recursive: true }));

  it('waits while another command has the folder, and then does its work', async () => {
    const lock = lockDataDir(dataDir);
    // It looks for a running hub at each round; this one counts the looks and is no hub.
    let looks = 0;
    const noHub = createServer((_, response) => {
      looks += 1;
      response.writeHead(404).end('{}');
    });
    noHub.listen(0, '127.0.0.1');
    await once(noHub, 'listening');
    const { port } = noHub.address() as AddressInfo;
    const file = { port, token: 'x', pid: process.pid, baseUrl: 'http://127.0.0.1:1' };
    await writeFile(join(dataDir, 'control.json'), JSON.stringify(file));
    const running = runCommand(['link'], env);
    await expect.poll(() => looks, { timeout: 20_000 }).toBeGreaterThan(2);
    lock.release();
    expect((await running).stdout).toMatch(/\/welcome#[\w-]{43}\n$/);
    noHub.close();
  });

  it.each([
    [['bootstrap'], 'bootstrap needs --email ADDRESS.'],
    [['bootstrap', '--email', 'nobody'], '--email must be an email address.'],
    [['bootstrap', '--email', 'a@b.co', '--grant', '1e3'], '--grant must be dollars'],
    [['bootstrap', '--email', 'a@b.co', '--grant=-1'], '--grant must be dollars'],
    [['bootstrap', '--email', 'a@b.co', '--grant', '10000000'], '--grant must be dollars'],
    [['bootstrap', '--emial', 'a@b.co'], "Unknown option '--emial'"],
    [['link', 'extra'], 'extra'],
    [['destroy'], 'There is no command "destroy".'],
  ])('refuses %j with exit code 2', async (args, words) => {
    const { code, stdout, stderr } = await runCommand(args, env);
    expect([code, stdout]).toEqual([2, '']);
    expect(stderr).toContain(words);
  });

  it('names a wrong setting with exit code 1', async () => {
    const end = await runCommand(['link'], { ...env, PORT: 'x', LOG_LEVEL: 'loud' });
    expect(end.code).toBe(1);
    expect(end.stderr).toMatch(/^Wrong settings: PORT .*LOG_LEVEL .*\n$/);
  });

  it('prints every setting, and of a secret only whether it is set', async () => {
    const secret = 'sk-that-nobody-may-see';
    const { stdout } = await runCommand(['settings'], {
      ...env,
      OPENAI_API_KEY: secret,
      PORT: '4444',
    });
    for (const { name } of SETTINGS) expect(stdout).toMatch(new RegExp(`^${name} `, 'm'));
    expect(stdout).toMatch(/^PORT +4444 /m);
    expect(stdout).toMatch(/^OPENAI_API_KEY +\(set\) /m);
    expect(stdout).toMatch(/^ANTHROPIC_API_KEY +\(not set\) /m);
    expect(stdout).not.toContain(secret);
  });

  it('explains itself', async () => {
    const { code, stdout } = await runCommand(['help'], env);
    expect(code).toBe(0);
    for (const command of ['bootstrap', 'link', 'settings']) expect(stdout).toContain(command);
  });
});
