// Gemini's wire as the tests of its protocol write it.

import type { ChatEvent } from '../../../src/chat/events.ts';
import type { ChatRequest } from '../../../src/chat/request.ts';
import type { JsonObject } from '../../../src/base/json.ts';
import { PROTOCOLS } from '../../../src/protocols/list.ts';
import type { Address } from '../../../src/protocols/protocol.ts';
import { decode } from '../streams.ts';

export const gemini = PROTOCOLS.gemini;

export const ADDRESS: Address = { model: 'm', stream: false, sse: false };

/** A chunk of one candidate with these parts. */
export function chunk(parts: readonly object[], candidate: object = {}, more: object = {}): object {
  return {
    candidates: [{ content: { role: 'model', parts }, index: 0, ...candidate }],
    modelVersion: 'gemini-x',
    responseId: 'resp-7',
    ...more,
  };
}

/** A stream of these chunks, with the line ends that Google sends. */
export function stream(...chunks: readonly object[]): string {
  return chunks.map((each) => `data: ${JSON.stringify(each)}\r\n\r\n`).join('');
}

export function read(...chunks: readonly object[]): ChatEvent[] {
  return decode(gemini, stream(...chunks));
}

/** A client's body, read. */
export function ask(body: object): ChatRequest {
  return gemini.decodeRequest({ contents: [user('hi')], ...body }, ADDRESS);
}

export function user(...parts: readonly (string | object)[]): JsonObject {
  return content('user', parts);
}

export function model(...parts: readonly (string | object)[]): JsonObject {
  return content('model', parts);
}

function content(role: string, parts: readonly (string | object)[]): JsonObject {
  const list = parts.map((part) => (typeof part === 'string' ? { text: part } : part));
  return { role, parts: list as JsonObject[] };
}

export const call = (name: string, args: object = {}, more: object = {}): object => ({
  functionCall: { name, args, ...more },
});

export const result = (name: string, response: object, more: object = {}): object => ({
  functionResponse: { name, response, ...more },
});
