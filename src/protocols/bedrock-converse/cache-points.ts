// Prompt-cache breakpoints of Converse: a block of their own behind the one that carries the mark. At
// most four stand in one request, counted in the order of the prompt; those beyond are left out.

import type { JsonObject } from '../../base/json.ts';
import type { CacheMark } from '../../chat/request.ts';
import type { Quirks } from '../protocol.ts';

const MAX_CACHE_POINTS = 4;

export interface CachePoints {
  /** The block to put behind one with this mark. Must be asked in the order of the prompt. */
  after(mark: CacheMark | undefined): JsonObject[];
}

/** For one request. A model that takes none gets none, nor a lifetime that it does not have. */
export function countCachePoints(
  { cachePoints, hourCaches }: Quirks,
  dropped: Set<string>,
): CachePoints {
  let left = cachePoints ? MAX_CACHE_POINTS : 0;
  return {
    after(mark) {
      if (mark === undefined) return [];
      if (left === 0) {
        dropped.add('cache_control');
        return [];
      }
      left -= 1;
      // Five minutes is what models do that know no lifetimes, so it is not named.
      const isHour = mark.ttl === '1h';
      if (isHour && !hourCaches) dropped.add('cache_control.ttl');
      return [{ cachePoint: { type: 'default', ...(isHour && hourCaches && { ttl: '1h' }) } }];
    },
  };
}
