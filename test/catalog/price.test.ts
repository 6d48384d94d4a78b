import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { openCatalog } from '../../src/catalog/catalog.ts';
import { costOf, definePrice, tierFor, worstCase } from '../../src/catalog/price.ts';
import { NO_TOKENS, TOKEN_CLASSES, type TokenCounts, inputTokens } from '../../src/chat/usage.ts';
import { PROVIDERS } from '../../src/providers/list.ts';

const everything = openCatalog(
  new Map(
    PROVIDERS.map(({ id }) => [
      id,
      { baseUrl: 'http://127.0.0.1:9/v1', apiKey: 'k', privateNetwork: true },
    ]),
  ),
);

const counts = fc.record(
  Object.fromEntries(TOKEN_CLASSES.map((name) => [name, fc.nat({ max: 400_000 })])),
) as fc.Arbitrary<TokenCounts>;

describe('prices', () => {
  test('cost what the published dollars say, class by class, to the nano-dollar', () => {
    fc.assert(
      fc.property(fc.constantFrom(...everything.models), counts, ({ price }, tokens) => {
        const prompt = inputTokens(tokens);
        const tier = price.tiers.filter((candidate) => prompt > candidate.abovePromptTokens).at(-1);
        const rates = (tier ?? price.tiers[0])!.rates;
        let femtos = 0n;
        for (const name of TOKEN_CLASSES) femtos += BigInt(tokens[name]) * rates[name];
        const cost = costOf(price, tokens);
        expect(cost.costNanos).toBe(femtos / 1_000_000n + (femtos % 1_000_000n === 0n ? 0n : 1n));
        expect(cost.priceId).toBe((tier ?? price.tiers[0])!.priceId);
      }),
      { numRuns: 2_000 },
    );
  });

  test('never exceed the worst case that was held for the same prompt and cap', () => {
    fc.assert(
      fc.property(
        fc.constantFrom(...everything.models),
        counts,
        fc.nat(1_000),
        ({ price }, tokens, slack) => {
          const prompt = inputTokens(tokens) + slack;
          const worst = worstCase(price, prompt);
          const output = BigInt(tokens.outText + tokens.outReasoning);
          const held =
            (BigInt(prompt) * worst.input + output * worst.output + 999_999n) / 1_000_000n;
          expect(costOf(price, tokens).costNanos <= held).toBe(true);
        },
      ),
      { numRuns: 2_000 },
    );
  });

  test('of a long prompt hold for the whole request, at the token after the threshold', () => {
    const price = definePrice(
      'm',
      '2026-01-01',
      { input: '1', output: '2' },
      {
        above: 100,
        rates: { input: '10', output: '20' },
      },
    );
    const at = (inUncached: number) => costOf(price, { ...NO_TOKENS, inUncached, outText: 1 });
    expect(at(100)).toEqual({ priceId: 'm@2026-01-01', costNanos: 100_000n + 2_000n });
    expect(at(101)).toEqual({ priceId: 'm@2026-01-01+100', costNanos: 1_010_000n + 20_000n });
    const cached = { ...NO_TOKENS, inUncached: 1, inCacheRead: 50, inCacheWrite5m: 50 };
    expect(costOf(price, cached).priceId).toBe('m@2026-01-01+100');
  });

  test.each(['0', '-1'])('of %s are refused unless they are declared free', (input) => {
    expect(() => definePrice('m', '2026-01-01', { input, output: '1' })).toThrow(/is positive/);
  });

  test('have ids of their own', () => {
    const ids = everything.models.flatMap(({ price }) => price.tiers.map((tier) => tier.priceId));
    expect(new Set(ids).size).toBe(ids.length);
  });
});

describe('the catalogue', () => {
  test('finds a model by its id and, where it is the only one, by its bare name', () => {
    expect(everything.find('openai/gpt-4o')?.model.id).toBe('openai/gpt-4o');
    expect(everything.find('gpt-4o')?.model.id).toBe('openai/gpt-4o');
    expect(everything.find('echo')?.model.id).toBe('sandbox/echo');
    for (const name of ['', 'gpt', 'openai/', 'openai/echo', '__proto__', 'toString']) {
      expect(everything.find(name)).toBeUndefined();
    }
  });

  test('knows no model of a provider that is off', () => {
    const none = openCatalog(new Map());
    expect(none.models).toEqual([]);
    expect(none.find('openai/gpt-4o')).toBeUndefined();
  });

  test('passes any sound name on to a server of the operator, free and declared so', () => {
    const route = everything.find('ollama/qwen3:8b');
    expect(route?.model).toMatchObject({ id: 'ollama/qwen3:8b', upstreamModel: 'qwen3:8b' });
    expect(route?.model.price.free).toBe(true);
    expect(tierFor(route!.model.price, 5).rates.outText).toBe(0n);
    for (const name of ['ollama/', 'ollama/a b', 'ollama/\n', `ollama/${'x'.repeat(101)}`]) {
      expect(everything.find(name)).toBeUndefined();
    }
  });
});
