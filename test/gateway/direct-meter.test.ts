// What an answer that is no conversation used, by prices of one kind of unit, of several and of none.

import { describe, expect, it } from 'vitest';
import { HubError } from '../../src/base/errors.ts';
import type { Quote } from '../../src/catalog/price.ts';
import type { Rates } from '../../src/catalog/rates.ts';
import { NO_TOKENS, NO_UNITS, type ReportedUsage } from '../../src/chat/usage.ts';
import { createDirectMeter } from '../../src/gateway/direct-meter.ts';
import type { RequestFacts } from '../../src/protocols/protocol.ts';

const PROMPT = 30;
const MOST_TOKENS = 100;
const INPUT = {
  inUncached: 8,
  inCacheRead: 0,
  inCacheWrite5m: 0,
  inCacheWrite1h: 0,
  inCacheWriteOther: 0,
};
const OUTPUT = { outText: 5, outReasoning: 0 };

function meterOf(
  rates: Rates,
  units: RequestFacts['units'] = {},
  more: Partial<RequestFacts> = {},
) {
  const tier = { priceId: 'm@1', serviceTier: undefined, abovePromptTokens: 0, rates };
  const price = { version: 'm@1', model: 'm', effectiveFromMs: 0, tiers: [tier] };
  const quote: Quote = { modelId: 'm', price, markupBps: 0, atMs: 0 };
  const facts: RequestFacts = {
    model: 'm',
    stream: false,
    choices: 1,
    includeUsage: false,
    images: 0,
    imageBytes: 0,
    unboundedInput: false,
    units,
    ...more,
  };
  const meter = createDirectMeter(quote, facts, MOST_TOKENS);
  const report = (usage: Omit<ReportedUsage, 'final'>) =>
    meter.add({ type: 'usage', usage: { ...usage, final: true } });
  return { meter, report };
}

const TOKENS: Rates = { inUncached: 10n, outText: 20n };
const begin = { type: 'start', id: '', model: '' } as const;

describe('an answer that came to its end', () => {
  it('is counted in what is sold, whatever else it reports', () => {
    const byImage = meterOf({ images: 5n }, { images: 1 });
    byImage.report({ units: { images: 1 }, input: INPUT, output: OUTPUT });
    expect(byImage.meter.complete(PROMPT).usage).toEqual({
      tokens: NO_TOKENS,
      units: { ...NO_UNITS, images: 1 },
      source: 'provider',
    });
    const byToken = meterOf(TOKENS, { images: 1 });
    byToken.report({ units: { images: 1 }, input: INPUT, output: OUTPUT });
    expect(byToken.meter.complete(PROMPT).usage).toEqual({
      tokens: { ...NO_TOKENS, ...INPUT, ...OUTPUT },
      units: NO_UNITS,
      source: 'provider',
    });
  });

  it('takes an explicit zero as zero', () => {
    const { meter, report } = meterOf({ audioMs: 5n }, { audioMs: 4_000 });
    report({ units: { audioMs: 0 } });
    expect(meter.complete(PROMPT).usage).toMatchObject({ units: NO_UNITS, source: 'provider' });
  });

  it('is counted as likely where it reports nothing', () => {
    const more = { likelyUnits: { searchUnits: 2 } };
    const { meter } = meterOf({ searchUnits: 5n }, { searchUnits: 7 }, more);
    expect(meter.complete(PROMPT).usage).toEqual({
      tokens: NO_TOKENS,
      units: { ...NO_UNITS, searchUnits: 2 },
      source: 'estimated',
    });
  });

  it('is partly told where two kinds are sold and one is reported', () => {
    const { meter, report } = meterOf({ inUncached: 10n, searchUnits: 5n }, { searchUnits: 7 });
    report({ units: { searchUnits: 3 } });
    expect(meter.complete(PROMPT).usage).toEqual({
      tokens: { ...NO_TOKENS, inUncached: PROMPT },
      units: { ...NO_UNITS, searchUnits: 3 },
      source: 'partial',
    });
  });

  it('is set aside at its most where nobody tells what it made', () => {
    const { meter } = meterOf(TOKENS, { images: 1 }, { choices: 3 });
    expect(meter.complete(PROMPT).usage).toEqual({
      tokens: { ...NO_TOKENS, inUncached: PROMPT, outText: 3 * MOST_TOKENS },
      units: NO_UNITS,
      source: 'unreadable',
    });
  });

  it('is set aside by the likely counts where the report has a fault', () => {
    const { meter, report } = meterOf({ images: 5n }, { images: 1 }, { choices: 2 });
    report({ units: { images: 9 }, problem: 'parts_exceed_whole' });
    expect(meter.complete(PROMPT).usage).toMatchObject({
      units: { ...NO_UNITS, images: 2 },
      source: 'unreadable',
    });
  });

  it('is set aside by the likely counts where it reports what is not sold', () => {
    const { meter, report } = meterOf({ inUncached: 10n });
    report({ input: INPUT, output: OUTPUT });
    expect(meter.complete(PROMPT).usage).toMatchObject({
      tokens: { ...NO_TOKENS, inUncached: PROMPT },
      source: 'unreadable',
    });
  });

  it('of a free model is an estimate, and nothing to look at', () => {
    const { meter } = meterOf({ inUncached: 0n, outText: 0n }, { characters: 9 });
    expect(meter.complete(PROMPT).usage.source).toBe('estimated');
  });
});

describe('an answer that was cut', () => {
  it('owes what the provider was given, not what it was to make', () => {
    const given = { audioMs: 4_000, searchUnits: 2, images: 1, characters: 9 };
    const rates = { audioMs: 1n, searchUnits: 1n, images: 1n, characters: 1n };
    expect(meterOf(rates, given).meter.cut(PROMPT).usage).toEqual({
      tokens: NO_TOKENS,
      units: { ...NO_UNITS, audioMs: 4_000, searchUnits: 2 },
      source: 'estimated',
    });
    expect(meterOf(TOKENS).meter.cut(PROMPT).usage.tokens).toEqual({
      ...NO_TOKENS,
      inUncached: PROMPT,
    });
  });

  it('owes an image once a part of it is there, and by the token the most that one can have', () => {
    const { meter } = meterOf({ images: 1n }, { images: 1 });
    meter.add(begin);
    expect(meter.cut(PROMPT).usage).toMatchObject({
      units: { ...NO_UNITS, images: 1 },
      source: 'estimated',
    });
    const byToken = meterOf(TOKENS, { images: 1 });
    byToken.meter.add(begin);
    expect(byToken.meter.cut(PROMPT).usage).toMatchObject({
      tokens: { ...NO_TOKENS, inUncached: PROMPT, outText: MOST_TOKENS },
      source: 'unreadable',
    });
  });

  it('owes text as far as it came, whole or cut, where nothing is reported', () => {
    const { meter, report } = meterOf(TOKENS);
    meter.add({ type: 'text', text: 'é' });
    meter.addText('text', 7);
    const tokens = { ...NO_TOKENS, inUncached: PROMPT, outText: 3 };
    expect(meter.cut(PROMPT).usage).toMatchObject({ tokens, source: 'estimated' });
    expect(meter.complete(PROMPT).usage).toMatchObject({ tokens, source: 'estimated' });
    report({ input: INPUT, output: OUTPUT });
    expect(meter.complete(PROMPT).usage.tokens).toEqual({ ...NO_TOKENS, ...INPUT, ...OUTPUT });
  });

  it('owes nothing where the provider failed, whatever had been given or delivered', () => {
    const rates: Rates = { inUncached: 10n, outText: 20n, audioMs: 1n };
    const { meter } = meterOf(rates, { audioMs: 4_000 });
    meter.add({ type: 'text', text: 'Hello' });
    meter.add({ type: 'error', error: new HubError('upstream_broke_off') });
    const metered = meter.cut(PROMPT);
    expect(metered.usage).toMatchObject({ tokens: NO_TOKENS, units: NO_UNITS });
    expect(metered.cost?.costNanos).toBe(0n);
  });

  it('owes all characters once it has begun, unless the provider failed', () => {
    const { meter } = meterOf({ characters: 1n }, { characters: 9 });
    meter.add(begin);
    expect(meter.cut(PROMPT).usage.units.characters).toBe(9);
    meter.add({ type: 'error', error: new HubError('upstream_broke_off') });
    expect(meter.cut(PROMPT).usage.units.characters).toBe(0);
  });
});
