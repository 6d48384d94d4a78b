// The hub as a subject: this checkout (or another, with BENCH_CHECKOUT), run as `npm start` runs
// it, with a paid key, the operator's own prices and a database whose work is counted as the hub's.

import { execFile } from 'node:child_process';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { HUB_NODE_ARGS } from '../scripts/lib/node-args.mjs';
import { type Bookings, countByCredits, countBySql } from './bookings.ts';
import { type Child, startChild, waitUntil } from './child.ts';
import { onCore } from './machine.ts';
import { startPostgres } from './postgres.ts';
import type { Place, Running, Subject } from './subject.ts';

const ROOT = fileURLToPath(new URL('../', import.meta.url));
const CHAT_MODEL = 'openai/gpt-4o';
const MESSAGES_MODEL = 'anthropic/claude-sonnet-5';
const GRANT_USD = '5000000';
/** One and two dollars a million: an answer of 412 and 50 tokens costs 512 000 nano-dollars. */
const PRICES = [CHAT_MODEL, MESSAGES_MODEL].map((model) => ({
  model,
  rates: { input: '1', output: '2' },
}));

export interface HubOptions {
  readonly name: string;
  readonly variant: string;
  readonly settings: string;
  /** A PostgreSQL of its own, the embedded one, or an empty database that is there already. */
  readonly database: 'postgres' | 'pglite' | { readonly url: string };
  /** Settings beyond what it needs to run. */
  readonly env?: Readonly<Record<string, string>>;
  /** Options of Node for the hub's process alone. */
  readonly nodeArgs?: readonly string[];
  /** The folder of the sources; this checkout unless given. */
  readonly checkout?: string;
}

type Environment = Readonly<Record<string, string>>;

export function hub(options: HubOptions): Subject {
  const { name, variant, settings } = options;
  return { name, variant, settings, start: (place) => start(options, place) };
}

async function start(options: HubOptions, place: Place): Promise<Running> {
  const { checkout = ROOT, nodeArgs = [] } = options;
  const main = join(checkout, 'src', 'main.ts');
  await using opened = new AsyncDisposableStack();
  const database =
    options.database === 'postgres'
      ? opened.adopt(await startPostgres(place.core), (open) => open.stop())
      : undefined;
  const databaseUrl = typeof options.database === 'object' ? options.database.url : database?.url;
  const env = { ...environmentOf(place), ...options.env };
  if (databaseUrl !== undefined) env['DATABASE_URL'] = databaseUrl;
  const spawn = (): Promise<Child> =>
    startChild(onCore(place.core, process.execPath, ...HUB_NODE_ARGS, ...nodeArgs, main), {
      cwd: checkout,
      env,
      stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
    });
  let child = await spawn();
  opened.defer(() => child.stop());
  await waitUntil(child, () => /InferenceHub \S+ is at/.exec(child.output()) ?? undefined);
  const key = await openShop(checkout, env, place.folder);
  const baseUrl = `http://127.0.0.1:${place.port}`;
  const bookings: Bookings =
    databaseUrl === undefined
      ? countByCredits(baseUrl, key)
      : opened.adopt(await countBySql(databaseUrl), (open) => open.close());
  const stack = opened.move();
  const version = /InferenceHub (\S+) is at/.exec(child.output())?.[1] ?? 'unknown';
  return {
    version: database ? `${version} with PostgreSQL ${database.version}` : version,
    chatPath: '/v1/chat/completions',
    messagesPath: '/v1/messages',
    headers: [`authorization: Bearer ${key}`],
    model: CHAT_MODEL,
    messagesModel: MESSAGES_MODEL,
    get pids() {
      return [child.pid, ...(database ? [database.pid] : [])];
    },
    settled: (answered) => bookings.settled(answered),
    async restart() {
      await child.stop();
      child = await spawn();
    },
    stop: () => stack.disposeAsync(),
  };
}

function environmentOf({ folder, port, upstreamUrl, caFile }: Place): Record<string, string> {
  const { PATH = '', HOME = '' } = process.env;
  return {
    PATH,
    HOME,
    DATA_DIR: join(folder, 'data'),
    PORT: String(port),
    OPENAI_API_KEY: 'sk-stand-in',
    OPENAI_BASE_URL: upstreamUrl,
    ANTHROPIC_API_KEY: 'sk-ant-stand-in',
    ANTHROPIC_BASE_URL: upstreamUrl,
    ...(caFile !== undefined && { NODE_EXTRA_CA_CERTS: caFile }),
  };
}

/** A customer with money and the operator's prices, in force; returns the customer's key. */
async function openShop(checkout: string, env: Environment, folder: string): Promise<string> {
  const cli = async (...args: string[]): Promise<unknown> => {
    const path = join(checkout, 'src', 'cli.ts');
    const options = { cwd: checkout, env };
    const { stdout } = await promisify(execFile)(
      process.execPath,
      [path, ...args, '--json'],
      options,
    );
    return JSON.parse(stdout);
  };
  const about = ['--email', 'operator@example.com', '--grant', GRANT_USD];
  const { liveKey } = (await cli('bootstrap', ...about)) as { liveKey: string };
  const file = join(folder, 'prices.json');
  await writeFile(file, JSON.stringify({ prices: PRICES }));
  const jumps = PRICES.flatMap(({ model }) => ['--accept-jump', model]);
  await cli('prices', 'publish', file, ...jumps);
  for (const { model } of PRICES) {
    for (;;) {
      const { prices } = (await cli('prices', 'show', model)) as {
        prices: { id: string; inForce: boolean }[];
      };
      if (prices.some(({ id, inForce }) => inForce && id.endsWith('.own'))) break;
      await sleep(200);
    }
  }
  return liveKey;
}
