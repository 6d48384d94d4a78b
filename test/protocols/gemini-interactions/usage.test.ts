// What an interaction used, in disjoint classes.

import { describe, expect, it } from 'vitest';
import type { ReportedUsage } from '../../../src/chat/usage.ts';
import { answerOf, CONTEXT } from '../streams.ts';
import { completed, created, delta, interactions, read, readWhole, text } from './wire.ts';

const WHOLE = {
  total_input_tokens: 100,
  total_cached_tokens: 60,
  total_output_tokens: 25,
  total_thought_tokens: 15,
  total_tool_use_tokens: 0,
  total_tokens: 140,
};

function usageOf(usage: object, more: object = {}): ReportedUsage | undefined {
  const whole = answerOf(readWhole({ status: 'completed', usage, ...more })).usage;
  expect(answerOf(read(created, completed('completed', { usage, ...more }))).usage).toEqual(whole);
  return whole;
}

describe('the usage of an interaction', () => {
  it('has thoughts beside the output, and the cached part inside the input', () => {
    expect(usageOf(WHOLE)).toEqual({
      input: {
        inUncached: 40,
        inCacheRead: 60,
        inCacheWrite5m: 0,
        inCacheWrite1h: 0,
        inCacheWriteOther: 0,
      },
      output: { outText: 25, outReasoning: 15 },
      final: true,
    });
  });

  it('has what tools put into the prompt on top of the input', () => {
    const usage = { ...WHOLE, total_tool_use_tokens: 8, total_tokens: 148 };
    expect(usageOf(usage)?.input?.inUncached).toBe(48);
    expect(usageOf(usage)?.problem).toBeUndefined();
  });

  it.each([
    [{ total_input_tokens: -1 }, 'not_a_count'],
    [{ total_output_tokens: 1.5 }, 'not_a_count'],
    [{ total_cached_tokens: 101 }, 'parts_exceed_whole'],
    [{ total_tokens: 141 }, 'total_does_not_reconcile'],
    [{ output_tokens_by_modality: [{ modality: 'video', tokens: 3 }] }, 'unpriced_class'],
    [{ output_tokens_by_modality: [{ modality: 'image', tokens: 3 }] }, undefined],
    [{ input_tokens_by_modality: [{ modality: 'audio', tokens: 3 }] }, undefined],
    [{ input_tokens_by_modality: [{ modality: 'audio', tokens: 101 }] }, 'parts_exceed_whole'],
    [{ grounding_tool_count: [{ type: 'google_search', count: 2 }] }, 'unpriced_class'],
    [{ grounding_tool_count: [{ type: 'google_search', count: 0 }] }, undefined],
    [{ input_tokens_by_modality: [{ modality: 'image', tokens: 90 }] }, undefined],
  ])('is believed or not: %j, %s', (more, problem) => {
    expect(usageOf({ ...WHOLE, ...more })?.problem).toBe(problem);
  });

  it('names the tier in which it was served', () => {
    expect(usageOf(WHOLE, { service_tier: 'flex' })?.serviceTier).toBe('flex');
    expect(usageOf(WHOLE, { service_tier: 'standard' })?.serviceTier).toBeUndefined();
  });

  it('runs along in a stream: the last report counts, and none is added up', () => {
    const early = { ...WHOLE, total_output_tokens: 1, total_tokens: 116 };
    const piece = { ...delta(0, text('a')), metadata: { total_usage: early } };
    const update = { event_type: 'interaction.status_update', status: 'in_progress', usage: early };
    const cut = read(created, piece, update);
    const reports = cut.flatMap((event) => (event.type === 'usage' ? [event.usage] : []));
    expect(reports.map(({ final, output }) => [final, output?.outText])).toEqual([
      [false, 1],
      [false, 1],
    ]);
    const whole = answerOf(read(created, piece, update, completed('completed', { usage: WHOLE })));
    expect(whole.usage).toMatchObject({ final: true, output: { outText: 25 } });
  });

  it('is written as it was read, and not at all while a side of it is unknown', () => {
    const events = readWhole({ status: 'completed', usage: WHOLE });
    expect(interactions.encodeReply(events, CONTEXT)['usage']).toEqual(WHOLE);
    const usage = { total_input_tokens: 3 };
    const half = interactions.encodeReply(readWhole({ status: 'completed', usage }), CONTEXT);
    expect(half).not.toHaveProperty('usage');
  });
});
