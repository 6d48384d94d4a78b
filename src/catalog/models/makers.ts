// Models of makers that serve them themselves: Mistral, xAI, Perplexity, Cohere, Amazon.

import type { ReasoningEffort } from '../../chat/request.ts';
import { type Capabilities, NO_CONVERSATION, reasoning } from '../capabilities.ts';
import type { BaseModel } from '../model.ts';
import { define } from './define.ts';

const LOW_TO_HIGH: readonly ReasoningEffort[] = ['low', 'medium', 'high'];
const FROM_NONE: readonly ReasoningEffort[] = ['none', ...LOW_TO_HIGH];

const MISTRAL = { contextWindow: 262_144, maxOutputTokens: 262_144 };
const MISTRAL_CAN: Partial<Capabilities> = {
  structuredOutput: 'schema',
  promptCaching: 'automatic',
};
/** Whether to think is all that can be said. */
const MISTRAL_THINKS: Partial<Capabilities> = {
  ...MISTRAL_CAN,
  reasoning: reasoning('effort', ['none', 'high']),
};

const GROK_CAN: Partial<Capabilities> = {
  structuredOutput: 'schema',
  promptCaching: 'automatic',
  logprobs: true,
};
const GROK_ALWAYS: Partial<Capabilities> = {
  ...GROK_CAN,
  reasoning: reasoning('always', [], false),
  logprobs: false,
};
const SEEING = { input: ['text', 'image', 'file'] } as const;

/** Answers from the web, without calls. */
const SONAR_CAN: Partial<Capabilities> = {
  tools: false,
  parallelTools: false,
  structuredOutput: 'schema',
};

const COHERE = { contextWindow: 128_000, maxOutputTokens: 4_000 };
const NOVA = { contextWindow: 300_000, maxOutputTokens: 8_192 };
const NOVA_CAN: Partial<Capabilities> = { structuredOutput: 'none', promptCaching: 'explicit' };

export const MAKER_MODELS: readonly BaseModel[] = Object.freeze([
  define('mistral/mistral-large-2512', 'Mistral Large 3', {
    ...MISTRAL,
    input: ['text', 'image'],
    aliases: ['mistral-large-latest'],
    can: MISTRAL_CAN,
  }),
  define('mistral/mistral-medium-3-5', 'Mistral Medium 3.5', {
    ...MISTRAL,
    input: ['text', 'image'],
    aliases: ['mistral-medium-latest'],
    can: MISTRAL_THINKS,
  }),
  define('mistral/mistral-small-2603', 'Mistral Small 4', {
    ...MISTRAL,
    input: ['text', 'image'],
    aliases: ['mistral-small-latest'],
    can: MISTRAL_THINKS,
  }),
  define('mistral/codestral-2508', 'Codestral 2508', {
    ...MISTRAL,
    contextWindow: 256_000,
    maxOutputTokens: 4_096,
    aliases: ['codestral-latest'],
    can: MISTRAL_CAN,
  }),
  define('mistral/ministral-14b-2512', 'Ministral 3 14B', { ...MISTRAL, can: MISTRAL_CAN }),
  define('mistral/ministral-8b-2512', 'Ministral 3 8B', {
    ...MISTRAL,
    aliases: ['ministral-8b-latest'],
    can: MISTRAL_CAN,
  }),
  define('mistral/ministral-3b-2512', 'Ministral 3 3B', {
    contextWindow: 131_072,
    maxOutputTokens: 131_072,
    aliases: ['ministral-3b-latest'],
    can: MISTRAL_CAN,
  }),
  define('mistral/mistral-embed', 'Mistral Embed', {
    contextWindow: 16_384,
    maxOutputTokens: 0,
    output: ['vector'],
    can: NO_CONVERSATION,
  }),
  define('xai/grok-4.6', 'Grok 4.6', {
    ...SEEING,
    contextWindow: 500_000,
    maxOutputTokens: 30_000,
    can: { ...GROK_CAN, reasoning: reasoning('effort', FROM_NONE) },
  }),
  define('xai/grok-4.5', 'Grok 4.5', {
    ...SEEING,
    contextWindow: 500_000,
    maxOutputTokens: 30_000,
    can: { ...GROK_CAN, reasoning: reasoning('effort', FROM_NONE) },
  }),
  define('xai/grok-4.3', 'Grok 4.3', {
    ...SEEING,
    contextWindow: 1_000_000,
    maxOutputTokens: 30_000,
    can: { ...GROK_CAN, reasoning: reasoning('effort', FROM_NONE) },
  }),
  define('xai/grok-4-0709', 'Grok 4', {
    input: ['text', 'image'],
    contextWindow: 256_000,
    maxOutputTokens: 64_000,
    aliases: ['grok-4'],
    can: GROK_ALWAYS,
  }),
  define('xai/grok-4-1-fast-reasoning', 'Grok 4.1 Fast', {
    input: ['text', 'image'],
    contextWindow: 2_000_000,
    maxOutputTokens: 30_000,
    can: GROK_ALWAYS,
  }),
  define('xai/grok-4-1-fast-non-reasoning', 'Grok 4.1 Fast without reasoning', {
    input: ['text', 'image'],
    contextWindow: 2_000_000,
    maxOutputTokens: 30_000,
    can: GROK_CAN,
  }),
  define('xai/grok-build-0.1', 'Grok Build 0.1', {
    ...SEEING,
    contextWindow: 256_000,
    maxOutputTokens: 256_000,
    can: GROK_ALWAYS,
  }),
  define('xai/grok-code-fast-1', 'Grok Code Fast 1', {
    contextWindow: 256_000,
    maxOutputTokens: 10_000,
    can: GROK_ALWAYS,
  }),
  define('perplexity/sonar', 'Sonar', {
    contextWindow: 128_000,
    maxOutputTokens: 8_000,
    input: ['text', 'image'],
    can: SONAR_CAN,
  }),
  define('perplexity/sonar-pro', 'Sonar Pro', {
    contextWindow: 200_000,
    maxOutputTokens: 8_000,
    input: ['text', 'image'],
    can: SONAR_CAN,
  }),
  define('cohere/command-a', 'Command A', {
    contextWindow: 256_000,
    maxOutputTokens: 8_000,
    aliases: ['command-a-03-2025'],
    can: { structuredOutput: 'schema', logprobs: true },
  }),
  define('cohere/command-r-plus', 'Command R+', {
    ...COHERE,
    aliases: ['command-r-plus-08-2024'],
    can: { structuredOutput: 'schema', logprobs: true },
  }),
  define('cohere/command-r', 'Command R', {
    ...COHERE,
    aliases: ['command-r-08-2024'],
    can: { structuredOutput: 'schema', logprobs: true },
  }),
  define('cohere/command-r7b', 'Command R7B', {
    ...COHERE,
    aliases: ['command-r7b-12-2024'],
    can: { structuredOutput: 'schema', logprobs: true },
  }),
  define('amazon/nova-2-lite', 'Nova 2 Lite', {
    contextWindow: 1_000_000,
    maxOutputTokens: 65_536,
    input: ['text', 'image'],
    can: { ...NOVA_CAN, reasoning: reasoning('effort', LOW_TO_HIGH) },
  }),
  define('amazon/nova-premier', 'Nova Premier', {
    contextWindow: 1_000_000,
    maxOutputTokens: 10_000,
    input: ['text', 'image'],
    can: NOVA_CAN,
  }),
  define('amazon/nova-pro', 'Nova Pro', { ...NOVA, input: ['text', 'image'], can: NOVA_CAN }),
  define('amazon/nova-lite', 'Nova Lite', { ...NOVA, input: ['text', 'image'], can: NOVA_CAN }),
  define('amazon/nova-micro', 'Nova Micro', { ...NOVA, contextWindow: 128_000, can: NOVA_CAN }),
]);
