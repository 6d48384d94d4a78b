// TensorZero's gateway, as its Python package carries it: the same server in Rust, run inside an
// otherwise idle Python process. The package gives no choice of port; see fixed-port.c.

import { readFileSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Place, Running, Subject } from '../subject.ts';
import { install, type Recipe } from './install.ts';
import { launch } from './launch.ts';

const VERSION = '2026.6.0';
const CHAT_MODEL = 'gpt-4o';

const RECIPE: Recipe = {
  files: {
    'serve.py': readFileSync(new URL('./tensorzero-serve.py', import.meta.url), 'utf8'),
    'fixed-port.c': readFileSync(new URL('./fixed-port.c', import.meta.url), 'utf8'),
  },
  commands: [
    ['python3', '-m', 'venv', 'venv'],
    ['venv/bin/pip', 'install', '--quiet', `tensorzero==${VERSION}`],
    ['cc', '-O2', '-shared', '-fPIC', '-o', 'fixed-port.so', 'fixed-port.c', '-ldl'],
  ],
};

export const TENSORZERO: readonly Subject[] = [
  {
    name: 'tensorzero',
    variant: 'fastest',
    settings:
      'the server in the Python package, observability and analytics off, no key check, no ' +
      'database, logs of errors only',
    start,
  },
];

async function start(place: Place): Promise<Running> {
  const folder = await install('tensorzero', RECIPE);
  const file = join(place.folder, 'tensorzero.toml');
  await writeFile(file, describe(place));
  return launch(
    place,
    {
      command: [join(folder, 'venv/bin/python'), join(folder, 'serve.py'), file],
      env: {
        RUST_LOG: 'error',
        LD_PRELOAD: join(folder, 'fixed-port.so'),
        FIXED_PORT: String(place.port),
      },
    },
    {
      version: VERSION,
      chatPath: '/openai/v1/chat/completions',
      messagesPath: undefined,
      headers: ['authorization: Bearer sk-stand-in'],
      model: `tensorzero::model_name::${CHAT_MODEL}`,
    },
  );
}

function describe({ upstreamUrl }: Place): string {
  return `
[gateway]
observability.enabled = false
disable_pseudonymous_usage_analytics = true

[models.${CHAT_MODEL}]
routing = ["upstream"]

[models.${CHAT_MODEL}.providers.upstream]
type = "openai"
model_name = "${CHAT_MODEL}"
api_base = "${upstreamUrl}/v1/"
api_key_location = "none"
`;
}
