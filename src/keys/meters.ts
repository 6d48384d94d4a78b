// How much of their own limits keys are using: requests and tokens of the last minute, and requests at
// once. In memory, and for keys with such limits alone. The processes of a hub tell each other, so that
// they count as one but for what is on its way between them; other machines count by themselves.

import { randomUUID } from 'node:crypto';
import type { Clock } from '../base/clock.ts';
import { HubError } from '../base/errors.ts';
import {
  type LimitStanding,
  type Minute,
  count,
  emptyMinute,
  moveOn,
  secondsUntil,
} from '../base/minute.ts';
import { NO_SIBLINGS, type Siblings } from '../base/siblings.ts';
import type { ApiKey } from './api-key.ts';
import type { KeyLimits } from './limits.ts';

/** Keys that are remembered while nothing of them runs; the one that was idle longest goes first. */
const CAPACITY = 10_000;
const USED = 'keys.used';
/** What runs is told again this often; a process that has said nothing for longer is no more. */
const REPEAT_MS = 1_000;
const SILENCE_MS = 3_000;

export interface KeyMeters {
  /** For one request; undefined for a key that is counted in nothing. */
  open(key: ApiKey): KeyMeter | undefined;
  close(): void;
}

/** One request's share of its key's limits. */
export interface KeyMeter {
  /** Throws `rate_limited` where a limit is reached, with when it is not any more. */
  begin(): void;
  /** The answer made it so many tokens, input and output together. */
  spent(tokens: number): void;
  /** The request is over, whatever became of it; one that did not begin was not counted. */
  end(): void;
  standings(): LimitStanding[];
}

/** What a process tells the others; `running` is how many of its own run now. */
interface Told {
  readonly from: string;
  readonly keyId: string;
  readonly running: number;
  readonly requests: number;
  readonly tokens: number;
}

interface State {
  running: number;
  /** Of the other processes, by their names. */
  readonly elsewhere: Map<string, { readonly running: number; readonly toldMs: number }>;
  readonly requests: Minute;
  readonly tokens: Minute;
}

export function createKeyMeters(clock: Clock, siblings: Siblings = NO_SIBLINGS): KeyMeters {
  const states = new Map<string, State>();
  const self = randomUUID();

  function stateOf(keyId: string): State {
    const state = states.get(keyId) ?? {
      running: 0,
      elsewhere: new Map(),
      requests: emptyMinute(),
      tokens: emptyMinute(),
    };
    states.delete(keyId);
    states.set(keyId, state);
    if (states.size > CAPACITY) forgetIdle(states);
    const nowMs = clock.monotonicMs();
    moveOn(state.requests, nowMs);
    moveOn(state.tokens, nowMs);
    return state;
  }

  function note(keyId: string, change: { running?: number; requests?: number; tokens?: number }) {
    const { running = 0, requests = 0, tokens = 0 } = change;
    const state = stateOf(keyId);
    state.running += running;
    count(state.requests, requests);
    count(state.tokens, tokens);
    tell(keyId, state.running, requests, tokens);
  }

  function tell(keyId: string, running: number, requests: number, tokens: number): void {
    void siblings.tell(USED, { from: self, keyId, running, requests, tokens } satisfies Told);
  }

  siblings.on(USED, (message) => {
    const { from, keyId, running, requests, tokens } = message as Told;
    const state = stateOf(keyId);
    if (running === 0) state.elsewhere.delete(from);
    else state.elsewhere.set(from, { running, toldMs: clock.monotonicMs() });
    count(state.requests, requests);
    count(state.tokens, tokens);
  });
  const repeating = setInterval(() => {
    for (const [keyId, { running }] of states) if (running > 0) tell(keyId, running, 0, 0);
  }, REPEAT_MS).unref();

  return {
    open({ keyId, limits, isMetered }) {
      if (!isMetered) return undefined;
      let runs = false;
      return {
        begin() {
          refuseBeyond(stateOf(keyId), limits, clock.monotonicMs());
          runs = true;
          note(keyId, { running: 1, requests: 1 });
        },
        spent: (tokens) => note(keyId, { tokens }),
        end() {
          if (runs) note(keyId, { running: -1 });
          runs = false;
        },
        standings: () => standingsOf(stateOf(keyId), limits, clock.wallMs()),
      };
    },
    close: () => clearInterval(repeating),
  };
}

function refuseBeyond(state: State, limits: KeyLimits, nowMs: number): void {
  const { requestsPerMinute, tokensPerMinute, concurrency } = limits;
  if (concurrency !== null && runningOf(state, nowMs) >= concurrency) {
    // When what runs will end, nobody knows.
    throw refusal(`${concurrency} requests at once`, 1);
  }
  if (requestsPerMinute !== null && state.requests.sum >= requestsPerMinute) {
    const seconds = secondsUntil(state.requests, requestsPerMinute - 1);
    throw refusal(`${requestsPerMinute} requests a minute`, seconds);
  }
  if (tokensPerMinute !== null && state.tokens.sum >= tokensPerMinute) {
    const seconds = secondsUntil(state.tokens, tokensPerMinute - 1);
    throw refusal(`${tokensPerMinute} tokens a minute`, seconds);
  }
}

function refusal(limit: string, retryAfterSeconds: number): HubError {
  const message = `This API key is limited to ${limit}.`;
  return new HubError('rate_limited', { message, retryAfterSeconds });
}

function runningOf({ running, elsewhere }: State, nowMs: number): number {
  let sum = running;
  for (const [from, told] of elsewhere) {
    if (nowMs - told.toldMs > SILENCE_MS) elsewhere.delete(from);
    else sum += told.running;
  }
  return sum;
}

function standingsOf(
  { requests, tokens }: State,
  { requestsPerMinute, tokensPerMinute }: KeyLimits,
  wallMs: number,
): LimitStanding[] {
  const standing = (of: LimitStanding['of'], minute: Minute, limit: number | null) => {
    if (limit === null) return [];
    const remaining = Math.max(limit - minute.sum, 0);
    const resetSeconds = secondsUntil(minute, 0);
    return [{ of, limit, remaining, resetSeconds, resetAtMs: wallMs + resetSeconds * 1_000 }];
  };
  return [
    ...standing('requests', requests, requestsPerMinute),
    ...standing('tokens', tokens, tokensPerMinute),
  ];
}

function forgetIdle(states: Map<string, State>): void {
  for (const [keyId, { running, elsewhere }] of states) {
    if (running > 0 || elsewhere.size > 0) continue;
    states.delete(keyId);
    return;
  }
}
