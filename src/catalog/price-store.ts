// Keeps every price and every markup that was published: rows that never change, so that a receipt
// explains itself years later. A list is judged and written under one lock, so that two publications
// at once are judged one after the other.

import { sql as rawSql } from 'kysely';
import { type Sql, inTransaction } from '../db/database.ts';
import { builtInPrices, isPriceable } from './catalog.ts';
import type { Markup } from './markup.ts';
import {
  type Origin,
  type PriceBook,
  type PublishedPrice,
  buildPriceBook,
  providerOf,
} from './price-book.ts';
import { type CheckedPrices, checkPriceList } from './price-check.ts';
import type { Price, PriceTier } from './price.ts';
import { PRICED_CLASSES, type PricedClass, type Rates } from './rates.ts';

export const PRICES_CHANNEL = 'prices';
/** Numbers the advisory lock of publications among those of this program. */
const PRICES_LOCK = 7_261_004;

export interface ListOrder {
  readonly origin: Origin;
  readonly list: unknown;
  readonly acceptJumps: readonly string[];
}

/** Judges a list without publishing it. */
export async function checkPrices(sql: Sql, order: ListOrder, nowMs: number) {
  return checkAgainst(await readPriceBook(sql), order, nowMs);
}

/** Publishes what is new in a list; with any fault nothing of it. */
export async function publishPrices(
  sql: Sql,
  order: ListOrder,
  nowMs: number,
): Promise<CheckedPrices> {
  return inTransaction(sql, (tx) => publishPricesIn(tx, order, nowMs));
}

/** The same as a part of a transaction that does more. */
export async function publishPricesIn(
  tx: Sql,
  order: ListOrder,
  nowMs: number,
): Promise<CheckedPrices> {
  await announceChange(tx);
  const checked = checkAgainst(await readPriceBook(tx), order, nowMs);
  if (checked.faults.length === 0 && checked.fresh.length > 0) {
    await insertPrices(tx, order.origin, checked.fresh);
  }
  return checked;
}

/** Adds a rule; it holds from its own date. */
export async function addMarkup(sql: Sql, markup: Markup): Promise<void> {
  const { scope, target, bps, effectiveFromMs } = markup;
  await inTransaction(sql, async (tx) => {
    await announceChange(tx);
    await tx
      .insertInto('markups')
      .values({ scope, target, bps, effective_from: new Date(effectiveFromMs) })
      .execute();
  });
}

function checkAgainst(book: PriceBook, order: ListOrder, nowMs: number): CheckedPrices {
  const { origin, list, acceptJumps } = order;
  const context = { nowMs, isKnownModel: isPriceable, acceptJumps: new Set(acceptJumps) };
  if (origin === 'builtin') return checkPriceList(list, { ...context, book, origin });
  return checkPriceList(list, { ...context, book: joinBuiltIn(book, nowMs), origin });
}

/** A hub that has never run has not published its own list; the operator's is judged by it anyway. */
export function joinBuiltIn(book: PriceBook, nowMs: number): PriceBook {
  const builtIn = checkAgainst(book, { ...BUILT_IN, list: builtInPrices() }, nowMs);
  const joining = builtIn.faults.length === 0 ? builtIn.fresh : [];
  const published = [
    ...book.published,
    ...joining.map((price) => ({ origin: BUILT_IN.origin, price })),
  ];
  return buildPriceBook(published, []);
}

const BUILT_IN = { origin: 'builtin', acceptJumps: [] } as const;

async function announceChange(tx: Sql): Promise<void> {
  await rawSql`select pg_advisory_xact_lock(${PRICES_LOCK})`.execute(tx);
  await rawSql`select pg_notify(${PRICES_CHANNEL}, '')`.execute(tx);
}

async function insertPrices(tx: Sql, origin: Origin, prices: readonly Price[]): Promise<void> {
  const { number } = await tx
    .insertInto('price_lists')
    .values({ origin })
    .returning('number')
    .executeTakeFirstOrThrow();
  const rows = prices.flatMap(({ version, model, effectiveFromMs, tiers }) =>
    tiers.map((tier) => ({
      id: tier.priceId,
      version,
      list: number,
      provider: providerOf(model),
      model,
      effective_from: new Date(effectiveFromMs),
      service_tier: tier.serviceTier ?? null,
      above_prompt_tokens: BigInt(tier.abovePromptTokens),
      rates: encodeRates(tier.rates),
    })),
  );
  const CHUNK = 1_000;
  for (let i = 0; i < rows.length; i += CHUNK) {
    await tx
      .insertInto('prices')
      .values(rows.slice(i, i + CHUNK))
      .execute();
  }
}

/** Everything that was ever published. */
export async function readPriceBook(sql: Sql): Promise<PriceBook> {
  const rows = await sql
    .selectFrom('prices as price')
    .innerJoin('price_lists as list', 'list.number', 'price.list')
    .selectAll('price')
    .select('list.origin')
    .orderBy('price.list')
    .orderBy('price.version')
    .orderBy('price.service_tier', (order) => order.asc().nullsFirst())
    .orderBy('price.above_prompt_tokens')
    .execute();
  const published = new Map<string, PublishedPrice & { price: { tiers: PriceTier[] } }>();
  for (const row of rows) {
    const { version, model, origin } = row;
    const effectiveFromMs = row.effective_from.getTime();
    const known = published.get(version);
    const entry = known ?? { origin, price: { version, model, effectiveFromMs, tiers: [] } };
    published.set(version, entry);
    entry.price.tiers.push({
      priceId: row.id,
      serviceTier: row.service_tier ?? undefined,
      abovePromptTokens: Number(row.above_prompt_tokens),
      rates: decodeRates(row.rates),
    });
  }
  return buildPriceBook([...published.values()], await readMarkups(sql));
}

async function readMarkups(sql: Sql): Promise<Markup[]> {
  const rows = await sql.selectFrom('markups').selectAll().orderBy('id').execute();
  return rows.map(({ scope, target, bps, effective_from: from }) => ({
    scope,
    target,
    bps,
    effectiveFromMs: from.getTime(),
  }));
}

/** A number that grows with every publication. */
export async function readPublicationCount(sql: Sql): Promise<bigint> {
  const { rows } = await rawSql<{ count: bigint }>`
    select (select coalesce(max(number), 0) from price_lists)
      + (select coalesce(max(id), 0) from markups) as count`.execute(sql);
  return rows[0]?.count ?? 0n;
}

function encodeRates(rates: Rates): string {
  return JSON.stringify(rates, (_, value: unknown) =>
    typeof value === 'bigint' ? value.toString() : value,
  );
}

/** The rates of a row of the table. */
export function decodeRates(rates: Readonly<Record<string, unknown>>): Rates {
  const found: Partial<Record<PricedClass, bigint>> = {};
  for (const name of PRICED_CLASSES) {
    const rate = rates[name];
    if (typeof rate === 'string') found[name] = BigInt(rate);
  }
  return found;
}
