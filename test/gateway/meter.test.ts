import { describe, expect, test } from 'vitest';
import { NO_TOKENS, type ReportedUsage } from '../../src/chat/usage.ts';
import { createMeter } from '../../src/gateway/meter.ts';

const INPUT = {
  inUncached: 7,
  inCacheRead: 3,
  inCacheWrite5m: 0,
  inCacheWrite1h: 0,
  inCacheWriteOther: 0,
};
const PROMPT = 50;

function meterOf(text: string, ...reports: ReportedUsage[]) {
  const meter = createMeter();
  meter.add({ type: 'text', text });
  for (const usage of reports) meter.add({ type: 'usage', usage });
  return meter;
}

describe('the meter of a complete answer', () => {
  test("believes the provider's last word", () => {
    const early = { input: INPUT, output: { outText: 1, outReasoning: 0 }, final: false };
    const late = { input: INPUT, output: { outText: 9, outReasoning: 2 }, final: true };
    expect(meterOf('abcdefgh', early, late).complete(PROMPT)).toEqual({
      tokens: { ...NO_TOKENS, ...INPUT, outText: 9, outReasoning: 2 },
      source: 'provider',
    });
  });

  test('takes an explicit zero as zero', () => {
    const zero = {
      input: { ...INPUT, inUncached: 0, inCacheRead: 0 },
      output: { outText: 0, outReasoning: 0 },
      final: true,
    };
    expect(meterOf('abcdefgh', zero).complete(PROMPT)).toEqual({
      tokens: NO_TOKENS,
      source: 'provider',
    });
  });

  test('estimates where nothing was reported: a token for four bytes, begun ones whole', () => {
    const meter = meterOf('héllo');
    meter.add({ type: 'thinking', text: 'abcde' });
    meter.add({ type: 'tool_call', call: 0, id: 'c', name: 'look' });
    meter.add({ type: 'tool_arguments', call: 0, json: '{}' });
    expect(meter.complete(PROMPT)).toEqual({
      tokens: { ...NO_TOKENS, inUncached: PROMPT, outText: 3, outReasoning: 2 },
      source: 'estimated',
    });
  });

  test('does not believe a report with a problem, not even its sound half', () => {
    const broken = { input: INPUT, final: true, problem: 'parts_exceed_whole' as const };
    expect(meterOf('abcdefgh', broken).complete(PROMPT)).toEqual({
      tokens: { ...NO_TOKENS, inUncached: PROMPT, outText: 2 },
      source: 'unreadable',
    });
  });
});

describe('the meter of an answer that was cut', () => {
  test('takes the reported input and estimates what was delivered', () => {
    const start = { input: INPUT, output: { outText: 40, outReasoning: 0 }, final: false };
    expect(meterOf('abcdefgh', start).cut(PROMPT)).toEqual({
      tokens: { ...NO_TOKENS, ...INPUT, outText: 2 },
      source: 'partial',
    });
  });

  test('takes the final report where it came before the cut', () => {
    const final = { input: INPUT, output: { outText: 40, outReasoning: 0 }, final: true };
    expect(meterOf('abcdefgh', final).cut(PROMPT).source).toBe('provider');
  });

  test('charges the prompt of a request that was cut before anything came', () => {
    expect(createMeter().cut(PROMPT)).toEqual({
      tokens: { ...NO_TOKENS, inUncached: PROMPT },
      source: 'estimated',
    });
  });
});
