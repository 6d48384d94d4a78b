// How each client is pointed at the hub, as text that works as it stands once IH_KEY holds a key.
// Anthropic's and Google's clients add the version to the path themselves, so they take the origin; all
// others take the base URL.

export interface ClientTarget {
  /** With /v1. */
  readonly baseUrl: string;
  /** Without /v1. */
  readonly origin: string;
  readonly model: string;
}

export interface ClientGuide {
  readonly id: string;
  readonly label: string;
  /** Where the code goes, in a few words. */
  readonly place: string;
  readonly code: (target: ClientTarget) => string;
}

const curl: ClientGuide = {
  id: 'curl',
  label: 'curl',
  place: 'In a terminal',
  code: ({ baseUrl, model }) => `curl ${baseUrl}/chat/completions \\
  -H "Authorization: Bearer $IH_KEY" \\
  -H "Content-Type: application/json" \\
  -d '{
    "model": "${model}",
    "messages": [{"role": "user", "content": "Hello"}]
  }'`,
};

const openaiSdk: ClientGuide = {
  id: 'openai',
  label: 'OpenAI SDK',
  place: 'JavaScript, package openai',
  code: ({ baseUrl, model }) => `import OpenAI from 'openai';

const hub = new OpenAI({
  baseURL: '${baseUrl}',
  apiKey: process.env.IH_KEY,
});
const answer = await hub.chat.completions.create({
  model: '${model}',
  messages: [{ role: 'user', content: 'Hello' }],
});
console.log(answer.choices[0].message.content);`,
};

const anthropicSdk: ClientGuide = {
  id: 'anthropic',
  label: 'Anthropic SDK',
  place: 'JavaScript, package @anthropic-ai/sdk',
  code: ({ origin, model }) => `import Anthropic from '@anthropic-ai/sdk';

const hub = new Anthropic({
  baseURL: '${origin}',
  authToken: process.env.IH_KEY,
});
const answer = await hub.messages.create({
  model: '${model}',
  max_tokens: 256,
  messages: [{ role: 'user', content: 'Hello' }],
});
console.log(answer.content[0].text);`,
};

const claudeCode: ClientGuide = {
  id: 'claude-code',
  label: 'Claude Code',
  place: 'In a terminal',
  code: ({ origin, model }) => `export ANTHROPIC_BASE_URL=${origin}
export ANTHROPIC_AUTH_TOKEN=$IH_KEY
claude --model ${model}`,
};

const geminiCli: ClientGuide = {
  id: 'gemini-cli',
  label: 'Gemini CLI',
  place: 'In a terminal',
  code: ({ origin, model }) => `export GOOGLE_GEMINI_BASE_URL=${origin}
export GEMINI_API_KEY=$IH_KEY
gemini -m ${model}`,
};

const opencode: ClientGuide = {
  id: 'opencode',
  label: 'opencode',
  place: 'In opencode.json',
  code: ({ baseUrl, model }) => `{
  "$schema": "https://opencode.ai/config.json",
  "model": "inferencehub/${model}",
  "provider": {
    "inferencehub": {
      "npm": "@ai-sdk/openai-compatible",
      "name": "InferenceHub",
      "options": { "baseURL": "${baseUrl}", "apiKey": "{env:IH_KEY}" },
      "models": { "${model}": {} }
    }
  }
}`,
};

export const FRONT_CLIENTS: readonly ClientGuide[] = [curl, openaiSdk, anthropicSdk, claudeCode];
export const ALL_CLIENTS: readonly ClientGuide[] = [...FRONT_CLIENTS, geminiCli, opencode];
