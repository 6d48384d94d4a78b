import { describe, expect, it } from 'vitest';
import { unitPriceOf } from '../../web/parts/unit-price.ts';

describe('a price on the pages', () => {
  it.each([
    ['outText', '10000000000', '10000000000', 'million'],
    ['images', '40000000000000', '40000000', 'image'],
    // $0.006 a minute, counted in milliseconds.
    ['audioMs', '100000000', '6000000', 'minute'],
    ['characters', '15000000000', '15000000000', 'million characters'],
    ['searchUnits', '2000000000000', '2000000', 'search unit'],
  ])('of %s is given for what people count', (name, perMillion, nanos, per) => {
    expect(unitPriceOf(name, perMillion)).toEqual({ nanos, per });
  });
});
