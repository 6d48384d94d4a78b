// The offers of the program's own catalogue as they are written down: a file a provider, a row an
// offer, with the list prices that it ever had by date. `feed` says of which row of the price feed the
// prices come, `source` where ours were read. A row of a provider that is not there yet does no harm.

import { readFileSync, readdirSync } from 'node:fs';
import { z } from 'zod';
import type { ReasoningEffort } from '../chat/request.ts';
import type { UpstreamProtocolId } from '../protocols/protocol.ts';
import { type PriceDraft, priceTerms } from './price-list.ts';
import { type RateName, isRateName } from './rates.ts';

const FOLDER = new URL('./offers/', import.meta.url);

/** What a provider is to the models that it sells, in the order in which offers of one are tried. */
const KINDS = ['maker', 'cloud', 'host', 'reseller'] as const;

const EFFORTS = [
  'none',
  'minimal',
  'low',
  'medium',
  'high',
  'xhigh',
  'max',
] as const satisfies readonly ReasoningEffort[];

const rateName = z.custom<RateName>((name) => typeof name === 'string' && isRateName(name));

const offerRow = z.strictObject({
  id: z.string().regex(/^[a-z0-9-]+\/[A-Za-z0-9._-]+$/),
  /** The base model. */
  model: z.string(),
  upstreamModel: z.string(),
  protocols: z.array(z.custom<UpstreamProtocolId>((id) => typeof id === 'string')).optional(),
  contextWindow: z.int().positive().optional(),
  maxOutputTokens: z.int().positive().optional(),
  /** The efforts that this provider takes, where they are not the model's: others are refused. */
  efforts: z.array(z.enum(EFFORTS)).nonempty().optional(),
  regions: z.array(z.string()).optional(),
  soldAt: z.enum(['global', 'regional']).optional(),
  dataPolicy: z
    .strictObject({ trainsOnData: z.boolean(), retentionDays: z.int().min(0) })
    .optional(),
  feed: z.string().optional(),
  source: z.string().optional(),
  cacheWrites: z.array(rateName).optional(),
  serviceTiers: priceTerms.shape.serviceTiers,
  /** The oldest first; a row that was published is never changed, only followed by another. */
  prices: z.array(priceTerms),
});

export type OfferRow = z.infer<typeof offerRow>;

const offerFile = z.strictObject({ kind: z.enum(KINDS), offers: z.array(offerRow) });

export type OfferFile = z.infer<typeof offerFile>;

export function offerPath(provider: string): URL {
  return new URL(`${provider}.json`, FOLDER);
}

export function readOffers(provider: string): OfferFile {
  return offerFile.parse(JSON.parse(readFileSync(offerPath(provider), 'utf8')));
}

/** Every file of offers by its provider, makers first. */
export function listOfferFiles(): ReadonlyMap<string, OfferFile> {
  const names = readdirSync(FOLDER).map((name) => name.replace(/\.json$/, ''));
  const files = names
    .toSorted((a, b) => (a < b ? -1 : 1))
    .map((name) => [name, readOffers(name)] as const);
  const rank = ([, { kind }]: (typeof files)[number]) => KINDS.indexOf(kind);
  return new Map(files.toSorted((a, b) => rank(a) - rank(b)));
}

/** The row's prices as a list names them. */
export function draftsOf({ id, prices }: OfferRow): readonly PriceDraft[] {
  return prices.map((terms) => ({ model: id, ...terms }));
}
