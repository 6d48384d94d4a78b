// Thinking in the history of a translated conversation: it returns to its maker alone, unchanged.

import { describe, expect, it } from 'vitest';
import type { JsonObject } from '../../../src/base/json.ts';
import { PROTOCOLS } from '../../../src/protocols/list.ts';
import type { Quirks } from '../../../src/protocols/protocol.ts';
import { CONTEXT, decode, fixture, QUIRKS } from '../streams.ts';
import { text, toChat, toMessages } from './requests.ts';

const chat = PROTOCOLS['openai-chat'];
const messages = PROTOCOLS['anthropic-messages'];

describe('thinking in the history', () => {
  const conversation = (answer: JsonObject) => ({
    messages: [{ role: 'user', content: 'a' }, answer, { role: 'user', content: 'b' }],
  });

  it('returns to Claude byte for byte through a Chat client', () => {
    const reply = chat.encodeReply(decode(messages, fixture('messages')), CONTEXT);
    const [choice] = reply['choices'] as { message: JsonObject }[];
    const { tool_calls: _calls, ...answer } = choice?.message ?? {};
    const { body } = toMessages(conversation(answer));
    expect((body['messages'] as JsonObject[])[1]?.['content']).toEqual([
      { type: 'thinking', thinking: 'Zwei Städte 𝄞', signature: 'c2lnbmF0dXJl+/==' },
      { type: 'redacted_thinking', data: 'b3BhcXVl' },
      text('Grüße aus 🌍'),
    ]);
  });

  it('returns to a Chat provider unchanged through a Messages client', () => {
    const signed = {
      type: 'reasoning.text',
      text: 'hm',
      signature: 'ü+/=',
      format: 'google-gemini-v1',
      id: 'r1',
      index: 0,
    };
    const sealed = { type: 'reasoning.encrypted', data: 'AAAA', format: 'openai-responses-v1' };
    const message = { role: 'assistant', content: 'x', reasoning_details: [signed, sealed] };
    const upstream = {
      id: 'c',
      model: 'm',
      choices: [{ index: 0, message, finish_reason: 'stop' }],
    };
    const reply = messages.encodeReply(chat.decodeReply(upstream, QUIRKS), CONTEXT);
    const answer = { role: 'assistant', content: reply['content'] ?? null };
    const { body } = toChat(conversation(answer));
    expect((body['messages'] as JsonObject[])[1]).toEqual({
      role: 'assistant',
      content: 'x',
      reasoning_content: 'hm',
      reasoning_details: [signed, sealed],
    });
  });

  it("never sends one maker's signature to the other", () => {
    const claude = { type: 'thinking', thinking: 'hm', signature: 'c2ln' };
    const toOther = toChat(conversation({ role: 'assistant', content: [claude, text('x')] }));
    expect(JSON.stringify(toOther.body)).not.toContain('c2ln');
    expect(toOther.dropped).toEqual(['messages.thinking']);
    const details = [{ type: 'reasoning.text', text: 'hm', signature: 'other', format: 'x' }];
    const foreign = { role: 'assistant', content: 'x', reasoning_details: details };
    const toClaude = toMessages(conversation(foreign));
    expect(JSON.stringify(toClaude.body)).not.toContain('other');
    expect(toClaude.dropped).toEqual(['messages.reasoning']);
    const sealed = [{ type: 'reasoning.encrypted', data: 'other', format: 'x' }];
    const encrypted = { role: 'assistant', content: 'x', reasoning_details: sealed };
    expect(JSON.stringify(toMessages(conversation(encrypted)).body)).not.toContain('other');
  });

  it('joins the fragments of a block that a Chat client kept as they came', () => {
    const fragment = (more: object) => ({
      type: 'reasoning.text',
      format: 'anthropic-claude-v1',
      index: 0,
      ...more,
    });
    const { body } = toMessages(
      conversation({
        role: 'assistant',
        content: 'x',
        reasoning_details: [
          fragment({ text: 'h' }),
          fragment({ text: 'm' }),
          fragment({ signature: 's' }),
        ],
      }),
    );
    expect((body['messages'] as JsonObject[])[1]?.['content']).toEqual([
      { type: 'thinking', thinking: 'hm', signature: 's' },
      text('x'),
    ]);
  });

  it('stands on every turn with calls where the provider demands it', () => {
    const call = { type: 'tool_use', id: 'a', name: 'f', input: {} };
    const body = conversation({ role: 'assistant', content: [call] });
    const quirks: Quirks = { ...QUIRKS, reasoningInHistory: 'with_calls' };
    expect((toChat(body, quirks).body['messages'] as JsonObject[])[1]).toMatchObject({
      reasoning_content: '',
    });
    expect((toChat(body).body['messages'] as JsonObject[])[1]).not.toHaveProperty(
      'reasoning_content',
    );
  });
});
