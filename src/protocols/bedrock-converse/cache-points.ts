// Prompt-cache breakpoints of Converse: a block of their own behind the one that carries the mark. At
// most four stand in one request, counted in the order of the prompt; those beyond are left out.

import type { JsonObject } from '../../base/json.ts';
import type { CacheMark } from '../../chat/request.ts';

const MAX_CACHE_POINTS = 4;

export interface CachePoints {
  /** The block to put behind one with this mark. Must be asked in the order of the prompt. */
  after(mark: CacheMark | undefined): JsonObject[];
}

/** For one request. A model that takes none gets none. */
export function countCachePoints(isTaken: boolean, dropped: Set<string>): CachePoints {
  let left = isTaken ? MAX_CACHE_POINTS : 0;
  return {
    after(mark) {
      if (mark === undefined) return [];
      if (left === 0) {
        dropped.add('cache_control');
        return [];
      }
      left -= 1;
      // Five minutes is what models do that know no lifetimes, so it is not named.
      const ttl = mark.ttl === '5m' ? {} : { ttl: mark.ttl };
      return [{ cachePoint: { type: 'default', ...ttl } }];
    },
  };
}
