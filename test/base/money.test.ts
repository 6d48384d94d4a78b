import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  affordableUnits,
  chargeNanos,
  formatUsd,
  formatUsdPerUnit,
  parseUsd,
} from '../../src/base/money.ts';

describe('money', () => {
  test.each([
    ['0', 0n],
    ['10', 10_000_000_000n],
    ['2.5', 2_500_000_000n],
    ['0.000000001', 1n],
    ['-1.25', -1_250_000_000n],
  ])('%s dollars are exactly %d nano-dollars, both ways', (text, nanos) => {
    expect(parseUsd(text)).toBe(nanos);
    expect(formatUsd(nanos)).toBe(text);
  });

  test.each(['', '1e3', '.5', '1.', '0.0000000001', 'NaN', '1,5', '0x10', '99999999999', '1 000'])(
    '%j is no amount',
    (text) => expect(() => parseUsd(text)).toThrow(/decimal number of dollars/),
  );

  test('a charge is the exact sum, rounded up once', () => {
    const line = fc.record({
      quantity: fc.bigInt({ min: 0n, max: 10n ** 9n }),
      nanosPerMillion: fc.bigInt({ min: 0n, max: 10n ** 12n }),
    });
    fc.assert(
      fc.property(fc.array(line, { maxLength: 8 }), (lines) => {
        const exact = lines.reduce(
          (sum, { quantity, nanosPerMillion }) => sum + quantity * nanosPerMillion,
          0n,
        );
        const charge = chargeNanos(lines);
        expect(charge * 1_000_000n >= exact).toBe(true);
        expect(charge * 1_000_000n - exact < 1_000_000n).toBe(true);
      }),
    );
  });

  test('the smallest use of the cheapest thing is not free', () => {
    expect(chargeNanos([{ quantity: 1n, nanosPerMillion: 1n }])).toBe(1n);
  });

  test('what is affordable can be paid, and one more cannot', () => {
    const positive = fc.bigInt({ min: 1n, max: 10n ** 12n });
    fc.assert(
      fc.property(positive, positive, (budget, nanosPerMillion) => {
        const quantity = affordableUnits(budget, nanosPerMillion);
        expect(chargeNanos([{ quantity, nanosPerMillion }]) <= budget).toBe(true);
        expect(chargeNanos([{ quantity: quantity + 1n, nanosPerMillion }]) > budget).toBe(true);
      }),
    );
  });

  test('a price per million is shown exactly for one unit', () => {
    expect(formatUsdPerUnit(2_500_000_000n)).toBe('0.0000025');
    expect(formatUsdPerUnit(1n)).toBe('0.000000000000001');
  });
});
