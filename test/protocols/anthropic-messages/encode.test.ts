// Messages streams and replies as the hub writes them: strictly sequential blocks.

import { describe, expect, it } from 'vitest';
import { HubError } from '../../../src/base/errors.ts';
import type { ChatEvent } from '../../../src/chat/events.ts';
import { PROTOCOLS } from '../../../src/protocols/list.ts';
import {
  chatChunk,
  chatStream,
  CONTEXT,
  decode,
  encode,
  fixture,
  frames,
  payloads,
} from '../streams.ts';

const chat = PROTOCOLS['openai-chat'];
const messages = PROTOCOLS['anthropic-messages'];

interface Block {
  start: Record<string, unknown>;
  deltas: Record<string, unknown>[];
}

/** The blocks of a stream, after checking that they follow one another from index 0. */
function blocksOf(stream: string): Block[] {
  const blocks: Block[] = [];
  let open: number | undefined;
  for (const event of payloads(stream)) {
    if (event['type'] === 'content_block_start') {
      expect(open).toBeUndefined();
      expect(event['index']).toBe(blocks.length);
      open = blocks.length;
      blocks.push({ start: event['content_block'] ?? {}, deltas: [] });
    } else if (event['type'] === 'content_block_delta') {
      expect(event['index']).toBe(open);
      blocks.at(-1)?.deltas.push(event['delta'] ?? {});
    } else if (event['type'] === 'content_block_stop') {
      expect(event['index']).toBe(open);
      open = undefined;
    }
  }
  expect(open).toBeUndefined();
  return blocks;
}

function inputs(stream: string): unknown[] {
  return blocksOf(stream)
    .filter(({ start }) => start['type'] === 'tool_use')
    .map(({ start, deltas }) => [
      start['id'],
      JSON.parse(deltas.map((delta) => delta['partial_json']).join('') || '{}'),
    ]);
}

describe('writing a Messages stream', () => {
  it('names every event by its type and ends with the counts and message_stop', () => {
    const stream = encode(messages, decode(chat, fixture('chat')));
    for (const { name, data } of frames(stream)) {
      expect((JSON.parse(data) as { type: string }).type).toBe(name);
    }
    const events = payloads(stream) as unknown as object[];
    expect(events[0]).toMatchObject({
      type: 'message_start',
      message: {
        id: 'msg_req_1',
        model: 'the-model',
        content: [],
        stop_reason: null,
        stop_sequence: null,
        usage: { input_tokens: 0 },
      },
    });
    expect(events.at(-2)).toEqual({
      type: 'message_delta',
      delta: { stop_reason: 'tool_use', stop_sequence: null, stop_details: null },
      usage: {
        input_tokens: 30,
        cache_read_input_tokens: 60,
        cache_creation_input_tokens: 10,
        cache_creation: { ephemeral_5m_input_tokens: 10, ephemeral_1h_input_tokens: 0 },
        output_tokens: 40,
        output_tokens_details: { thinking_tokens: 15 },
      },
    });
    expect(events.at(-1)).toEqual({ type: 'message_stop' });
  });

  it('puts interleaved arguments into their own blocks', () => {
    const stream = encode(messages, decode(chat, fixture('chat')));
    expect(inputs(stream)).toEqual([
      ['call_a', { city: 'Köln' }],
      ['call_b', { city: 'Oslo' }],
    ]);
    expect(blocksOf(stream).map(({ start }) => start['type'])).toEqual([
      'thinking',
      'text',
      'tool_use',
      'tool_use',
    ]);
  });

  it('streams the arguments of calls that come one after another as they come', () => {
    const encoder = messages.encodeEvents(CONTEXT);
    encoder.push({ type: 'tool_call', call: 0, id: 'a', name: 'f' });
    expect(encoder.push({ type: 'tool_arguments', call: 0, json: '{"x":' })).toContain('{\\"x\\":');
    encoder.push({ type: 'tool_arguments', call: 0, json: '1}' });
    const next = encoder.push({ type: 'tool_call', call: 1, id: 'b', name: 'g' });
    expect(next).toMatch(/content_block_stop[^]*content_block_start/);
    expect(encoder.push({ type: 'tool_arguments', call: 1, json: '{' })).toContain('input_json');
  });

  it('keeps three calls apart, and text that comes between them', () => {
    const call = (index: number, json: string, name?: string): object => ({
      tool_calls: [
        { index, ...(name && { id: name, type: 'function' }), function: { name, arguments: json } },
      ],
    });
    const stream = chatStream(
      chatChunk(call(0, '{"n":', 'a')),
      chatChunk(call(1, '', 'b')),
      chatChunk(call(2, '{"n":2', 'c')),
      chatChunk({ content: 'between' }),
      chatChunk(call(2, '}')),
      chatChunk(call(0, '0}')),
      chatChunk({}, 'tool_calls'),
    );
    const written = encode(messages, decode(chat, stream));
    expect(inputs(written)).toEqual([
      ['a', { n: 0 }],
      ['b', {}],
      ['c', { n: 2 }],
    ]);
    expect(blocksOf(written).at(-1)?.deltas).toEqual([{ type: 'text_delta', text: 'between' }]);
  });

  it('writes thinking back byte for byte, its signature just before the stop', () => {
    const written = encode(messages, decode(messages, fixture('messages')));
    const [thinking, redacted] = blocksOf(written);
    expect(thinking).toEqual({
      start: { type: 'thinking', thinking: '', signature: '' },
      deltas: [
        { type: 'thinking_delta', thinking: 'Zwei Städte 𝄞' },
        { type: 'signature_delta', signature: 'c2lnbmF0dXJl+/==' },
      ],
    });
    expect(redacted?.start).toEqual({ type: 'redacted_thinking', data: 'b3BhcXVl' });
    expect(decode(messages, written).filter(({ type }) => type === 'thinking_signature')).toEqual([
      { type: 'thinking_signature', signature: 'c2lnbmF0dXJl+/==', maker: 'anthropic-messages' },
    ]);
  });

  it('closes a thinking block with its signature', () => {
    const maker = 'anthropic-messages';
    const events: ChatEvent[] = ['a', 'b'].flatMap((text): ChatEvent[] => [
      { type: 'thinking', text },
      { type: 'thinking_signature', signature: `signed ${text}`, maker },
    ]);
    const blocks = blocksOf(encode(messages, events));
    expect(blocks.map(({ deltas }) => deltas.at(-1))).toEqual([
      { type: 'signature_delta', signature: 'signed a' },
      { type: 'signature_delta', signature: 'signed b' },
    ]);
  });

  it('closes a thinking block that nobody signed with an empty signature, as a whole answer has', () => {
    const thinking: ChatEvent = { type: 'thinking', text: 'a' };
    const unsigned = [{ type: 'signature_delta', signature: '' }];
    for (const events of [[thinking], [thinking, { type: 'text', text: 'b' } as const]]) {
      const [block] = blocksOf(encode(messages, events));
      expect(block?.deltas.slice(1)).toEqual(unsigned);
    }
  });

  it('omits cache counts that nobody told', () => {
    const usage = { prompt_tokens: 5, completion_tokens: 1 };
    const stream = chatStream(chatChunk({ content: 'a' }, 'stop', { usage }));
    const closing = payloads(encode(messages, decode(chat, stream))).at(-2);
    expect(closing).toMatchObject({ usage: { input_tokens: 5, output_tokens: 1 } });
    expect(JSON.stringify(closing)).not.toContain('cache');
  });

  it('ends properly though the upstream told no usage', () => {
    const stream = encode(messages, decode(chat, chatStream(chatChunk({ content: 'a' }, 'stop'))));
    expect(payloads(stream).map(({ type }) => type)).toEqual([
      'message_start',
      'content_block_start',
      'content_block_delta',
      'content_block_stop',
      'message_delta',
      'message_stop',
    ]);
  });

  it.each([
    ['stop', false, 'end_turn'],
    ['stop', true, 'tool_use'],
    ['tool_calls', false, 'end_turn'],
    ['length', false, 'max_tokens'],
    ['content_filter', false, 'refusal'],
    ['refusal', false, 'refusal'],
    ['paused', false, 'pause_turn'],
  ] as const)('ends %s with calls %s as %s', (reason, hasCalls, word) => {
    const call: ChatEvent = { type: 'tool_call', call: 0, id: 'a', name: 'f' };
    const events: ChatEvent[] = [...(hasCalls ? [call] : []), { type: 'finish', reason }];
    const closing = payloads(encode(messages, events)).at(-2);
    expect(closing).toMatchObject({ delta: { stop_reason: word, stop_sequence: null } });
    const reply = messages.encodeReply(events, CONTEXT);
    expect(reply).toMatchObject({ stop_reason: word, stop_sequence: null });
  });

  it('ends with the error and nothing after it', () => {
    const failure: ChatEvent = { type: 'error', error: new HubError('upstream_overloaded') };
    const encoder = messages.encodeEvents(CONTEXT);
    const stream = encoder.push({ type: 'text', text: 'a' }) + encoder.push(failure);
    expect(payloads(stream).at(-1)).toMatchObject({
      type: 'error',
      error: { type: 'overloaded_error' },
      request_id: 'req_1',
    });
    expect(encoder.push({ type: 'text', text: 'b' }) + encoder.end()).toBe('');
  });
});

describe('writing a Messages reply', () => {
  it('gives an empty answer one empty text block', () => {
    const reply = messages.encodeReply([{ type: 'finish', reason: 'stop' }], CONTEXT);
    expect(reply['content']).toEqual([{ type: 'text', text: '' }]);
  });

  it('gives a call without arguments an empty object, and keeps a broken text visible', () => {
    const call = (json: string): ChatEvent[] => [
      { type: 'tool_call', call: 0, id: 'a', name: 'f' },
      { type: 'tool_arguments', call: 0, json },
      { type: 'finish', reason: 'length' },
    ];
    const inputOf = (json: string) =>
      (messages.encodeReply(call(json), CONTEXT)['content'] as { input: unknown }[])[0]?.input;
    expect(inputOf('')).toEqual({});
    expect(inputOf('{"x":1}')).toEqual({ x: 1 });
    expect(inputOf('{"x":')).toEqual({ _raw: '{"x":' });
  });
});
