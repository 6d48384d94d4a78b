// What a model is to the hub. A base model is what its maker released; an offer is one provider
// selling it, with its own price, name and limits. Clients name either; requests go to offers. Data;
// what an offer costs is published beside it, with a date (price-list.ts).

import type { Quirks, UpstreamProtocolId } from '../protocols/protocol.ts';
import type { Capabilities, Modalities } from './capabilities.ts';
import type { PriceDraft } from './price-list.ts';
import type { RateName } from './rates.ts';

/** The facts that hold wherever a model is served. */
export interface BaseModel {
  /** `maker/model`: names every offer of it at once. */
  readonly id: string;
  readonly name: string;
  /** Other names that clients know it by: dated snapshots, `…-latest`. */
  readonly aliases: readonly string[];
  /** Tokens of prompt and answer together; 0 where the model is not priced by the token. */
  readonly contextWindow: number;
  readonly maxOutputTokens: number;
  readonly modalities: Modalities;
  readonly capabilities: Capabilities;
  /** The first day on which its maker may withdraw it, `YYYY-MM-DD`, where one is announced. */
  readonly deprecationDate?: string;
}

/** What becomes of the content of requests, by the provider's published terms. */
export interface ModelDataPolicy {
  readonly trainsOnData: boolean;
  /** Days that requests are kept; 0 means not at all, undefined that the terms set no bound. */
  readonly retentionDays: number | undefined;
  readonly zeroRetention: boolean;
}

/** An offer: a base model at one provider, as requests are routed to it. */
export interface Model extends BaseModel {
  /** `provider/model`, what prices, records and pages name. */
  readonly id: string;
  /** The id of the base model, which other providers may sell too. */
  readonly base: string;
  readonly provider: string;
  /** The model's name at the provider. */
  readonly upstreamModel: string;
  /** What the model is spoken to in, where these are not its provider's protocols. */
  readonly protocols?: readonly UpstreamProtocolId[];
  /** How this model departs from its provider's usual ways, beyond what its capabilities say. */
  readonly quirks?: Partial<Quirks>;
  /** Where it is served, where this is not its provider's regions. */
  readonly regions?: readonly string[];
  /** Whether it is sold at the provider's global address alone, or at all others; absent: at all. */
  readonly soldAt?: 'global' | 'regional';
  /** The terms of this offer, where they are not its provider's. */
  readonly dataPolicy?: Omit<ModelDataPolicy, 'zeroRetention'>;
}

/** Where an offer's prices stand in the price feed, and what it does not say of them. */
export interface FeedSource {
  /** `provider/model`, as the feed names both. */
  readonly key: string;
  /** The classes that the feed's one figure for cache writes is for. */
  readonly cacheWrites: readonly RateName[];
  readonly serviceTiers?: PriceDraft['serviceTiers'];
}

/** An offer of the program's own catalogue, with its list prices by date. */
export interface Listing {
  readonly model: Model;
  readonly prices: readonly PriceDraft[];
  /** Absent where our own reading of the provider's list stands. */
  readonly feed?: FeedSource;
}
