// What of each of the hub's accounts is in use, as this process has counted it: requests and tokens of
// the last minute, and requests at once. An account that is at a limit is passed over before anything
// is sent, for a provider counts refusals too. An account without limits is counted in nothing.

import type { Clock } from '../base/clock.ts';
import { HubError } from '../base/errors.ts';
import type { Account, AccountLimits } from '../providers/provider.ts';

export interface Accounts {
  /** Whether it may take a request now whose prompt is of so many tokens. */
  hasRoom(account: Account | undefined, promptTokens: number): boolean;
  /**
   * A request is sent with it. Throws `upstream_rate_limited` where it is at a limit, with when it
   * is not any more.
   */
  begin(account: Account | undefined, promptTokens: number): void;
  /** It is over, whatever became of it. */
  end(account: Account | undefined, promptTokens: number): void;
  /** Its answer made it that many tokens in all. */
  spent(account: Account | undefined, promptTokens: number, tokens: number): void;
}

interface State {
  concurrency: number;
  /** Of the prompts that are under way, of which the span has nothing yet. */
  tokensUnderWay: number;
  readonly requests: Span;
  readonly tokens: Span;
}

/** The second that has begun counts whole, so that no sixty seconds hold more than the limit. */
const SECONDS = 61;

/** What happened in each of the last seconds. */
interface Span {
  readonly counts: Float64Array;
  /** Their sum. */
  sum: number;
  newest: number;
}

export function watchAccounts(clock: Clock): Accounts {
  const states = new Map<Account, State>();

  function stateOf(account: Account): State {
    let state = states.get(account);
    if (!state) {
      state = { concurrency: 0, tokensUnderWay: 0, requests: emptySpan(), tokens: emptySpan() };
      states.set(account, state);
    }
    const second = Math.floor(clock.monotonicMs() / 1_000);
    moveOn(state.requests, second);
    moveOn(state.tokens, second);
    return state;
  }

  return {
    hasRoom(account, promptTokens) {
      if (!account?.limits) return true;
      return waitSeconds(stateOf(account), account.limits, promptTokens) === 0;
    },
    begin(account, promptTokens) {
      if (!account?.limits) return;
      const state = stateOf(account);
      const retryAfterSeconds = waitSeconds(state, account.limits, promptTokens);
      if (retryAfterSeconds > 0) throw new HubError('upstream_rate_limited', { retryAfterSeconds });
      state.concurrency += 1;
      state.tokensUnderWay += promptTokens;
      count(state.requests, 1);
    },
    end(account, promptTokens) {
      if (!account?.limits) return;
      const state = stateOf(account);
      state.concurrency -= 1;
      state.tokensUnderWay -= promptTokens;
      count(state.tokens, promptTokens);
    },
    spent(account, promptTokens, tokens) {
      if (account?.limits) count(stateOf(account).tokens, Math.max(tokens - promptTokens, 0));
    },
  };
}

/** 0 where there is room. */
function waitSeconds(
  { concurrency, tokensUnderWay, requests, tokens }: State,
  limits: AccountLimits,
  promptTokens: number,
): number {
  const { requestsPerMinute = Infinity, tokensPerMinute = Infinity } = limits;
  const isFull = concurrency >= (limits.concurrency ?? Infinity);
  // A prompt that is beyond the limit by itself goes alone, for the estimate may be too high.
  const isFirst = tokens.sum + tokensUnderWay === 0;
  const left = tokensPerMinute - promptTokens - tokensUnderWay;
  // When what is under way ends, nobody knows.
  const isBusy = isFull || (left < 0 && tokensUnderWay > 0);
  return Math.max(
    isBusy ? 1 : 0,
    secondsUntil(requests, requestsPerMinute - 1),
    isFirst ? 0 : secondsUntil(tokens, Math.max(left, 0)),
  );
}

function emptySpan(): Span {
  return { counts: new Float64Array(SECONDS), sum: 0, newest: 0 };
}

/** Forgets what is longer ago than the span. */
function moveOn(span: Span, second: number): void {
  const { counts } = span;
  const oldest = Math.max(span.newest + 1, second - SECONDS + 1);
  for (let each = oldest; each <= second; each++) {
    span.sum -= counts[each % SECONDS] ?? 0;
    counts[each % SECONDS] = 0;
  }
  span.newest = second;
}

function count(span: Span, amount: number): void {
  const at = span.newest % SECONDS;
  span.counts[at] = (span.counts[at] ?? 0) + amount;
  span.sum += amount;
}

/** Seconds until no more than `most` are in it. */
function secondsUntil({ counts, sum, newest }: Span, most: number): number {
  let left = sum;
  let seconds = 0;
  while (left > most && seconds < SECONDS) {
    seconds += 1;
    left -= counts[(newest + seconds) % SECONDS] ?? 0;
  }
  return seconds;
}
