// Reads a Completions answer, streamed or whole, into events. It is also the meter of the
// same-protocol way: it never throws, and what it does not know it ignores.

import { HubError } from '../../base/errors.ts';
import { arrayOf, objectOf, stringOf, type JsonObject, type JsonValue } from '../../base/json.ts';
import type { ChatEvent } from '../../chat/events.ts';
import { servedTier } from '../guards.ts';
import { type ChunkReader, decodeChunks, decodeWhole } from '../openai-chat/decode-events.ts';
import { decodeErrorBody, isErrorBody } from '../openai-errors.ts';
import { readFailure, readFinish } from '../openai-chat/finish.ts';
import { findUsage, readUsage } from '../openai-chat/usage.ts';
import type { EventDecoder, Quirks } from '../protocol.ts';
import { readLogprobs } from './logprobs.ts';

export function decodeEvents(quirks: Quirks): EventDecoder {
  return decodeChunks(readChunks(quirks));
}

/** The events of an answer that came whole. */
export function decodeReply(body: JsonValue, quirks: Quirks): ChatEvent[] {
  return decodeWhole(readChunks(quirks), body);
}

function readChunks(quirks: Quirks): ChunkReader {
  let started = false;
  const open = new Set<number>();
  const finished = new Set<number>();
  /** Whether every answer that has begun has ended. */
  const hasFinished = (): boolean => finished.size > 0 && finished.size >= open.size;

  function start(chunk: JsonObject): ChatEvent[] {
    if (started) return [];
    started = true;
    return [
      { type: 'start', id: stringOf(chunk['id']) ?? '', model: stringOf(chunk['model']) ?? '' },
    ];
  }

  function readEnd(number: number, reason: string): ChatEvent[] {
    if (reason === '') return [];
    const failure = readFailure(reason);
    if (failure !== undefined) return [{ type: 'error', error: new HubError(failure) }];
    if (finished.has(number)) return [];
    finished.add(number);
    return [{ type: 'finish', reason: readFinish(reason), ...ofChoice(number) }];
  }

  function readChoice(value: JsonValue): ChatEvent[] {
    const choice = objectOf(value);
    if (choice === undefined) return [];
    const number = typeof choice['index'] === 'number' ? choice['index'] : 0;
    open.add(number);
    const of = ofChoice(number);
    const thinking = stringOf(choice['reasoning_content']) || stringOf(choice['reasoning']) || '';
    const text = stringOf(choice['text']) ?? '';
    const tokens = readLogprobs(choice['logprobs']);
    return [
      ...(thinking === '' ? [] : [{ type: 'thinking' as const, text: thinking, ...of }]),
      ...(text === '' ? [] : [{ type: 'text' as const, text, ...of }]),
      ...(tokens.length === 0 ? [] : [{ type: 'logprobs' as const, tokens, ...of }]),
      ...readEnd(number, stringOf(choice['finish_reason']) ?? ''),
    ];
  }

  function readChunkUsage(chunk: JsonObject): ChatEvent[] {
    const found = findUsage(chunk);
    const tier = chunk['service_tier'];
    const isFinal = arrayOf(chunk['choices']).length === 0 || hasFinished();
    const timings = objectOf(chunk['timings']);
    const usage = found && readUsage(found, { tier, final: isFinal, quirks, timings });
    if (usage !== undefined) return [{ type: 'usage', usage }];
    // Told at once, for the usage of a stream that is cut never comes.
    const serviceTier = servedTier(tier);
    return serviceTier === undefined
      ? []
      : [{ type: 'usage', usage: { serviceTier, final: false } }];
  }

  function read(chunk: JsonObject): ChatEvent[] {
    const isError = isErrorBody(chunk);
    const events = isError ? [] : start(chunk);
    if (!isError) events.push(...arrayOf(chunk['choices']).flatMap(readChoice));
    const error = events.findIndex(({ type }) => type === 'error');
    // Nothing follows an error; what the chunk's usage said stands before it.
    const failed = error < 0 ? [] : events.splice(error).slice(0, 1);
    events.push(...readChunkUsage(chunk), ...failed);
    return isError ? [...events, { type: 'error', error: decodeErrorBody(chunk) }] : events;
  }

  function owed(): ChatEvent[] {
    const missing = open.size === 0 ? [0] : [...open].filter((number) => !finished.has(number));
    return missing.map((number) => ({ type: 'finish', reason: 'stop', ...ofChoice(number) }));
  }

  return { read, hasFinished, owed };
}

function ofChoice(number: number): { readonly choice?: number } {
  return number > 0 ? { choice: number } : {};
}
