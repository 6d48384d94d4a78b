// What of a recorded answer a client must read: the same content, with the words and the counts of its
// own protocol. One table a client; nothing of it depends on what was recorded.

import type { Call, End, Reading } from './draft.ts';
import type { Client } from './wires.ts';

/** Keys of a reading that are compared. */
export type Expected = Pick<Reading, 'text' | 'thinking' | 'seals' | 'calls' | 'finish' | 'tokens'>;

const CHAT_WORDS: Readonly<Record<End, string>> = {
  natural: 'stop',
  stop_sequence: 'stop',
  paused: 'stop',
  length: 'length',
  context_full: 'length',
  calls: 'tool_calls',
  refusal: 'content_filter',
  filter: 'content_filter',
};

const WORDS: Readonly<Record<Client, Readonly<Record<End, string>>>> = Object.freeze({
  'openai-chat': CHAT_WORDS,
  'openai-completions': { ...CHAT_WORDS, calls: 'stop' },
  'openai-responses': {
    natural: 'completed',
    stop_sequence: 'completed',
    paused: 'completed',
    calls: 'completed',
    refusal: 'completed',
    length: 'incomplete: max_output_tokens',
    context_full: 'incomplete: max_output_tokens',
    filter: 'incomplete: content_filter',
  },
  'anthropic-messages': {
    natural: 'end_turn',
    stop_sequence: 'stop_sequence',
    paused: 'pause_turn',
    length: 'max_tokens',
    context_full: 'model_context_window_exceeded',
    calls: 'tool_use',
    refusal: 'refusal',
    filter: 'refusal',
  },
  gemini: {
    natural: 'STOP',
    stop_sequence: 'STOP',
    paused: 'STOP',
    calls: 'STOP',
    length: 'MAX_TOKENS',
    context_full: 'MAX_TOKENS',
    refusal: 'SAFETY',
    filter: 'SAFETY',
  },
  'gemini-interactions': {
    natural: 'completed',
    stop_sequence: 'completed',
    paused: 'completed',
    calls: 'requires_action',
    length: 'incomplete',
    context_full: 'incomplete',
    refusal: 'incomplete',
    filter: 'incomplete',
  },
});

export function expectedOf(reading: Reading, client: Client): Expected {
  const { text, thinking, seals, calls } = reading;
  // Calls of a request without tools cannot be, and no field of Completions could hold them.
  const isPlain = client === 'openai-completions';
  return {
    text,
    thinking,
    seals: isPlain ? [] : seals,
    calls: isPlain ? [] : calls,
    finish: wordOf(reading, client),
    tokens: reading.tokens && tokensOf(reading.tokens, client),
  };
}

/** A refusal in words is text in protocols that have no place of its own for it. */
function wordOf({ end, refused }: Reading, client: Client): string {
  const isText = end === 'refusal' && refused && client !== 'anthropic-messages';
  return WORDS[client][isText ? 'natural' : end];
}

/** Writes to a cache under the name, or the only sum, that the client's protocol has for them. */
function tokensOf(tokens: NonNullable<Reading['tokens']>, client: Client): Reading['tokens'] {
  const { inCacheWrite5m = 0, inCacheWrite1h = 0, inCacheWriteOther = 0, ...rest } = tokens;
  const all = inCacheWrite5m + inCacheWrite1h + inCacheWriteOther;
  const { inUncached = 0 } = rest;
  const counts =
    client === 'anthropic-messages'
      ? { ...rest, inCacheWrite5m: inCacheWrite5m + inCacheWriteOther, inCacheWrite1h }
      : client.startsWith('gemini')
        ? { ...rest, inUncached: inUncached + all }
        : { ...rest, inCacheWriteOther: all };
  return Object.fromEntries(Object.entries(counts).filter(([, count]) => count !== 0));
}

/** What a client read, with its envelopes opened and the ids that the hub had to make left out. */
export function foundOf(reading: Reading, client: Client, recorded: readonly Call[]): Expected {
  const { text, thinking, seals, calls, finish, tokens } = reading;
  const ids = new Set(calls.map(({ id }) => id));
  // Each must be there, and be another one.
  const areMade = ids.size === calls.length && !ids.has('');
  return {
    text,
    thinking,
    finish,
    tokens,
    seals: seals.map((seal) => openSeal(seal, client)),
    calls: calls.map((call, i) => (areMade && recorded[i]?.id === '' ? { ...call, id: '' } : call)),
  };
}

/** What its maker made, out of the envelope in which other protocols carry it. */
function openSeal(seal: string, client: Client): string {
  const sealed = /^hub:[a-z0-9-]+:([\w-]*)$/.exec(seal)?.[1];
  if (sealed === undefined) return seal;
  const opened = Buffer.from(sealed, 'base64url').toString('utf8');
  const isOfBoth = client === 'openai-responses' || client === 'gemini-interactions';
  const data = isOfBoth ? opened.replace(/^[rs]:/, '') : opened;
  if (!data.startsWith('{')) return data;
  const block = JSON.parse(data) as Record<string, string>;
  return block['encrypted_content'] ?? block['signature'] ?? block['data'] ?? data;
}
