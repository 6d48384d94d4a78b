// Amounts as text, from the decimal text that the hub sends: bigint all the way, never floats.

const NANO_DIGITS = 9;
const FEMTO_DIGITS = 15;
const ZEPTO_DIGITS = 21;
/** A basis point is a ten-thousandth. */
const WHOLE_BPS = 10_000;
const BPS_DIGITS = 4;
const CENT = 10_000_000n;
const MICRO = 1_000n;

/** `$12.35` from a cent upwards, six decimals below: `$0.000012`. Nearest, half away from zero. */
export function roundedUsd(nanos: string): string {
  const amount = BigInt(nanos);
  const size = amount < 0n ? -amount : amount;
  if (size > 0n && size < MICRO) return amount < 0n ? '−<$0.000001' : '<$0.000001';
  const isSmall = size > 0n && size < CENT;
  const rounded = roundTo(size, isSmall ? MICRO : CENT) * (amount < 0n ? -1n : 1n);
  return decimalUsd(rounded, NANO_DIGITS, isSmall ? 6 : 2);
}

/** Every decimal of an amount of nano-dollars, at least two: `$0.075`, `$5.00`. */
export function exactUsd(nanos: string): string {
  return decimalUsd(BigInt(nanos), NANO_DIGITS, 2);
}

/** Every decimal of an amount in 10^-15 dollars, as receipt lines carry it before rounding. */
export function exactUsdOfFemtos(femtos: string): string {
  return decimalUsd(BigInt(femtos), FEMTO_DIGITS, 2);
}

/** Every decimal of an amount in 10^-21 dollars, as markup and rounding of a receipt carry it. */
export function exactUsdOfZeptos(zeptos: string): string {
  return decimalUsd(BigInt(zeptos), ZEPTO_DIGITS, 2);
}

/** Every decimal of a price of nano-dollars with a markup in basis points on it. */
export function exactUsdWithMarkup(nanos: string, markupBps: number): string {
  const amount = BigInt(nanos) * BigInt(WHOLE_BPS + markupBps);
  return decimalUsd(amount, NANO_DIGITS + BPS_DIGITS, 2);
}

/** Basis points as per cent: `5.5 %`. */
export function percentOf(bps: number): string {
  return `${String(bps / 100).replace('-', '−')} %`;
}

function roundTo(size: bigint, unit: bigint): bigint {
  return ((size + unit / 2n) / unit) * unit;
}

function decimalUsd(amount: bigint, digits: number, minDecimals: number): string {
  const text = (amount < 0n ? -amount : amount).toString().padStart(digits + 1, '0');
  const whole = text.slice(0, -digits).replace(/\B(?=(\d{3})+$)/g, ',');
  const fraction = text.slice(-digits).replace(/0+$/, '').padEnd(minDecimals, '0');
  return `${amount < 0n ? '−' : ''}$${whole}.${fraction}`;
}
