// What the three kinds of output items that the hub writes have in common while they grow.

import type { JsonObject } from '../../base/json.ts';
import type { ResponseEvent } from './errors.ts';

/** How an item ends: as meant, or cut short by the end of the answer. */
export type ItemStatus = 'completed' | 'incomplete';

/** Where an item stands: its index in the output and its own id. */
export interface Place {
  readonly output_index: number;
  readonly item_id: string;
}

export interface Closed {
  /** The events that end its parts. */
  readonly events: ResponseEvent[];
  readonly item: JsonObject;
}

export interface OpenItem {
  readonly place: Place;
  /** The item as it is when it is added. */
  readonly opening: JsonObject;
  close(status: ItemStatus): Closed;
}
