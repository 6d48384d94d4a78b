// What a model is to the hub: an id that clients name, the provider that serves it, its limits and
// its price. Data; routing and pricing read it.

import type { Quirks } from '../protocols/protocol.ts';
import type { Price } from './price.ts';

export interface Model {
  /** `provider/model`, what clients send and what pages show. */
  readonly id: string;
  readonly name: string;
  readonly provider: string;
  /** The model's name at the provider. */
  readonly upstreamModel: string;
  /** Tokens of prompt and answer together. */
  readonly contextWindow: number;
  readonly maxOutputTokens: number;
  readonly price: Price;
  /** How this model departs from its provider's usual ways. */
  readonly quirks?: Partial<Quirks>;
}
