// The reduction of Responses usage to disjoint classes, also of reports that cannot be true.

import { describe, expect, it } from 'vitest';
import type { ReportedUsage } from '../../../src/chat/usage.ts';
import { PROTOCOLS } from '../../../src/protocols/list.ts';
import { CONTEXT, decode, QUIRKS, responsesStream } from '../streams.ts';

const responses = PROTOCOLS['openai-responses'];

function usageOf(usage: unknown, more: object = {}): ReportedUsage | undefined {
  const reply = { id: 'resp_1', output: [], status: 'completed', usage, ...more };
  const events = responses.decodeReply(JSON.parse(JSON.stringify(reply)), QUIRKS);
  return events.flatMap((event) => (event.type === 'usage' ? [event.usage] : [])).at(-1);
}

const WHOLE = {
  input_tokens: 100,
  input_tokens_details: { cached_tokens: 60, cache_write_tokens: 10 },
  output_tokens: 40,
  output_tokens_details: { reasoning_tokens: 15 },
  total_tokens: 140,
};

describe('Responses usage', () => {
  it('counts every token in one class', () => {
    expect(usageOf(WHOLE)).toEqual({
      input: {
        inUncached: 30,
        inCacheRead: 60,
        inCacheWrite5m: 0,
        inCacheWrite1h: 0,
        inCacheWriteOther: 10,
      },
      output: { outText: 25, outReasoning: 15 },
      final: true,
    });
  });

  it('tells silence about caches from zero', () => {
    const plain = { input_tokens: 7, output_tokens: 2 };
    expect(usageOf(plain)?.cacheUnknown).toBe(true);
    const told = { ...plain, input_tokens_details: { cached_tokens: 0 } };
    expect(usageOf(told)).not.toHaveProperty('cacheUnknown');
  });

  it.each([
    ['not_a_count', { ...WHOLE, input_tokens: -1 }],
    ['not_a_count', { ...WHOLE, output_tokens: '40' }],
    ['not_a_count', { ...WHOLE, output_tokens_details: 'many' }],
    ['parts_exceed_whole', { ...WHOLE, input_tokens_details: { cached_tokens: 101 } }],
    ['parts_exceed_whole', { ...WHOLE, output_tokens_details: { reasoning_tokens: 41 } }],
    ['total_does_not_reconcile', { ...WHOLE, total_tokens: 141 }],
    ['unpriced_class', { ...WHOLE, num_server_side_tools_used: 1 }],
  ])('marks as %s', (problem, usage) => {
    expect(usageOf(usage)?.problem).toBe(problem);
  });

  it("marks the use of a provider's own tools", () => {
    const idle = { web_search: { num_requests: 0 }, image_gen: { total_tokens: 0 } };
    expect(usageOf(WHOLE, { tool_usage: idle })).not.toHaveProperty('problem');
    const searched = { tool_usage: { ...idle, web_search: { num_requests: 2 } } };
    expect(usageOf(WHOLE, searched)?.problem).toBe('unpriced_class');
  });

  it('names the tier that served, which the start of a stream only announces', () => {
    expect(usageOf(WHOLE, { service_tier: 'priority' })?.serviceTier).toBe('priority');
    const response = { id: 'r', service_tier: 'flex' };
    const stream = responsesStream(
      { type: 'response.created', response },
      {
        type: 'response.completed',
        response: { ...response, service_tier: 'default', output: [], usage: WHOLE },
      },
    );
    const usages = decode(responses, stream).flatMap((event) =>
      event.type === 'usage' ? [event.usage] : [],
    );
    expect(usages[0]).toEqual({ serviceTier: 'flex', final: false });
    expect(usages.at(-1)).not.toHaveProperty('serviceTier');
  });

  it.each(['completed', 'incomplete', 'failed'])('is read of a response that is %s', (status) => {
    const response = { id: 'r', output: [], usage: WHOLE, error: { code: 'server_error' } };
    const events = decode(responses, responsesStream({ type: `response.${status}`, response }));
    expect(events).toContainEqual(
      expect.objectContaining({ type: 'usage', usage: expect.objectContaining({ final: true }) }),
    );
  });

  it('is written with every number, also where nothing is known', () => {
    const usage = responses.encodeReply([{ type: 'finish', reason: 'stop' }], CONTEXT)['usage'];
    expect(usage).toEqual({
      input_tokens: 0,
      input_tokens_details: { cached_tokens: 0, cache_write_tokens: 0 },
      output_tokens: 0,
      output_tokens_details: { reasoning_tokens: 0 },
      total_tokens: 0,
    });
  });
});
