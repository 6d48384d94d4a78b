// Log probabilities of Chat Completions, both ways.

import { arrayOf, objectOf, stringOf, type JsonObject, type JsonValue } from '../../base/json.ts';
import type { TokenLogprob } from '../../chat/events.ts';
import { present } from '../fields.ts';
import { readCount } from '../token-counts.ts';

/** Of a choice's `logprobs`; what is no token is left out. */
export function readLogprobs(value: JsonValue | undefined): TokenLogprob[] {
  return arrayOf(objectOf(value)?.['content']).flatMap((item) => {
    const read = readToken(item);
    if (read === undefined) return [];
    const top = arrayOf(objectOf(item)?.['top_logprobs']).flatMap((one) => readToken(one) ?? []);
    return [{ ...read, top }];
  });
}

function readToken(value: JsonValue): Omit<TokenLogprob, 'top'> | undefined {
  const item = objectOf(value);
  const token = stringOf(item?.['token']);
  const logprob = item?.['logprob'];
  if (item === undefined || token === undefined || typeof logprob !== 'number') return undefined;
  const bytes = Array.isArray(item['bytes']) ? item['bytes'].map(readCount) : undefined;
  const known = bytes?.filter((byte) => byte !== undefined);
  return { token, logprob, ...present({ bytes: known }) };
}

export function writeLogprobs(tokens: readonly TokenLogprob[]): JsonObject {
  return {
    content: tokens.map(({ top, ...token }) => ({
      ...writeToken(token),
      top_logprobs: top.map(writeToken),
    })),
    refusal: null,
  };
}

function writeToken({ token, logprob, bytes }: Omit<TokenLogprob, 'top'>): JsonObject {
  return { token, logprob, bytes: bytes === undefined ? null : [...bytes] };
}
