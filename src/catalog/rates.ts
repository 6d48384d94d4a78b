// What can have a price, and how a published figure becomes a rate: decimal dollars for a million
// tokens, an image, a minute of audio and so on become nano-dollars per million units of a class,
// exactly or not at all. A class without a rate is not sold.

import type { Nanos } from '../base/money.ts';
import { TOKEN_CLASSES, UNIT_CLASSES, type TokenClass, type UnitClass } from '../chat/usage.ts';

export type PricedClass = TokenClass | UnitClass;

export const PRICED_CLASSES: readonly PricedClass[] = Object.freeze([
  ...TOKEN_CLASSES,
  ...UNIT_CLASSES,
]);

/** Nano-dollars per million units; zero was declared free, what is absent is not sold. */
export type Rates = Readonly<Partial<Record<PricedClass, Nanos>>>;

interface PublishedUnit {
  readonly priced: PricedClass;
  /** How many units of the class the published figure is for. */
  readonly units: bigint;
}

const MILLION = 1_000_000n;

/** The names under which price lists give figures. */
export const PUBLISHED_UNITS = Object.freeze({
  input: { priced: 'inUncached', units: MILLION },
  cacheRead: { priced: 'inCacheRead', units: MILLION },
  /** One class of cache writes, as OpenAI has it. */
  cacheWrite: { priced: 'inCacheWriteOther', units: MILLION },
  cacheWrite5m: { priced: 'inCacheWrite5m', units: MILLION },
  cacheWrite1h: { priced: 'inCacheWrite1h', units: MILLION },
  /** Tokens of sound and pictures, where they are counted apart from those of text. */
  audioInput: { priced: 'inAudio', units: MILLION },
  audioCacheRead: { priced: 'inAudioCacheRead', units: MILLION },
  imageInput: { priced: 'inImage', units: MILLION },
  imageCacheRead: { priced: 'inImageCacheRead', units: MILLION },
  output: { priced: 'outText', units: MILLION },
  /** Costs as the output does where it is not given. */
  reasoning: { priced: 'outReasoning', units: MILLION },
  audioOutput: { priced: 'outAudio', units: MILLION },
  imageOutput: { priced: 'outImage', units: MILLION },
  image: { priced: 'images', units: 1n },
  audioMinute: { priced: 'audioMs', units: 60_000n },
  audioSecond: { priced: 'audioMs', units: 1_000n },
  character: { priced: 'characters', units: 1n },
  millionCharacters: { priced: 'characters', units: MILLION },
  searchUnit: { priced: 'searchUnits', units: 1n },
} satisfies Record<string, PublishedUnit>);

export type RateName = keyof typeof PUBLISHED_UNITS;

/** Published figures as decimal dollars, or `free`. */
export type PublishedRates = Readonly<Partial<Record<RateName, string>>>;

export type RateFault = 'not_a_decimal' | 'negative' | 'zero' | 'inexact';

/** Digits of a figure, so that every amount that comes of it stays within 64 bits for long. */
const DECIMAL = /^(-?)(\d{1,7})(?:\.(\d{1,15}))?$/;
const FRACTION_DIGITS = 15;

/** The rate that a figure for so many units means, or why it means none. */
export function parseRate(text: string, units: bigint): Nanos | RateFault {
  if (text === 'free') return 0n;
  const femtos = parseFemtos(text);
  if (femtos === undefined) return 'not_a_decimal';
  if (femtos < 0n) return 'negative';
  if (femtos === 0n) return 'zero';
  // Dollars × 10^15 a unit are nano-dollars per million units.
  return femtos % units === 0n ? femtos / units : 'inexact';
}

/** A rate times a decimal factor such as `0.5`, exactly. */
export function multiplyRate(rate: Nanos, factor: string): Nanos | RateFault {
  const femtos = parseFemtos(factor);
  if (femtos === undefined) return 'not_a_decimal';
  if (femtos < 0n) return 'negative';
  if (femtos === 0n) return 'zero';
  const product = rate * femtos;
  const whole = 10n ** BigInt(FRACTION_DIGITS);
  return product % whole === 0n ? product / whole : 'inexact';
}

function parseFemtos(text: string): bigint | undefined {
  const match = DECIMAL.exec(text);
  if (!match) return undefined;
  const [, sign, whole, fraction = ''] = match;
  const femtos = BigInt(`${whole}${fraction.padEnd(FRACTION_DIGITS, '0')}`);
  return sign === '-' ? -femtos : femtos;
}

export function isRateName(name: string): name is RateName {
  return Object.hasOwn(PUBLISHED_UNITS, name);
}
