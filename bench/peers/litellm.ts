// LiteLLM's proxy, one worker. Its own keys, budgets and spend logs live in a database that it speaks
// to through Prisma; see missing.ts for why that variant is not here.

import { readFileSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Place, Running, Subject } from '../subject.ts';
import { install, type Recipe } from './install.ts';
import { launch } from './launch.ts';

const VERSION = '1.103.6';
const CHAT_MODEL = 'gpt-4o';
const MESSAGES_MODEL = 'claude-sonnet-5';
const MASTER_KEY = 'sk-0123456789abcdef0123456789abcdef';

/** Everything at the versions that were tried: what it asks for is open upwards. */
const RECIPE: Recipe = {
  files: {
    'requirements.txt': readFileSync(
      new URL('./litellm-requirements.txt', import.meta.url),
      'utf8',
    ),
  },
  commands: [
    ['python3', '-m', 'venv', 'venv'],
    ['venv/bin/pip', 'install', '--quiet', '--no-deps', '-r', 'requirements.txt'],
  ],
};

interface Variant {
  readonly masterKey: string | undefined;
  readonly logs: boolean;
}

const PLAIN = 'one Granian worker, LITELLM_MODE=PRODUCTION, no retries, no telemetry';

export const LITELLM: readonly Subject[] = [
  {
    name: 'litellm',
    variant: 'fastest',
    settings: `${PLAIN}, logs of errors only; no key check, no database`,
    start: (place) => start(place, { masterKey: undefined, logs: false }),
  },
  {
    name: 'litellm-key',
    variant: 'with its master key and logs',
    settings: `${PLAIN}; one key checked, cost computed and kept in memory, its INFO logs as JSON to a file`,
    start: (place) => start(place, { masterKey: MASTER_KEY, logs: true }),
  },
];

async function start(place: Place, { masterKey, logs }: Variant): Promise<Running> {
  const folder = await install('litellm', RECIPE);
  const file = join(place.folder, 'litellm.json');
  await writeFile(file, JSON.stringify(describe(place, { masterKey, logs })));
  // Of the servers that it offers, Granian took the least processor time.
  const server = ['--num_workers', '1', '--run_granian', '--telemetry', 'False'];
  const address = ['--host', '127.0.0.1', '--port', String(place.port)];
  return launch(
    place,
    {
      command: [join(folder, 'venv/bin/litellm'), '--config', file, ...address, ...server],
      env: {
        LITELLM_MODE: 'PRODUCTION',
        LITELLM_LOG: logs ? 'INFO' : 'ERROR',
        // Its table of prices comes with it; without this it looks for a newer one on the network.
        LITELLM_LOCAL_MODEL_COST_MAP: 'True',
      },
      ...(logs && { logFile: 'litellm.log' }),
    },
    {
      version: VERSION,
      chatPath: '/v1/chat/completions',
      messagesPath: '/v1/messages',
      headers: [`authorization: Bearer ${masterKey ?? 'sk-stand-in'}`],
      model: CHAT_MODEL,
      messagesModel: MESSAGES_MODEL,
    },
  );
}

/** Its configuration is YAML, of which JSON is a part. */
function describe({ upstreamUrl, caFile }: Place, { masterKey, logs }: Variant): object {
  return {
    model_list: [
      {
        model_name: CHAT_MODEL,
        litellm_params: {
          model: `openai/${CHAT_MODEL}`,
          api_base: `${upstreamUrl}/v1`,
          api_key: 'sk-stand-in',
        },
      },
      {
        model_name: MESSAGES_MODEL,
        litellm_params: {
          model: `anthropic/${MESSAGES_MODEL}`,
          api_base: upstreamUrl,
          api_key: 'sk-ant-stand-in',
        },
      },
    ],
    litellm_settings: {
      telemetry: false,
      num_retries: 0,
      // Translated, a request loses what the other protocol or model has no word for.
      drop_params: true,
      use_chat_completions_url_for_anthropic_messages: true,
      json_logs: logs,
      ...(caFile !== undefined && { ssl_verify: caFile }),
    },
    general_settings: masterKey === undefined ? {} : { master_key: masterKey },
  };
}
