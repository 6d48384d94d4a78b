// Reads a generateContent answer into events. It is also the meter of the same-protocol way, so it
// takes empty chunks, odd reports and unknown parts as they come, and never throws. Some models give
// a finish reason and go on: only the end of the stream ends an answer.

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
import type { EventDecoder } from '../protocol.ts';
import { type CandidateReader, readCandidate } from './candidate.ts';
import { decodeErrorBody, isErrorBody } from './errors.ts';
import { readUsages } from './usage.ts';

export function decodeEvents(): EventDecoder {
  const reader = readChunks();
  let ended = false;
  return {
    push(event: SseEvent) {
      if (ended) return [];
      if (event.data === '') return [{ type: 'ping' }];
      const chunk = objectOf(parseJson(event.data));
      if (chunk === undefined) return [];
      const events = reader.read(chunk);
      ended = events.at(-1)?.type === 'error';
      return events;
    },
    end() {
      if (ended) return [];
      ended = true;
      return reader.hasFinished()
        ? reader.end()
        : [{ type: 'error', error: new HubError('upstream_broke_off') }];
    },
  };
}

/** The events of an answer that came whole, as one object or as the list of a stream's chunks. */
export function decodeReply(body: JsonValue): ChatEvent[] {
  const reader = readChunks();
  const chunks = (Array.isArray(body) ? body : [body]).filter(isChunk);
  if (chunks.length === 0) return [{ type: 'error', error: new HubError('upstream_failed') }];
  const events: ChatEvent[] = [];
  for (const chunk of chunks) {
    events.push(...reader.read(chunk));
    if (events.at(-1)?.type === 'error') return events;
  }
  return [...events, ...reader.end()];
}

function isChunk(value: JsonValue): value is JsonObject {
  return (
    isObject(value) &&
    (isErrorBody(value) ||
      Array.isArray(value['candidates']) ||
      isObject(value['promptFeedback']) ||
      isObject(value['usageMetadata']))
  );
}

interface ChunkReader {
  read(chunk: JsonObject): ChatEvent[];
  hasFinished(): boolean;
  /** What is said once nothing can follow: the finish of every answer. */
  end(): ChatEvent[];
}

/** More answers than the API gives are those of somebody else's making. */
const MAX_CHOICES = 128;

function readChunks(): ChunkReader {
  const usages = readUsages();
  const candidates: CandidateReader[] = [];
  let answerId: string | undefined;
  let isBlocked = false;
  let isMedia = false;
  let calls = 0;
  const counter = {
    next: () => calls++,
    makeId: (call: number) => `call_${nameOf(answerId ?? '').slice(-40)}_${call}`,
  };

  function start(chunk: JsonObject): ChatEvent[] {
    if (answerId !== undefined) return [];
    answerId = stringOf(chunk['responseId']) ?? '';
    return [{ type: 'start', id: answerId, model: stringOf(chunk['modelVersion']) ?? '' }];
  }

  function readOne(value: JsonValue): ChatEvent[] {
    const candidate = objectOf(value) ?? {};
    const { index = 0 } = candidate;
    if (typeof index !== 'number' || !Number.isInteger(index)) return [];
    if (index < 0 || index >= MAX_CHOICES) return [];
    return (candidates[index] ??= readCandidate(index, counter)).read(candidate);
  }

  const isFinished = (candidate: CandidateReader): boolean => candidate.finish() !== undefined;
  const hasFinished = (): boolean => isBlocked || candidates.some(isFinished);

  return {
    read(chunk) {
      const events = start(chunk);
      const reason = stringOf(objectOf(chunk['promptFeedback'])?.['blockReason']) ?? '';
      isBlocked ||= reason !== '' && reason !== 'BLOCKED_REASON_UNSPECIFIED';
      for (const candidate of arrayOf(chunk['candidates'])) events.push(...readOne(candidate));
      const isFinal = hasFinished() && candidates.every(isFinished);
      const usage = usages.read(chunk['usageMetadata'], isFinal);
      isMedia ||= holdsMedia(chunk);
      if (isMedia && usage?.final !== true) {
        events.push({ type: 'usage', usage: { problem: 'uncounted', ...usage, final: false } });
      } else if (usage !== undefined) events.push({ type: 'usage', usage });
      if (isErrorBody(chunk)) events.push({ type: 'error', error: decodeErrorBody(chunk) });
      return events;
    },
    hasFinished,
    end() {
      if (candidates.length === 0) {
        return [{ type: 'finish', reason: isBlocked ? 'content_filter' : 'stop' }];
      }
      // Holes, where an answer's number was left out, are skipped.
      const events: ChatEvent[] = [];
      candidates.forEach((candidate, index) => {
        const reason = candidate.finish() ?? (isBlocked ? 'content_filter' : 'stop');
        const ofChoice = index > 0 ? { choice: index } : {};
        events.push(...candidate.close(), { type: 'finish', reason, ...ofChoice });
      });
      return events;
    },
  };
}

/** Sound and pictures, of which a running total need not tell. */
function holdsMedia(chunk: JsonObject): boolean {
  return arrayOf(chunk['candidates']).some((candidate) =>
    arrayOf(objectOf(objectOf(candidate)?.['content'])?.['parts']).some(
      (part) => objectOf(objectOf(part)?.['inlineData']) !== undefined,
    ),
  );
}

/** Clients take ids of calls in these characters only. */
function nameOf(answerId: string): string {
  return answerId.replace(/[^a-zA-Z0-9_-]/g, '_');
}

/** Nothing but a failure ends a stream before its end. */
export function isTerminal({ data }: SseEvent): boolean {
  if (!data.includes('"error"')) return false;
  const chunk = objectOf(parseJson(data));
  return chunk !== undefined && isErrorBody(chunk);
}

/** An answer may end with any chunk that gives a reason for it. */
export function mayBeLast({ data }: SseEvent): boolean {
  return data.includes('"finishReason"') || data.includes('"blockReason"');
}
