// Adds to each offer of the catalogue the prices that the installed price data has and its file has
// not: a row with a new date behind the old ones, which are never touched. Offers that cannot be
// priced, and changes, are told one a line; the files are formatted, to be read as a difference.

import { spawnSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { pricesFrom } from '../../src/catalog/feed.ts';
import { changesOf, isFed } from '../../src/catalog/feed-changes.ts';
import { LISTINGS } from '../../src/catalog/listings.ts';
import type { Listing } from '../../src/catalog/model.ts';
import {
  type OfferFile,
  type OfferRow,
  listOfferFiles,
  offerPath,
} from '../../src/catalog/offer-rows.ts';
import { buildPriceBook } from '../../src/catalog/price-book.ts';
import { type PriceDraft, makePrice, readDate } from '../../src/catalog/price-list.ts';
import { packagedFeed } from './packaged-feed.ts';

const BIOME = '../../node_modules/@biomejs/biome/bin/biome';

const { values } = parseArgs({ options: { date: { type: 'string' } } });
const date = values.date ?? new Date().toISOString().slice(0, 10);
const nowMs = readDate(date);
if (nowMs === undefined) throw new Error('--date is YYYY-MM-DD.');

const feed = packagedFeed();
const listings = new Map(LISTINGS.map((listing) => [listing.model.id, listing]));
for (const name of listOfferFiles().keys()) updateFile(name, nowMs);
for (const line of leftOut(nowMs)) console.log(line);

function updateFile(name: string, wallMs: number): void {
  const path = fileURLToPath(offerPath(name));
  const file = JSON.parse(readFileSync(path, 'utf8')) as OfferFile;
  for (const row of file.offers) {
    const listing = listings.get(row.id);
    if (listing) row.prices.push(...newPrices(listing, wallMs));
  }
  writeFileSync(path, writeFile(file));
  const { status } = spawnSync(process.execPath, [biomePath(), 'format', '--write', path]);
  if (status !== 0) throw new Error(`${path} could not be formatted.`);
}

/** The rows of the data that can be no offer, be it of text alone, with the reason. */
function leftOut(wallMs: number): string[] {
  const offered = new Set(LISTINGS.filter(isFed).map(({ feed: { key } }) => key));
  return [...feed.keys()].flatMap((key) => {
    if (offered.has(key)) return [];
    const model = { id: key, modalities: { input: ['text'], output: ['text'] } } as const;
    const prices = pricesFrom(feed, { model, feed: { key, cacheWrites: [] } }, wallMs);
    return typeof prices === 'string' ? [`${key} is left out: ${prices}`] : [];
  });
}

function writeFile({ kind, offers }: OfferFile): string {
  return `{\n"kind": "${kind}", "offers": [\n${offers.map(writeRow).join(',\n')}]}`;
}

/** A field a line; what fits into one is left in one by the formatter. */
function writeRow(row: OfferRow): string {
  const fields = Object.entries(row).map(([key, value]) => `"${key}": ${JSON.stringify(value)}`);
  return `{\n${fields.join(',\n')}}`;
}

function newPrices(listing: Listing, wallMs: number): OfferRow['prices'] {
  if (!isFed(listing)) return [];
  const { id } = listing.model;
  const known = { book: bookOf(listing.prices), origin: 'builtin', nowMs: wallMs } as const;
  const changes = changesOf(feed, listing, known);
  if (typeof changes === 'string') {
    console.log(`${id} is left as it is: ${changes}`);
    return [];
  }
  return changes.map(({ model: _, effectiveFrom = date, ...terms }) => {
    console.log(`${id} from ${effectiveFrom}: ${JSON.stringify(terms.rates)}`);
    return { effectiveFrom, ...terms } as OfferRow['prices'][number];
  });
}

function bookOf(drafts: readonly PriceDraft[]) {
  const how = { origin: 'builtin', nowMs: 0, soonMs: 0 } as const;
  const published = drafts.flatMap((draft) => {
    const price = makePrice(draft, '', how, () => undefined);
    return price ? [{ origin: 'builtin' as const, price }] : [];
  });
  return buildPriceBook(published, []);
}

function biomePath(): string {
  return fileURLToPath(new URL(BIOME, import.meta.url));
}
