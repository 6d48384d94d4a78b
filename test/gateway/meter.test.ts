import { describe, expect, test } from 'vitest';
import { type Quote, costOf } from '../../src/catalog/price.ts';
import { NO_TOKENS, NO_UNITS, type ReportedUsage } from '../../src/chat/usage.ts';
import { createMeter } from '../../src/gateway/meter.ts';
import { priceOf } from '../catalog/pricing.ts';

const INPUT = {
  inUncached: 7,
  inCacheRead: 3,
  inCacheWrite5m: 0,
  inCacheWrite1h: 0,
  inCacheWriteOther: 0,
};
const OUTPUT = { outText: 9, outReasoning: 2 };
const PROMPT = 50;
const MOST_TOKENS = 900;

const RATES = { input: '1', cacheRead: '0.1', output: '2' };

function quoteOf(modelId: string): Quote {
  const price = priceOf({ model: modelId, rates: RATES, serviceTiers: { flex: '0.5' } });
  return { modelId, price, markupBps: 0, atMs: 0 };
}

const ASKED = quoteOf('p/asked');
const OTHER = quoteOf('p/other');

function open() {
  return createMeter(ASKED, (name) => (name === 'other' ? OTHER : undefined), MOST_TOKENS);
}

function meterOf(text: string, ...reports: ReportedUsage[]) {
  const meter = open();
  meter.add({ type: 'start', id: '1', model: 'asked-2026-01-01' });
  meter.add({ type: 'text', text });
  for (const usage of reports) meter.add({ type: 'usage', usage });
  return meter;
}

describe('the meter of a complete answer', () => {
  test("believes the provider's last word", () => {
    const early = { input: INPUT, output: { outText: 1, outReasoning: 0 }, final: false };
    const late = { input: INPUT, output: OUTPUT, final: true };
    expect(meterOf('abcdefgh', early, late).complete(PROMPT)).toEqual({
      usage: {
        tokens: { ...NO_TOKENS, ...INPUT, ...OUTPUT },
        units: NO_UNITS,
        source: 'provider',
      },
      quote: ASKED,
      cost: costOf(ASKED, { tokens: { ...NO_TOKENS, ...INPUT, ...OUTPUT }, units: NO_UNITS }),
    });
  });

  test('takes an explicit zero as zero', () => {
    const zero = {
      input: { ...INPUT, inUncached: 0, inCacheRead: 0 },
      output: { outText: 0, outReasoning: 0 },
      final: true,
    };
    expect(meterOf('abcdefgh', zero).complete(PROMPT).usage).toMatchObject({
      tokens: NO_TOKENS,
      source: 'provider',
    });
  });

  test('estimates where nothing was reported: a token for four bytes, begun ones whole', () => {
    const meter = meterOf('héllo');
    meter.add({ type: 'thinking', text: 'abcde' });
    meter.add({ type: 'tool_call', call: 0, id: 'c', name: 'look' });
    meter.add({ type: 'tool_arguments', call: 0, json: '{}' });
    expect(meter.complete(PROMPT).usage).toMatchObject({
      tokens: { ...NO_TOKENS, inUncached: PROMPT, outText: 3, outReasoning: 2 },
      source: 'estimated',
    });
  });

  test('does not believe a report with a problem, not even its sound half', () => {
    const broken = { input: INPUT, final: true, problem: 'parts_exceed_whole' as const };
    expect(meterOf('abcdefgh', broken).complete(PROMPT).usage).toMatchObject({
      tokens: { ...NO_TOKENS, inUncached: PROMPT, outText: 2 },
      source: 'unreadable',
    });
  });

  test.each<[string, Partial<ReportedUsage>]>([
    ['a class', { input: { ...INPUT, inCacheWrite1h: 1 } }],
    ['a unit', { units: { images: 1 } }],
    ['a service tier', { serviceTier: 'scale' }],
  ])('does not believe a report of %s that has no price', (_, more) => {
    const report = { input: INPUT, output: OUTPUT, final: true, ...more };
    expect(meterOf('abcdefgh', report).complete(PROMPT).usage).toEqual({
      tokens: { ...NO_TOKENS, inUncached: PROMPT, outText: 2 },
      units: NO_UNITS,
      source: 'unreadable',
    });
  });

  test('keeps the tier of the last report', () => {
    const flex = { input: INPUT, output: OUTPUT, serviceTier: 'flex', final: true };
    const tierless = { input: INPUT, output: OUTPUT, final: true };
    const tierOf = (...reports: ReportedUsage[]) =>
      meterOf('x', ...reports).complete(PROMPT).usage.serviceTier;
    expect(tierOf(flex)).toBe('flex');
    expect(tierOf(flex, tierless)).toBeUndefined();
  });
});

describe('the model that served', () => {
  const report = { input: INPUT, output: OUTPUT, final: true };
  const served = (model: string, fallbackModel?: string) => {
    const meter = open();
    meter.add({ type: 'start', id: '1', model });
    const usage = { ...report, ...(fallbackModel !== undefined && { fallbackModel }) };
    meter.add({ type: 'usage', usage });
    return meter.complete(PROMPT);
  };

  test('is the one asked for under whatever name of its own', () => {
    for (const name of ['asked', 'asked-2026-01-01', '', 'stand-in']) {
      expect(served(name)).toMatchObject({ quote: ASKED, usage: { source: 'provider' } });
    }
  });

  test('is another of the hub’s where the answer names it', () => {
    expect(served('other')).toMatchObject({ quote: OTHER, usage: { source: 'provider' } });
    expect(served('asked', 'other')).toMatchObject({ quote: OTHER });
    expect(served('other', '')).toMatchObject({ quote: OTHER });
  });

  test('must be known where the provider says that it fell back', () => {
    expect(served('asked-2026-01-01', 'stranger')).toMatchObject({
      quote: ASKED,
      usage: { source: 'unreadable' },
    });
  });
});

describe('the meter of an answer that was cut', () => {
  test('takes the reported input and estimates what was delivered', () => {
    const start = { input: INPUT, output: { outText: 40, outReasoning: 0 }, final: false };
    expect(meterOf('abcdefgh', start).cut(PROMPT).usage).toMatchObject({
      tokens: { ...NO_TOKENS, ...INPUT, outText: 2 },
      source: 'partial',
    });
  });

  test('takes the final report where it came before the cut', () => {
    const final = { input: INPUT, output: { outText: 40, outReasoning: 0 }, final: true };
    expect(meterOf('abcdefgh', final).cut(PROMPT).usage.source).toBe('provider');
  });

  test('is priced in the tier that was named before the cut', () => {
    const usage = meterOf('abcdefgh', { serviceTier: 'flex', final: false }).cut(PROMPT).usage;
    expect(usage).toMatchObject({ serviceTier: 'flex', source: 'estimated' });
  });

  test('charges the prompt of a request that was cut before anything came', () => {
    expect(open().cut(PROMPT).usage).toEqual({
      tokens: { ...NO_TOKENS, inUncached: PROMPT },
      units: NO_UNITS,
      source: 'estimated',
    });
  });
});

describe('the meter of sound and pictures', () => {
  test('sets the most that they can be aside where their count has not come', () => {
    const rates = { input: '1', output: '2', imageOutput: '30', audioOutput: '64' };
    const cost = (sold: Record<string, string>) => {
      const price = priceOf({ model: 'p/m', rates: sold });
      const meter = createMeter(
        { modelId: 'p/m', price, markupBps: 0, atMs: 0 },
        () => undefined,
        9,
      );
      meter.add({ type: 'usage', usage: { final: false, problem: 'uncounted' } });
      const { usage, cost: due } = meter.cut(PROMPT);
      expect(usage.source).toBe('unreadable');
      return due?.costNanos;
    };
    expect(cost(rates)).toBe(50n * 1_000n + 9n * 30_000n);
    expect(cost({ input: '1', output: '2', audioOutput: '64' })).toBe(50n * 1_000n + 9n * 64_000n);
    expect(cost({ input: '1', output: '2' })).toBe(50n * 1_000n);
  });
});
