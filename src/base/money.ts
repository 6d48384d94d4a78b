// Money is bigint nano-dollars (10^-9 USD) everywhere; prices are nano-dollars per million units.
// Floating point never touches an amount. The one rounding of a request happens in `chargeNanos`,
// upwards, after the markup, so that nothing is ever free by rounding.

import { HubError } from './errors.ts';

/** Nano-dollars: 1 USD = 1_000_000_000n. */
export type Nanos = bigint;

export const NANOS_PER_USD = 1_000_000_000n;
const UNITS_PER_PRICE = 1_000_000n;
/** Basis points of the whole: a markup of 550 makes 10 550 of 10 000. */
const WHOLE_BPS = 10_000n;
const UNITS_PER_MARKUP = UNITS_PER_PRICE * WHOLE_BPS;
const BPS_DIGITS = 4;
const FRACTION_DIGITS = 9;
const MILLION_DIGITS = 6;

/** One class of units (tokens, mostly) with its price in nano-dollars per million units. */
export interface PricedQuantity {
  readonly quantity: bigint;
  readonly nanosPerMillion: Nanos;
}

/** The sum of all lines with a markup in basis points, rounded up once to a whole nano-dollar. */
export function chargeNanos(lines: readonly PricedQuantity[], markupBps = 0): Nanos {
  let femtos = 0n;
  for (const line of lines) femtos += line.quantity * line.nanosPerMillion;
  return roundUpNanos(femtos, markupBps);
}

/** An exact sum in 10^-15 dollars with its markup (>= -10 000 basis points), rounded up once. */
export function roundUpNanos(femtos: bigint, markupBps: number): Nanos {
  if (markupBps === 0) return (femtos + UNITS_PER_PRICE - 1n) / UNITS_PER_PRICE;
  return (femtos * (WHOLE_BPS + BigInt(markupBps)) + UNITS_PER_MARKUP - 1n) / UNITS_PER_MARKUP;
}

/** How many units `budget` buys at most at this price; the inverse of `chargeNanos` for one line. */
export function affordableUnits(budget: Nanos, nanosPerMillion: Nanos, markupBps = 0): bigint {
  const unit = nanosPerMillion * (WHOLE_BPS + BigInt(markupBps));
  return (budget * UNITS_PER_PRICE * WHOLE_BPS) / unit;
}

/** Parses a decimal dollar amount such as `12.5` exactly; more than nine decimals are refused. */
export function parseUsd(text: string): Nanos {
  const match = /^(-?)(\d{1,10})(?:\.(\d{1,9}))?$/.exec(text.trim());
  if (!match) {
    throw new HubError('invalid_request', {
      message: 'An amount is a decimal number of dollars with at most nine decimals.',
    });
  }
  const [, sign, whole, fraction = ''] = match;
  const nanos = BigInt(`${whole}${fraction.padEnd(FRACTION_DIGITS, '0')}`);
  return sign === '-' ? -nanos : nanos;
}

/** The exact decimal text of an amount, without trailing zeros: `12.5`, `0.000000001`. */
export function formatUsd(nanos: Nanos): string {
  return formatDecimal(nanos, FRACTION_DIGITS);
}

/** A price, with its markup, as exact decimal dollars for one unit: `0.000002`. */
export function formatUsdPerUnit(nanosPerMillion: Nanos, markupBps = 0): string {
  const price = nanosPerMillion * (WHOLE_BPS + BigInt(markupBps));
  return formatDecimal(price, FRACTION_DIGITS + MILLION_DIGITS + BPS_DIGITS);
}

/** The lesser of two amounts (Math.min does not take bigint). */
export function lesser(a: Nanos, b: Nanos): Nanos {
  return a < b ? a : b;
}

/** The exact decimal text of `value` times 10^-digits, without trailing zeros. */
export function formatDecimal(value: bigint, digits: number): string {
  const negative = value < 0n;
  const text = (negative ? -value : value).toString().padStart(digits + 1, '0');
  const whole = text.slice(0, text.length - digits);
  const fraction = text.slice(text.length - digits).replace(/0+$/, '');
  return `${negative ? '-' : ''}${whole}${fraction && `.${fraction}`}`;
}
