import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readdir, rename, rm, writeFile } from 'node:fs/promises';
import { type AddressInfo, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { type Hub, cleanEnvironment, makeDataDir, startHub } from '../support/hub.ts';

vi.setConfig({ testTimeout: 60_000 });

const ROOT = fileURLToPath(new URL('../../', import.meta.url));
let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'hub-start-'));
  await rename(await makeDataDir(), join(folder, 'data'));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

/** Starts a server that must not start; returns what it said. */
async function fail(env: Record<string, string>): Promise<{ code: number; stderr: string }> {
  const child = spawn(process.execPath, ['src/main.ts'], {
    cwd: ROOT,
    env: { ...cleanEnvironment(), PORT: '0', DATA_DIR: join(folder, 'data'), ...env },
    stdio: ['ignore', 'ignore', 'pipe'],
    timeout: 50_000,
  });
  const [stderr, [code]] = await Promise.all([text(child.stderr), once(child, 'exit')]);
  return { code: code as number, stderr };
}

describe('a hub that cannot start says why in one sentence', () => {
  test('when its port is taken', async () => {
    const other = createServer().listen(0, '127.0.0.1');
    await once(other, 'listening');
    const { port } = other.address() as AddressInfo;
    const { code, stderr } = await fail({ PORT: String(port) });
    expect(stderr).toBe(
      `Port ${port} on 127.0.0.1 is in use by another program; set PORT to a free one.\n`,
    );
    expect(code).toBe(1);
    other.close();
  });

  test('when its data folder cannot be written', async () => {
    const file = join(folder, 'a-file');
    await writeFile(file, 'kept');
    for (const dataDir of [join(file, 'data'), '/proc/inferencehub']) {
      const { code, stderr } = await fail({ DATA_DIR: dataDir });
      expect(stderr).toMatch(/^The data folder \S+ cannot be written \(\w+\); set DATA_DIR .*\n$/);
      expect(code).toBe(1);
    }
  });

  test('when settings are wrong, all of them at once, and leaves no folder behind', async () => {
    const dataDir = join(folder, 'never');
    const { code, stderr } = await fail({ PORT: 'http', SANDBOX: 'yes', DATA_DIR: dataDir });
    expect(stderr).toMatch(/^Wrong settings: PORT .*; SANDBOX .*\.\n$/);
    expect(code).toBe(1);
    expect(await readdir(folder)).not.toContain('never');
  });

  test('when its database does not answer, without the password', async () => {
    const { code, stderr } = await fail({ DATABASE_URL: 'postgres://hub:hunter2@127.0.0.1:1/hub' });
    expect(stderr).toMatch(/^The database at DATABASE_URL cannot be used: .*\n$/);
    expect(stderr).not.toContain('hunter2');
    expect(code).toBe(1);
  });

  test('when another process serves its data folder, and that one serves on', async () => {
    const hub: Hub = await startHub();
    try {
      const { code, stderr } = await fail({ DATA_DIR: hub.dataDir });
      expect(stderr).toMatch(/^Another process \(pid \d+\) serves the data folder \S+\.\n$/);
      expect(code).toBe(1);
      expect((await fetch(`${hub.baseUrl}/v1/models`)).status).toBe(200);
    } finally {
      await hub.stop();
    }
  });
});

describe('a hub that was killed', () => {
  test('starts again on its folder, with its operator and keys', async () => {
    const hub = await startHub();
    const { testKey } = await hub.bootstrap('1');
    await hub.kill();
    const again = await startHub({ dataDir: hub.dataDir });
    try {
      const answer = await fetch(`${again.baseUrl}/v1/chat/completions`, {
        method: 'POST',
        headers: { authorization: `Bearer ${testKey}`, 'content-type': 'application/json' },
        body: '{"model":"sandbox/echo","messages":[{"role":"user","content":"still here"}]}',
      });
      expect(await answer.json()).toMatchObject({
        choices: [{ message: { content: 'still here' } }],
      });
      expect(again.welcomeUrl).toBeUndefined();
    } finally {
      await again.stop();
      await rm(hub.dataDir, { recursive: true, force: true });
    }
  });
});
