// Thinking and its signatures, where hubs are known to lose or to mix them, and what a model samples
// by, which depends on it.

import { describe, expect, it } from 'vitest';
import type { JsonObject } from '../../../src/base/json.ts';
import { quirksOf } from '../../../src/catalog/capabilities.ts';
import { LISTINGS } from '../../../src/catalog/listings.ts';
import { PROTOCOLS } from '../../../src/protocols/list.ts';
import type { Quirks } from '../../../src/protocols/protocol.ts';
import { anthropic } from '../../../src/providers/anthropic.ts';
import { text, toChat, toMessages } from '../translation/requests.ts';
import { CONTEXT, decode, encode, frames, messagesStream, QUIRKS } from '../streams.ts';

const chat = PROTOCOLS['openai-chat'];
const messages = PROTOCOLS['anthropic-messages'];

const event = (type: string, members: object): { type: string } => ({ type, ...members });
const SIGNATURE = 'c2lnbmF0dXJl+/==';

/** A stream of Claude's that thinks: each block its deltas. */
function thinkingStream(...blocks: object[][]): string {
  const events = blocks.flatMap((deltas, index) => [
    event('content_block_start', {
      index,
      content_block: { type: 'thinking', thinking: '', signature: '' },
    }),
    ...deltas.map((delta) => event('content_block_delta', { index, delta })),
    event('content_block_stop', { index }),
  ]);
  return messagesStream(
    event('message_start', { message: { id: 'm', model: 'm' } }),
    ...events,
    event('message_delta', { delta: { stop_reason: 'end_turn' } }),
    event('message_stop', {}),
  );
}

const signed = (signature: string): object => ({ type: 'signature_delta', signature });
const thought = (thinking: string): object => ({ type: 'thinking_delta', thinking });

describe('thinking', () => {
  it('that is empty but signed reaches the client, streamed and whole', () => {
    const events = decode(messages, thinkingStream([signed(SIGNATURE)]));
    const block = { type: 'thinking', thinking: '', signature: SIGNATURE };
    expect(messages.encodeReply(events, CONTEXT)['content']).toEqual([block]);
    expect(encode(messages, events)).toContain(SIGNATURE);
    expect(JSON.stringify(chat.encodeReply(events, CONTEXT))).toContain(SIGNATURE);
    expect(encode(chat, events)).toContain(SIGNATURE);
  });

  it('has one signature right before the stop of each block, byte for byte', () => {
    const stream = thinkingStream(
      [thought('a'), thought('b'), signed(SIGNATURE)],
      [thought('c'), signed('second')],
    );
    const written = encode(messages, decode(messages, stream));
    const names = frames(written).map(({ name, data }) =>
      data.includes('signature_delta') ? 'signature' : name,
    );
    const stops = names.flatMap((name, i) => (name === 'content_block_stop' ? [names[i - 1]] : []));
    expect(stops).toEqual(['signature', 'signature']);
    expect(names.filter((name) => name === 'signature')).toHaveLength(2);
    const thoughts = (wire: string): unknown =>
      decode(messages, wire).filter(({ type }) => type.startsWith('thinking'));
    expect(thoughts(written)).toEqual(thoughts(stream));
  });

  it('of another maker leaves the history before it goes on, and nothing else does', () => {
    const own = { type: 'thinking', thinking: 'hm', signature: SIGNATURE };
    const foreign = { type: 'thinking', thinking: 'hm', signature: 'hub:gemini:c2ln' };
    const unsigned = { type: 'thinking', thinking: 'hm', signature: '' };
    const history = [
      { role: 'user', content: 'a' },
      { role: 'assistant', content: [own, foreign, unsigned, text('x')] },
      { role: 'user', content: 'b' },
    ];
    const [edit] = messages.editRequest({ model: 'm', messages: history }, { model: 'm' }, QUIRKS);
    expect(JSON.parse(edit?.json ?? '')).toEqual([
      history[0],
      { role: 'assistant', content: [own, text('x')] },
      history[2],
    ]);
    const elsewhere = toChat({ messages: history });
    expect(JSON.stringify(elsewhere.body)).not.toMatch(/c2ln/);
    expect((elsewhere.body['messages'] as JsonObject[])[1]).toMatchObject({ content: 'x' });
  });

  it('has its field on every turn with calls where the provider refuses turns without it', () => {
    const call = { type: 'tool_use', id: 'a', name: 'f', input: {} };
    const history = (...parts: object[]): object => ({
      messages: [
        { role: 'user', content: 'a' },
        { role: 'assistant', content: [...parts, call] },
        { role: 'user', content: [{ type: 'tool_result', tool_use_id: 'a', content: 'x' }] },
      ],
    });
    const quirks: Quirks = { ...QUIRKS, reasoningInHistory: 'with_calls' };
    const turn = (body: JsonObject): JsonObject | undefined =>
      (body['messages'] as JsonObject[])[1];
    expect(turn(toChat(history(), quirks).body)).toMatchObject({ reasoning_content: '' });
    const thinking = { type: 'thinking', thinking: 'hm', signature: '' };
    expect(turn(toChat(history(thinking), quirks).body)).toMatchObject({ reasoning_content: 'hm' });
  });
});

describe('a temperature from a Chat client', () => {
  const MODELS = LISTINGS.flatMap(({ model }) =>
    model.provider === 'anthropic' ? [[model.id, model] as const] : [],
  );

  it.each(MODELS)(
    'succeeds at %s: sent where the model takes one, dropped by name where it does not',
    (_, model) => {
      const quirks = { ...anthropic.quirks, ...quirksOf(model.capabilities) };
      const { body, dropped } = toMessages({ temperature: 0.2, top_p: 0.9 }, quirks);
      const takes = /-4-[56]$/.test(model.upstreamModel);
      expect(body['temperature']).toBe(takes ? 0.2 : undefined);
      expect(dropped).toEqual(takes ? ['top_p'] : ['temperature', 'top_p']);
      // The version of what the hub writes itself is the one that allows it.
      expect(anthropic.headers['anthropic-version']).toBe('2023-06-01');
    },
  );

  it("is allowed by the version that goes with it, whichever the client's own is", () => {
    const headers = { 'anthropic-version': '2026-10-21' };
    const forward = (body: JsonObject) =>
      messages.forwardHeaders(headers, body, QUIRKS, { dropped: [] });
    expect(forward({ temperature: 1 })).toEqual({ 'anthropic-version': '2023-06-01' });
    expect(forward({})).toEqual(headers);
  });
});
