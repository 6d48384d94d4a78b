// What a part of the proof is: a program that runs so many rounds from a seed and says what it
// found. The same functions run small in `npm test` and at full size in `npm run prove:money`.

import { randomFrom } from './random.ts';

export interface Run {
  readonly rounds: number;
  /** The same seed plans the same rounds; what the machine makes of their timing is its own. */
  readonly seed: number;
  /** Aborted when the person at the keyboard has had enough. */
  readonly signal: AbortSignal;
  /** Says how far the run is. */
  readonly note: (line: string) => void;
}

export interface Findings {
  /** What must never be; empty, or the proof has failed. */
  readonly violations: readonly string[];
  /** What was seen and counted, one short line each. */
  readonly figures: readonly string[];
}

export interface Part {
  readonly name: string;
  /** What one round is, in the plural. */
  readonly unit: string;
  readonly fullRounds: number;
  run(run: Run): Promise<Findings>;
}

/** Numbers from 0 to below 1 that the seed makes again. */
export function createRandom(seed: number): () => number {
  const { below } = randomFrom(seed);
  return () => below(2 ** 32) / 2 ** 32;
}

/** A stream of its own for one round, however many numbers the rounds before it took. */
export function randomOfRound(seed: number, round: number): () => number {
  return createRandom(Math.imul(seed, 0x9e3779b1) ^ Math.imul(round + 1, 0x85ebca6b));
}

export function pick<T>(random: () => number, choices: readonly T[]): T {
  return choices[Math.floor(random() * choices.length)]!;
}

/** The value below which this share of the measurements lies; 0 where nothing was measured. */
export function percentile(values: readonly number[], share: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? 0;
}
