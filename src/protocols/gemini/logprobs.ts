// Log probabilities of Gemini, both ways: the tokens that were chosen, and beside them in a second
// list the likeliest ones in each place.

import { arrayOf, objectOf, stringOf, type JsonObject, type JsonValue } from '../../base/json.ts';
import type { TokenLogprob } from '../../chat/events.ts';

export function readLogprobs(value: JsonValue | undefined): TokenLogprob[] {
  const result = objectOf(value) ?? {};
  const tops = arrayOf(result['topCandidates']);
  return arrayOf(result['chosenCandidates']).map((chosen, i) => ({
    ...readToken(chosen),
    top: arrayOf(objectOf(tops[i])?.['candidates']).map(readToken),
  }));
}

function readToken(value: JsonValue): Omit<TokenLogprob, 'top'> {
  const token = objectOf(value) ?? {};
  const { logProbability } = token;
  return {
    token: stringOf(token['token']) ?? '',
    logprob: typeof logProbability === 'number' ? logProbability : 0,
  };
}

export function writeLogprobs(tokens: readonly TokenLogprob[]): JsonObject | undefined {
  if (tokens.length === 0) return undefined;
  return {
    chosenCandidates: tokens.map(writeToken),
    topCandidates: tokens.map(({ top }) => ({ candidates: top.map(writeToken) })),
  };
}

function writeToken({ token, logprob }: Omit<TokenLogprob, 'top'>): JsonObject {
  return { token, logProbability: logprob };
}
