// Reads the public price data of the project genai-prices (its `data.json`) and says what an offer
// costs by it, in the text form of our own lists: exactly, or not at all with the reason. Where a price
// depends on the time of day the dearest figure holds at every hour, for a quote must never be short.

import { z } from 'zod';
import type { FeedSource, Model } from './model.ts';
import { type AddFault, type LongContextDraft, type PriceDraft, makePrice } from './price-list.ts';
import type { PublishedRates, RateName } from './rates.ts';

const figure = z.union([
  z.number(),
  z.object({
    base: z.number(),
    tiers: z.array(z.object({ start: z.number(), price: z.number() })),
  }),
]);
const figures = z.record(z.string(), figure.optional());
const constraint = z.union([
  z.object({ start_date: z.string() }),
  z.object({ start_time: z.string(), end_time: z.string() }),
]);
const feedSchema = z.array(
  z.object({
    id: z.string(),
    models: z.array(
      z.object({
        id: z.string(),
        prices: z.union([
          z.array(z.object({ constraint: constraint.nullish(), prices: figures })),
          figures,
        ]),
      }),
    ),
  }),
);

type Figure = z.infer<typeof figure>;
type Figures = z.infer<typeof figures>;
type Conditional = Readonly<{ constraint?: z.infer<typeof constraint> | null; prices: Figures }>;

/** Prices by `provider/model`, as the feed names both. */
export type PriceFeed = ReadonlyMap<string, readonly Conditional[]>;

/** Undefined where the data has not the form of the feed. */
export function readFeed(data: unknown): PriceFeed | undefined {
  const read = feedSchema.safeParse(data);
  if (!read.success) return undefined;
  return new Map(
    read.data.flatMap((provider) =>
      provider.models.map(({ id, prices }) => [
        `${provider.id}/${id}`,
        Array.isArray(prices) ? (prices as Conditional[]) : [{ prices }],
      ]),
    ),
  );
}

/** An offer whose prices the feed has. */
export interface FedOffer {
  readonly model: Pick<Model, 'id' | 'modalities'>;
  readonly feed: FeedSource;
}

export interface FeedPrices {
  /** What holds at the asked instant; the feed's own date of it, if any, is over. */
  readonly now: PriceDraft;
  /** What the feed announces, by date. */
  readonly later: readonly PriceDraft[];
}

/** The offer's prices by the feed, or why it has none here. */
export function pricesFrom(feed: PriceFeed, offer: FedOffer, nowMs: number): FeedPrices | string {
  const rows = feed.get(offer.feed.key);
  if (!rows) return `no row ${offer.feed.key}`;
  const dates = rows.flatMap(({ constraint: when }) =>
    when && 'start_date' in when && Date.parse(when.start_date) > nowMs ? [when.start_date] : [],
  );
  const now = draftAt(rows, offer, nowMs);
  if (typeof now === 'string') return now;
  const later: PriceDraft[] = [];
  for (const date of dates.toSorted()) {
    const draft = draftAt(rows, offer, Date.parse(date));
    if (typeof draft === 'string') return draft;
    later.push({ ...draft, effectiveFrom: date });
  }
  return { now, later };
}

function draftAt(
  rows: readonly Conditional[],
  offer: FedOffer,
  wallMs: number,
): PriceDraft | string {
  const dated = rows.findLast(
    ({ constraint: when }) =>
      !when || ('start_date' in when && Date.parse(when.start_date) <= wallMs),
  );
  const hourly = rows.filter(({ constraint: when }) => when && 'start_time' in when);
  const holding = [...(dated ? [dated] : []), ...hourly].map(({ prices }) => prices);
  for (const prices of holding) {
    const unsold = Object.keys(prices).find((key) => !isSaid(key, prices, offer));
    if (unsold !== undefined) return `no class for ${unsold}`;
  }
  const draft = makeDraft(holding, offer);
  const faults: string[] = [];
  const add: AddFault = (code, where) => void faults.push(`${code} at ${where}`);
  makePrice(draft, 'price', { origin: 'builtin', nowMs: wallMs, soonMs: wallMs }, add);
  return faults[0] ?? draft;
}

/** Hosted tools are refused, so that what they cost is never owed. */
const REFUSED = new Set(['web_searches_kcount', 'storage_searches_kcount']);

const CLASSES: Readonly<Record<string, RateName>> = {
  input_mtok: 'input',
  output_mtok: 'output',
  cache_read_mtok: 'cacheRead',
  output_reasoning_mtok: 'reasoning',
};

/** Figures of sound and pictures. A model that makes pictures alone may have just one for what it makes. */
const MEDIA: readonly MediaFigure[] = [
  ['input_audio_mtok', 'audioInput', undefined, 'input', 'audio'],
  ['cache_audio_read_mtok', 'audioCacheRead', undefined, 'input', 'audio'],
  ['output_audio_mtok', 'audioOutput', undefined, 'output', 'audio'],
  ['output_image_mtok', 'imageOutput', 'output_mtok', 'output', 'image'],
];

/** Of images in a prompt there is no class unless they have a figure: they are counted as text. */
const SEEN: Readonly<Record<string, RateName>> = {
  input_image_mtok: 'imageInput',
  cache_image_read_mtok: 'imageCacheRead',
};

/** `like`: the figure that holds where there is none of its own. */
type MediaFigure = readonly [
  key: string,
  name: RateName,
  like: string | undefined,
  side: 'input' | 'output',
  kind: 'audio' | 'image',
];

/** Whether a figure is expressed by our classes, or is for what this offer does not sell. */
function isSaid(key: string, prices: Figures, { model }: FedOffer): boolean {
  if (prices[key] === undefined || key in CLASSES || REFUSED.has(key)) return true;
  if (key === 'cache_write_mtok' || key === 'cache_write_1h_mtok' || key in SEEN) return true;
  if (MEDIA.some(([figureKey]) => figureKey === key)) return true;
  const kind = /^(?:input|cache|output)_(audio|image|video)_(?:read_)?mtok$/.exec(key)?.[1];
  if (kind === undefined) return false;
  const { input, output } = model.modalities;
  const sold: readonly string[] = key.startsWith('output') ? output : input;
  return !sold.includes(kind);
}

function makeDraft(holding: readonly Figures[], offer: FedOffer): PriceDraft {
  const starts = holding.flatMap((prices) =>
    Object.values(prices).flatMap((each) =>
      typeof each === 'object' ? each.tiers.map(({ start }) => start) : [],
    ),
  );
  const longContext = [...new Set(starts)]
    .toSorted((a, b) => a - b)
    .map((above): LongContextDraft => ({ above, rates: ratesAbove(holding, offer, above) }));
  const { serviceTiers } = offer.feed;
  return {
    model: offer.model.id,
    rates: ratesAbove(holding, offer, 0),
    ...(longContext.length > 0 && { longContext }),
    ...(serviceTiers && { serviceTiers }),
  };
}

/** The dearest figure of each class for prompts of more tokens than this. */
function ratesAbove(
  holding: readonly Figures[],
  { feed: { cacheWrites }, model }: FedOffer,
  above: number,
): PublishedRates {
  const dearest = (key: string): string | undefined => {
    const found = holding.flatMap(({ [key]: each }) =>
      each === undefined ? [] : [figureAbove(each, above)],
    );
    return found.length === 0 ? undefined : decimalOf(Math.max(...found));
  };
  const write = dearest('cache_write_mtok');
  const writes = cacheWrites.map((name) => [name, write] as const);
  // Only who tells short-lived writes apart reports the long-lived ones.
  const hour = cacheWrites.includes('cacheWrite5m') ? dearest('cache_write_1h_mtok') : undefined;
  const isEmbedding = model.modalities.output.includes('vector');
  const answers = dearest('output_mtok') ?? (isEmbedding ? 'free' : undefined);
  const media = MEDIA.flatMap(([key, name, like, side, kind]) => {
    const sold: readonly string[] = model.modalities[side];
    return sold.includes(kind) ? [[name, dearest(key) ?? (like && dearest(like))] as const] : [];
  });
  const seen = Object.entries(SEEN).flatMap(([key, name]) =>
    model.modalities.input.includes('image') ? [[name, dearest(key)] as const] : [],
  );
  const rates: readonly (readonly [RateName, string | undefined])[] = [
    ['input', dearest('input_mtok')],
    ['cacheRead', dearest('cache_read_mtok')],
    ...writes,
    ['cacheWrite1h', hour],
    ['output', answers],
    ['reasoning', dearest('output_reasoning_mtok')],
    ...media,
    ...seen,
  ];
  return Object.fromEntries(rates.filter(([, text]) => text !== undefined));
}

function figureAbove(each: Figure, above: number): number {
  if (typeof each === 'number') return each;
  const tier = each.tiers.toSorted((a, b) => a.start - b.start).findLast((t) => t.start <= above);
  return tier?.price ?? each.base;
}

/** The shortest decimal that means this number, written without an exponent. */
export function decimalOf(value: number): string {
  const [digits = '', exponent] = String(value).split('e');
  if (exponent === undefined) return digits;
  const [whole = '', fraction = ''] = digits.replace('-', '').split('.');
  const point = whole.length + Number(exponent);
  const all = `${whole}${fraction}`;
  const text =
    point <= 0
      ? `0.${'0'.repeat(-point)}${all}`
      : `${all.padEnd(point, '0').slice(0, point)}${all.length > point ? `.${all.slice(point)}` : ''}`;
  return value < 0 ? `-${text}` : text;
}
