// One API, which like the hub sells from a prepaid quota: each request holds some of it and settles
// afterwards, and its keys are always checked. So its fastest variant has that on as well.

import { setTimeout as sleep } from 'node:timers/promises';
import { join } from 'node:path';
import { Client } from 'pg';
import { startPostgres } from '../postgres.ts';
import type { Place, Running, Subject } from '../subject.ts';
import { install, type Recipe } from './install.ts';
import { launch, type Launch } from './launch.ts';

const VERSION = '0.6.10';
const MODULE = 'github.com/songquanpeng/one-api';
const CHAT_MODEL = 'gpt-4o';
const KEY = '0123456789abcdef0123456789abcdef0123456789abcdef';
const ADMIN_TOKEN = '0123456789abcdef0123456789abcdef';
const POLL_MS = 100;
const PATIENCE_MS = 60_000;

/**
 * It loads its tables of tokens from the network, or from files in the form in which LiteLLM's
 * package happens to carry them.
 */
const TOKENS = 'tokens/litellm/litellm_core_utils/tokenizers';
const RECIPE: Recipe = {
  files: {
    'go.mod': `module bench/peers/one-api\n\ngo 1.26\n\nrequire ${MODULE} v${VERSION}\n`,
    'tools.go': `//go:build tools\n\npackage tools\n\nimport _ "${MODULE}"\n`,
  },
  commands: [
    ['go', 'mod', 'tidy'],
    ['go', 'build', '-p', '1', '-o', 'one-api', MODULE],
    'python3 -m pip install --quiet --no-deps --target tokens litellm==1.103.6'.split(' '),
  ],
};

const PLAIN = 'Gin in release mode, keys and quotas on, keys and channels cached in memory';

export const ONE_API: readonly Subject[] = [
  {
    name: 'one-api',
    variant: 'fastest',
    settings:
      `${PLAIN}; SQLite, quota written in batches every 5 s, no usage log, prompts' tokens ` +
      'estimated, its log of requests (it has no switch) to a file',
    start: (place) => start(place, false),
  },
  {
    name: 'one-api-full',
    variant: 'everything on',
    settings:
      `${PLAIN}; a durable PostgreSQL that is counted (80 connections), quota and usage log written for each ` +
      "request, prompts' tokens counted, its log of requests to a file",
    start: (place) => start(place, true),
  },
];

async function start(place: Place, isFull: boolean): Promise<Running> {
  const folder = await install('one-api', RECIPE);
  await using opened = new AsyncDisposableStack();
  const database = isFull
    ? opened.adopt(await startPostgres(place.core), (open) => open.stop())
    : undefined;
  const wanted: Launch = {
    command: [join(folder, 'one-api'), '--port', String(place.port), '--log-dir', ''],
    env: {
      TIKTOKEN_CACHE_DIR: join(folder, TOKENS),
      INITIAL_ROOT_TOKEN: KEY,
      INITIAL_ROOT_ACCESS_TOKEN: ADMIN_TOKEN,
      MEMORY_CACHE_ENABLED: 'true',
      SQLITE_PATH: join(place.folder, 'one-api.db'),
      ...(database ? withDatabase(database.url) : { BATCH_UPDATE_ENABLED: 'true' }),
    },
    logFile: 'one-api.log',
  };
  const about = {
    version: database ? `${VERSION} with PostgreSQL ${database.version}` : VERSION,
    chatPath: '/v1/chat/completions',
    messagesPath: undefined,
    headers: [`authorization: Bearer sk-${KEY}`],
    model: CHAT_MODEL,
  };
  // The caches are read when it starts: it is set up in a run of its own.
  const setup = await launch(place, wanted, about);
  try {
    await configure(place, isFull);
  } finally {
    await setup.stop();
  }
  const running = await launch(place, wanted, about);
  opened.defer(() => running.stop());
  const stack = opened.move();
  return {
    ...about,
    get pids() {
      return [...running.pids, ...(database ? [database.pid] : [])];
    },
    ...(database && { settled: (answered: number) => waitForRows(database.url, answered) }),
    ...(running.restart && { restart: running.restart }),
    stop: () => stack.disposeAsync(),
  };
}

/** It would open up to a thousand connections, of which a server as installed accepts a hundred. */
function withDatabase(url: string): Record<string, string> {
  return { SQL_DSN: url, SQL_MAX_OPEN_CONNS: '80', SQL_MAX_IDLE_CONNS: '80' };
}

async function configure(place: Place, isFull: boolean): Promise<void> {
  const channel = { type: 1, name: 'upstream', key: 'sk-stand-in', base_url: place.upstreamUrl };
  await manage(place, 'POST', 'channel', { ...channel, models: CHAT_MODEL, group: 'default' });
  const options = { ApproximateTokenEnabled: !isFull, LogConsumeEnabled: isFull };
  for (const [key, value] of Object.entries(options)) {
    await manage(place, 'PUT', 'option', { key, value: String(value) });
  }
}

async function manage(place: Place, method: string, what: string, body: object): Promise<void> {
  const response = await fetch(`http://127.0.0.1:${place.port}/api/${what}/`, {
    method,
    headers: { authorization: ADMIN_TOKEN, 'content-type': 'application/json' },
    body: JSON.stringify(body),
  });
  const { success, message } = (await response.json()) as { success: boolean; message: string };
  if (!success) throw new Error(`One API did not take the ${what}: ${message}`);
}

/** A row a request, written after its answer. */
async function waitForRows(url: string, answered: number): Promise<void> {
  const client = new Client({ connectionString: url });
  await client.connect();
  try {
    const deadline = performance.now() + PATIENCE_MS;
    for (let rows = -1; rows < answered; await sleep(POLL_MS)) {
      const found = await client.query<{ n: string }>('select count(*) n from logs where type = 2');
      rows = Number(found.rows[0]?.n);
      if (performance.now() > deadline) throw new Error(`${answered} answers, ${rows} rows.`);
    }
  } finally {
    await client.end();
  }
}
