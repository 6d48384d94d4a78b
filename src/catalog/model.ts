// What a model is to the hub: an id that clients name, the provider that serves it and its limits.
// Data; routing reads it. What it costs is published beside it, with a date (price-list.ts).

import type { Quirks, UpstreamProtocolId } from '../protocols/protocol.ts';
import type { PriceDraft } from './price-list.ts';

export interface Model {
  /** `provider/model`, what clients send and what pages show. */
  readonly id: string;
  readonly name: string;
  readonly provider: string;
  /** The model's name at the provider. */
  readonly upstreamModel: string;
  /** What the model is spoken to in, where these are not its provider's protocols. */
  readonly protocols?: readonly UpstreamProtocolId[];
  /** Tokens of prompt and answer together; 0 where the model is not priced by the token. */
  readonly contextWindow: number;
  readonly maxOutputTokens: number;
  /** How this model departs from its provider's usual ways. */
  readonly quirks?: Partial<Quirks>;
}

/** A model of the program's own catalogue, with its list price. */
export interface Listing {
  readonly model: Model;
  readonly price: PriceDraft;
}
