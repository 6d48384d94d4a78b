// Responses between other protocols, where hubs are known to lose its ends, its counts or its numbers.

import { describe, expect, it } from 'vitest';
import { HubError } from '../../../src/base/errors.ts';
import type { JsonObject } from '../../../src/base/json.ts';
import type { ChatEvent } from '../../../src/chat/events.ts';
import { PROTOCOLS } from '../../../src/protocols/list.ts';
import {
  CONTEXT,
  chatChunk,
  chatStream,
  decode,
  encode,
  fixture,
  frames,
  payloads,
  responsesStream,
  type ResponsesEvent,
} from '../streams.ts';

const chat = PROTOCOLS['openai-chat'];
const messages = PROTOCOLS['anthropic-messages'];
const responses = PROTOCOLS['openai-responses'];

const USAGE = {
  input_tokens: 100,
  input_tokens_details: { cached_tokens: 60, cache_write_tokens: 0 },
  output_tokens: 30,
  output_tokens_details: { reasoning_tokens: 20 },
  total_tokens: 130,
};

/** A text that is still open when the response ends so. */
function endingWith(status: string, more: object): string {
  const place = { item_id: 'msg_1', output_index: 0, content_index: 0 };
  const item = { type: 'message', id: 'msg_1', role: 'assistant', content: [] };
  const events: ResponsesEvent[] = [
    { type: 'response.created', response: { id: 'resp_1', model: 'm', status: 'in_progress' } },
    { type: 'response.output_item.added', output_index: 0, item },
    { type: 'response.output_text.delta', ...place, delta: 'Half' },
    {
      type: `response.${status}`,
      response: { id: 'resp_1', model: 'm', status, output: [], usage: USAGE, ...more },
    },
  ];
  return responsesStream(...events);
}

const INCOMPLETE = endingWith('incomplete', {
  incomplete_details: { reason: 'max_output_tokens' },
});
const FAILED = endingWith('failed', { error: { code: 'server_error', message: 'x' } });

const named = (stream: string): JsonObject[] => payloads(stream);
const typesOf = (stream: string): unknown[] => named(stream).map(({ type }) => type);

describe('an incomplete response', () => {
  it('in the middle of a block closes the block before the end of a Messages stream', () => {
    expect(typesOf(encode(messages, decode(responses, INCOMPLETE)))).toEqual([
      'message_start',
      'content_block_start',
      'content_block_delta',
      'content_block_stop',
      'message_delta',
      'message_stop',
    ]);
  });

  it('is one for its length, with all of its usage', () => {
    const events = decode(responses, INCOMPLETE);
    expect(events.at(-1)).toEqual({ type: 'finish', reason: 'length' });
    expect(usageOf(events)).toMatchObject({
      input: { inUncached: 40, inCacheRead: 60 },
      output: { outText: 10, outReasoning: 20 },
      final: true,
    });
    const [last] = named(encode(chat, events)).filter(({ usage }) => usage);
    expect(last?.['usage']).toMatchObject({
      completion_tokens: 30,
      completion_tokens_details: { reasoning_tokens: 20 },
    });
    expect(encode(chat, events)).toContain('"finish_reason":"length"');
  });
});

describe('a failed response', () => {
  it('has its usage metered before its error', () => {
    const events = decode(responses, FAILED);
    expect(usageOf(events)).toMatchObject({ output: { outText: 10, outReasoning: 20 } });
    expect(events.at(-1)).toMatchObject({ type: 'error' });
  });
});

function usageOf(events: readonly ChatEvent[]): unknown {
  const event = events.findLast(({ type }) => type === 'usage');
  return event?.type === 'usage' ? event.usage : undefined;
}

describe('counts in detail', () => {
  it('of caches survive the way from Responses to a Chat stream', () => {
    const written = named(encode(chat, decode(responses, INCOMPLETE)));
    const [usage] = written.flatMap((chunk) => (chunk['usage'] ? [chunk['usage']] : []));
    expect(usage).toMatchObject({
      prompt_tokens: 100,
      prompt_tokens_details: { cached_tokens: 60 },
    });
  });

  it('are numbers for a Responses client, whatever the provider told', () => {
    const told = [undefined, { prompt_tokens: 5, completion_tokens: 7 }].map((usage) =>
      decode(chat, chatStream(chatChunk({ content: 'a' }, 'stop', { usage }))),
    );
    for (const events of [...told, decode(messages, fixture('messages'))]) {
      const last = named(encode(responses, events)).at(-1)?.['response'] as JsonObject;
      expect(last['usage']).toMatchObject({
        input_tokens: expect.any(Number) as number,
        input_tokens_details: { cached_tokens: expect.any(Number) as number },
        output_tokens: expect.any(Number) as number,
        output_tokens_details: { reasoning_tokens: expect.any(Number) as number },
        total_tokens: expect.any(Number) as number,
      });
    }
  });
});

describe('the events of a Responses stream', () => {
  it('are numbered without a gap, and every response in them has its format', () => {
    for (const [protocol, name] of [
      [chat, 'chat'],
      [messages, 'messages'],
      [PROTOCOLS.gemini, 'gemini'],
    ] as const) {
      const written = named(encode(responses, decode(protocol, fixture(name))));
      expect(written.map(({ sequence_number: number }) => number)).toEqual([...written.keys()]);
      const shown = written.flatMap(({ response }) => (response ? [response as JsonObject] : []));
      expect(shown).toHaveLength(3);
      for (const { text } of shown) expect(text).toMatchObject({ format: { type: 'text' } });
    }
  });

  it.each(['nothing', 'a text', 'a call'])(
    'end as failed where the provider is lost after %s',
    (what) => {
      const begun: Readonly<Record<string, ChatEvent[]>> = {
        nothing: [],
        'a text': [{ type: 'text', text: 'a' }],
        'a call': [{ type: 'tool_call', call: 0, id: 'c', name: 'f' }],
      };
      const written = encode(responses, [
        { type: 'start', id: 'x', model: 'm' },
        ...(begun[what] ?? []),
        { type: 'error', error: new HubError('upstream_broke_off') },
      ]);
      expect(typesOf(written)[0]).toBe('response.created');
      expect(typesOf(written).at(-1)).toBe('response.failed');
      // On the way on which the bytes pass, after the first event and after none.
      const created = responsesStream({ type: 'response.created', response: { id: 'resp_1' } });
      for (const passed of ['', created]) {
        const decoder = responses.decodeEvents({
          outputCapField: 'max_completion_tokens',
          streamUsageOption: true,
        });
        for (const event of frames(passed)) decoder.push(event);
        const lost = decoder.failure?.(new HubError('upstream_broke_off'), CONTEXT.requestId) ?? '';
        expect(typesOf(lost).at(-1)).toBe('response.failed');
      }
    },
  );
});
