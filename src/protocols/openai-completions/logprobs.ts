// Log probabilities as Completions have them: lists side by side, one entry a token, and offsets in
// characters from the start of the answer.

import { arrayOf, objectOf, type JsonObject, type JsonValue } from '../../base/json.ts';
import type { TokenLogprob } from '../../chat/events.ts';

/** The tokens of a choice's `logprobs`; one without a probability (an echoed first one) is none. */
export function readLogprobs(value: JsonValue | undefined): TokenLogprob[] {
  const lists = objectOf(value);
  const tokens = arrayOf(lists?.['tokens']);
  const logprobs = arrayOf(lists?.['token_logprobs']);
  const tops = arrayOf(lists?.['top_logprobs']);
  return tokens.flatMap((token, i) => {
    const logprob = logprobs[i];
    if (typeof token !== 'string' || typeof logprob !== 'number') return [];
    return [{ token, logprob, top: readTop(tops[i]) }];
  });
}

function readTop(value: JsonValue | undefined): { token: string; logprob: number }[] {
  return Object.entries(objectOf(value) ?? {}).flatMap(([token, logprob]) =>
    typeof logprob === 'number' ? [{ token, logprob }] : [],
  );
}

/** Writes the log probabilities of tokens that begin at `offset`; null where there are none. */
export function writeLogprobs(tokens: readonly TokenLogprob[], offset: number): JsonObject | null {
  if (tokens.length === 0) return null;
  let at = offset;
  return {
    tokens: tokens.map(({ token }) => token),
    token_logprobs: tokens.map(({ logprob }) => logprob),
    top_logprobs: tokens.some(({ top }) => top.length > 0) ? tokens.map(writeTop) : null,
    text_offset: tokens.map(({ token }) => {
      const start = at;
      at += characterCount(token);
      return start;
    }),
  };
}

/** In code points, as servers written in Python count. */
export function characterCount(text: string): number {
  return Array.from(text).length;
}

function writeTop({ top }: TokenLogprob): JsonObject {
  return Object.fromEntries(top.map(({ token, logprob }) => [token, logprob]));
}
