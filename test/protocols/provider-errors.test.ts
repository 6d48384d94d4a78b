// Refusals as providers really word them: the class of each, and no word of it in what goes on.

import { describe, expect, it } from 'vitest';
import type { ErrorCode } from '../../src/base/errors.ts';
import type { JsonValue } from '../../src/base/json.ts';
import { PROTOCOLS } from '../../src/protocols/list.ts';
import { chatChunk, chatStream, decode, frames } from './streams.ts';

const chat = PROTOCOLS['openai-chat'];

/** Stands wherever a provider may repeat what a customer wrote. */
const ECHO = 'the harbour at night';

const openai = (fields: object): JsonValue => ({
  error: { message: ECHO, type: 'invalid_request_error', param: null, code: null, ...fields },
});
const flat = (message: string): JsonValue => ({
  object: 'error',
  message,
  type: 'invalid_request_error',
  param: ECHO,
  code: '1500',
  raw_status_code: 400,
});
const google = (code: number, status: string, more: object = {}): JsonValue => ({
  error: { code, message: ECHO, status, ...more },
});

type Row = readonly [who: string, status: number, body: JsonValue | undefined, code: ErrorCode];

const BODIES: readonly Row[] = [
  ['OpenAI, a wrong field', 400, openai({ param: 'n' }), 'upstream_rejected'],
  ['OpenAI, a wrong key', 401, openai({ code: 'invalid_api_key' }), 'upstream_refused_hub'],
  [
    'OpenAI, a forbidden place',
    403,
    openai({ code: 'unsupported_country' }),
    'upstream_refused_hub',
  ],
  ['OpenAI, an unknown model', 404, openai({ code: 'model_not_found' }), 'upstream_model_missing'],
  ['OpenAI, the same with 400', 400, openai({ code: 'model_not_found' }), 'upstream_model_missing'],
  ['OpenAI, a lock', 409, openai({}), 'upstream_failed'],
  ['OpenAI, too fast', 429, openai({ code: 'rate_limit_exceeded' }), 'upstream_rate_limited'],
  ['OpenAI, no quota', 429, openai({ code: 'insufficient_quota' }), 'upstream_refused_hub'],
  ['OpenAI, no credit', 429, openai({ code: 'credit_balance_exhausted' }), 'upstream_refused_hub'],
  [
    'OpenAI, a limit of spending',
    429,
    openai({ code: 'organization_spend_limit_reached' }),
    'upstream_refused_hub',
  ],
  ['OpenAI, broken', 500, openai({ type: 'server_error' }), 'upstream_failed'],
  ['OpenAI, full', 503, openai({ type: 'server_error' }), 'upstream_overloaded'],
  [
    'Azure, its filter',
    400,
    openai({
      code: 'content_filter',
      innererror: { code: 'ResponsibleAIPolicyViolation', content_filter_result: ECHO },
    }),
    'upstream_rejected',
  ],
  ['Azure, no deployment', 404, openai({ code: 'DeploymentNotFound' }), 'upstream_model_missing'],
  [
    'Gemini, a wrong key',
    400,
    google(400, 'INVALID_ARGUMENT', { details: [{ reason: 'API_KEY_INVALID' }] }),
    'upstream_refused_hub',
  ],
  ['Gemini, in a list', 429, [google(429, 'RESOURCE_EXHAUSTED')], 'upstream_rate_limited'],
  ['Mistral, flat', 400, flat(ECHO), 'upstream_rejected'],
  ['Mistral, a wrong key', 401, { detail: 'Invalid API Key' }, 'upstream_refused_hub'],
  [
    'Mistral, a list',
    422,
    { detail: [{ type: 'extra_forbidden', loc: ['body'], msg: ECHO, input: ECHO }] },
    'upstream_rejected',
  ],
  [
    'xAI, a wrong key with 400',
    400,
    { code: 'invalid-argument', error: `Incorrect API key provided: ${ECHO}` },
    'upstream_refused_hub',
  ],
  [
    'xAI, an unknown model with 400',
    400,
    { code: 'invalid-argument', error: 'The model grok-0 does not exist' },
    'upstream_model_missing',
  ],
  ['xAI, a wrong field', 400, { code: 'invalid-argument', error: ECHO }, 'upstream_rejected'],
  [
    'DeepSeek, no balance',
    402,
    openai({ message: 'Insufficient Balance' }),
    'upstream_refused_hub',
  ],
  ['DeepSeek, a wrong field', 422, openai({ message: ECHO }), 'upstream_rejected'],
  [
    'Groq, a call that is none',
    400,
    openai({ code: 'tool_use_failed', failed_generation: ECHO }),
    'upstream_failed',
  ],
  ['Groq, too large', 413, openai({ code: 'request_too_large' }), 'upstream_rejected'],
  ['Groq, no flexible capacity', 498, openai({}), 'upstream_overloaded'],
  [
    'OpenRouter, a code that is a number',
    429,
    { error: { code: 429, message: ECHO, metadata: { raw: ECHO, provider_name: 'X' } } },
    'upstream_rate_limited',
  ],
  ['OpenRouter, no credit', 402, { error: { code: 402, message: ECHO } }, 'upstream_refused_hub'],
  [
    'OpenRouter, a prompt that was flagged',
    403,
    { error: { code: 403, message: ECHO, metadata: { reasons: ['x'], flagged_input: ECHO } } },
    'upstream_rejected',
  ],
  ['OpenRouter, a provider down', 502, { error: { code: 502, message: ECHO } }, 'upstream_failed'],
  [
    'vLLM',
    400,
    { error: { code: 400, message: ECHO, type: 'BadRequestError' } },
    'upstream_rejected',
  ],
  ['vLLM, no such model', 404, { error: { code: 404, message: ECHO } }, 'upstream_model_missing'],
  ['Ollama, words alone', 500, { error: ECHO }, 'upstream_failed'],
  [
    'Zhipu, no balance with 429',
    429,
    { error: { code: '1113', message: ECHO } },
    'upstream_refused_hub',
  ],
  ['Zhipu, too many', 429, { error: { code: '1302', message: ECHO } }, 'upstream_rate_limited'],
  ['Zhipu, too often', 400, { error: { code: '1303', message: ECHO } }, 'upstream_rate_limited'],
  ['Zhipu, too fast', 400, { error: { code: '1305', message: ECHO } }, 'upstream_rate_limited'],
  ['Zhipu, its filter', 400, { error: { code: '1301', message: ECHO } }, 'upstream_rejected'],
  [
    'Moonshot, no balance with 429',
    429,
    openai({ type: 'exceeded_current_quota_error' }),
    'upstream_refused_hub',
  ],
  ['Fireworks, words alone', 400, { error: ECHO }, 'upstream_rejected'],
  [
    'Fireworks, an account that is shut',
    412,
    { error: 'The account is suspended for its spending limit' },
    'upstream_refused_hub',
  ],
  ['Perplexity, a page', 401, undefined, 'upstream_refused_hub'],
  ['anyone, no JSON', 502, undefined, 'upstream_failed'],
];

/** As really worded, each by the one who words it so. */
const TOO_LONG: readonly (readonly [string, JsonValue])[] = [
  ['OpenAI', openai({ code: 'context_length_exceeded' })],
  ['Anthropic', { type: 'error', error: { message: 'prompt is too long: 210000 > 200000' } }],
  ['DeepSeek', openai({ message: "This model's maximum context length is 131072 tokens" })],
  ['OpenRouter', { error: { code: 400, message: "This endpoint's maximum context length is 8" } }],
  [
    'Vertex',
    google(400, 'INVALID_ARGUMENT', { message: 'The input token count (9) exceeds the maximum' }),
  ],
  ['Bedrock', { message: 'Input Tokens Exceeded: 9' }],
  ['Cohere', { id: 'x', message: ECHO, error_type: 'TOO_MANY_TOKENS' }],
  ['Perplexity', openai({ type: 'too_many_prompt_tokens' })],
  ['Ollama', { error: 'prompt too long; exceeded max context length by 9 tokens' }],
  ['llama.cpp', { error: { code: 400, message: ECHO, type: 'exceed_context_size_error' } }],
  ['xAI', { code: 'invalid-argument', error: "This model's maximum prompt length is 131072" }],
  ['Moonshot', openai({ message: 'Your request exceeded model token limit: 262144' })],
  ['Zhipu', { error: { code: '1261', message: ECHO } }],
  ['MiniMax', openai({ message: 'context window exceeds limit (2013)' })],
  ['Mistral', flat('Prompt contains 9 tokens, too large for a maximum context length of 8')],
  ['LM Studio', { error: 'The number of tokens is greater than the context length' }],
];

describe('a refusal by', () => {
  it.each(BODIES)('%s: %i', (_, status, body, code) => {
    const error = chat.decodeError(status, body);
    expect(error.code).toBe(code);
    expect(error.cause).toBeUndefined();
    const written = JSON.stringify([error, error.message, chat.encodeError(error, 'r')]);
    expect(written).not.toContain(ECHO);
  });

  it.each(TOO_LONG)('%s of a prompt that is too long', (_, body) => {
    expect(chat.decodeError(400, body).code).toBe('context_too_long');
  });
});

const minimax = (status_code: number): object => ({
  base_resp: { status_code, status_msg: ECHO },
});

const UNDER_200: readonly (readonly [string, object, ErrorCode])[] = [
  ['MiniMax, too fast', minimax(1002), 'upstream_rate_limited'],
  ['MiniMax, too many tokens', minimax(1039), 'upstream_rate_limited'],
  ['MiniMax, a wrong key', minimax(1004), 'upstream_refused_hub'],
  ['MiniMax, no balance', minimax(1008), 'upstream_refused_hub'],
  ['MiniMax, its filter', minimax(1027), 'upstream_rejected'],
  ['MiniMax, a wrong field', minimax(2013), 'upstream_rejected'],
  ['MiniMax, anything else', minimax(1000), 'upstream_failed'],
  [
    'OpenAI, in its own words',
    { error: { message: ECHO, code: 'rate_limit_exceeded' } },
    'upstream_rate_limited',
  ],
  ['OpenRouter, a number', { error: { code: 503, message: ECHO } }, 'upstream_overloaded'],
  [
    'OpenRouter, beside a finish',
    {
      error: { code: 502, message: ECHO },
      choices: [{ index: 0, delta: { content: '' }, finish_reason: 'error' }],
    },
    'upstream_failed',
  ],
  ['vLLM, flat', { object: 'error', message: ECHO, code: 400 }, 'upstream_rejected'],
  ['Zhipu', { error: { code: '1302', message: ECHO } }, 'upstream_rate_limited'],
];

describe('a refusal under status 200 by', () => {
  it.each(UNDER_200)('%s', (_, body, code) => {
    const whole = chat.decodeReply(body as JsonValue, {
      outputCapField: 'max_tokens',
      streamUsageOption: true,
    });
    const stream = chatStream(chatChunk({ content: 'a' }), body, chatChunk({ content: 'late' }));
    for (const events of [whole, decode(chat, stream)]) {
      expect(events.at(-1)).toMatchObject({ type: 'error', error: { code } });
      expect(JSON.stringify(events)).not.toMatch(/harbour|late/);
    }
    const [frame] = frames(`data: ${JSON.stringify(body)}\n\n`);
    expect(frame && chat.isTerminal(frame)).toBe(true);
  });

  it('nobody, where MiniMax says that all is well', () => {
    const fine = { ...chatChunk({ content: 'a' }, 'stop'), ...minimax(0) };
    expect(decode(chat, chatStream(fine)).at(-1)).toMatchObject({ type: 'finish' });
    const [frame] = frames(`data: ${JSON.stringify(fine)}\n\n`);
    expect(frame && chat.isTerminal(frame)).toBe(false);
  });
});
