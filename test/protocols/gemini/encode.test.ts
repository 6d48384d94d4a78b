// What a Gemini client gets of an answer that another protocol's provider made.

import { describe, expect, it } from 'vitest';
import { HubError } from '../../../src/base/errors.ts';
import type { ChatEvent } from '../../../src/chat/events.ts';
import { answerOf, CONTEXT, decode, encode, payloads, QUIRKS } from '../streams.ts';
import { ADDRESS, call, gemini, user } from './wire.ts';

interface Candidate {
  readonly content: { readonly parts: readonly object[] };
  readonly finishReason?: string;
}

type Chunk = { readonly candidates: readonly Candidate[] } & Record<string, unknown>;

const chunksOf = (events: readonly ChatEvent[]): Chunk[] =>
  payloads(encode(gemini, events)) as unknown as Chunk[];
const partsOf = (chunks: readonly Chunk[]) =>
  chunks.map(({ candidates }) => candidates.flatMap(({ content }) => content.parts));

const opened = (number: number, name = 'f', more: object = {}): ChatEvent => ({
  type: 'tool_call',
  call: number,
  id: `c${number}`,
  name,
  ...more,
});
const args = (number: number, json: string): ChatEvent => ({
  type: 'tool_arguments',
  call: number,
  json,
});
const text = (words: string, more: object = {}): ChatEvent => ({
  type: 'text',
  text: words,
  ...more,
});
const finish: ChatEvent = { type: 'finish', reason: 'stop' };
const usage: ChatEvent = {
  type: 'usage',
  usage: {
    input: {
      inUncached: 4,
      inCacheRead: 0,
      inCacheWrite5m: 0,
      inCacheWrite1h: 0,
      inCacheWriteOther: 0,
    },
    output: { outText: 2, outReasoning: 0 },
    final: true,
  },
};

describe('a stream for a Gemini client', () => {
  it('tells text as it comes, and reason and usage with the last chunk alone', () => {
    const chunks = chunksOf([text('a'), finish, usage, text('b')]);
    expect(partsOf(chunks)).toEqual([[{ text: 'a' }], [{ text: 'b' }], [{ text: '' }]]);
    expect(chunks.map(({ candidates }) => candidates[0]?.finishReason)).toEqual([
      undefined,
      undefined,
      'STOP',
    ]);
    expect(chunks.map(({ usageMetadata }) => usageMetadata)).toEqual([
      undefined,
      undefined,
      { promptTokenCount: 4, candidatesTokenCount: 2, totalTokenCount: 6 },
    ]);
    for (const chunk of chunks) {
      expect(chunk).toMatchObject({ modelVersion: 'the-model', responseId: 'req_1' });
    }
    expect(encode(gemini, [text('a')])).not.toContain('[DONE]');
  });

  it('gives calls whole, in the order in which they were opened, however they interleave', () => {
    const chunks = chunksOf([
      opened(0),
      args(0, '{"n"'),
      opened(1, 'g'),
      args(1, '{}'),
      args(0, ':1}'),
      text('after'),
      finish,
    ]);
    expect(partsOf(chunks).flat()).toEqual([
      call('f', { n: 1 }, { id: 'c0' }),
      call('g', {}, { id: 'c1' }),
      { text: 'after' },
      { text: '' },
    ]);
    expect(chunks).toHaveLength(3);
  });

  it('gives a call without arguments an empty object, and one that was cut its text', () => {
    const chunks = chunksOf([opened(0), opened(1), args(1, '{"n":'), finish]);
    expect(partsOf(chunks)).toEqual([
      [call('f', {}, { id: 'c0' }), call('f', { _raw: '{"n":' }, { id: 'c1' })],
    ]);
  });

  it('is one empty text where there is nothing to say', () => {
    expect(partsOf(chunksOf([]))).toEqual([[{ text: '' }]]);
  });

  it('keeps several answers apart', () => {
    const events: ChatEvent[] = [
      text('a'),
      text('b', { choice: 1 }),
      opened(0, 'f', { choice: 1 }),
      args(0, '{"n":1}'),
      { type: 'finish', reason: 'length', choice: 1 },
      finish,
    ];
    const last = chunksOf(events).at(-1);
    expect(last?.candidates).toMatchObject([
      { index: 0, finishReason: 'STOP' },
      {
        index: 1,
        finishReason: 'MAX_TOKENS',
        content: { parts: [call('f', { n: 1 }, { id: 'c0' })] },
      },
    ]);
  });

  it.each([
    ['stop', 'STOP'],
    ['stop_sequence', 'STOP'],
    ['tool_calls', 'STOP'],
    ['paused', 'STOP'],
    ['length', 'MAX_TOKENS'],
    ['context_full', 'MAX_TOKENS'],
    ['content_filter', 'SAFETY'],
    ['refusal', 'SAFETY'],
  ] as const)('tells the reason %s', (reason, word) => {
    const [candidate] = chunksOf([{ type: 'finish', reason }]).at(-1)?.candidates ?? [];
    expect(candidate?.finishReason).toBe(word);
  });

  it('tells sources and probabilities, whole and streamed, so that they are read again', () => {
    const citation = { url: 'https://a.example', title: 'A', start: 1, end: 3 };
    const token = { token: 'Öl', logprob: -0.1, top: [{ token: 'Öl', logprob: -0.1 }] };
    const events: ChatEvent[] = [
      text('Kölsch'),
      opened(0),
      text('Öl!'),
      { type: 'citation', citation },
      { type: 'logprobs', tokens: [token] },
      finish,
    ];
    const [chunk] = chunksOf(events).slice(-1);
    expect(chunk?.candidates[0]).toMatchObject({
      groundingMetadata: {
        groundingChunks: [{ web: { uri: 'https://a.example', title: 'A' } }],
        // Places in the whole text, by bytes.
        groundingSupports: [{ segment: { startIndex: 9, endIndex: 11, text: 'l!' } }],
      },
    });
    const simple = [text('x Öl!'), { type: 'citation', citation } as const, finish];
    const known: ChatEvent[] = [{ type: 'logprobs', tokens: [token] }, ...simple];
    const expected = answerOf(known);
    expect(answerOf(decode(gemini, encode(gemini, known)))).toEqual(expected);
    const whole = gemini.encodeReply(known, CONTEXT);
    expect(answerOf(gemini.decodeReply(whole, QUIRKS))).toEqual(expected);
  });

  it('ends with an error, and says nothing after it', () => {
    const encoder = gemini.encodeEvents(CONTEXT);
    const error = new HubError('upstream_broke_off');
    const [event] = payloads(encoder.push({ type: 'error', error }));
    expect(event).toMatchObject({ error: { code: 502, status: 'INTERNAL' } });
    expect(encoder.push(text('late')) + encoder.end()).toBe('');
  });

  it('keeps the connection alive with comments', () => {
    expect(gemini.encodeEvents(CONTEXT).push({ type: 'ping' })).toMatch(/^: .*\n\n$/);
  });
});

describe('thinking of another maker in a Gemini answer', () => {
  const maker = 'anthropic-messages';
  const events: ChatEvent[] = [
    { type: 'thinking', text: 'h' },
    { type: 'thinking', text: 'm' },
    { type: 'thinking_signature', signature: 'sig+/=', maker },
    { type: 'redacted_thinking', data: 'sealed', maker },
    text('x'),
    { type: 'thinking_signature', signature: 'two', maker },
    opened(0),
    finish,
  ];

  it('comes back from the client as it was, streamed and whole', () => {
    const expected = answerOf(events).parts;
    for (const parts of [
      partsOf(chunksOf(events)).flat(),
      partsOf([gemini.encodeReply(events, CONTEXT) as unknown as Chunk]).flat(),
    ]) {
      const contents = [user('hi'), { role: 'model', parts: parts as never[] }];
      const [, turn] = gemini.decodeRequest({ contents }, ADDRESS).messages;
      expect(turn?.role === 'assistant' && turn.content).toEqual(expected);
    }
  });

  it('bears no signature that Gemini could take for its own', () => {
    for (const part of partsOf(chunksOf(events)).flat()) {
      const { thoughtSignature = 'hub:' } = part as { thoughtSignature?: string };
      expect(thoughtSignature).toMatch(/^hub:/);
    }
  });
});
