// The stage: a server in the place of all providers, and two hubs that know it, one for each client to
// providers. The standard one hands on each chunk as a piece of its own, so cuts are tried there; the
// raw one, which is the usual, joins the chunks of one read.

import { cp, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { embeddedDatabaseDir } from '../../src/host/data-dir.ts';
import { type Bootstrapped, runCli, startHub } from '../support/hub.ts';
import { type ReplayServer, startReplayServer } from './replay-server.ts';
import { PAIRS_VARIABLE } from './stage-providers.ts';
import { type Pair, pairId } from './wires.ts';

export interface StagedHub {
  readonly baseUrl: string;
  readonly key: string;
}

export interface Stage {
  readonly provider: ReplayServer;
  /** Whole answers go through this one. */
  readonly usual: StagedHub;
  /** Answers in pieces go through this one. */
  readonly piecewise: StagedHub;
  close(): Promise<void>;
}

/** Different digits in each figure, so that a count under a wrong name costs another sum. */
const RATES = {
  input: '1.3',
  cacheRead: '0.17',
  cacheWrite: '1.9',
  cacheWrite5m: '2.3',
  cacheWrite1h: '3.1',
  output: '7.1',
  reasoning: '7.9',
};
/** A price without a date holds from two seconds after its publication. */
const PUBLICATION_MS = 2_100;
const PRELOAD = new URL('./stage-providers.ts', import.meta.url);

export async function openStage(pairs: readonly Pair[]): Promise<Stage> {
  const provider = await startReplayServer();
  const folder = await mkdtemp(join(tmpdir(), 'hub-stage-'));
  const addresses = pairs.map((pair) => {
    const prefix = pairId(pair).toUpperCase().replaceAll('-', '_');
    return [`${prefix}_BASE_URL`, provider.baseUrl] as const;
  });
  const env = {
    ...Object.fromEntries(addresses),
    [PAIRS_VARIABLE]: JSON.stringify(pairs.map(({ provider: { id }, wire }) => ({ id, wire }))),
    NODE_OPTIONS: `--import=${PRELOAD.href}`,
    LOG_LEVEL: 'error',
  };
  const dirs = [join(folder, 'usual'), join(folder, 'piecewise')] as const;
  const key = await furnish(dirs[0], pairs, env);
  await cp(dirs[0], dirs[1], { recursive: true });
  await sleep(PUBLICATION_MS);
  const [usual, piecewise] = await Promise.all([
    startHub({ env, dataDir: dirs[0] }),
    startHub({ env: { ...env, UPSTREAM_CLIENT: 'standard' }, dataDir: dirs[1] }),
  ]);
  return {
    provider,
    usual: { baseUrl: usual.baseUrl, key },
    piecewise: { baseUrl: piecewise.baseUrl, key },
    async close() {
      await Promise.all([usual.stop(), piecewise.stop(), provider.close()]);
      await rm(folder, { recursive: true, force: true });
    },
  };
}

/** A hub's folder with prices and a customer; returns the customer's key. */
async function furnish(
  dataDir: string,
  pairs: readonly Pair[],
  env: Readonly<Record<string, string>>,
): Promise<string> {
  const template = process.env['TEST_PGLITE_TEMPLATE'];
  if (template !== undefined) {
    await cp(template, embeddedDatabaseDir(dataDir), { recursive: true });
  }
  const run = async (...args: string[]): Promise<string> => {
    const { code, stdout, stderr } = await runCli(args, { ...env, DATA_DIR: dataDir });
    if (code !== 0) throw new Error(`${args.join(' ')} failed: ${stderr}`);
    return stdout;
  };
  const email = ['--email', 'operator@example.com'];
  const made = await run('bootstrap', ...email, '--grant', '1000000', '--json');
  const models = pairs.map((pair) => `${pairId(pair)}/*`);
  const file = `${dataDir}-prices.json`;
  const prices = models.map((model) => ({ model, rates: RATES }));
  await writeFile(file, JSON.stringify({ prices }));
  const jumps = models.flatMap((model) => ['--accept-jump', model]);
  await run('prices', 'publish', file, ...jumps);
  return (JSON.parse(made) as Bootstrapped).liveKey;
}
