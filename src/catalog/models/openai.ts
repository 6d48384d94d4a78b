// OpenAI's models, https://platform.openai.com/docs/models. Reasoning models refuse sampling; which
// levels of effort one takes differs from model to model.

import type { ReasoningEffort } from '../../chat/request.ts';
import { type Capabilities, NO_CONVERSATION, reasoning } from '../capabilities.ts';
import type { BaseModel } from '../model.ts';
import { define } from './define.ts';

const LOW_TO_HIGH: readonly ReasoningEffort[] = ['low', 'medium', 'high'];
const FROM_MINIMAL: readonly ReasoningEffort[] = ['minimal', ...LOW_TO_HIGH];
const FROM_NONE: readonly ReasoningEffort[] = ['none', ...LOW_TO_HIGH];
const TO_XHIGH: readonly ReasoningEffort[] = [...FROM_NONE, 'xhigh'];
const LOW_TO_XHIGH: readonly ReasoningEffort[] = [...LOW_TO_HIGH, 'xhigh'];
const TO_MAX: readonly ReasoningEffort[] = [...TO_XHIGH, 'max'];

const SEEING = ['text', 'image', 'file'] as const;
const LONG = { contextWindow: 1_050_000, maxOutputTokens: 128_000, input: SEEING };
const GPT_5 = {
  contextWindow: 400_000,
  maxOutputTokens: 128_000,
  input: ['text', 'image'],
} as const;
const GPT_4_1 = { contextWindow: 1_047_576, maxOutputTokens: 32_768, input: SEEING };
const GPT_4O = { contextWindow: 128_000, maxOutputTokens: 16_384, input: SEEING };
const O_SERIES = { contextWindow: 200_000, maxOutputTokens: 100_000, input: SEEING };
const OSS = { contextWindow: 131_072, maxOutputTokens: 32_768 };

const ANSWERING: Partial<Capabilities> = {
  structuredOutput: 'schema',
  promptCaching: 'automatic',
  logprobs: true,
};

function thinking(efforts: readonly ReasoningEffort[]): Partial<Capabilities> {
  return {
    structuredOutput: 'schema',
    reasoning: reasoning('effort', efforts, efforts.includes('none')),
    promptCaching: 'automatic',
    sampling: false,
  };
}

/** From 5.6 on a client may also mark what is to be cached. */
const MARKING: Partial<Capabilities> = { ...thinking(TO_MAX), promptCaching: 'explicit' };
const OPEN_WEIGHTS: Partial<Capabilities> = {
  structuredOutput: 'schema',
  reasoning: reasoning('effort', LOW_TO_HIGH, false),
};

/** Of one request over all its inputs, each of which may have 8 192. */
const EMBEDDING = {
  contextWindow: 300_000,
  maxOutputTokens: 0,
  output: ['vector'],
  can: NO_CONVERSATION,
} as const;

const PAINTING = {
  contextWindow: 128_000,
  maxOutputTokens: 8_192,
  input: ['text', 'image'],
  output: ['image'],
  can: NO_CONVERSATION,
} as const;
const HEARING = {
  contextWindow: 16_000,
  maxOutputTokens: 2_000,
  input: ['audio'],
  can: NO_CONVERSATION,
  deprecationDate: '2027-02-26',
} as const;
/** One of prompt and answer must be sound. */
const SPEAKING = {
  contextWindow: 128_000,
  maxOutputTokens: 16_384,
  input: ['text', 'audio'],
  output: ['text', 'audio'],
  can: { structuredOutput: 'none' },
} as const;

const UNCOUNTED = { contextWindow: 0, maxOutputTokens: 0, can: NO_CONVERSATION };

export const OPENAI_MODELS: readonly BaseModel[] = Object.freeze([
  define('openai/gpt-6-astra', 'GPT-6 Astra', { ...LONG, can: MARKING }),
  define('openai/gpt-6-sol', 'GPT-6 Sol', { ...LONG, can: MARKING }),
  define('openai/gpt-6-luna', 'GPT-6 Luna', { ...LONG, can: MARKING }),
  define('openai/gpt-5.6-sol', 'GPT-5.6 Sol', { ...LONG, can: MARKING, aliases: ['gpt-5.6'] }),
  define('openai/gpt-5.6-terra', 'GPT-5.6 Terra', { ...LONG, can: MARKING }),
  define('openai/gpt-5.6-luna', 'GPT-5.6 Luna', { ...LONG, can: MARKING }),
  define('openai/gpt-5.5', 'GPT-5.5', {
    ...LONG,
    can: thinking(TO_XHIGH),
    aliases: ['gpt-5.5-2026-04-23'],
  }),
  define('openai/gpt-5.4', 'GPT-5.4', {
    ...LONG,
    can: thinking(TO_XHIGH),
    aliases: ['gpt-5.4-2026-03-05'],
  }),
  define('openai/gpt-5.4-mini', 'GPT-5.4 mini', {
    ...GPT_5,
    can: thinking(TO_XHIGH),
    aliases: ['gpt-5.4-mini-2026-03-17'],
  }),
  define('openai/gpt-5.4-nano', 'GPT-5.4 nano', {
    ...GPT_5,
    can: thinking(TO_XHIGH),
    aliases: ['gpt-5.4-nano-2026-03-17'],
  }),
  define('openai/gpt-5.3-codex', 'GPT-5.3 Codex', { ...GPT_5, can: thinking(LOW_TO_XHIGH) }),
  define('openai/gpt-5.2', 'GPT-5.2', {
    ...GPT_5,
    can: thinking(TO_XHIGH),
    aliases: ['gpt-5.2-2025-12-11'],
  }),
  define('openai/gpt-5.1', 'GPT-5.1', {
    ...GPT_5,
    can: thinking(FROM_NONE),
    aliases: ['gpt-5.1-2025-11-13'],
  }),
  define('openai/gpt-5', 'GPT-5', {
    ...GPT_5,
    can: thinking(FROM_MINIMAL),
    aliases: ['gpt-5-2025-08-07'],
  }),
  define('openai/gpt-5-mini', 'GPT-5 mini', {
    ...GPT_5,
    can: thinking(FROM_MINIMAL),
    aliases: ['gpt-5-mini-2025-08-07'],
  }),
  define('openai/gpt-5-nano', 'GPT-5 nano', {
    ...GPT_5,
    can: thinking(FROM_MINIMAL),
    aliases: ['gpt-5-nano-2025-08-07'],
  }),
  define('openai/gpt-4.1', 'GPT-4.1', {
    ...GPT_4_1,
    can: ANSWERING,
    aliases: ['gpt-4.1-2025-04-14'],
  }),
  define('openai/gpt-4.1-mini', 'GPT-4.1 mini', {
    ...GPT_4_1,
    can: ANSWERING,
    aliases: ['gpt-4.1-mini-2025-04-14'],
  }),
  define('openai/gpt-4.1-nano', 'GPT-4.1 nano', {
    ...GPT_4_1,
    input: ['text', 'image'],
    can: ANSWERING,
    aliases: ['gpt-4.1-nano-2025-04-14'],
  }),
  define('openai/gpt-4o', 'GPT-4o', {
    ...GPT_4O,
    can: ANSWERING,
    aliases: ['gpt-4o-2024-11-20', 'gpt-4o-2024-08-06'],
  }),
  define('openai/gpt-4o-mini', 'GPT-4o mini', {
    ...GPT_4O,
    can: ANSWERING,
    aliases: ['gpt-4o-mini-2024-07-18'],
  }),
  define('openai/o3', 'o3', {
    ...O_SERIES,
    can: thinking(LOW_TO_HIGH),
    aliases: ['o3-2025-04-16'],
  }),
  define('openai/o3-mini', 'o3-mini', {
    ...O_SERIES,
    input: ['text'],
    can: { ...thinking(LOW_TO_HIGH), parallelTools: false },
    aliases: ['o3-mini-2025-01-31'],
  }),
  define('openai/o4-mini', 'o4-mini', {
    ...O_SERIES,
    input: ['text', 'image'],
    can: thinking(LOW_TO_HIGH),
    aliases: ['o4-mini-2025-04-16'],
  }),
  define('openai/gpt-oss-120b', 'gpt-oss 120B', { ...OSS, can: OPEN_WEIGHTS }),
  define('openai/gpt-oss-20b', 'gpt-oss 20B', { ...OSS, can: OPEN_WEIGHTS }),
  define('openai/text-embedding-3-small', 'Embedding 3 small', EMBEDDING),
  define('openai/text-embedding-3-large', 'Embedding 3 large', EMBEDDING),
  // A prompt has at most 32 000 characters of at most four bytes. The dearest image of the list costs
  // $0.052, which are 6 500 tokens; each of at most three previews in a stream is 100 more.
  define('openai/gpt-image-1.5', 'GPT Image 1.5', PAINTING),
  define('openai/gpt-image-1-mini', 'GPT Image 1 mini', PAINTING),
  define('openai/gpt-audio', 'GPT Audio', SPEAKING),
  define('openai/gpt-audio-mini', 'GPT Audio mini', { ...SPEAKING, deprecationDate: '2027-01-20' }),
  define('openai/gpt-4o-transcribe', 'GPT-4o Transcribe', HEARING),
  define('openai/gpt-4o-mini-transcribe', 'GPT-4o mini Transcribe', HEARING),
  // Of at most 4 096 characters: half an hour of speech, at twenty tokens a second.
  define('openai/gpt-4o-mini-tts', 'GPT-4o mini TTS', {
    contextWindow: 40_000,
    maxOutputTokens: 36_000,
    output: ['audio'],
    can: NO_CONVERSATION,
    deprecationDate: '2027-01-06',
  }),
  define('openai/tts-1', 'TTS 1', { ...UNCOUNTED, output: ['audio'] }),
  define('openai/whisper-1', 'Whisper 1', { ...UNCOUNTED, input: ['audio'] }),
  // Nothing is held for what is free.
  define('openai/omni-moderation-latest', 'Omni moderation', {
    contextWindow: 32_768,
    maxOutputTokens: 0,
    input: ['text', 'image'],
    can: NO_CONVERSATION,
  }),
]);
