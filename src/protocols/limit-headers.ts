// Where a key's limits stand, in the headers of OpenAI's API.
// https://platform.openai.com/docs/guides/rate-limits#rate-limits-in-headers

import type { LimitStanding } from '../base/minute.ts';

export function limitHeaders(standings: readonly LimitStanding[]): string[] {
  return standings.flatMap(({ of, limit, remaining, resetSeconds }) => [
    `x-ratelimit-limit-${of}`,
    String(limit),
    `x-ratelimit-remaining-${of}`,
    String(remaining),
    `x-ratelimit-reset-${of}`,
    durationOf(resetSeconds),
  ]);
}

/** `59s`, `1m0s` */
function durationOf(seconds: number): string {
  return seconds < 60 ? `${seconds}s` : `${Math.floor(seconds / 60)}m${seconds % 60}s`;
}
