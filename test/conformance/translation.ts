// How a recorded request is asked in another protocol, by the hub's own functions, and what of the
// recorded answer must then arrive: the same content, with the words and counts of that protocol.

import { HubError } from '../../src/base/errors.ts';
import { type JsonObject, parseJson, isObject } from '../../src/base/json.ts';
import { PROTOCOLS } from '../../src/protocols/list.ts';
import { PROVIDERS } from '../../src/providers/list.ts';
import type { Dialect, Reading } from './reading.ts';

export interface Speech {
  readonly path: string;
  readonly protocol: 'openai-chat' | 'anthropic-messages';
  /** Whose models and whose quirks. */
  readonly provider: string;
  readonly other: Dialect;
}

export const SPEECH: Readonly<Record<Dialect, Speech>> = Object.freeze({
  chat: {
    path: '/v1/chat/completions',
    protocol: 'openai-chat',
    provider: 'openai',
    other: 'messages',
  },
  messages: {
    path: '/v1/messages',
    protocol: 'anthropic-messages',
    provider: 'anthropic',
    other: 'chat',
  },
});

/** The cap of a request that has none, where the other protocol must have one. */
const CAP = 4_096;

/** Fields that change what the answer is; without them it is no answer to the request. */
const MEANINGFUL = new Set(['n']);

export interface Translated {
  /** Undefined where the other protocol has no way to ask for this answer. */
  readonly body: JsonObject | undefined;
  /** Fields that only the recorded protocol can say; they had to be left out. */
  readonly without: readonly string[];
}

/** The request in the other protocol, if need be without hints that only its own can give. */
export function translateRequest(body: JsonObject, from: Dialect): Translated {
  const { protocol, other } = SPEECH[from];
  const target = SPEECH[other];
  const quirks = PROVIDERS.find(({ id }) => id === target.provider)?.quirks;
  if (!quirks) throw new Error(`There is no provider ${target.provider}.`);
  const without: string[] = [];
  for (let rest = body; ; ) {
    try {
      const request = PROTOCOLS[protocol].decodeRequest(rest);
      const maxOutputTokens = request.maxOutputTokens ?? CAP;
      const encoded = PROTOCOLS[target.protocol].encodeRequest(
        { ...request, maxOutputTokens },
        quirks,
      );
      return { body: encoded.body, without };
    } catch (error) {
      if (!(error instanceof HubError) || error.kind.owner !== 'caller') throw error;
      const field = error.code === 'unsupported_parameter' ? topLevelField(error) : undefined;
      if (field === undefined || !(field in rest) || MEANINGFUL.has(field)) {
        return { body: undefined, without };
      }
      const { [field]: _, ...kept } = rest;
      rest = kept;
      without.push(field);
    }
  }
}

function topLevelField({ param }: HubError): string | undefined {
  return param?.split(/[.[]/)[0];
}

/** The recorded request, or undefined where its body is no JSON object. */
export function parseRequest(text: string): JsonObject | undefined {
  const body = parseJson(text);
  return isObject(body) ? body : undefined;
}

const FINISHES: Readonly<Record<Dialect, Readonly<Record<string, string>>>> = Object.freeze({
  chat: {
    stop: 'end_turn',
    length: 'max_tokens',
    tool_calls: 'tool_use',
    content_filter: 'refusal',
  },
  messages: {
    end_turn: 'stop',
    stop_sequence: 'stop',
    pause_turn: 'stop',
    max_tokens: 'length',
    model_context_window_exceeded: 'length',
    tool_use: 'tool_calls',
    refusal: 'content_filter',
  },
});

/** The recorded answer as a client of the other protocol must read it. */
export function translateReading(reading: Reading, from: Dialect): Reading {
  const { inCacheWrite5m = 0, inCacheWrite1h = 0, inCacheWriteOther = 0, ...rest } = reading.tokens;
  const written = inCacheWrite5m + inCacheWrite1h + inCacheWriteOther;
  const name = from === 'chat' ? 'inCacheWrite5m' : 'inCacheWriteOther';
  return {
    ...reading,
    finish: FINISHES[from][reading.finish] ?? `(no word for ${reading.finish})`,
    tokens: written > 0 ? { ...rest, [name]: written } : rest,
  };
}
