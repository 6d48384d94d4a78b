// Portkey's open gateway. It keeps nothing: keys, budgets, usage and logs belong to the vendor's
// hosted service, so there is nothing to switch on here but a routing configuration.

import type { Place, Running, Subject } from '../subject.ts';
import { install, type Recipe } from './install.ts';
import { launch } from './launch.ts';

const VERSION = '1.15.2';
const CHAT_MODEL = 'gpt-4o';
const MESSAGES_MODEL = 'claude-sonnet-5';

/**
 * With the newest @hono/node-server that its range allows, every stream ends in a 500: since 1.14.2
 * that package hands a fetched answer's immutable headers on, and Portkey appends to them (its
 * issue 1389). 1.14.1 is the last with which streams work.
 */
const RECIPE: Recipe = {
  files: {
    'package.json': JSON.stringify({
      private: true,
      dependencies: { '@portkey-ai/gateway': VERSION },
      overrides: { '@hono/node-server': '1.14.1', hono: '4.13.19' },
    }),
  },
  commands: [['npm', 'install', '--no-audit', '--no-fund', '--ignore-scripts']],
};

const PLAIN = `headless, NODE_ENV=production, under this Node, @hono/node-server held at 1.14.1`;

export const PORTKEY: readonly Subject[] = [
  {
    name: 'portkey',
    variant: 'fastest',
    settings: `${PLAIN}; provider and address by headers; no key check, limits, usage or logs`,
    start: (place) =>
      start(place, {
        messagesPath: undefined,
        headers: ['x-portkey-provider: openai', `x-portkey-custom-host: ${baseUrlOf(place)}`],
      }),
  },
  {
    name: 'portkey-routed',
    variant: 'with a routing configuration',
    settings: `${PLAIN}; provider chosen by model; the open gateway has no keys, usage or billing`,
    start: (place) =>
      start(place, {
        messagesPath: '/v1/messages',
        messagesModel: MESSAGES_MODEL,
        headers: [`x-portkey-config: ${describeRoutes(place)}`],
      }),
  },
];

type Ways = Pick<Running, 'messagesPath' | 'messagesModel' | 'headers'>;

async function start(place: Place, ways: Ways): Promise<Running> {
  const folder = await install('portkey', RECIPE);
  const program = `${folder}/node_modules/@portkey-ai/gateway/build/start-server.js`;
  const command = [process.execPath, program, `--port=${place.port}`, '--headless'] as const;
  return launch(
    place,
    { command: [...command], env: { NODE_ENV: 'production', ENVIRONMENT: 'production' } },
    {
      ...ways,
      version: VERSION,
      chatPath: '/v1/chat/completions',
      headers: ['authorization: Bearer sk-stand-in', 'x-api-key: sk-ant-stand-in', ...ways.headers],
      model: CHAT_MODEL,
    },
  );
}

/** As text: one of its keys would make an object look like a promise. */
function describeRoutes(place: Place): string {
  const [openai, anthropic] = ['openai', 'anthropic'].map((provider) =>
    JSON.stringify({
      name: provider,
      provider,
      api_key: 'sk-stand-in',
      custom_host: baseUrlOf(place),
    }),
  );
  const query = JSON.stringify({ 'params.model': { $eq: MESSAGES_MODEL } });
  const condition = `{"query":${query},"then":"anthropic"}`;
  const strategy = `{"mode":"conditional","conditions":[${condition}],"default":"openai"}`;
  return `{"strategy":${strategy},"targets":[${openai},${anthropic}]}`;
}

function baseUrlOf({ upstreamUrl }: Place): string {
  return `${upstreamUrl}/v1`;
}
