// What a person reads in the terminal when the hub has started.

import type { Config } from '../config.ts';

export interface Greeting {
  readonly publicUrl: string;
  readonly version: string;
  /** The one-time link of the first operator; undefined once there is one. */
  readonly welcomeUrl: string | undefined;
  readonly config: Pick<Config, 'sandbox' | 'databaseUrl' | 'dataDir' | 'providers'>;
}

export function greet({ publicUrl, version, welcomeUrl, config }: Greeting): string {
  const { databaseUrl, dataDir, providers } = config;
  const names = [...(config.sandbox ? ['sandbox'] : []), ...providers.keys()];
  const model = config.sandbox ? 'sandbox/echo' : 'MODEL';
  return [
    '',
    `InferenceHub ${version} is at ${publicUrl}`,
    `  database   ${databaseUrl ? 'PostgreSQL' : `embedded, in ${dataDir}`}`,
    `  providers  ${names.join(', ') || 'none: set OPENAI_API_KEY or another provider key'}`,
    '',
    ...(welcomeUrl
      ? [
          'First run: open this link once, within 7 days, to make the operator account.',
          `  ${welcomeUrl}`,
          '',
        ]
      : []),
    'Call it with a key from the console:',
    `  curl ${publicUrl}/v1/chat/completions -H "authorization: Bearer $IH_KEY" \\`,
    `    -H "content-type: application/json" -d '${exampleBody(model)}'`,
    '',
    '',
  ].join('\n');
}

function exampleBody(model: string): string {
  return JSON.stringify({ model, messages: [{ role: 'user', content: 'Hello' }] });
}
