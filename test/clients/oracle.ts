// What a request must cost, worked out beside the hub: published dollars for a million tokens,
// whole numbers only, rounded up once. Nothing of src/catalog is used, so that a wrong price shows.

import type { Spent } from './turns.ts';

export type Quantities = Readonly<Record<string, number>>;

/** Dollars for a million tokens or units by receipt line, from the providers' price pages. */
const DOLLARS: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  'openai/gpt-5.6-sol': {
    inUncached: '4',
    inCacheRead: '0.4',
    inCacheWriteOther: '5',
    outText: '20',
    outReasoning: '20',
  },
  'openai/gpt-5.3-codex': {
    inUncached: '1.75',
    inCacheRead: '0.175',
    outText: '14',
    outReasoning: '14',
  },
  'openai/gpt-4o': { inUncached: '2.5', inCacheRead: '1.25', outText: '10', outReasoning: '10' },
  'anthropic/claude-sonnet-4-6': {
    inUncached: '3',
    inCacheRead: '0.3',
    inCacheWrite5m: '3.75',
    inCacheWrite1h: '6',
    outText: '15',
    outReasoning: '15',
  },
  'bedrock/claude-sonnet-4-5': {
    inUncached: '3',
    inCacheRead: '0.3',
    inCacheWrite5m: '3.75',
    inCacheWrite1h: '6',
    outText: '15',
    outReasoning: '15',
  },
  'deepinfra/deepseek-v4-pro': {
    inUncached: '1.3',
    inCacheRead: '0.1',
    outText: '2.6',
    outReasoning: '2.6',
  },
  'cohere/command-a': { inUncached: '2.5', outText: '10' },
  'gemini/gemini-3.8-flash': {
    inUncached: '0.75',
    inCacheRead: '0.075',
    outText: '3.75',
    outReasoning: '3.75',
  },
  'gemini/gemini-embedding-001': { inUncached: '0.15' },
  'sandbox/echo': { inUncached: '2', inCacheRead: '0.2', outText: '10', outReasoning: '10' },
  'openai/gpt-image-1-mini': { inUncached: '2', inImage: '2.5', outText: '8', outImage: '8' },
  'openai/gpt-4o-mini-tts': { inUncached: '0.6', outAudio: '12' },
  'openai/text-embedding-3-small': { inUncached: '0.02' },
  'openai/tts-1': { characters: '15' },
  // $0.006 a minute of 60 000 milliseconds.
  'openai/whisper-1': { audioMs: '0.1' },
  'openai/omni-moderation-latest': { inUncached: '0' },
  'cohere/embed-v4.0': { inUncached: '0.12' },
  // $2 a thousand searches.
  'cohere/rerank-v3.5': { searchUnits: '2000' },
  'voyage/rerank-2.5': { inUncached: '0.05' },
  'sandbox/embed': { inUncached: '0.02' },
  'sandbox/image': { images: '40000' },
  'sandbox/moderate': { inUncached: '0' },
  'sandbox/rerank': { searchUnits: '2000' },
  'sandbox/speech': { characters: '15' },
  'sandbox/transcribe': { audioMs: '0.1' },
  'sandbox/tools': { inUncached: '2', inCacheRead: '0.2', outText: '10', outReasoning: '10' },
};

/** The charge in nano-dollars (10^-9). Throws for a class without a published price. */
export function expectedChargeNanos(model: string, quantities: Quantities): bigint {
  const sum = Object.entries(quantities).reduce((total, [name, quantity]) => {
    const dollars = DOLLARS[model]?.[name];
    if (dollars === undefined) throw new Error(`${model} has no published price for ${name}`);
    return total + BigInt(quantity) * nanosOf(dollars);
  }, 0n);
  return (sum + 999_999n) / 1_000_000n;
}

/** A decimal number of dollars as nano-dollars. */
export function nanosOf(dollars: string): bigint {
  const [whole = '0', fraction = ''] = dollars.split('.');
  return BigInt(whole + fraction.padEnd(9, '0'));
}

/** What a stand-in spent, as the lines that the receipt must have; zeros have no line. */
export function linesOf(spent: Spent): Quantities {
  const all: [string, number][] = [
    ['inUncached', spent.uncached],
    ['inCacheRead', spent.cacheRead ?? 0],
    ['inCacheWrite5m', spent.written5m ?? 0],
    ['inCacheWrite1h', spent.written1h ?? 0],
    ['inCacheWriteOther', spent.written ?? 0],
    ['outText', spent.text],
    ['outReasoning', spent.reasoning ?? 0],
  ];
  return Object.fromEntries(all.filter(([, quantity]) => quantity > 0));
}
