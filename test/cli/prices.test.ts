import { rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { makeDataDir } from '../support/hub.ts';
import { runCommand } from './command.ts';
import { serveFolder } from './served.ts';

const LIST = {
  prices: [
    {
      model: 'ollama/qwen3',
      effectiveFrom: '2099-01-01',
      rates: { input: '0.1', cacheRead: 'free', output: '0.4' },
      serviceTiers: { flex: '0.5' },
    },
  ],
};

vi.setConfig({ testTimeout: 120_000 });

let dataDir: string;
let path: string;
beforeAll(async () => {
  dataDir = await makeDataDir();
  path = join(dataDir, 'list.json');
});
afterAll(() => rm(dataDir, { recursive: true }));

const run = (...args: string[]) => runCommand(args, { DATA_DIR: dataDir });
const write = (list: unknown) => writeFile(path, JSON.stringify(list));

describe('prices and markups of a stopped hub', () => {
  it('are checked, published once and shown', async () => {
    await write(LIST);
    // Models of a server of one's own are free until they are said to cost something.
    const meant = ['--accept-jump', 'ollama/qwen3'];
    expect((await run('prices', 'check', path)).stderr).toContain('(jump)');
    const good = 'The list is good. New in it: ollama/qwen3@2099-01-01.own\n';
    expect(await run('prices', 'check', path, ...meant)).toEqual({
      code: 0,
      stdout: good,
      stderr: '',
    });
    const first = await run('prices', 'publish', path, ...meant, '--json');
    expect(JSON.parse(first.stdout)).toEqual({
      faults: [],
      versions: ['ollama/qwen3@2099-01-01.own'],
    });
    expect((await run('prices', 'publish', path)).stdout).toBe('Published: nothing\n');
    const { stdout } = await run('prices', 'show', 'ollama/qwen3');
    expect(stdout).toContain('ollama/qwen3@2099-01-01.own/flex\n');
    expect(stdout).toContain('from 2099-01-01T00:00:00.000Z, not in force\n');
    expect(stdout).toMatch(/outText +\$0\.4 a million\n/);
    expect(stdout).toMatch(/inUncached +\$0\.05 a million\n/);
  });

  it('are judged by the list prices of the program, though it has never run', async () => {
    await write({ prices: [{ model: 'openai/o3', rates: { input: '2000', output: '8' } }] });
    const { code, stderr } = await run('prices', 'check', path);
    expect(code).toBe(1);
    expect(stderr).toContain('prices[0] (jump): inUncached of openai/o3@');
  });

  it('are set and shown, the rule for a model beside the default', async () => {
    expect((await run('markup', 'set', '--default', '--percent=-5.5')).code).toBe(0);
    const set = await run('markup', 'set', '--provider', 'openai', '--percent=3', '--json');
    expect(JSON.parse(set.stdout)).toMatchObject({ scope: 'provider', target: 'openai', bps: 300 });
    const { stdout } = await run('markup', 'show');
    expect(stdout).toMatch(/^default: -5\.5 %, from .*\nprovider openai: 3 %, from .*\n$/);
  });
});

describe('prices and markups of a running hub', () => {
  let served: Awaited<ReturnType<typeof serveFolder>>;
  beforeAll(async () => {
    served = await serveFolder(dataDir, { baseUrl: 'http://127.0.0.1:4321' });
  });
  afterAll(() => served.close());

  it('are proposed from a file of price data, approved and rejected', async () => {
    const row = (id: string, output_mtok: number) => ({
      id,
      prices: { input_mtok: 2.5, cache_read_mtok: 1.25, output_mtok },
    });
    await write([{ id: 'openai', models: [row('gpt-4o', 11), row('gpt-4o-mini', 9)] }]);
    const { stdout } = await run('prices', 'propose', path);
    // Azure sells at OpenAI's prices.
    expect(stdout).toMatch(/^Proposed: 4, withdrawn: 0\n/);
    expect(stdout).toContain('openai/o3 was not read: no row openai/o3\n');
    const shown = await run('prices', 'proposals', '--json');
    const { proposals } = JSON.parse(shown.stdout) as {
      proposals: { id: string; model: string }[];
    };
    const idOf = (name: string) => proposals.find(({ model }) => model === name)!.id;
    const [plain, jumping] = [idOf('openai/gpt-4o'), idOf('openai/gpt-4o-mini')];
    const text = (await run('prices', 'proposals')).stdout;
    expect(text).toMatch(/openai\/gpt-4o from its approval\n +outText +\$10 → \$11\n/);
    expect(text).toMatch(/openai\/gpt-4o-mini from its approval, refused as jump\n/);
    const approved = await run('prices', 'approve', plain);
    expect(approved.stdout).toMatch(/^Published: openai\/gpt-4o@\S+\.own\n$/);
    const refused = await run('prices', 'approve', jumping);
    expect([refused.code, refused.stderr]).toEqual([1, expect.stringContaining('(jump)')]);
    for (const id of [jumping, idOf('azure/gpt-4o'), idOf('azure/gpt-4o-mini')]) {
      expect((await run('prices', 'reject', id)).stdout).toBe('Rejected.\n');
    }
    expect((await run('prices', 'reject', jumping)).stderr).toBe('No such proposal waits.\n');
    expect((await run('prices', 'proposals')).stdout).toBe('Nothing waits for a decision.\n');
    expect((await run('prices', 'propose', path)).stdout).toMatch(/^Proposed: 0, withdrawn: 0\n/);
  });

  it.each([
    [['prices'], 2, 'prices is followed by check FILE, publish FILE or show.'],
    [['prices', 'publish'], 2, 'prices is followed by'],
    [['prices', 'propose'], 2, 'prices propose takes a FILE'],
    [['prices', 'approve'], 2, 'approve and reject the ID of a proposal.'],
    [['prices', 'approve', 'x'], 1, 'No such proposal waits.'],
    [['prices', 'check', 'a', 'b'], 2, 'prices check takes one argument.'],
    [['prices', 'publish', '/nowhere/list.json'], 1, 'The file /nowhere/list.json cannot be read.'],
    [['markup', 'set', '--percent', '5'], 2, 'markup set needs one of'],
    [['markup', 'set', '--default', '--model', 'm', '--percent', '5'], 2, 'needs one of'],
    [['markup', 'set', '--default', '--percent=-100'], 2, '--percent is above -100'],
    [['markup', 'set', '--default'], 2, '--percent is above -100'],
    [['markup', 'set', '--model', 'x/y', '--percent', '5'], 1, 'This hub has no such model.'],
    [['markup', 'set', '--provider', 'x', '--percent', '5'], 1, 'This hub has no such provider.'],
  ])('refuse %j with exit code %i', async (args, code, words) => {
    const end = await run(...args);
    expect([end.code, end.stdout]).toEqual([code, '']);
    expect(end.stderr).toContain(words);
  });
});
