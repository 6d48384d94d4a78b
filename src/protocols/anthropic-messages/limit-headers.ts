// Where a key's limits stand, as Anthropic's clients read it.
// https://docs.anthropic.com/en/api/rate-limits#response-headers

import type { LimitStanding } from '../../base/minute.ts';

export function limitHeaders(standings: readonly LimitStanding[]): string[] {
  return standings.flatMap(({ of, limit, remaining, resetAtMs }) => [
    `anthropic-ratelimit-${of}-limit`,
    String(limit),
    `anthropic-ratelimit-${of}-remaining`,
    String(remaining),
    `anthropic-ratelimit-${of}-reset`,
    new Date(resetAtMs).toISOString(),
  ]);
}
