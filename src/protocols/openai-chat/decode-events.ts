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
import type { ChatEvent } from '../../chat/events.ts';
import type { EventDecoder, Quirks } from '../protocol.ts';
import { decodeErrorBody, isErrorBody } from './errors.ts';
import { servedTier } from '../guards.ts';
import { readFailure, readFinish } from './finish.ts';
import { readAnswerDetail } from './reasoning.ts';
import { readToolCalls } from './tool-calls.ts';
import { findUsage, readUsage } from './usage.ts';

export const DONE = '[DONE]';

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
        return reader.hasFinished() ? [] : [{ type: 'finish', reason: 'stop' }];
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
  if (events.at(-1)?.type === 'error' || reader.hasFinished()) return events;
  return [...events, { type: 'finish', reason: 'stop' }];
}

export interface ChunkReader {
  read(chunk: JsonObject): ChatEvent[];
  hasFinished(): boolean;
}

function readChunks(quirks: Quirks): ChunkReader {
  let answerId: string | undefined;
  let tier: JsonValue | undefined;
  let refused = false;
  const open = new Set<number>();
  const finished = new Set<number>();
  const calls = readToolCalls((call) => `call_${nameOf(answerId ?? '').slice(-48)}_${call}`);
  const readDelta = readDeltas();

  function start(chunk: JsonObject): ChatEvent[] {
    const id = stringOf(chunk['id']) ?? '';
    // Azure's first chunk has neither id nor choices.
    if (answerId !== undefined || (id === '' && arrayOf(chunk['choices']).length === 0)) return [];
    answerId = id;
    return [{ type: 'start', id, model: stringOf(chunk['model']) ?? '' }];
  }

  function finish(choice: number, reason: string): ChatEvent[] {
    const failure = readFailure(reason);
    if (failure !== undefined) return [{ type: 'error', error: new HubError(failure) }];
    const isFirst = finished.size === 0;
    finished.add(choice);
    if (!isFirst) return [];
    const read = readFinish(reason);
    return [{ type: 'finish', reason: read === 'stop' && refused ? 'refusal' : read }];
  }

  function readChoice(value: JsonValue): ChatEvent[] {
    const choice = objectOf(value);
    if (choice === undefined) return [];
    const number = typeof choice['index'] === 'number' ? choice['index'] : 0;
    open.add(number);
    const delta = objectOf(choice['delta']) ?? objectOf(choice['message']) ?? {};
    refused ||= typeof delta['refusal'] === 'string' && delta['refusal'] !== '';
    const legacy = objectOf(delta['function_call']);
    const events = readDelta(delta);
    events.push(...calls.read(number, delta['tool_calls']));
    if (legacy) events.push(...calls.read(number, [{ index: 0, function: legacy }]));
    const reason = stringOf(choice['finish_reason']) ?? '';
    return reason === '' ? events : [...events, ...finish(number, reason)];
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
    const isFinal = isLast || (open.size > 0 && finished.size >= open.size);
    const usage = readUsage(found, tier, isFinal, quirks.hiddenReasoning);
    return usage === undefined ? [] : [{ type: 'usage', usage }];
  }

  function read(chunk: JsonObject): ChatEvent[] {
    const events = start(chunk);
    events.push(...readTier(chunk['service_tier']));
    if (!isErrorBody(chunk)) {
      for (const choice of arrayOf(chunk['choices'])) events.push(...readChoice(choice));
    }
    events.push(...readChunkUsage(chunk));
    if (isErrorBody(chunk)) events.push({ type: 'error', error: decodeErrorBody(chunk) });
    const error = events.findIndex(({ type }) => type === 'error');
    // Nothing follows an error; what the chunk's usage said stands before it.
    return error < 0 ? events : [...events.toSpliced(error, 1), ...events.slice(error, error + 1)];
  }

  return { read, hasFinished: () => finished.size > 0 };
}

/** Clients take ids of calls in these characters only. */
function nameOf(answerId: string): string {
  return answerId.replace(/[^a-zA-Z0-9_-]/g, '_');
}

/** Reads the text-like fields of deltas, each text from one place only. */
function readDeltas(): (delta: JsonObject) => ChatEvent[] {
  let hasPlainReasoning = false;

  function readReasoning(delta: JsonObject): ChatEvent[] {
    const plain = stringOf(delta['reasoning_content']) || stringOf(delta['reasoning']) || '';
    hasPlainReasoning ||= plain !== '';
    const events: ChatEvent[] = plain === '' ? [] : [{ type: 'thinking', text: plain }];
    for (const detail of arrayOf(delta['reasoning_details'])) {
      const part = readAnswerDetail(detail);
      if (part?.type === 'redacted_thinking') events.push(part);
      if (part?.type !== 'thinking') continue;
      const { text, signature, maker } = part;
      // Where the plain field is sent too, the details repeat its text.
      if (!hasPlainReasoning && text !== '') events.push({ type: 'thinking', text });
      if (signature !== undefined && maker !== undefined) {
        events.push({ type: 'thinking_signature', signature, maker });
      }
    }
    return events;
  }

  return (delta) => {
    const events = readReasoning(delta);
    const content = delta['content'];
    if (typeof content === 'string' && content !== '') events.push({ type: 'text', text: content });
    for (const part of arrayOf(content)) events.push(...readContentPart(part));
    const refusal = stringOf(delta['refusal']) ?? '';
    if (refusal !== '') events.push({ type: 'refusal', text: refusal });
    return events;
  };
}

/** Mistral sends content as parts, its thinking among them. */
function readContentPart(value: JsonValue): ChatEvent[] {
  const part = objectOf(value);
  const text = stringOf(part?.['text']) ?? '';
  if (part?.['type'] === 'text') return text === '' ? [] : [{ type: 'text', text }];
  if (part?.['type'] !== 'thinking') return [];
  return arrayOf(part['thinking'])
    .map((piece) => stringOf(objectOf(piece)?.['text']) ?? '')
    .filter((thought) => thought !== '')
    .map((thought) => ({ type: 'thinking', text: thought }));
}
