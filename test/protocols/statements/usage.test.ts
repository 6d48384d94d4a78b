// Counts of tokens on their way through, where hubs are known to lose or to double them.

import { describe, expect, it } from 'vitest';
import type { JsonObject } from '../../../src/base/json.ts';
import { allTokens, inputTokens, type ReportedUsage } from '../../../src/chat/usage.ts';
import { PROTOCOLS } from '../../../src/protocols/list.ts';
import {
  answerOf,
  chatChunk,
  chatStream,
  CONTEXT,
  decode,
  encode,
  messagesStream,
  payloads,
} from '../streams.ts';

const chat = PROTOCOLS['openai-chat'];
const messages = PROTOCOLS['anthropic-messages'];

const event = (type: string, members: object): { type: string } => ({ type, ...members });

/** What a stream of Claude's reports in the end. */
function claudeUsage(start: object, delta: object): ReportedUsage | undefined {
  const stream = messagesStream(
    event('message_start', { message: { id: 'm', model: 'm', usage: start } }),
    event('message_delta', { delta: { stop_reason: 'end_turn' }, usage: delta }),
    event('message_stop', {}),
  );
  return answerOf(decode(messages, stream)).usage;
}

function chatUsage(...chunks: object[]): ReportedUsage | undefined {
  return answerOf(decode(chat, chatStream(...chunks))).usage;
}

describe("Claude's counts", () => {
  it('of the start and of the delta are not added up', () => {
    const usage = claudeUsage(
      { input_tokens: 30, cache_read_input_tokens: 5, output_tokens: 3 },
      { input_tokens: 30, cache_read_input_tokens: 5, output_tokens: 9 },
    );
    expect(usage?.input).toMatchObject({ inUncached: 30, inCacheRead: 5 });
    expect(usage?.output).toEqual({ outText: 9, outReasoning: 0 });
  });

  it('of input and caches are taken from the delta where they stand only there', () => {
    const usage = claudeUsage(
      { output_tokens: 1 },
      {
        input_tokens: 30,
        cache_read_input_tokens: 5,
        cache_creation_input_tokens: 7,
        output_tokens: 9,
      },
    );
    expect(usage?.input).toMatchObject({ inUncached: 30, inCacheRead: 5, inCacheWrite5m: 7 });
  });

  it('of the start are not erased by a zero in the delta', () => {
    const usage = claudeUsage({ input_tokens: 30 }, { input_tokens: 0, output_tokens: 9 });
    expect(usage?.input?.inUncached).toBe(30);
  });
});

describe("OpenAI's counts", () => {
  const details = { cached_tokens: 60, cache_write_tokens: 10 };
  const counted = { prompt_tokens: 100, completion_tokens: 4, prompt_tokens_details: details };

  it('reach a Messages client as three parts that add up to the prompt', () => {
    const stream = chatStream(chatChunk({ content: 'x' }, 'stop'), { choices: [], usage: counted });
    const { usage } = messages.encodeReply(decode(chat, stream), CONTEXT) as {
      usage: Record<string, number>;
    };
    const { input_tokens: input = 0, cache_read_input_tokens: read = 0 } = usage;
    expect([input, read, usage['cache_creation_input_tokens']]).toEqual([30, 60, 10]);
    expect(input + read + (usage['cache_creation_input_tokens'] ?? 0)).toBe(100);
  });

  it('of caches are absent, and not null, where nobody told them', () => {
    const plain = { prompt_tokens: 100, completion_tokens: 4 };
    const stream = chatStream(chatChunk({ content: 'x' }, 'stop'), { choices: [], usage: plain });
    const events = decode(chat, stream);
    for (const written of [
      JSON.stringify(messages.encodeReply(events, CONTEXT)),
      encode(messages, events),
    ]) {
      expect(written).toContain('"input_tokens":100');
      expect(written).not.toContain('cache');
    }
  });

  it('of cache writes are a class of their own and no plain input besides', () => {
    const usage = chatUsage(chatChunk({ content: 'x' }, 'stop'), { choices: [], usage: counted });
    expect(usage?.input).toEqual({
      inUncached: 30,
      inCacheRead: 60,
      inCacheWrite5m: 0,
      inCacheWrite1h: 0,
      inCacheWriteOther: 10,
    });
    expect(usage?.input && usage.output && inputTokens(allTokens(usage.input, usage.output))).toBe(
      100,
    );
  });

  it('are read once though they stand in three places', () => {
    const usage = { prompt_tokens: 5, completion_tokens: 3 };
    const reported = chatUsage(
      chatChunk({ content: 'x' }),
      chatChunk({}, 'stop', { x_groq: { usage }, usage }),
      { id: 'c', choices: [], usage },
    );
    expect(reported).toMatchObject({ input: { inUncached: 5 }, output: { outText: 3 } });
  });

  it('of zero are zero', () => {
    const zero = { prompt_tokens: 0, completion_tokens: 0, total_tokens: 0 };
    const usage = chatUsage(chatChunk({ content: 'x' }, 'stop'), { choices: [], usage: zero });
    expect(usage).toMatchObject({
      input: { inUncached: 0 },
      output: { outText: 0, outReasoning: 0 },
      final: true,
    });
    expect(usage?.problem).toBeUndefined();
  });
});

describe('a Messages client', () => {
  it('gets its last two events though the provider told no usage', () => {
    const events = decode(chat, chatStream(chatChunk({ content: 'x' }, 'stop')));
    const types = payloads(encode(messages, events)).map(({ type }) => type as unknown);
    expect(types.slice(-2)).toEqual(['message_delta', 'message_stop']);
  });
});

describe('a Chat client', () => {
  const usage = { input_tokens: 9, output_tokens: 2 };
  const stream = messagesStream(
    event('message_start', { message: { id: 'm', model: 'm', usage } }),
    event('content_block_start', { index: 0, content_block: { type: 'text', text: 'x' } }),
    event('content_block_stop', { index: 0 }),
    event('message_delta', { delta: { stop_reason: 'end_turn' }, usage }),
    event('message_stop', {}),
  );
  const chunks = (includeUsage: boolean): JsonObject[] =>
    payloads(encode(chat, decode(messages, stream), { ...CONTEXT, includeUsage }));

  it('that asked for usage gets one chunk of it, without choices, and null before', () => {
    const all = chunks(true);
    expect(all.filter(({ choices }) => (choices as []).length === 0)).toEqual([all.at(-1)]);
    expect(all.at(-1)?.['usage']).toMatchObject({ prompt_tokens: 9, completion_tokens: 2 });
    for (const chunk of all.slice(0, -1)) expect(chunk['usage']).toBeNull();
  });

  it('that did not ask sees none, and no chunk without choices', () => {
    for (const chunk of chunks(false)) {
      expect(chunk).not.toHaveProperty('usage');
      expect(chunk['choices']).toHaveLength(1);
    }
  });
});
