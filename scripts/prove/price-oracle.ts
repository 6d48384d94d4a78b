// What a usage must cost, worked out beside the product: published decimals become numerators over
// one common denominator, everything is multiplied out, and a single division at the very end says
// how many whole nano-dollars, and whether one more. Nothing of src/ is used.

/** Decimal dollars by published name, or `free`. */
type Figures = Readonly<Record<string, string>>;

export interface Published {
  readonly rates: Figures;
  readonly longContext: readonly { readonly above: number; readonly rates: Figures }[];
  readonly serviceTiers: Readonly<Record<string, string | { readonly rates: Figures }>>;
}

interface Used {
  readonly tokens: Readonly<Record<string, number>>;
  readonly units: Readonly<Record<string, number>>;
  readonly serviceTier?: string;
}

export interface OracleCost {
  readonly priceId: string;
  readonly providerCostNanos: bigint;
  readonly costNanos: bigint;
}

export interface Oracle {
  /** Undefined where something of it is not sold. */
  cost(used: Used, markupBps: number): OracleCost | undefined;
}

/** Every rate is a fraction of this many nano-dollars: 10^24, and 60 million for minutes and millions. */
const DENOMINATOR = 10n ** 24n * 60_000_000n;
const NAME = 'prover/model@2026-11-23';

/** Which class a figure prices, and how many of its units it is for. */
const FIGURES: Readonly<Record<string, readonly [className: string, forUnits: number]>> = {
  input: ['inUncached', 1e6],
  cacheRead: ['inCacheRead', 1e6],
  cacheWrite: ['inCacheWriteOther', 1e6],
  cacheWrite5m: ['inCacheWrite5m', 1e6],
  cacheWrite1h: ['inCacheWrite1h', 1e6],
  audioInput: ['inAudio', 1e6],
  audioCacheRead: ['inAudioCacheRead', 1e6],
  imageInput: ['inImage', 1e6],
  imageCacheRead: ['inImageCacheRead', 1e6],
  output: ['outText', 1e6],
  reasoning: ['outReasoning', 1e6],
  audioOutput: ['outAudio', 1e6],
  imageOutput: ['outImage', 1e6],
  image: ['images', 1],
  audioMinute: ['audioMs', 60_000],
  audioSecond: ['audioMs', 1_000],
  character: ['characters', 1],
  millionCharacters: ['characters', 1e6],
  searchUnit: ['searchUnits', 1],
};

/** Numerators by class. */
type Numerators = ReadonlyMap<string, bigint>;

interface Step {
  readonly above: number;
  readonly numerators: Numerators;
}

/** Undefined where a figure is no whole number of nano-dollars for a million units. */
export function oracleOf(published: Published): Oracle | undefined {
  const standard = stepsOf([{ above: 0, rates: published.rates }, ...published.longContext], '1');
  const tiers = new Map<string, readonly Step[]>([['', standard]]);
  for (const [name, tier] of Object.entries(published.serviceTiers)) {
    const steps =
      typeof tier === 'string'
        ? stepsOf([{ above: 0, rates: published.rates }, ...published.longContext], tier)
        : stepsOf([{ above: 0, rates: tier.rates }], '1');
    tiers.set(name, steps);
  }
  const all = [...tiers.values()].flat().flatMap(({ numerators }) => [...numerators.values()]);
  if (all.some((numerator) => (numerator * 1_000_000n) % DENOMINATOR !== 0n)) return undefined;
  return { cost: (used, markupBps) => costOf(tiers.get(used.serviceTier ?? ''), used, markupBps) };
}

function costOf(
  steps: readonly Step[] | undefined,
  { tokens, units, serviceTier = '' }: Used,
  markupBps: number,
): OracleCost | undefined {
  const prompt =
    BigInt(tokens['inUncached'] ?? 0) +
    BigInt(tokens['inCacheRead'] ?? 0) +
    BigInt(tokens['inCacheWrite5m'] ?? 0) +
    BigInt(tokens['inCacheWrite1h'] ?? 0) +
    BigInt(tokens['inCacheWriteOther'] ?? 0) +
    BigInt(tokens['inAudio'] ?? 0) +
    BigInt(tokens['inAudioCacheRead'] ?? 0) +
    BigInt(tokens['inImage'] ?? 0) +
    BigInt(tokens['inImageCacheRead'] ?? 0);
  const step = steps?.reduce((chosen, each) => (prompt > BigInt(each.above) ? each : chosen));
  if (!step) return undefined;
  let total = 0n;
  for (const counts of [tokens, units]) {
    for (const name in counts) {
      const count = counts[name] ?? 0;
      if (count === 0) continue;
      const numerator = step.numerators.get(name);
      if (numerator === undefined) return undefined;
      total += numerator * BigInt(count);
    }
  }
  const cliff = step.above === 0 ? '' : `+${step.above}`;
  return {
    priceId: NAME + cliff + (serviceTier === '' ? '' : `/${serviceTier}`),
    providerCostNanos: wholeUp(total, DENOMINATOR),
    costNanos: wholeUp(total * BigInt(10_000 + markupBps), DENOMINATOR * 10_000n),
  };
}

function stepsOf(
  steps: readonly { readonly above: number; readonly rates: Figures }[],
  factor: string,
): Step[] {
  return steps.map(({ above, rates }) => {
    const numerators = new Map<string, bigint>();
    const figures = rates['reasoning'] ? rates : { ...rates, reasoning: rates['output'] ?? '0' };
    for (const [name, figure] of Object.entries(figures)) {
      const [className, forUnits] = FIGURES[name] ?? ['', 1];
      // Dollars for so many units, times 10^9 for nanos, times the factor, over the denominator.
      const [digits, shift] = digitsOf(figure === 'free' ? '0' : figure);
      const [factorDigits, factorShift] = digitsOf(factor);
      const scale = 10n ** BigInt(24 + 9 - shift - factorShift);
      numerators.set(className, digits * factorDigits * scale * BigInt(60_000_000 / forUnits));
    }
    return { above, numerators };
  });
}

/** `12.50` as 1250 and 2. */
function digitsOf(figure: string): readonly [digits: bigint, shift: number] {
  const point = figure.indexOf('.');
  return point < 0
    ? [BigInt(figure), 0]
    : [BigInt(figure.replace('.', '')), figure.length - point - 1];
}

function wholeUp(numerator: bigint, denominator: bigint): bigint {
  const whole = numerator / denominator;
  return whole * denominator === numerator ? whole : whole + 1n;
}
