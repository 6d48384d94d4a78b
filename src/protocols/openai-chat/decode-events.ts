// Reads a Chat Completions answer into events. It is also the meter of the same-protocol way, so it
// absorbs every known departure from OpenAI's grammar and never throws: what it does not know it
// ignores. A finish reason makes an answer complete, with or without `[DONE]` after it.

import { HubError } from '../../base/errors.ts';
import {
  arrayOf,
  isObject,
  objectOf,
  parseJson,
  stringOf,
  type JsonObject,
  type JsonValue,
} from '../../base/json.ts';
import type { SseEvent } from '../../base/sse.ts';
import type { ChatEvent, FinishReason } from '../../chat/events.ts';
import type { EventDecoder, Quirks } from '../protocol.ts';
import { decodeErrorBody, isErrorBody } from '../openai-errors.ts';
import { servedTier } from '../guards.ts';
import { readFailure, readFinish } from './finish.ts';
import { type DeltaReader, readDeltas } from './deltas.ts';
import { MAX_CHOICES } from './facts.ts';
import { readLogprobs } from './logprobs.ts';
import { readSources } from './sources.ts';
import { type ToolCallReader, readToolCalls } from './tool-calls.ts';
import { findUsage, readUsage } from './usage.ts';

export const DONE = '[DONE]';
/** Events that name no answer. */
const OF_ALL: ReadonlySet<ChatEvent['type']> = new Set<OfAll['type']>([
  'start',
  'usage',
  'ping',
  'error',
  'tool_arguments',
]);

export function decodeEvents(quirks: Quirks): EventDecoder {
  return decodeChunks(readChunks(quirks));
}

/** A stream as OpenAI frames it, of whatever chunks the reader reads. */
export function decodeChunks(reader: ChunkReader): EventDecoder {
  let ended = false;
  return {
    push(event: SseEvent) {
      if (ended) return [];
      if (event.data === '') return [{ type: 'ping' }];
      if (event.data.startsWith(DONE)) {
        ended = true;
        return reader.owed();
      }
      const chunk = objectOf(parseJson(event.data));
      if (chunk === undefined) return [];
      const events = reader.read(chunk);
      ended = events.at(-1)?.type === 'error';
      return events;
    },
    end() {
      if (ended || reader.hasFinished()) return [];
      ended = true;
      return [{ type: 'error', error: new HubError('upstream_broke_off') }];
    },
  };
}

/** The events of an answer that came whole. */
export function decodeReply(body: JsonValue, quirks: Quirks): ChatEvent[] {
  return decodeWhole(readChunks(quirks), body);
}

/** A whole reply as the only chunk of its answer. */
export function decodeWhole(reader: ChunkReader, body: JsonValue): ChatEvent[] {
  if (!isObject(body) || (arrayOf(body['choices']).length === 0 && !isErrorBody(body))) {
    return [{ type: 'error', error: new HubError('upstream_failed') }];
  }
  const events = reader.read(body);
  return events.at(-1)?.type === 'error' ? events : [...events, ...reader.owed()];
}

export interface ChunkReader {
  read(chunk: JsonObject): ChatEvent[];
  /** Whether every answer that began has its finish. */
  hasFinished(): boolean;
  /** A natural end for each answer that has none. */
  owed(): ChatEvent[];
}

function readChunks(quirks: Quirks): ChunkReader {
  let answerId: string | undefined;
  let tier: JsonValue | undefined;
  const makeCallId = (call: number) => `call_${nameOf(answerId ?? '').slice(-48)}_${call}`;
  const sources = readSources();
  const choices = readChoices(makeCallId, sources.take, quirks);

  function start(chunk: JsonObject): ChatEvent[] {
    const id = stringOf(chunk['id']) ?? '';
    // Azure's first chunk has neither id nor choices.
    if (answerId !== undefined || (id === '' && arrayOf(chunk['choices']).length === 0)) return [];
    answerId = id;
    return [{ type: 'start', id, model: stringOf(chunk['model']) ?? '' }];
  }

  /** Told at once, for the usage of a stream that is cut never comes. */
  function readTier(named: JsonValue | undefined): ChatEvent[] {
    if (named === undefined || named === null || named === tier) return [];
    tier = named;
    const serviceTier = servedTier(named);
    return serviceTier === undefined
      ? []
      : [{ type: 'usage', usage: { serviceTier, final: false } }];
  }

  function readChunkUsage(chunk: JsonObject): ChatEvent[] {
    const found = findUsage(chunk);
    if (found === undefined) return [];
    const isLast = arrayOf(chunk['choices']).length === 0;
    const isFinal = isLast || choices.hasFinished();
    const timings = objectOf(chunk['timings']);
    const usage = readUsage(found, { tier, final: isFinal, quirks, timings });
    return usage === undefined ? [] : [{ type: 'usage', usage }];
  }

  function read(chunk: JsonObject): ChatEvent[] {
    const events = start(chunk);
    events.push(...readTier(chunk['service_tier']));
    sources.note(chunk);
    if (!isErrorBody(chunk)) {
      for (const choice of arrayOf(chunk['choices'])) events.push(...choices.read(choice));
    }
    events.push(...readChunkUsage(chunk));
    if (isErrorBody(chunk)) events.push({ type: 'error', error: decodeErrorBody(chunk) });
    const error = events.findIndex(({ type }) => type === 'error');
    // Nothing follows an error; what the chunk's usage said stands before it.
    return error < 0 ? events : [...events.toSpliced(error, 1), ...events.slice(error, error + 1)];
  }

  return { read, hasFinished: choices.hasFinished, owed: choices.owed };
}

interface OpenChoice {
  readonly number: number;
  readonly deltas: DeltaReader;
  hasDeltas: boolean;
  refused: boolean;
  finished: boolean;
}

/**
 * The answers of one stream. `makeCallId`: the id of a call that came without one; `takeSources`: the
 * sources of the first answer, told before its finish.
 */
function readChoices(
  makeCallId: (call: number) => string,
  takeSources: () => ChatEvent[],
  { reasoningField }: Quirks,
) {
  const choices = new Map<number, OpenChoice>();
  // Most answers have none.
  let toolCalls: ToolCallReader | undefined;
  let unfinished = 0;

  function open(index: JsonValue | undefined): OpenChoice {
    const number = readNumber(index);
    const known = choices.get(number);
    if (known !== undefined) return known;
    unfinished += 1;
    const deltas = readDeltas(reasoningField);
    const opened = { number, deltas, hasDeltas: false, refused: false, finished: false };
    choices.set(number, opened);
    return opened;
  }

  function finish(choice: OpenChoice, reason: string): ChatEvent[] {
    const failure = readFailure(reason);
    if (failure !== undefined) return [{ type: 'error', error: new HubError(failure) }];
    // OpenRouter says it twice.
    if (choice.finished) return [];
    const read = readFinish(reason);
    return close(choice, read === 'stop' && choice.refused ? 'refusal' : read);
  }

  function close(choice: OpenChoice, reason: FinishReason): ChatEvent[] {
    choice.finished = true;
    unfinished -= 1;
    const sources = choice.number === 0 ? takeSources() : [];
    return [...choice.deltas.end(), ...sources, { type: 'finish', reason }];
  }

  /** Some end a stream with the whole message once more, or send it beside each delta. */
  function saidIn(item: JsonObject, choice: OpenChoice): JsonObject {
    const delta = objectOf(item['delta']);
    choice.hasDeltas ||= delta !== undefined;
    return delta ?? (choice.hasDeltas ? undefined : objectOf(item['message'])) ?? {};
  }

  function readChoice(value: JsonValue): ChatEvent[] {
    const item = objectOf(value);
    if (item === undefined) return [];
    const choice = open(item['index']);
    const delta = saidIn(item, choice);
    choice.refused ||= typeof delta['refusal'] === 'string' && delta['refusal'] !== '';
    const legacy = objectOf(delta['function_call']);
    const events = choice.deltas.read(delta);
    const tokens = isObject(item['logprobs']) ? readLogprobs(item['logprobs']) : [];
    if (tokens.length > 0) events.push({ type: 'logprobs', tokens });
    for (const called of [delta['tool_calls'], legacy && [{ index: 0, function: legacy }]]) {
      if (!Array.isArray(called)) continue;
      toolCalls ??= readToolCalls(makeCallId);
      events.push(...toolCalls.read(choice.number, called));
    }
    const reason = stringOf(item['finish_reason']) ?? '';
    if (reason !== '') events.push(...finish(choice, reason));
    return numbered(events, choice);
  }

  function owed(): ChatEvent[] {
    if (choices.size === 0) return [{ type: 'finish', reason: 'stop' }];
    return [...choices.values()]
      .filter(({ finished }) => !finished)
      .flatMap((choice) => numbered(close(choice, 'stop'), choice));
  }

  return {
    read: readChoice,
    hasFinished: () => choices.size > 0 && unfinished === 0,
    owed,
  };
}

/** A number that no answer can have is the first one's. */
function readNumber(index: JsonValue | undefined): number {
  const isNumber = typeof index === 'number' && Number.isInteger(index);
  return isNumber && index > 0 && index < MAX_CHOICES ? index : 0;
}

/** The events with the number of their answer, which the first one has not. */
function numbered(events: ChatEvent[], { number }: OpenChoice): ChatEvent[] {
  if (number === 0) return events;
  return events.map((event) => (isOfAll(event) ? event : { ...event, choice: number }));
}

type OfAll = Extract<ChatEvent, { type: 'start' | 'usage' | 'ping' | 'error' | 'tool_arguments' }>;

function isOfAll(event: ChatEvent): event is OfAll {
  return OF_ALL.has(event.type);
}

/** Clients take ids of calls in these characters only. */
function nameOf(answerId: string): string {
  return answerId.replace(/[^a-zA-Z0-9_-]/g, '_');
}
