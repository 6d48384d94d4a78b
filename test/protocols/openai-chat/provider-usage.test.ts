// The usage of each provider in its own convention: what is inside a count and what comes on top, by
// which name, and on which chunks it arrives.

import { describe, expect, it } from 'vitest';
import { NO_TOKENS, type ReportedUsage, type TokenCounts } from '../../../src/chat/usage.ts';
import { PROTOCOLS } from '../../../src/protocols/list.ts';
import type { Quirks } from '../../../src/protocols/protocol.ts';
import { PROVIDERS } from '../../../src/providers/list.ts';
import { answerOf, chatChunk, chatStream, decodeWith } from '../streams.ts';

const chat = PROTOCOLS['openai-chat'];

function quirksOf(id: string): Quirks {
  const found = PROVIDERS.find((provider) => provider.id === id);
  if (!found) throw new Error(`there is no provider ${id}`);
  return found.quirks;
}

function heard(id: string, ...chunks: object[]): ReportedUsage | undefined {
  return answerOf(decodeWith(chat, quirksOf(id), chatStream(...chunks))).usage;
}

function usageOf(id: string, usage: object, more: object = {}): ReportedUsage | undefined {
  return heard(id, chatChunk({ content: 'x' }, 'stop'), { choices: [], usage, ...more });
}

type Row = readonly [what: string, id: string, usage: object, classes: Partial<TokenCounts>];

const inputDetails = (details: object) => ({ prompt_tokens_details: details });
const reasoning = (tokens: number) => ({
  completion_tokens_details: { reasoning_tokens: tokens },
});

const ROWS: readonly Row[] = [
  [
    'OpenAI: reads, writes and reasoning inside',
    'openai',
    {
      prompt_tokens: 4020,
      completion_tokens: 60,
      total_tokens: 4080,
      ...inputDetails({ cached_tokens: 0, cache_write_tokens: 4012 }),
      ...reasoning(50),
    },
    { inUncached: 8, inCacheWriteOther: 4012, outText: 10, outReasoning: 50 },
  ],
  [
    'Azure: null details, reasoning at the top',
    'azure',
    {
      prompt_tokens: 9,
      completion_tokens: 70,
      total_tokens: 79,
      prompt_tokens_details: null,
      completion_tokens_details: null,
      reasoning_tokens: 64,
    },
    { inUncached: 9, outText: 6, outReasoning: 64 },
  ],
  [
    'Azure: no reasoning, said at the top',
    'azure',
    { prompt_tokens: 9, completion_tokens: 6, total_tokens: 15, reasoning_tokens: 0 },
    { inUncached: 9, outText: 6 },
  ],
  [
    'DeepSeek: hits and misses are the prompt',
    'deepseek',
    {
      prompt_tokens: 335,
      completion_tokens: 31,
      total_tokens: 366,
      prompt_cache_hit_tokens: 256,
      prompt_cache_miss_tokens: 79,
    },
    { inUncached: 79, inCacheRead: 256, outText: 31 },
  ],
  [
    'xAI: reasoning on top',
    'xai',
    { prompt_tokens: 12, completion_tokens: 1, total_tokens: 303, ...reasoning(290) },
    { inUncached: 12, outText: 1, outReasoning: 290 },
  ],
  [
    'xAI: reasoning on top without a total',
    'xai',
    { prompt_tokens: 12, completion_tokens: 400, ...reasoning(290) },
    { inUncached: 12, outText: 400, outReasoning: 290 },
  ],
  [
    'xAI: more cached than the prompt, which then is what was not',
    'xai',
    {
      prompt_tokens: 12,
      completion_tokens: 1,
      total_tokens: 303,
      ...inputDetails({ cached_tokens: 128 }),
      ...reasoning(290),
    },
    { inUncached: 12, inCacheRead: 128, outText: 1, outReasoning: 290 },
  ],
  [
    'xAI: reasoning inside, should its total say so',
    'xai',
    { prompt_tokens: 12, completion_tokens: 300, total_tokens: 312, ...reasoning(290) },
    { inUncached: 12, outText: 10, outReasoning: 290 },
  ],
  [
    'Mistral: cached in the details',
    'mistral',
    {
      prompt_tokens: 128,
      completion_tokens: 18,
      total_tokens: 146,
      prompt_audio_seconds: null,
      ...inputDetails({ cached_tokens: 96 }),
    },
    { inUncached: 32, inCacheRead: 96, outText: 18 },
  ],
  [
    'Mistral: cached in details of another name',
    'mistral',
    { prompt_tokens: 128, completion_tokens: 18, prompt_token_details: { cached_tokens: 96 } },
    { inUncached: 32, inCacheRead: 96, outText: 18 },
  ],
  [
    'Mistral: cached at the top',
    'mistral',
    { prompt_tokens: 128, completion_tokens: 18, num_cached_tokens: 96 },
    { inUncached: 32, inCacheRead: 96, outText: 18 },
  ],
  [
    'Groq',
    'groq',
    {
      prompt_tokens: 115,
      completion_tokens: 22,
      total_tokens: 137,
      queue_time: 0.2,
      ...inputDetails({ cached_tokens: 64 }),
      ...reasoning(10),
    },
    { inUncached: 51, inCacheRead: 64, outText: 12, outReasoning: 10 },
  ],
  [
    'Cerebras',
    'cerebras',
    {
      prompt_tokens: 156,
      completion_tokens: 20,
      total_tokens: 176,
      ...inputDetails({ cached_tokens: 128, image_tokens: 0 }),
      ...reasoning(11),
    },
    { inUncached: 28, inCacheRead: 128, outText: 9, outReasoning: 11 },
  ],
  [
    'Moonshot: cached at the top',
    'moonshot',
    { prompt_tokens: 300, completion_tokens: 20, total_tokens: 320, cached_tokens: 256 },
    { inUncached: 44, inCacheRead: 256, outText: 20 },
  ],
  [
    'Moonshot: cached in the details',
    'moonshot',
    { prompt_tokens: 300, completion_tokens: 20, ...inputDetails({ cached_tokens: 256 }) },
    { inUncached: 44, inCacheRead: 256, outText: 20 },
  ],
  [
    'Zhipu',
    'zhipu',
    { prompt_tokens: 50, completion_tokens: 20, ...inputDetails({ cached_tokens: 40 }) },
    { inUncached: 10, inCacheRead: 40, outText: 20 },
  ],
  [
    'MiniMax',
    'minimax',
    { prompt_tokens: 120, completion_tokens: 15, total_tokens: 135, total_characters: 0 },
    { inUncached: 120, outText: 15 },
  ],
  [
    'Together: nothing of caches',
    'together',
    { prompt_tokens: 40, completion_tokens: 5, total_tokens: 45 },
    { inUncached: 40, outText: 5 },
  ],
  [
    'Fireworks',
    'fireworks',
    { prompt_tokens: 526, completion_tokens: 6, ...inputDetails({ cached_tokens: 512 }) },
    { inUncached: 14, inCacheRead: 512, outText: 6 },
  ],
  [
    'OpenRouter: writes inside, and a cost beside',
    'openrouter',
    {
      prompt_tokens: 60,
      completion_tokens: 30,
      total_tokens: 90,
      cost: 0.00081,
      cost_details: { upstream_inference_cost: 0.0008 },
      is_byok: false,
      ...inputDetails({ cached_tokens: 20, cache_write_tokens: 30, audio_tokens: 0 }),
      ...reasoning(12),
    },
    { inUncached: 10, inCacheRead: 20, inCacheWriteOther: 30, outText: 18, outReasoning: 12 },
  ],
  [
    'Perplexity: nothing of caches and reasoning',
    'perplexity',
    { prompt_tokens: 9, completion_tokens: 5, total_tokens: 14, search_context_size: 'low' },
    { inUncached: 9, outText: 5 },
  ],
  [
    'vLLM without the switch that tells caches',
    'vllm',
    { prompt_tokens: 40, completion_tokens: 6, total_tokens: 46, prompt_tokens_details: null },
    { inUncached: 40, outText: 6 },
  ],
];

describe('usage in the convention of', () => {
  it.each(ROWS)('%s', (_, id, usage, classes) => {
    const reduced = usageOf(id, usage);
    expect({ ...NO_TOKENS, ...reduced?.input, ...reduced?.output }).toEqual({
      ...NO_TOKENS,
      ...classes,
    });
    expect(reduced?.problem).toBeUndefined();
    expect(reduced?.final).toBe(true);
  });

  it('llama.cpp: what was cached stands in its timings', () => {
    const usage = { prompt_tokens: 237, completion_tokens: 2, total_tokens: 239 };
    const timings = { cache_n: 236, prompt_n: 1, predicted_n: 2 };
    expect(usageOf('llama-cpp', usage, { timings })?.input).toMatchObject({
      inUncached: 1,
      inCacheRead: 236,
    });
    const told = { ...usage, ...inputDetails({ cached_tokens: 200 }) };
    expect(usageOf('llama-cpp', told, { timings })?.input?.inCacheRead).toBe(200);
  });

  it('Perplexity: every answer is a search beside its tokens', () => {
    const usage = { prompt_tokens: 9, completion_tokens: 5 };
    expect(usageOf('perplexity', usage)?.units).toEqual({ searchUnits: 1 });
    expect(usageOf('groq', usage)?.units).toBeUndefined();
  });

  it('Mistral: the tier that served stands inside', () => {
    const tierOf = (service_tier: string) =>
      usageOf('mistral', { prompt_tokens: 1, completion_tokens: 1, service_tier })?.serviceTier;
    expect(['standard', 'priority'].map(tierOf)).toEqual([undefined, 'priority']);
  });

  it('DeepSeek is not believed where hits and misses are not the prompt', () => {
    const parts = { prompt_cache_hit_tokens: 4, prompt_cache_miss_tokens: 5 };
    const usage = { prompt_tokens: 12, completion_tokens: 1, ...parts };
    expect(usageOf('deepseek', usage)?.problem).toBe('total_does_not_reconcile');
  });

  it.each([
    [
      'openai',
      { prompt_tokens: 12, completion_tokens: 1, ...inputDetails({ cached_tokens: 128 }) },
    ],
    ['groq', { prompt_tokens: 12, completion_tokens: 1, ...reasoning(290) }],
    ['perplexity', { prompt_tokens: 33, completion_tokens: 71, reasoning_tokens: 739 }],
  ])('%s is not believed where a part exceeds the whole', (id, usage) => {
    expect(usageOf(id, usage)?.problem).toBe('parts_exceed_whole');
  });

  it.each([
    ['mistral', { prompt_audio_seconds: 12 }],
    ['perplexity', { citation_tokens: 19_028 }],
  ])('%s is not priced where it used what has no class', (id, more) => {
    const usage = { prompt_tokens: 12, completion_tokens: 1, ...more };
    expect(usageOf(id, usage)?.problem).toBe('unpriced_class');
  });
});

const count = (tokens: number) => ({ prompt_tokens: 10, completion_tokens: tokens });
const last = { choices: [], usage: count(4) };

describe('usage in a stream', () => {
  it.each<[string, string, object[]]>([
    ['OpenAI: alone after the finish', 'openai', [chatChunk({}, 'stop', { usage: null }), last]],
    [
      'Azure: not on the first chunk, which has neither id nor choices',
      'azure',
      [
        { id: '', model: '', choices: [], prompt_filter_results: [] },
        chatChunk({ content: 'x' }),
        chatChunk({}, 'stop'),
        last,
      ],
    ],
    [
      'DeepSeek and Mistral: on the finish',
      'deepseek',
      [chatChunk({}, 'stop', { usage: count(4) })],
    ],
    [
      'Moonshot: inside the choice',
      'moonshot',
      [{ choices: [{ index: 0, delta: {}, finish_reason: 'stop', usage: count(4) }] }],
    ],
    [
      'Groq: three times, counted once',
      'groq',
      [chatChunk({}, 'stop', { usage: count(4), x_groq: { usage: count(4) } }), last],
    ],
    [
      'Groq: in its own place alone',
      'groq',
      [chatChunk({}, 'stop', { x_groq: { usage: count(4) } })],
    ],
    [
      'OpenRouter: with the finish repeated',
      'openrouter',
      [chatChunk({}, 'stop'), chatChunk({}, 'stop', { usage: count(4) })],
    ],
    [
      'Perplexity: running on every chunk, never added up',
      'perplexity',
      [
        chatChunk({ content: 'a' }, undefined, { usage: count(1) }),
        chatChunk({ content: 'b' }, undefined, { usage: count(2) }),
        chatChunk({}, 'stop', { usage: count(4) }),
      ],
    ],
    [
      'vLLM: running, then alone',
      'vllm',
      [chatChunk({ content: 'a' }, undefined, { usage: count(9) }), chatChunk({}, 'stop'), last],
    ],
  ])('%s', (_, id, chunks) => {
    const events = decodeWith(chat, quirksOf(id), chatStream(...chunks));
    const { usage } = answerOf(events);
    expect([usage?.input?.inUncached, usage?.output?.outText, usage?.final]).toEqual([10, 4, true]);
    expect(events.filter(({ type }) => type === 'finish')).toHaveLength(1);
  });

  it('is zero where the provider says zero, and absent where it says nothing', () => {
    const zero = { prompt_tokens: 0, completion_tokens: 0, total_tokens: 0 };
    const finished = chatChunk({ content: 'x' }, 'stop');
    expect(heard('together', finished, { choices: [], usage: zero })).toMatchObject({
      input: { inUncached: 0 },
      output: { outText: 0 },
    });
    expect(heard('together', finished)).toBeUndefined();
  });
});
