// What of each of the hub's accounts is in use, as this process has counted it: requests and tokens of
// the last minute, and requests at once. An account that is at a limit is passed over before anything
// is sent, for a provider counts refusals too. An account without limits is counted in nothing.

import type { Clock } from '../base/clock.ts';
import { HubError } from '../base/errors.ts';
import { type Minute, count, emptyMinute, moveOn, secondsUntil } from '../base/minute.ts';
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
  /** Of the prompts that are under way, of which the minute has nothing yet. */
  tokensUnderWay: number;
  readonly requests: Minute;
  readonly tokens: Minute;
}

export function watchAccounts(clock: Clock): Accounts {
  const states = new Map<Account, State>();

  function stateOf(account: Account): State {
    let state = states.get(account);
    if (!state) {
      state = { concurrency: 0, tokensUnderWay: 0, requests: emptyMinute(), tokens: emptyMinute() };
      states.set(account, state);
    }
    const nowMs = clock.monotonicMs();
    moveOn(state.requests, nowMs);
    moveOn(state.tokens, nowMs);
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
