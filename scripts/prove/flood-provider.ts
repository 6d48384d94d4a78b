// The provider behind the floods. It knows what each request was held for at the least (its prompt
// bound and the cap that came with it), so it can tell at every arrival whether more is promised to
// it than the customer has; it answers when all is decided, or as it comes.

import type { ServerResponse } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import { chatAnswer } from '../../test/faults/answers.ts';
import { type Asked, type Upstream, startUpstream } from '../../test/support/upstream.ts';
import { MODELS } from './stand-in.ts';

const { inputNanos, outputNanos } = MODELS.dear;

export interface FloodPlan {
  readonly grantNanos: bigint;
  /** Requests that come before the flood; they never wait for it. */
  readonly before: number;
  /** Requests of the flood. */
  readonly requests: number;
  /** What one request's prompt can be at most, in tokens, as the hub holds for it. */
  readonly promptBound: number;
  /**
   * Whether answers wait until every request of the round is decided, and then cost all that they
   * were held for; else they come after this many milliseconds at most, with any usage.
   */
  readonly gated: boolean;
  readonly longestDelayMs: number;
  readonly random: () => number;
}

export interface FloodState {
  /** Requests that reached the provider. */
  forwarded: number;
  /** Held for what is under way, charged for what is over, by the least that it can be. */
  promisedNanos: bigint;
  /** What the answers say that they cost. */
  chargedNanos: bigint;
  readonly violations: string[];
  /** One more request of the flood was let through or refused; the last one opens the gate. */
  decide(): void;
  /** Resolves when every request of the flood is decided. */
  readonly decided: Promise<void>;
  /** Opens the gate, whatever is decided. */
  release(): void;
}

export interface FloodProvider {
  readonly upstream: Upstream;
  begin(round: number, plan: FloodPlan): FloodState;
  end(round: number): void;
}

export async function startFloodProvider(): Promise<FloodProvider> {
  const rounds = new Map<number, { plan: FloodPlan; state: FloodState }>();
  const upstream = await startUpstream(async (response, asked) => {
    upstream.asked.length = 0;
    const round = rounds.get(roundOf(asked));
    if (round) await answer(response, asked, round.plan, round.state);
    else answerUsage(response, 1, 1);
  });
  return {
    upstream,
    begin(round, plan) {
      const state = openState(plan);
      rounds.set(round, { plan, state });
      return state;
    },
    end: (round) => void rounds.delete(round),
  };
}

function openState(plan: FloodPlan): FloodState {
  const gate = Promise.withResolvers<void>();
  let decisions = 0;
  return {
    forwarded: 0,
    promisedNanos: 0n,
    chargedNanos: 0n,
    violations: [],
    decide: () => void (++decisions === plan.requests && gate.resolve()),
    decided: gate.promise,
    release: gate.resolve,
  };
}

/** A body of this round; the same length for every round. */
export function floodBody(round: number, cap: number): string {
  return JSON.stringify({
    model: MODELS.dear.id,
    messages: [{ role: 'user', content: `flood ${String(round).padStart(7, '0')}` }],
    max_completion_tokens: cap,
  });
}

function roundOf({ body }: Asked): number {
  const [message] = body['messages'] as { content: string }[];
  return Number((message?.content ?? '').slice('flood '.length));
}

async function answer(
  response: ServerResponse,
  asked: Asked,
  plan: FloodPlan,
  state: FloodState,
): Promise<void> {
  const { promptBound, random } = plan;
  const cap = Number(asked.body['max_completion_tokens']);
  const heldNanos = costOf(promptBound, cap);
  state.forwarded += 1;
  state.promisedNanos += heldNanos;
  if (state.promisedNanos > plan.grantNanos) {
    state.violations.push(`${state.promisedNanos} are promised of ${plan.grantNanos}`);
  }
  const promptTokens = plan.gated ? promptBound : 1 + Math.floor(random() * promptBound);
  const outputTokens = plan.gated ? cap : 1 + Math.floor(random() * cap);
  if (state.forwarded > plan.before) {
    state.decide();
    if (plan.gated) await state.decided;
    else await sleep(random() * plan.longestDelayMs);
  }
  const chargeNanos = costOf(promptTokens, outputTokens);
  // Before the answer leaves: the hub may free the rest of the hold as soon as it has come.
  state.promisedNanos += chargeNanos - heldNanos;
  state.chargedNanos += chargeNanos;
  answerUsage(response, promptTokens, outputTokens);
}

function answerUsage(response: ServerResponse, promptTokens: number, outputTokens: number): void {
  if (response.destroyed) return;
  const usage = { prompt_tokens: promptTokens, completion_tokens: outputTokens };
  response.writeHead(200, { 'content-type': 'application/json' });
  response.end(JSON.stringify(chatAnswer(usage)));
}

export function costOf(promptTokens: number, outputTokens: number): bigint {
  return BigInt(promptTokens) * inputNanos + BigInt(outputTokens) * outputNanos;
}

/** The prompt bound behind a hold for this cap. */
export function promptBoundOf(holdNanos: bigint, cap: number): number {
  return Number((holdNanos - BigInt(cap) * outputNanos) / inputNanos);
}
