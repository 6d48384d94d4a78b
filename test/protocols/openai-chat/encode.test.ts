// Chat streams and replies as the hub writes them.

import { describe, expect, it } from 'vitest';
import { HubError } from '../../../src/base/errors.ts';
import type { ChatEvent } from '../../../src/chat/events.ts';
import { PROTOCOLS } from '../../../src/protocols/list.ts';
import { CONTEXT, decode, encode, fixture, payloads } from '../streams.ts';

const chat = PROTOCOLS['openai-chat'];
const messages = PROTOCOLS['anthropic-messages'];

const TEXT: ChatEvent[] = [
  { type: 'start', id: 'up', model: 'up' },
  { type: 'text', text: 'hi' },
  { type: 'finish', reason: 'stop' },
  {
    type: 'usage',
    usage: {
      input: {
        inUncached: 1,
        inCacheRead: 2,
        inCacheWrite5m: 3,
        inCacheWrite1h: 4,
        inCacheWriteOther: 5,
      },
      output: { outText: 6, outReasoning: 7 },
      final: true,
    },
  },
];

function deltasOf(events: readonly ChatEvent[]): Record<string, unknown>[] {
  return payloads(encode(chat, events)).flatMap(({ choices }) => {
    const list = (choices ?? []) as unknown as { delta: Record<string, unknown> }[];
    return list.map(({ delta }) => delta);
  });
}

describe('writing a Chat stream', () => {
  it('opens with the role, ends with one finish, the usage and one [DONE]', () => {
    const stream = encode(chat, TEXT);
    const chunks = payloads(stream) as unknown as Record<string, unknown>[];
    expect(chunks.map(({ choices }) => choices)).toEqual([
      [choice({ role: 'assistant', content: '', refusal: null })],
      [choice({ content: 'hi' })],
      [choice({}, 'stop')],
      [],
    ]);
    expect(chunks.map(({ usage }) => usage)).toEqual([
      null,
      null,
      null,
      {
        prompt_tokens: 15,
        completion_tokens: 13,
        total_tokens: 28,
        prompt_tokens_details: { cached_tokens: 2, cache_write_tokens: 12 },
        completion_tokens_details: { reasoning_tokens: 7 },
      },
    ]);
    expect(stream.match(/\[DONE\]/g)).toHaveLength(1);
    expect(stream.endsWith('data: [DONE]\n\n')).toBe(true);
    for (const chunk of chunks) {
      expect(chunk).toMatchObject({
        id: 'chatcmpl-req_1',
        object: 'chat.completion.chunk',
        created: 1_700_000_000,
        model: 'the-model',
      });
    }
  });

  it('tells usage only to a client that asked', () => {
    const stream = encode(chat, TEXT, { ...CONTEXT, includeUsage: false });
    expect(stream).not.toContain('usage');
    expect(payloads(stream)).toHaveLength(3);
  });

  it('gives parallel calls their own indices, and a call without arguments an empty object', () => {
    const deltas = deltasOf(decode(messages, fixture('messages')));
    const calls = deltas.flatMap((delta) => (delta['tool_calls'] as object[] | undefined) ?? []);
    expect(calls).toEqual([
      {
        index: 0,
        id: 'toolu_a',
        type: 'function',
        function: { name: 'weather', arguments: '' },
      },
      { index: 0, function: { arguments: '{"city":"Köln"}' } },
      { index: 1, id: 'toolu_b', type: 'function', function: { name: 'now', arguments: '' } },
      { index: 1, function: { arguments: '{}' } },
    ]);
  });

  it.each([
    ['tool_calls', false, 'stop'],
    ['stop', true, 'tool_calls'],
    ['length', true, 'length'],
    ['refusal', false, 'content_filter'],
    ['paused', false, 'stop'],
    ['context_full', false, 'length'],
  ] as const)('ends %s with calls %s as %s', (reason, hasCalls, word) => {
    const call: ChatEvent = { type: 'tool_call', call: 0, id: 'a', name: 'f' };
    const events: ChatEvent[] = [...(hasCalls ? [call] : []), { type: 'finish', reason }];
    expect(finishes(encode(chat, events))).toEqual([word]);
    const reply = chat.encodeReply(events, CONTEXT);
    expect(reply).toMatchObject({ choices: [{ finish_reason: word }] });
  });

  it('shows a refusal with words as OpenAI does', () => {
    const events: ChatEvent[] = [
      { type: 'refusal', text: 'I will not.' },
      { type: 'finish', reason: 'refusal' },
    ];
    expect(deltasOf(events)).toContainEqual({ refusal: 'I will not.' });
    expect(finishes(encode(chat, events))).toEqual(['stop']);
  });

  it('carries signatures with the text that they sign', () => {
    const deltas = deltasOf(decode(messages, fixture('messages')));
    const details = deltas.flatMap((delta) => (delta['reasoning_details'] as object[]) ?? []);
    const format = 'anthropic-claude-v1';
    expect(details).toEqual([
      {
        type: 'reasoning.text',
        text: 'Zwei Städte 𝄞',
        signature: 'c2lnbmF0dXJl+/==',
        format,
        index: 0,
      },
      { type: 'reasoning.encrypted', data: 'b3BhcXVl', format, index: 1 },
    ]);
  });

  it('ends with the error and nothing after it', () => {
    const failure: ChatEvent = { type: 'error', error: new HubError('upstream_broke_off') };
    const stream = encode(chat, [...TEXT.slice(0, 2), failure]);
    expect(payloads(stream).at(-1)).toEqual({
      error: {
        message: 'The provider broke off in mid-answer.',
        type: 'server_error',
        param: null,
        code: 'upstream_broke_off',
      },
    });
    expect(stream).not.toContain('[DONE]');
    expect(finishes(stream)).toEqual([]);
  });

  it('keeps the connection alive with a comment', () => {
    expect(chat.encodeEvents(CONTEXT).push({ type: 'ping' })).toMatch(/^: .*\n\n$/);
  });
});

describe('writing a Chat reply', () => {
  it('writes an answer of calls alone with null content', () => {
    const reply = chat.encodeReply(
      [
        { type: 'tool_call', call: 0, id: 'a', name: 'f' },
        { type: 'finish', reason: 'tool_calls' },
      ],
      CONTEXT,
    );
    expect(reply).toMatchObject({
      object: 'chat.completion',
      system_fingerprint: null,
      choices: [
        {
          message: {
            role: 'assistant',
            content: null,
            refusal: null,
            tool_calls: [{ id: 'a', type: 'function', function: { name: 'f', arguments: '{}' } }],
          },
          finish_reason: 'tool_calls',
        },
      ],
    });
    expect(reply).not.toHaveProperty('usage');
  });

  it('throws the error of an answer that failed', () => {
    const failure: ChatEvent = { type: 'error', error: new HubError('upstream_failed') };
    expect(() => chat.encodeReply([...TEXT, failure], CONTEXT)).toThrowError(
      expect.objectContaining({ code: 'upstream_failed' }),
    );
  });
});

function choice(delta: object, finish: string | null = null): object {
  return { index: 0, delta, logprobs: null, finish_reason: finish };
}

function finishes(stream: string): unknown[] {
  return payloads(stream)
    .flatMap(({ choices }) => (choices as { finish_reason: unknown }[] | undefined) ?? [])
    .flatMap(({ finish_reason: reason }) => (reason === null ? [] : [reason]));
}
