// Reads token counts out of a provider's report, which may hold anything. A wrong value is never
// corrected and never throws: it marks the whole report as not to be believed.

import { objectOf, type JsonObject, type JsonValue } from '../base/json.ts';

export interface CountReader {
  /** A count that may be missing; null stands for missing in optional details. */
  optional(value: JsonValue | undefined): number | undefined;
  /** A count that may be missing but, where the key stands, must be a number. */
  required(value: JsonValue | undefined): number | undefined;
  /** A details object, which may be missing or null. */
  details(value: JsonValue | undefined): JsonObject | undefined;
  /** Whether any value read so far cannot be a count. */
  isBroken(): boolean;
}

export function readCounts(): CountReader {
  let broken = false;

  function required(value: JsonValue | undefined): number | undefined {
    if (value === undefined) return undefined;
    const count = readCount(value);
    broken ||= count === undefined;
    return count;
  }

  return {
    required,
    optional: (value) => (value === null ? undefined : required(value)),
    details(value) {
      const object = objectOf(value);
      if (object === undefined && value !== undefined && value !== null) broken = true;
      return object;
    },
    isBroken: () => broken,
  };
}

/** A whole number from zero; undefined for anything else. */
export function readCount(value: JsonValue | undefined): number | undefined {
  const isCount = typeof value === 'number' && Number.isSafeInteger(value) && value >= 0;
  // Minus zero is zero.
  return isCount ? value + 0 : undefined;
}

/**
 * Cache writes by lifetime, where the whole may be told without its parts or with some of them: the
 * excess is of their one lifetime, or of five minutes, the default. Undefined where they exceed it.
 */
export function splitCacheWrites(
  written: number | undefined,
  written5m = 0,
  written1h = 0,
): { inCacheWrite5m: number; inCacheWrite1h: number } | undefined {
  const excess = (written ?? written5m + written1h) - written5m - written1h;
  if (excess < 0) return undefined;
  return written5m === 0 && written1h > 0
    ? { inCacheWrite5m: 0, inCacheWrite1h: written1h + excess }
    : { inCacheWrite5m: written5m + excess, inCacheWrite1h: written1h };
}
