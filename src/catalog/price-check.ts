// Judges a whole price list against the last good one before any of it holds. Every fault is named
// at once, and a list with one fault changes nothing: a poisoned figure must neither overcharge
// customers nor give the operator's money away, so a jump by more than ten is refused both ways.

import type { Nanos } from '../base/money.ts';
import { LEAD_MS } from './markup.ts';
import { type Origin, type PriceBook, buildPriceBook } from './price-book.ts';
import { type AddFault, type PriceFault, makePrice, readPriceList } from './price-list.ts';
import type { Price, PriceTier } from './price.ts';
import { PRICED_CLASSES } from './rates.ts';

/** Beyond this factor, up or down, a new rate is taken for a mistake until somebody says it is none. */
const MOST_JUMP = 10n;

export interface CheckContext {
  /** What was published before. */
  readonly book: PriceBook;
  readonly origin: Origin;
  readonly nowMs: number;
  readonly isKnownModel: (model: string) => boolean;
  /** Models whose rates may jump this once. */
  readonly acceptJumps: ReadonlySet<string>;
}

export interface CheckedPrices {
  readonly faults: readonly PriceFault[];
  /** What is new in the list, by date; to be published only where there is no fault. */
  readonly fresh: readonly Price[];
}

export function checkPriceList(list: unknown, context: CheckContext): CheckedPrices {
  const faults: PriceFault[] = [];
  const add: AddFault = (code, where, message) => void faults.push({ code, where, message });
  const fresh: Listed[] = [];
  const published = new Map(context.book.published.map(({ price }) => [price.version, price]));
  const make = { ...context, soonMs: context.nowMs + LEAD_MS };
  const seen = new Set<string>();
  for (const [i, draft] of (readPriceList(list, add) ?? []).entries()) {
    const where = `prices[${i}]`;
    if (!context.isKnownModel(draft.model)) {
      add('unknown_model', `${where}.model`, 'This hub has no such model.');
    }
    const price = makePrice(draft, where, make, add);
    if (!price) continue;
    if (seen.has(price.version)) {
      add('same_date', where, 'The list has another price of this model with the same date.');
    }
    seen.add(price.version);
    const known = published.get(price.version);
    if (known === undefined) fresh.push({ where, price });
    else if (!hasSameRates(known, price)) {
      add('changed_meaning', where, `${price.version} was published with other rates.`);
    }
  }
  fresh.sort((a, b) => a.price.effectiveFromMs - b.price.effectiveFromMs);
  for (const listed of fresh) judge(listed, fresh, context, add);
  return { faults, fresh: fresh.map(({ price }) => price) };
}

interface Listed {
  readonly where: string;
  readonly price: Price;
}

function judge(
  { where, price }: Listed,
  fresh: readonly Listed[],
  { book, origin, nowMs, acceptJumps }: CheckContext,
  add: AddFault,
): void {
  // The program's own list names the dates of the providers; it holds once the program runs.
  if (origin === 'operator' && price.effectiveFromMs < nowMs) {
    add('past_date', `${where}.effectiveFrom`, 'A price cannot begin to hold in the past.');
  }
  if (acceptJumps.has(price.model)) return;
  const before = [
    ...book.published.filter((each) => origin === 'operator' || each.origin === origin),
    ...fresh.filter((each) => each.price !== price).map((each) => ({ origin, price: each.price })),
  ];
  const last = buildPriceBook(before, []).priceAt(price.model, price.effectiveFromMs - 1);
  for (const tier of price.tiers) {
    for (const name of PRICED_CLASSES) {
      const rate = tier.rates[name];
      const reference = referenceRate(last, price, tier, name);
      if (rate === undefined || reference === undefined || !isJump(reference, rate)) continue;
      const message = `${name} of ${tier.priceId} is more than 10 times, or less than a tenth of, what it was.`;
      add('jump', where, message);
    }
  }
}

/** The rate before this one; of a tier that is new, the nearest one that there was or is. */
function referenceRate(
  last: Price | undefined,
  price: Price,
  tier: PriceTier,
  name: (typeof PRICED_CLASSES)[number],
): Nanos | undefined {
  const counterpart = last?.tiers.find(
    (each) =>
      each.serviceTier === tier.serviceTier && each.abovePromptTokens === tier.abovePromptTokens,
  );
  return (counterpart ?? last?.tiers[0] ?? price.tiers[0])?.rates[name];
}

/** What becomes free, or ceases to be, jumps too. */
function isJump(before: Nanos, after: Nanos): boolean {
  if (before === 0n || after === 0n) return before !== after;
  return after > before * MOST_JUMP || before > after * MOST_JUMP;
}

/** Whether two prices mean the same for every request, whatever their dates are. */
export function hasSameRates(a: Price, b: Price): boolean {
  return describe(a) === describe(b);
}

function describe({ tiers }: Price): string {
  const rows = tiers.map(({ serviceTier, abovePromptTokens, rates }) => [
    `${serviceTier ?? ''}+${abovePromptTokens}`,
    ...PRICED_CLASSES.map((name) => String(rates[name])),
  ]);
  return JSON.stringify(rows.sort((a, b) => ((a[0] ?? '') < (b[0] ?? '') ? -1 : 1)));
}
