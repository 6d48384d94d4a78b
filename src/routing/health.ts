// How the offers are doing, as this node has seen it: how soon they answer and how fast they write,
// which of them fail, and which asked to be left alone for a while. An offer that keeps failing is a
// broken circuit: others go first, and where there is no other, it is tried one request at a time.

import type { Clock } from '../base/clock.ts';
import { type ErrorCode, HubError } from '../base/errors.ts';

export interface Health {
  /** Whether nothing speaks against this offer just now. */
  isWell(key: string): boolean;
  /**
   * Takes leave to try an offer. Throws the failure that broke its circuit, where that is broken
   * and was tried not long ago.
   */
  enter(key: string): void;
  /** It answered: after so many milliseconds, with so many tokens in so many more. */
  answered(key: string, firstByteMs: number, tokens: number, streamMs: number): void;
  failed(key: string, failure: HubError): void;
  /** Milliseconds to the first byte, lately; undefined where it is not known. */
  latencyMs(key: string): number | undefined;
  /** Output tokens a second, lately; undefined where it is not known. */
  throughput(key: string): number | undefined;
}

interface State {
  failures: number;
  /** Until when its circuit is broken. */
  brokenUntilMs: number;
  /** Until when it asked to be left alone. */
  restingUntilMs: number;
  lastFailure: HubError | undefined;
  latencyMs: number | undefined;
  throughput: number | undefined;
}

/** So many failures in a row break the circuit. */
export const BREAKING_FAILURES = 10;
const FIRST_BREAK_MS = 5_000;
const LONGEST_BREAK_MS = 60_000;
const TRIAL_MS = 30_000;
/** An answer as short as this tells nothing of how fast it was written. */
const LEAST_TOKENS = 16;
/** The weight of the newest figure in the running mean. */
const NEWEST = 0.2;
/** A bound only: open providers have as many models as clients can name. */
const CAPACITY = 10_000;

/**
 * What was limited or refused as such is left alone even where it says nothing of the time. A customer's
 * own credential is not: its customer would pay the hub's price meanwhile.
 */
const USUAL_REST_SECONDS: Readonly<Partial<Record<ErrorCode, number>>> = Object.freeze({
  upstream_rate_limited: 1,
  upstream_refused_hub: 30,
});

/** Refusals of one request that say nothing of the others. */
const OWN_FAULTS: ReadonlySet<string> = new Set(['upstream_rejected', 'context_too_long']);

export function watchHealth(clock: Clock): Health {
  const states = new Map<string, State>();

  function stateOf(key: string): State {
    let state = states.get(key);
    if (!state) {
      state = {
        failures: 0,
        brokenUntilMs: 0,
        restingUntilMs: 0,
        lastFailure: undefined,
        latencyMs: undefined,
        throughput: undefined,
      };
      if (states.size === CAPACITY) states.delete(states.keys().next().value ?? key);
      states.set(key, state);
    }
    return state;
  }

  const isBroken = (state: State): boolean => state.failures >= BREAKING_FAILURES;

  return {
    isWell(key) {
      const state = states.get(key);
      if (!state) return true;
      // Once its time is over whoever belongs there tries it, or with others well nobody ever would.
      const untilMs = Math.max(state.restingUntilMs, isBroken(state) ? state.brokenUntilMs : 0);
      return untilMs <= clock.monotonicMs();
    },
    enter(key) {
      const state = states.get(key);
      if (!state || !isBroken(state)) return;
      const waitMs = state.brokenUntilMs - clock.monotonicMs();
      if (waitMs > 0) throw refusal(state.lastFailure, waitMs);
      // Whatever becomes of this try, the next may follow then.
      state.brokenUntilMs = clock.monotonicMs() + TRIAL_MS;
    },
    answered(key, firstByteMs, tokens, streamMs) {
      const state = stateOf(key);
      state.failures = 0;
      state.latencyMs = mean(state.latencyMs, firstByteMs);
      if (tokens >= LEAST_TOKENS && streamMs > 0) {
        state.throughput = mean(state.throughput, (tokens * 1_000) / streamMs);
      }
    },
    failed(key, failure) {
      const state = stateOf(key);
      const { owner } = failure.kind;
      if (owner !== 'upstream' && failure.code !== 'own_credential_refused') return;
      if (OWN_FAULTS.has(failure.code)) return;
      const nowMs = clock.monotonicMs();
      const restMs = (failure.retryAfterSeconds ?? USUAL_REST_SECONDS[failure.code] ?? 0) * 1_000;
      state.restingUntilMs = Math.max(state.restingUntilMs, nowMs + restMs);
      // Who limits the rate is well; who refuses a credential will go on doing so.
      if (failure.code === 'upstream_rate_limited') return;
      state.failures += 1;
      state.lastFailure = failure;
      const beyond = state.failures - BREAKING_FAILURES;
      if (beyond < 0) return;
      state.brokenUntilMs = nowMs + Math.min(FIRST_BREAK_MS * 2 ** beyond, LONGEST_BREAK_MS);
    },
    latencyMs: (key) => states.get(key)?.latencyMs,
    throughput: (key) => states.get(key)?.throughput,
  };
}

function refusal(failure: HubError | undefined, waitMs: number): HubError {
  const retryAfterSeconds = Math.max(1, Math.ceil(waitMs / 1_000));
  return new HubError(failure?.code ?? 'upstream_failed', { cause: failure, retryAfterSeconds });
}

function mean(before: number | undefined, newest: number): number {
  return before === undefined ? newest : before + (newest - before) * NEWEST;
}
