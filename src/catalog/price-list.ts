// The text form of a price list: what the program's own data, an operator's file and the checks
// agree on. Reading it makes prices, or names every fault at once, each by its place in the list.

import { z } from 'zod';
import type { Nanos } from '../base/money.ts';
import type { Origin } from './price-book.ts';
import type { Price, PriceTier } from './price.ts';
import {
  PRICED_CLASSES,
  PUBLISHED_UNITS,
  type PricedClass,
  type PublishedRates,
  type RateFault,
  type Rates,
  isRateName,
  multiplyRate,
  parseRate,
} from './rates.ts';

export interface LongContextDraft {
  readonly above: number;
  readonly rates: PublishedRates;
}

export interface PriceDraft {
  readonly model: string;
  /** A date, or an instant in UTC; without it the price holds from its publication. */
  readonly effectiveFrom?: string | undefined;
  readonly rates: PublishedRates;
  readonly longContext?: readonly LongContextDraft[] | undefined;
  /** A factor on the standard rates, or rates of the tier's own. */
  readonly serviceTiers?: Readonly<Record<string, ServiceTierDraft>> | undefined;
}

type ServiceTierDraft =
  | string
  | {
      readonly rates: PublishedRates;
      readonly longContext?: readonly LongContextDraft[] | undefined;
    };

export type PriceFaultCode =
  | RateFault
  | 'not_a_list'
  | 'unknown_model'
  | 'unknown_class'
  | 'missing_class'
  | 'bad_date'
  | 'past_date'
  | 'same_date'
  | 'bad_tier'
  | 'changed_meaning'
  | 'jump';

export interface PriceFault {
  readonly code: PriceFaultCode;
  /** `prices[3].rates.input` */
  readonly where: string;
  readonly message: string;
}

export type AddFault = (code: PriceFaultCode, where: string, message: string) => void;

const rates = z.record(z.string().max(40), z.string().max(40));
const longContext = z.array(z.strictObject({ above: z.number(), rates })).max(20);
/** A draft without the model that it is of. */
export const priceTerms = z.strictObject({
  effectiveFrom: z.string().max(40).optional(),
  rates,
  longContext: longContext.optional(),
  serviceTiers: z
    .record(
      z.string().max(40),
      z.union([z.string().max(40), z.strictObject({ rates, longContext: longContext.optional() })]),
    )
    .optional(),
});
const priceList = z.strictObject({
  prices: z.array(priceTerms.extend({ model: z.string().min(1).max(128) })).max(10_000),
});

/** The drafts of a list; undefined, with the faults added, where its form is wrong. */
export function readPriceList(list: unknown, add: AddFault): readonly PriceDraft[] | undefined {
  const read = priceList.safeParse(list);
  if (read.success) return read.data.prices;
  for (const { path, message } of read.error.issues) {
    const where = path.map((key) => (typeof key === 'number' ? `[${key}]` : `.${String(key)}`));
    add('not_a_list', where.join('').replace(/^\./, '') || 'list', message);
  }
  return undefined;
}

export interface MakePrice {
  readonly origin: Origin;
  readonly nowMs: number;
  /** When a price without a date begins to hold. */
  readonly soonMs: number;
}

/** The price that a draft means; undefined, with the faults added, where it means none. */
export function makePrice(
  draft: PriceDraft,
  where: string,
  { origin, soonMs }: MakePrice,
  add: AddFault,
): Price | undefined {
  let isSound = true;
  const report: AddFault = (code, place, message) => {
    isSound = false;
    add(code, place, message);
  };
  const fromMs = draft.effectiveFrom === undefined ? soonMs : readDate(draft.effectiveFrom);
  if (fromMs === undefined) {
    report('bad_date', `${where}.effectiveFrom`, 'A date is YYYY-MM-DD or YYYY-MM-DDThh:mm:ssZ.');
    return undefined;
  }
  // Of the program's and the operator's price with one date, each has an id of its own.
  const version = `${draft.model}@${stampOf(fromMs)}${origin === 'operator' ? '.own' : ''}`;
  const tiers = makeTiers(draft, undefined, version, where, report);
  for (const [name, tier] of Object.entries(draft.serviceTiers ?? {})) {
    tiers.push(...makeServiceTier(name, tier, tiers, version, where, report));
  }
  if (!isSound) return undefined;
  return Object.freeze({ version, model: draft.model, effectiveFromMs: fromMs, tiers });
}

/** Names that requests and answers use for the standard tier itself. */
const STANDARD_NAMES: ReadonlySet<string> = new Set([
  'standard',
  'default',
  'auto',
  'standard_only',
  'on_demand',
]);

function makeServiceTier(
  name: string,
  tier: ServiceTierDraft,
  tiers: readonly PriceTier[],
  version: string,
  where: string,
  report: AddFault,
): PriceTier[] {
  const place = `${where}.serviceTiers.${name}`;
  if (!/^[a-z_]{1,20}$/.test(name) || STANDARD_NAMES.has(name)) {
    report('bad_tier', place, 'A service tier is named in small letters, and is not the standard.');
    return [];
  }
  if (typeof tier !== 'string') return makeTiers(tier, name, version, place, report);
  return tiers
    .filter(({ serviceTier }) => serviceTier === undefined)
    .map((standard) => {
      const entries = Object.entries(standard.rates).map(([priced, rate]) => {
        const product = multiplyRate(rate, tier);
        if (typeof product !== 'bigint') report(product, place, RATE_FAULTS[product]);
        return [priced, product] as const;
      });
      const above = standard.abovePromptTokens;
      return {
        priceId: tierId(version, name, above),
        serviceTier: name,
        abovePromptTokens: above,
        rates: Object.fromEntries(entries),
      };
    });
}

function makeTiers(
  draft: Pick<PriceDraft, 'rates' | 'longContext'>,
  serviceTier: string | undefined,
  version: string,
  where: string,
  report: AddFault,
): PriceTier[] {
  const drafts = [{ above: 0, rates: draft.rates }, ...(draft.longContext ?? [])];
  return drafts.map(({ above, rates: published }, i) => {
    const place = i === 0 ? `${where}.rates` : `${where}.longContext[${i - 1}].rates`;
    const before = drafts[i - 1]?.above ?? -1;
    if (!Number.isSafeInteger(above) || above <= before) {
      report('bad_tier', place, 'Thresholds are whole numbers of tokens above 0, rising.');
    }
    return {
      priceId: tierId(version, serviceTier, above),
      serviceTier,
      abovePromptTokens: above,
      rates: makeRates(published, place, report),
    };
  });
}

function tierId(version: string, serviceTier: string | undefined, above: number): string {
  return `${version}${above > 0 ? `+${above}` : ''}${serviceTier ? `/${serviceTier}` : ''}`;
}

const RATE_FAULTS: Readonly<Record<RateFault, string>> = {
  not_a_decimal: 'A price is a decimal number of dollars, as text.',
  negative: 'A price is never below zero.',
  zero: 'What costs nothing is declared "free"; a price of zero is a mistake.',
  inexact: 'This price has no exact form in nano-dollars per million units.',
};

function makeRates(published: PublishedRates, where: string, report: AddFault): Rates {
  const found = new Map<PricedClass, Nanos>();
  for (const [name, text] of Object.entries(published)) {
    if (!isRateName(name)) {
      report('unknown_class', `${where}.${name}`, 'There is no class of this name.');
      continue;
    }
    const { priced, units } = PUBLISHED_UNITS[name];
    const rate = parseRate(text, units);
    if (typeof rate !== 'bigint') report(rate, `${where}.${name}`, RATE_FAULTS[rate]);
    else if (found.has(priced)) {
      report('unknown_class', `${where}.${name}`, 'This class has a price under another name.');
    } else found.set(priced, rate);
  }
  const output = found.get('outText');
  if (output !== undefined && !found.has('outReasoning')) found.set('outReasoning', output);
  if (lacksSide(published)) {
    report('missing_class', where, 'A price by the token has an input and an output.');
  }
  const inOrder = PRICED_CLASSES.flatMap((name) => {
    const rate = found.get(name);
    return rate === undefined ? [] : [[name, rate] as const];
  });
  return Object.freeze(Object.fromEntries(inOrder) as Rates);
}

/** What is charged by estimate is charged as plain input and output. */
function lacksSide(published: PublishedRates): boolean {
  const priced = Object.keys(published).map((name) =>
    isRateName(name) ? PUBLISHED_UNITS[name].priced : undefined,
  );
  const isByToken = priced.some((name) => name !== undefined && /^(in|out)[A-Z]/.test(name));
  const isWhole = priced.includes('inUncached') && priced.includes('outText');
  return priced.length === 0 || (isByToken && !isWhole);
}

/** Milliseconds of a date (its midnight in UTC) or an instant; undefined for anything else. */
export function readDate(text: string): number | undefined {
  if (!/^\d{4}-\d\d-\d\d(T\d\d:\d\d:\d\d(\.\d{3})?Z)?$/.test(text)) return undefined;
  const ms = Date.parse(text);
  // 30 February would otherwise be a day in March.
  return Number.isNaN(ms) || !new Date(ms).toISOString().startsWith(text.slice(0, 10))
    ? undefined
    : ms;
}

function stampOf(ms: number): string {
  return new Date(ms).toISOString().replace('.000Z', 'Z').replace('T00:00:00Z', '');
}
