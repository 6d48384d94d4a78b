// The provider that the load is sent to. Each request carries a number, and all that its answer is
// (how many pieces, how fast, which usage) follows from it: so a usage row tells by its token counts
// which request it is of, also where the client never got an id, and the exact charge is known.

import type { ServerResponse } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import { chatAnswer, chatChunk, usageChunk } from '../../test/faults/answers.ts';
import {
  type Asked,
  type Upstream,
  chatStream,
  startUpstream,
} from '../../test/support/upstream.ts';
import { randomOfRound } from './part.ts';

/** A middling and a cheap model, with their list prices in nano-dollars a token. */
export const MODELS = Object.freeze({
  dear: { id: 'openai/gpt-4o', inputNanos: 2_500n, outputNanos: 10_000n },
  cheap: { id: 'openai/gpt-6-luna', inputNanos: 100n, outputNanos: 500n },
});

export type ModelName = keyof typeof MODELS;

/** The counts of a usage row stay below these, so that two numbers never share a pair of them. */
const PROMPT_SPREAD = 1_000;
export const OUTPUT_CAP = 2_000;

const MOST_PIECES = 40;
const LONG_SHARE = 0.1;
const LONG_PIECES = 160;
const SLOWEST_PACE_MS = 12;
const SLOWEST_JSON_MS = 250;

export interface Plan {
  readonly promptTokens: number;
  readonly outputTokens: number;
  /** How many pieces of text the answer streams. */
  readonly pieces: number;
  readonly paceMs: number;
  readonly jsonDelayMs: number;
  /** Whether the last events of a stream leave in one write. */
  readonly endsAtOnce: boolean;
}

/** What becomes of request number `nonce` (below two million). */
export function planOf(nonce: number): Plan {
  const random = randomOfRound(7, nonce);
  const spread = random() < LONG_SHARE ? LONG_PIECES : MOST_PIECES;
  return {
    promptTokens: 1 + (nonce % PROMPT_SPREAD),
    outputTokens: 1 + Math.floor(nonce / PROMPT_SPREAD),
    pieces: 1 + Math.floor(random() * spread),
    paceMs: random() * SLOWEST_PACE_MS,
    jsonDelayMs: random() * SLOWEST_JSON_MS,
    endsAtOnce: random() < 0.5,
  };
}

/** The number behind a usage row's counts. */
export function nonceOf(promptTokens: bigint, outputTokens: bigint): number {
  return Number(promptTokens) - 1 + (Number(outputTokens) - 1) * PROMPT_SPREAD;
}

export function chargeOf(model: ModelName, nonce: number): bigint {
  const { inputNanos, outputNanos } = MODELS[model];
  const { promptTokens, outputTokens } = planOf(nonce);
  return BigInt(promptTokens) * inputNanos + BigInt(outputTokens) * outputNanos;
}

export interface RequestShape {
  readonly nonce: number;
  readonly model: ModelName;
  readonly streamed: boolean;
  readonly withUsage?: boolean;
  readonly cap?: number;
  /** Spreads a streamed answer over this time, whatever its number says. */
  readonly lastsMs?: number;
}

/** The request that a client sends; its length does not depend on the number. */
export function bodyOf(shape: RequestShape): string {
  const { nonce, model, streamed, withUsage = false, cap = OUTPUT_CAP, lastsMs = 0 } = shape;
  const content = `${String(nonce).padStart(8, '0')} ${String(lastsMs).padStart(6, '0')}`;
  return JSON.stringify({
    model: MODELS[model].id,
    messages: [{ role: 'user', content }],
    max_completion_tokens: cap,
    stream: streamed,
    ...(streamed && { stream_options: { include_usage: withUsage } }),
  });
}

export interface StandIn {
  readonly upstream: Upstream;
  /** Whether this request's answer has left the provider to its last byte. */
  hasAnswered(nonce: number): boolean;
  hasSeen(nonce: number): boolean;
}

export async function startStandIn(): Promise<StandIn> {
  const seen = new Set<number>();
  const answered = new Set<number>();
  const upstream = await startUpstream(async (response, asked) => {
    // Nobody reads what was asked, and a long run asks for much.
    upstream.asked.length = 0;
    const [nonce, lastsMs] = numbersOf(asked);
    seen.add(nonce);
    const plan = planOf(nonce);
    const usage = { prompt_tokens: plan.promptTokens, completion_tokens: plan.outputTokens };
    if (asked.body['stream'] === true) await stream(response, plan, usage, lastsMs);
    else await answerWhole(response, plan, usage);
    if (response.writableEnded) answered.add(nonce);
  });
  return {
    upstream,
    hasAnswered: (nonce) => answered.has(nonce),
    hasSeen: (nonce) => seen.has(nonce),
  };
}

function numbersOf({ body }: Asked): [number, number] {
  const [message] = body['messages'] as { content: string }[];
  const [nonce, lastsMs] = (message?.content ?? '').split(' ').map(Number);
  return [nonce ?? 0, lastsMs ?? 0];
}

async function answerWhole(response: ServerResponse, plan: Plan, usage: object): Promise<void> {
  await sleep(plan.jsonDelayMs);
  if (response.destroyed) return;
  response.writeHead(200, { 'content-type': 'application/json' });
  response.end(JSON.stringify(chatAnswer(usage)));
}

async function stream(
  response: ServerResponse,
  plan: Plan,
  usage: object,
  lastsMs: number,
): Promise<void> {
  response.writeHead(200, { 'content-type': 'text/event-stream' });
  const paceMs = lastsMs > 0 ? lastsMs / plan.pieces : plan.paceMs;
  const [piece = ''] = chatStream(chatChunk({ content: PIECE }));
  for (let i = 0; i < plan.pieces; i++) {
    if (response.destroyed) return;
    response.write(piece);
    await sleep(paceMs);
  }
  if (response.destroyed) return;
  const ending = chatStream(chatChunk({}, 'stop'), usageChunk(usage));
  if (plan.endsAtOnce) response.write(ending.join(''));
  else for (const event of ending) response.write(event);
  response.end();
}

export const PIECE = 'word ';
