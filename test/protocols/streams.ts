// Runs texts through the frame reader and a protocol's decoder, as the gateway does.

import { readFileSync } from 'node:fs';
import { readSse, type SseEvent } from '../../src/base/sse.ts';
import { type Answer, foldAnswer } from '../../src/chat/answer.ts';
import type { ChatEvent } from '../../src/chat/events.ts';
import { FRAMINGS } from '../../src/gateway/framings.ts';
import type {
  AnswerContext,
  ChatProtocol,
  ProviderProtocol,
  Quirks,
} from '../../src/protocols/protocol.ts';

export const QUIRKS: Quirks = {
  outputCapField: 'max_completion_tokens',
  streamUsageOption: true,
};

/** Of a provider that takes OpenAI's hints too. */
export const HINTS: Quirks = { ...QUIRKS, takesHints: true };

export const CONTEXT: AnswerContext = {
  requestId: 'req_1',
  model: 'the-model',
  createdSeconds: 1_700_000_000,
  includeUsage: true,
};

export function fixture(name: string): string {
  return readFileSync(new URL(`fixtures/${name}.txt`, import.meta.url), 'utf8');
}

/** The frames of a stream that came in these chunks. */
export function frames(...chunks: readonly (Buffer | string)[]): SseEvent[] {
  const reader = readSse();
  return [...chunks.flatMap((chunk) => reader.push(Buffer.from(chunk))), ...reader.end()];
}

/** The events of a whole stream. */
export function decode(
  protocol: ProviderProtocol,
  ...chunks: readonly (Buffer | string)[]
): ChatEvent[] {
  return decodeWith(protocol, QUIRKS, ...chunks);
}

export function decodeWith(
  protocol: ProviderProtocol,
  quirks: Quirks,
  ...chunks: readonly (Buffer | string)[]
): ChatEvent[] {
  const decoder = protocol.decodeEvents(quirks);
  const reader = FRAMINGS[protocol.framing].open();
  const framed = [...chunks.flatMap((chunk) => reader.push(Buffer.from(chunk))), ...reader.end()];
  return [...framed.flatMap((frame) => decoder.push(frame)), ...decoder.end()];
}

/** The events of a stream cut in two at each of its bytes, where they differ from the whole one's. */
export function differingCuts(protocol: ProviderProtocol, text: string): ChatEvent[][] {
  const bytes = Buffer.from(text);
  const whole = JSON.stringify(decode(protocol, text));
  return [...bytes.keys()]
    .map((at) => decode(protocol, bytes.subarray(0, at), bytes.subarray(at)))
    .filter((events) => JSON.stringify(events) !== whole);
}

export function encode(
  protocol: ChatProtocol,
  events: readonly ChatEvent[],
  context: AnswerContext = CONTEXT,
): string {
  const encoder = protocol.encodeEvents(context);
  return events.map((event) => encoder.push(event)).join('') + encoder.end();
}

/** The JSON of each event of a stream, `[DONE]` and comments left out. */
export function payloads(stream: string): Record<string, never>[] {
  return frames(stream)
    .map(({ data }) => data)
    .filter((data) => data !== '' && data !== '[DONE]')
    .map((data) => JSON.parse(data) as Record<string, never>);
}

export function answerOf(events: readonly ChatEvent[]): Answer {
  return foldAnswer(events);
}

/** A Chat stream of these chunks, closed by `[DONE]`. */
export function chatStream(...chunks: readonly object[]): string {
  return `${chunks.map((chunk) => `data: ${JSON.stringify(chunk)}\n\n`).join('')}data: [DONE]\n\n`;
}

/** A chunk of one choice. */
export function chatChunk(delta: object, finish?: string, more: object = {}): object {
  const choices = [{ index: 0, delta, finish_reason: finish ?? null }];
  return { id: 'chatcmpl-7', object: 'chat.completion.chunk', model: 'm', choices, ...more };
}

/** A Messages stream of these events, each under its own type's name. */
export function messagesStream(...events: readonly { type: string }[]): string {
  return events.map((event) => `event: ${event.type}\ndata: ${JSON.stringify(event)}\n\n`).join('');
}

export type ResponsesEvent = { readonly type: string } & Readonly<Record<string, unknown>>;

/** A Responses stream of these events, numbered, each under its own type's name. */
export function responsesStream(...events: readonly ResponsesEvent[]): string {
  return messagesStream(...events.map((event, i) => ({ ...event, sequence_number: i })));
}
