// crabllm, a gateway in Rust with keys, limits, usage, budgets and an audit log of its own, kept in
// SQLite. Built from its published crates.

import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Place, Running, Subject } from '../subject.ts';
import { install, type Recipe } from './install.ts';
import { launch } from './launch.ts';

const VERSION = '0.0.25';
const CHAT_MODEL = 'gpt-4o';
const MESSAGES_MODEL = 'claude-sonnet-5';
const KEY = 'sk-0123456789abcdef0123456789abcdef';

const QUIET_MS = 1_000;
const BUILD = `cargo install crabllm@${VERSION} --locked --jobs 1 --features storage-sqlite --root .`;
const RECIPE: Recipe = { commands: [BUILD.split(' ')] };

const PLAIN = 'release build, runtime threads as many as cores (one), no retries, no API documents';

export const CRABLLM: readonly Subject[] = [
  {
    name: 'crabllm',
    variant: 'fastest',
    settings: `${PLAIN}, logs of errors only; no key check, no storage`,
    start: (place) => start(place, false),
  },
  {
    name: 'crabllm-full',
    variant: 'everything on',
    settings:
      `${PLAIN}; keys, rate limit, usage, budget, audit and logs on, counters and audit rows in ` +
      'SQLite (its default settings), two log lines a request to a file',
    start: (place) => start(place, true),
  },
];

async function start(place: Place, isFull: boolean): Promise<Running> {
  const folder = await install('crabllm', RECIPE);
  const file = join(place.folder, 'crabllm.toml');
  await writeFile(file, describe(place) + (isFull ? describeExtras(place) : ''));
  return launch(
    place,
    {
      command: [join(folder, 'bin/crabllm'), 'serve', '--config', file],
      env: { RUST_LOG: isFull ? 'info' : 'error' },
      ...(isFull && { logFile: 'crabllm.log' }),
    },
    {
      version: VERSION,
      chatPath: '/v1/chat/completions',
      messagesPath: '/v1/messages',
      headers: [`authorization: Bearer ${KEY}`],
      model: CHAT_MODEL,
      messagesModel: MESSAGES_MODEL,
      ...(isFull && { settled: () => waitForQuiet(databaseOf(place)) }),
    },
  );
}

function describe({ port, upstreamUrl }: Place): string {
  return `
listen = "127.0.0.1:${port}"
openapi = false

[providers.openai]
base_url = "${upstreamUrl}/v1"
api_key = "sk-stand-in"
models = ["${CHAT_MODEL}"]
max_retries = 0

[providers.anthropic]
base_url = "${upstreamUrl}/v1"
api_key = "sk-ant-stand-in"
models = ["${MESSAGES_MODEL}"]
max_retries = 0
`;
}

/** Limits and budgets that are checked on every request and never reached. */
function describeExtras(place: Place): string {
  const prices = [CHAT_MODEL, MESSAGES_MODEL].map(
    (model) => `
[models.${model}.pricing]
input_cost_per_million = 1.0
output_cost_per_million = 2.0
`,
  );
  return `
[[keys]]
name = "bench"
key = "${KEY}"
models = ["*"]

[storage]
kind = "sqlite"
path = "${databaseOf(place)}"
${prices.join('')}
[extensions]
rate_limit = { requests_per_minute = 100000000 }
usage = {}
audit = {}
logging = {}
budget = { default_budget = 1000000.0 }
`;
}

function databaseOf({ folder }: Place): string {
  return join(folder, 'crabllm.db');
}

/** It writes after it has answered, and not a row for every answer: until no more rows come. */
async function waitForQuiet(file: string): Promise<void> {
  const database = new DatabaseSync(file, { readOnly: true, timeout: QUIET_MS });
  try {
    const count = (): unknown => database.prepare('select count(*) n from kv').get()?.['n'];
    for (let known: unknown, found = count(); found !== known; found = count()) {
      known = found;
      await sleep(QUIET_MS);
    }
  } finally {
    database.close();
  }
}
