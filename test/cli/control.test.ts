import { existsSync } from 'node:fs';
import { mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { HubError } from '../../src/base/errors.ts';
import type { BootstrapReply, HubCommands } from '../../src/host/commands.ts';
import { findRunningHub, startControl } from '../../src/host/control.ts';

const REPLY: BootstrapReply = {
  baseUrl: 'http://127.0.0.1:3000',
  email: 'root@example.com',
  workspaceId: 'ws_1',
  liveKey: 'live',
  testKey: 'test',
};

const unused = async () => {
  throw new Error('nothing here asks for it');
};
const UNUSED = {
  checkPrices: unused,
  publishPrices: unused,
  showPrices: unused,
  setMarkup: unused,
  showMarkups: unused,
  proposePrices: unused,
  showProposals: unused,
  decideProposal: unused,
};

describe('the control listener', () => {
  let dataDir: string;
  let control: { close(): Promise<void> };
  const asked: unknown[] = [];
  const commands: HubCommands = {
    async bootstrap(request) {
      asked.push(request);
      if (!request.force) throw new HubError('conflict', { message: 'There is one already.' });
      return REPLY;
    },
    async link() {
      throw new Error('words that quote a secret');
    },
    ...UNUSED,
  };
  beforeEach(async () => {
    dataDir = await mkdtemp(join(tmpdir(), 'hub-control-'));
    control = await startControl({ dataDir, baseUrl: REPLY.baseUrl, commands });
    asked.length = 0;
  });
  afterEach(async () => {
    await control.close();
    await rm(dataDir, { recursive: true });
  });

  const readControlFile = async () =>
    JSON.parse(await readFile(join(dataDir, 'control.json'), 'utf8')) as Record<string, unknown>;

  it('passes a command to the hub, and its answer back', async () => {
    const hub = await findRunningHub(dataDir);
    expect(hub?.baseUrl).toBe(REPLY.baseUrl);
    const request = { email: 'root@example.com', grantNanos: '5', force: true };
    expect(await hub?.commands.bootstrap(request)).toEqual(REPLY);
    expect(asked).toEqual([request]);
  });

  it('passes a refusal back with its words, and tells nothing of a failure', async () => {
    const hub = await findRunningHub(dataDir);
    const request = { email: 'root@example.com', grantNanos: '5', force: false };
    await expect(hub?.commands.bootstrap(request)).rejects.toMatchObject({
      code: 'conflict',
      message: 'There is one already.',
    });
    await expect(hub?.commands.link({})).rejects.toMatchObject({
      code: 'internal',
      message: expect.not.stringContaining('secret'),
    });
  });

  it('answers nobody who has not read its file, which its owner alone can', async () => {
    expect((await stat(join(dataDir, 'control.json'))).mode & 0o777).toBe(0o600);
    const { port, token } = await readControlFile();
    const ask = (authorization: string) =>
      fetch(`http://127.0.0.1:${String(port)}/bootstrap`, {
        method: 'POST',
        headers: { authorization },
        body: JSON.stringify({ email: 'x@example.com', grantNanos: '5', force: true }),
      });
    for (const wrong of ['', 'Bearer ', 'Bearer x', `Bearer ${String(token)}x`, String(token)]) {
      expect((await ask(wrong)).status).toBe(401);
    }
    expect(asked).toEqual([]);
    expect((await ask(`Bearer ${String(token)}`)).status).toBe(200);
  });

  it('takes its file along when it closes', async () => {
    await control.close();
    expect(existsSync(join(dataDir, 'control.json'))).toBe(false);
    expect(await findRunningHub(dataDir)).toBeUndefined();
    control = await startControl({ dataDir, baseUrl: REPLY.baseUrl, commands });
  });

  it('is not found by a file that a dead hub, another program or nobody wrote', async () => {
    const file = await readControlFile();
    await control.close();
    for (const text of [JSON.stringify(file), '{}', 'not json', '']) {
      await writeFile(join(dataDir, 'control.json'), text);
      expect(await findRunningHub(dataDir)).toBeUndefined();
    }
    control = await startControl({ dataDir, baseUrl: REPLY.baseUrl, commands });
    const wrongToken = JSON.stringify({ ...(await readControlFile()), token: 'x' });
    await writeFile(join(dataDir, 'control.json'), wrongToken);
    expect(await findRunningHub(dataDir)).toBeUndefined();
  });
});
