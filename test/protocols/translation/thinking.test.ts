// Thinking in the history of a translated conversation: it returns to its maker alone, unchanged.

import { describe, expect, it } from 'vitest';
import type { JsonObject } from '../../../src/base/json.ts';
import type { AssistantPart, ChatRequest } from '../../../src/chat/request.ts';
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

describe('a turn of calls that goes on at a model that thinks by a budget', () => {
  const bedrock = PROTOCOLS['bedrock-converse'];
  const BUDGET = { ...QUIRKS, thinkingStyle: 'budget' } as const;
  const ADAPTIVE = { ...QUIRKS, thinkingStyle: 'adaptive' } as const;
  const call = { type: 'tool_call', id: 'a', name: 'f', argumentsJson: '{}' } as const;
  const thought = (maker: string) =>
    ({ type: 'thinking', text: 'hm', signature: 's', maker }) as const;

  const goingOn = (content: AssistantPart[]): ChatRequest => ({
    model: 'm',
    messages: [
      { role: 'user', content: [{ type: 'text', text: 'a' }] },
      { role: 'assistant', content },
      { role: 'tool', results: [{ callId: 'a', content: [], isError: false }] },
    ],
    tools: [{ type: 'function', name: 'f', parameters: { type: 'object' } }],
    reasoning: { effort: 'high' },
    maxOutputTokens: 20_000,
    stream: false,
    includeUsage: false,
    dropped: [],
  });

  it.each([
    ['without the thoughts before it', [call], false],
    ['with thoughts that nobody signed', [{ type: 'thinking', text: 'hm' }, call], false],
    ['with thoughts of another maker', [thought('gemini'), call], false],
    ['with its own thoughts', [thought(messages.id), call], true],
    ['with its own behind foreign ones', [thought('gemini'), thought(messages.id), call], true],
    ['with no calls', [{ type: 'text', text: 'x' }], true],
  ] as [string, AssistantPart[], boolean][])('thinks on only where it may: %s', (_, parts, may) => {
    const { body, dropped } = messages.encodeRequest(goingOn(parts), BUDGET);
    expect(body['thinking'] !== undefined).toBe(may);
    expect(dropped.includes('reasoning_effort')).toBe(!may);
    const adaptive = messages.encodeRequest(goingOn(parts), ADAPTIVE);
    expect(adaptive.body['thinking']).toEqual({ type: 'adaptive' });
  });

  it('is the same on Bedrock, whose signatures are its own', () => {
    const { body } = bedrock.encodeRequest(goingOn([thought(bedrock.id), call]), BUDGET);
    expect(body).toHaveProperty('additionalModelRequestFields.thinking.type', 'enabled');
    const foreign = bedrock.encodeRequest(goingOn([thought(messages.id), call]), BUDGET);
    expect(foreign.body).not.toHaveProperty('additionalModelRequestFields.thinking');
    expect(foreign.dropped).toContain('reasoning_effort');
  });
});
