// Every provider that the hub knows, one line each.

import { anthropic } from './anthropic.ts';
import { bedrock } from './bedrock.ts';
import { cohere } from './cohere.ts';
import { gemini } from './gemini.ts';
import { ollama } from './ollama.ts';
import { openai } from './openai.ts';
import type { Provider } from './provider.ts';
import { sandbox } from './sandbox.ts';
import { vllm } from './vllm.ts';
import { voyage } from './voyage.ts';

export const PROVIDERS: readonly Provider[] = Object.freeze([
  anthropic,
  bedrock,
  cohere,
  gemini,
  ollama,
  openai,
  sandbox,
  vllm,
  voyage,
]);
