// Completions answers, read and written, streamed and whole.

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { HubError } from '../../../src/base/errors.ts';
import type { JsonValue } from '../../../src/base/json.ts';
import { foldAnswers } from '../../../src/chat/answer.ts';
import type { ChatEvent, FinishReason, TokenLogprob } from '../../../src/chat/events.ts';
import { PROTOCOLS } from '../../../src/protocols/list.ts';
import {
  answerOf,
  chatStream,
  CONTEXT,
  decode,
  differingCuts,
  encode,
  fixture,
  frames,
  payloads,
  QUIRKS,
} from '../streams.ts';

const completions = PROTOCOLS['openai-completions'];

function chunk(choices: readonly object[], more: object = {}): object {
  return { id: 'cmpl-7', object: 'text_completion', created: 1, model: 'm', choices, ...more };
}

function piece(text: string, finish: string | null = null, index = 0): object {
  return { index, text, logprobs: null, finish_reason: finish };
}

const USAGE = { prompt_tokens: 5, completion_tokens: 7, total_tokens: 12 };
const STREAM = chatStream(
  chunk([piece('Es war ')]),
  chunk([piece('ein𝄞mal')]),
  chunk([piece('', 'length')]),
  chunk([], { usage: USAGE }),
);

describe('a Completions stream', () => {
  it('is text, usage and a finish', () => {
    const events = decode(completions, STREAM);
    expect(events[0]).toEqual({ type: 'start', id: 'cmpl-7', model: 'm' });
    expect(answerOf(events)).toMatchObject({
      parts: [{ type: 'text', text: 'Es war ein𝄞mal' }],
      finish: 'length',
      usage: { input: { inUncached: 5 }, output: { outText: 7 }, final: true },
    });
  });

  it.each(['\n', '\r\n', '\r'])('gives the same events wherever it is cut (%j)', (lineEnd) => {
    const text = STREAM.replaceAll('\n', lineEnd);
    expect(decode(completions, text)).toEqual(decode(completions, STREAM));
    expect(differingCuts(completions, text)).toEqual([]);
  });

  it('keeps several answers apart, and is complete when all of them are', () => {
    const chunks = [
      chunk([piece('a', null, 0), piece('b', null, 1)]),
      chunk([piece('', 'stop', 1)], { usage: USAGE }),
      chunk([piece('A', 'length', 0)], { usage: USAGE }),
    ];
    const events = decode(completions, chatStream(...chunks));
    expect(foldAnswers(events)).toMatchObject([
      { parts: [{ text: 'aA' }], finish: 'length' },
      { parts: [{ text: 'b' }], finish: 'stop' },
    ]);
    const finals = events.flatMap((event) => (event.type === 'usage' ? [event.usage.final] : []));
    expect(finals).toEqual([false, true]);
    const lines = chunks.map((one) => `data: ${JSON.stringify(one)}\n\n`);
    expect(decode(completions, ...lines).at(-1)?.type).toBe('usage');
    expect(decode(completions, ...lines.slice(0, 2)).at(-1)).toMatchObject({
      type: 'error',
      error: { code: 'upstream_broke_off' },
    });
  });

  it('reads thinking, log probabilities and the tier', () => {
    const logprobs = {
      tokens: ['a', 'b', 'c'],
      token_logprobs: [null, -0.5, -1],
      top_logprobs: [null, { b: -0.5, x: -2 }, null],
      text_offset: [0, 1, 2],
    };
    const choice = { ...piece('bc', 'stop'), reasoning: 'hm', logprobs };
    const events = decode(completions, chatStream(chunk([choice], { service_tier: 'flex' })));
    const top = [
      { token: 'b', logprob: -0.5 },
      { token: 'x', logprob: -2 },
    ];
    expect(events.slice(1)).toEqual([
      { type: 'thinking', text: 'hm' },
      { type: 'text', text: 'bc' },
      {
        type: 'logprobs',
        tokens: [
          { token: 'b', logprob: -0.5, top },
          { token: 'c', logprob: -1, top: [] },
        ],
      },
      { type: 'finish', reason: 'stop' },
      { type: 'usage', usage: { serviceTier: 'flex', final: false } },
    ]);
  });

  it('ends with an error and nothing after it, but with its usage', () => {
    const broken = chunk([piece('x', 'error')], { usage: USAGE });
    const events = decode(completions, chatStream(broken, chunk([piece('y')])));
    expect(events.map(({ type }) => type)).toEqual(['start', 'text', 'usage', 'error']);
    const refused = decode(completions, chatStream({ error: { code: 429, message: 'secret' } }));
    expect(refused).toMatchObject([{ error: { code: 'upstream_rate_limited' } }]);
  });

  it.each(['null', '7', '[]', '{}', 'nonsense', '{"choices":[7,null,{}]}'])(
    'outlives an event like %s',
    (odd) => {
      const events = decode(completions, `data: ${odd}\n\n`, STREAM);
      expect(answerOf(events).parts).toEqual([{ type: 'text', text: 'Es war ein𝄞mal' }]);
    },
  );

  it('tells its end, and the chunk that is only usage', () => {
    const read = frames(STREAM);
    expect(read.map((event) => completions.isTerminal(event)).indexOf(true)).toBe(4);
    expect(read.map((event) => completions.isOnlyUsage(event)).indexOf(true)).toBe(3);
  });

  it.each<JsonValue>([null, {}, { choices: [] }])('%j is no whole reply', (body) => {
    expect(completions.decodeReply(body, QUIRKS)).toMatchObject([
      { type: 'error', error: { code: 'upstream_failed' } },
    ]);
  });
});

describe('writing a Completions answer', () => {
  const events: ChatEvent[] = [
    { type: 'start', id: 'up', model: 'up' },
    { type: 'thinking', text: 'hm' },
    { type: 'text', text: 'hi' },
    { type: 'ping' },
    { type: 'text', text: ' there' },
    { type: 'finish', reason: 'stop' },
    {
      type: 'usage',
      usage: {
        input: {
          inUncached: 1,
          inCacheRead: 2,
          inCacheWrite5m: 0,
          inCacheWrite1h: 0,
          inCacheWriteOther: 0,
        },
        output: { outText: 4, outReasoning: 0 },
        final: true,
      },
    },
  ];

  it('streams text, one finish, the usage and one [DONE]', () => {
    const stream = encode(completions, events);
    const chunks = payloads(stream) as unknown as Record<string, unknown>[];
    expect(chunks.map(({ choices }) => choices)).toEqual([
      [{ ...piece(''), reasoning_content: 'hm' }],
      [piece('hi')],
      [piece(' there')],
      [piece('', 'stop')],
      [],
    ]);
    expect(chunks.slice(0, -1).map(({ usage }) => usage)).toEqual([null, null, null, null]);
    expect(chunks.at(-1)?.['usage']).toMatchObject({ prompt_tokens: 3, completion_tokens: 4 });
    expect(stream.match(/\[DONE\]/g)).toHaveLength(1);
    for (const one of chunks) {
      expect(one).toMatchObject({
        id: 'cmpl-req_1',
        object: 'text_completion',
        created: 1_700_000_000,
        model: 'the-model',
      });
    }
  });

  it('tells usage only to a client that asked', () => {
    const stream = encode(completions, events, { ...CONTEXT, includeUsage: false });
    expect(stream).not.toContain('usage');
    expect(payloads(stream)).toHaveLength(4);
  });

  it('ends with the error and nothing after it', () => {
    const error = new HubError('upstream_broke_off');
    const stream = encode(completions, [...events.slice(0, 3), { type: 'error', error }]);
    expect(payloads(stream).at(-1)).toMatchObject({ error: { code: 'upstream_broke_off' } });
    expect(stream).not.toContain('[DONE]');
  });

  it('writes a whole reply', () => {
    expect(completions.encodeReply(events, CONTEXT)).toMatchObject({
      id: 'cmpl-req_1',
      object: 'text_completion',
      choices: [{ ...piece('hi there', 'stop'), reasoning_content: 'hm' }],
      usage: { prompt_tokens: 3, completion_tokens: 4, total_tokens: 7 },
    });
    expect(completions.encodeReply([{ type: 'finish', reason: 'stop' }], CONTEXT)).toEqual({
      id: 'cmpl-req_1',
      object: 'text_completion',
      created: 1_700_000_000,
      model: 'the-model',
      choices: [piece('', 'stop')],
    });
  });

  it.each<[FinishReason, string, string]>([
    ['stop', 'x', 'stop'],
    ['stop_sequence', 'x', 'stop'],
    ['length', 'x', 'length'],
    ['context_full', 'x', 'length'],
    ['tool_calls', 'x', 'stop'],
    ['content_filter', 'x', 'content_filter'],
    ['refusal', 'I will not.', 'stop'],
    ['refusal', '', 'content_filter'],
  ])('ends %s with the text %j as %s', (reason, refusal, word) => {
    const said: ChatEvent[] = [
      ...(refusal === '' ? [] : [{ type: 'refusal' as const, text: refusal }]),
      { type: 'finish', reason },
    ];
    const expected = { text: refusal, finish_reason: word };
    expect(completions.encodeReply(said, CONTEXT)).toMatchObject({ choices: [expected] });
    expect(payloads(encode(completions, said)).at(-1)).toMatchObject({
      choices: [{ finish_reason: word }],
    });
  });

  it('places log probabilities by characters, over the whole answer', () => {
    const token = (text: string): TokenLogprob => ({ token: text, logprob: -1, top: [] });
    const said: ChatEvent[] = [
      { type: 'text', text: '𝄞é' },
      { type: 'logprobs', tokens: [token('𝄞'), token('é')] },
      { type: 'logprobs', tokens: [{ ...token('b'), top: [{ token: 'c', logprob: -2 }] }] },
    ];
    const streamed = payloads(encode(completions, said)) as unknown as {
      choices: { logprobs: unknown }[];
    }[];
    expect(streamed.map(({ choices }) => choices[0]?.logprobs)).toEqual([
      null,
      { tokens: ['𝄞', 'é'], token_logprobs: [-1, -1], top_logprobs: null, text_offset: [0, 1] },
      { tokens: ['b'], token_logprobs: [-1], top_logprobs: [{ c: -2 }], text_offset: [2] },
      null,
    ]);
    expect(completions.encodeReply(said, CONTEXT)).toMatchObject({
      choices: [
        {
          logprobs: {
            text_offset: [0, 1, 2],
            top_logprobs: [{}, {}, { c: -2 }],
          },
        },
      ],
    });
  });

  it.each(['openai-chat', 'anthropic-messages'] as const)('reads on from %s', (id) => {
    const name = id === 'openai-chat' ? 'chat' : 'messages';
    const said = decode(PROTOCOLS[id], fixture(name));
    const { choices } = completions.encodeReply(said, CONTEXT) as { choices: { text: string }[] };
    const texts = answerOf(said).parts.map((part) => (part.type === 'text' ? part.text : ''));
    expect(choices[0]?.text).toBe(texts.join(''));
  });
});

describe('an answer through Completions', () => {
  const words = fc.string({ unit: 'grapheme', minLength: 1, maxLength: 8 });
  const tokens = fc
    .array(
      fc.tuple(words, words).map(([token, other]) => ({
        token,
        logprob: -0.5,
        top: [{ token: `${token}${other}`, logprob: -1 }],
      })),
      { minLength: 1, maxLength: 2 },
    )
    .filter((list) => list.every(({ top }) => top[0]?.token !== '__proto__'));
  const choices = fc.array(
    fc.record({
      thinking: fc.option(words, { nil: undefined }),
      texts: fc.array(words, { minLength: 1, maxLength: 3 }),
      tokens: fc.option(tokens, { nil: undefined }),
      reason: fc.constantFrom<FinishReason>('stop', 'length', 'content_filter'),
    }),
    { minLength: 1, maxLength: 3 },
  );
  const answers = choices.map((list): ChatEvent[] => [
    { type: 'start', id: 'x', model: 'm' },
    ...list.flatMap(({ thinking, texts, tokens: scored, reason }, choice): ChatEvent[] => [
      ...(thinking === undefined ? [] : [{ type: 'thinking' as const, text: thinking, choice }]),
      ...texts.map((text) => ({ type: 'text' as const, text, choice })),
      ...(scored === undefined ? [] : [{ type: 'logprobs' as const, tokens: scored, choice }]),
      { type: 'finish', reason, choice },
    ]),
  ]);

  it('is the same after it was streamed, and after it was written whole', () => {
    fc.assert(
      fc.property(answers, (events) => {
        const expected = foldAnswers(events);
        expect(foldAnswers(decode(completions, encode(completions, events)))).toEqual(expected);
        const reply = JSON.parse(JSON.stringify(completions.encodeReply(events, CONTEXT)));
        expect(foldAnswers(completions.decodeReply(reply, QUIRKS))).toEqual(expected);
      }),
    );
  });
});
