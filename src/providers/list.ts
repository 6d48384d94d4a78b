// Every provider that the hub knows, one line each.

import { anthropic } from './anthropic.ts';
import { azure } from './azure.ts';
import { bedrock } from './bedrock.ts';
import { cerebras } from './cerebras.ts';
import { cohere } from './cohere.ts';
import { deepinfra } from './deepinfra.ts';
import { deepseek } from './deepseek.ts';
import { fireworks } from './fireworks.ts';
import { gemini } from './gemini.ts';
import { groq } from './groq.ts';
import { llamaCpp } from './llama-cpp.ts';
import { lmStudio } from './lm-studio.ts';
import { minimax } from './minimax.ts';
import { mistral } from './mistral.ts';
import { moonshot } from './moonshot.ts';
import { nebius } from './nebius.ts';
import { ollama } from './ollama.ts';
import { openai } from './openai.ts';
import { openrouter } from './openrouter.ts';
import { perplexity } from './perplexity.ts';
import type { Provider } from './provider.ts';
import { sambanova } from './sambanova.ts';
import { sandbox } from './sandbox.ts';
import { together } from './together.ts';
import { vertex } from './vertex.ts';
import { vllm } from './vllm.ts';
import { voyage } from './voyage.ts';
import { xai } from './xai.ts';
import { zhipu } from './zhipu.ts';

export const PROVIDERS: readonly Provider[] = Object.freeze([
  anthropic,
  azure,
  bedrock,
  cerebras,
  cohere,
  deepinfra,
  deepseek,
  fireworks,
  gemini,
  groq,
  llamaCpp,
  lmStudio,
  minimax,
  mistral,
  moonshot,
  nebius,
  ollama,
  openai,
  openrouter,
  perplexity,
  sambanova,
  sandbox,
  together,
  vertex,
  vllm,
  voyage,
  xai,
  zhipu,
]);
