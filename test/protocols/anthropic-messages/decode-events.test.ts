// Departures from the Messages grammar, each absorbed.

import { describe, expect, it } from 'vitest';
import { PROTOCOLS } from '../../../src/protocols/list.ts';
import { answerOf, decode, encode, fixture, messagesStream, QUIRKS } from '../streams.ts';

const messages = PROTOCOLS['anthropic-messages'];

const START = { type: 'message_start', message: { id: 'm', model: 'c' } };
const STOP = [
  { type: 'message_delta', delta: { stop_reason: 'end_turn', stop_sequence: null } },
  { type: 'message_stop' },
];
const block = (index: number, content: object) => ({
  type: 'content_block_start',
  index,
  content_block: content,
});
const delta = (index: number, of: object) => ({ type: 'content_block_delta', index, delta: of });

describe('reading a Messages stream', () => {
  it('reads thinking, sealed thinking, text and calls', () => {
    expect(answerOf(decode(messages, fixture('messages'))).parts).toEqual([
      {
        type: 'thinking',
        text: 'Zwei Städte 𝄞',
        signature: 'c2lnbmF0dXJl+/==',
        maker: 'anthropic-messages',
      },
      { type: 'redacted_thinking', data: 'b3BhcXVl', maker: 'anthropic-messages' },
      { type: 'text', text: 'Grüße aus 🌍' },
      { type: 'tool_call', id: 'toolu_a', name: 'weather', argumentsJson: '{"city":"Köln"}' },
      { type: 'tool_call', id: 'toolu_b', name: 'now', argumentsJson: '{}' },
    ]);
  });

  it('keeps a thinking block that is empty but signed', () => {
    const stream = messagesStream(
      START,
      block(0, { type: 'thinking', thinking: '', signature: '' }),
      delta(0, { type: 'signature_delta', signature: 'c2ln' }),
      ...STOP,
    );
    expect(answerOf(decode(messages, stream)).parts).toEqual([
      { type: 'thinking', text: '', signature: 'c2ln', maker: 'anthropic-messages' },
    ]);
  });

  it('keeps two thinking blocks apart by their signatures', () => {
    const thinking = (index: number, text: string) => [
      block(index, { type: 'thinking', thinking: '', signature: '' }),
      delta(index, { type: 'thinking_delta', thinking: text }),
      delta(index, { type: 'signature_delta', signature: `s${index}` }),
    ];
    const blocks = ['a', 'b', ''].flatMap((text, index) => thinking(index, text));
    const events = decode(messages, messagesStream(START, ...blocks, ...STOP));
    const maker = 'anthropic-messages';
    const expected = [
      { type: 'thinking', text: 'a', signature: 's0', maker },
      { type: 'thinking', text: 'b', signature: 's1', maker },
      { type: 'thinking', text: '', signature: 's2', maker },
    ];
    expect(answerOf(events).parts).toEqual(expected);
    expect(answerOf(decode(messages, encode(messages, events))).parts).toEqual(expected);
  });

  it('takes a second start, content in block starts, and whole inputs without deltas', () => {
    const stream = messagesStream(
      START,
      START,
      block(0, { type: 'text', text: 'whole' }),
      block(1, { type: 'tool_use', id: 't', name: 'f', input: { x: 1 } }),
      { type: 'content_block_stop', index: 1 } as never,
      ...STOP,
    );
    const events = decode(messages, stream);
    expect(events.filter(({ type }) => type === 'start')).toHaveLength(1);
    expect(answerOf(events).parts).toEqual([
      { type: 'text', text: 'whole' },
      { type: 'tool_call', id: 't', name: 'f', argumentsJson: '{"x":1}' },
    ]);
  });

  it('takes deltas over the input of the start', () => {
    const stream = messagesStream(
      START,
      block(0, { type: 'tool_use', id: 't', name: 'f', input: { x: 1 } }),
      delta(0, { type: 'input_json_delta', partial_json: '{"x":2}' }),
      { type: 'content_block_stop', index: 0 } as never,
      ...STOP,
    );
    expect(answerOf(decode(messages, stream)).parts).toMatchObject([{ argumentsJson: '{"x":2}' }]);
  });

  it('reads events that have no name of their own', () => {
    const named = fixture('messages');
    const nameless = named.replaceAll(/^event: .*\n/gm, '');
    expect(decode(messages, nameless)).toEqual(decode(messages, named));
  });

  it.each([
    ['stop_sequence', 'stop_sequence'],
    ['max_tokens', 'length'],
    ['model_context_window_exceeded', 'context_full'],
    ['pause_turn', 'paused'],
    ['refusal', 'refusal'],
    ['something_new', 'stop'],
  ])('reads the stop reason %s', (word, reason) => {
    const end = { type: 'message_delta', delta: { stop_reason: word, stop_sequence: 'END' } };
    const events = decode(messages, messagesStream(START, end, { type: 'message_stop' }));
    expect(events.at(-1)).toEqual({ type: 'finish', reason, stopSequence: 'END' });
  });

  it('finishes once, though the closing delta comes twice', () => {
    const [end] = STOP;
    const events = decode(messages, messagesStream(START, end as never, ...STOP));
    expect(events.filter(({ type }) => type === 'finish')).toHaveLength(1);
  });

  it.each([
    ['overloaded_error', 'upstream_overloaded'],
    ['rate_limit_error', 'upstream_rate_limited'],
    ['api_error', 'upstream_failed'],
    ['authentication_error', 'upstream_refused_hub'],
  ])('ends with an error for %s, first or after content', (type, code) => {
    const failure = { type: 'error', error: { type, message: 'the secret prompt' } };
    for (const before of [[], [START, block(0, { type: 'text', text: 'a' })]]) {
      const events = decode(messages, messagesStream(...before, failure, ...STOP));
      expect(events.at(-1)).toMatchObject({ type: 'error', error: { code } });
      expect(JSON.stringify(events)).not.toContain('secret');
    }
  });

  it('is broken off without its last event', () => {
    const stream = messagesStream(START, STOP[0] as never);
    expect(decode(messages, stream).at(-1)).toMatchObject({
      error: { code: 'upstream_broke_off' },
    });
  });

  it('never throws on foreign input', () => {
    // Keys that are indices keep JSON.stringify off its path without recursion.
    const deep = `${'{"0":'.repeat(20_000)}1${'}'.repeat(20_000)}`;
    const odd = [
      'null',
      '7',
      '[]',
      '{"type":"message_start","message":7}',
      '{"type":"message_start","message":{"usage":7}}',
      '{"type":"content_block_start","content_block":null}',
      '{"type":"content_block_delta","index":{},"delta":{"type":"input_json_delta"}}',
      '{"type":"content_block_start","index":0,' +
        `"content_block":{"type":"tool_use","input":{"x":${deep}}}}`,
      '{"type":"content_block_stop","index":0}',
      '{"type":"message_delta","delta":null,"usage":{"server_tool_use":[1]}}',
      '{"type":"novelty"}',
      '{broken',
    ];
    const stream = odd.map((data) => `data: ${data}\n\n`).join('');
    expect(() => decode(messages, stream)).not.toThrow();
    for (const data of odd.slice(0, -1)) {
      expect(() => messages.decodeReply(JSON.parse(data), QUIRKS)).not.toThrow();
    }
  });

  it('knows the events that end a stream', () => {
    const frame = (name: string, data: string) => ({ name, data, raw: Buffer.alloc(0) });
    const text = '{"type":"content_block_delta","delta":{"text":"\\"message_stop\\""}}';
    expect(messages.isTerminal(frame('content_block_delta', text))).toBe(false);
    expect(messages.isTerminal(frame('', '{"type":"text","text":"message_stop"}'))).toBe(false);
    expect(messages.isTerminal(frame('message_stop', '{"type":"message_stop"}'))).toBe(true);
    expect(messages.isTerminal(frame('', '{"type": "message_stop"}'))).toBe(true);
    expect(messages.isTerminal(frame('error', '{"type":"error","error":{}}'))).toBe(true);
  });
});

describe('reading a whole Messages reply', () => {
  it('gives the events of a stream of the same answer', () => {
    const reply = {
      id: 'm',
      model: 'c',
      content: [
        { type: 'thinking', thinking: 'hm', signature: 'c2ln' },
        { type: 'text', text: 'hello' },
        { type: 'tool_use', id: 't', name: 'f', input: { x: 1 } },
      ],
      stop_reason: 'tool_use',
      stop_sequence: null,
      usage: { input_tokens: 3, output_tokens: 4 },
    };
    const answer = answerOf(messages.decodeReply(reply, QUIRKS));
    expect(answer).toMatchObject({
      parts: [
        { type: 'thinking', text: 'hm', signature: 'c2ln' },
        { type: 'text', text: 'hello' },
        { type: 'tool_call', id: 't', argumentsJson: '{"x":1}' },
      ],
      finish: 'tool_calls',
      usage: { final: true, input: { inUncached: 3 }, output: { outText: 4 } },
    });
  });

  it('reads an error under status 200', () => {
    const body = { type: 'error', error: { type: 'overloaded_error', message: '' } };
    expect(messages.decodeReply(body, QUIRKS)).toMatchObject([
      { error: { code: 'upstream_overloaded' } },
    ]);
  });
});
