// Sends request bodies from one protocol to the other, as the gateway does.

import type { JsonObject } from '../../../src/base/json.ts';
import { PROTOCOLS } from '../../../src/protocols/list.ts';
import type { EncodedRequest, Quirks } from '../../../src/protocols/protocol.ts';
import { QUIRKS } from '../streams.ts';

const chat = PROTOCOLS['openai-chat'];
const messages = PROTOCOLS['anthropic-messages'];

export function toMessages(body: object, quirks: Quirks = QUIRKS): EncodedRequest {
  const base = { model: 'm', messages: [{ role: 'user', content: 'hi' }] };
  const request = chat.decodeRequest({ ...base, ...body });
  return messages.encodeRequest({ maxOutputTokens: 5000, ...request }, quirks);
}

export function toChat(body: object, quirks: Quirks = QUIRKS): EncodedRequest {
  const base = { model: 'm', max_tokens: 100, messages: [{ role: 'user', content: 'hi' }] };
  return chat.encodeRequest(messages.decodeRequest({ ...base, ...body }), quirks);
}

export function refusal(translate: () => unknown): unknown {
  try {
    translate();
    return undefined;
  } catch (error) {
    const { code, param } = error as { code?: string; param?: string };
    return `${code} ${param}`;
  }
}

export const text = (words: string, more: object = {}): JsonObject => ({
  type: 'text',
  text: words,
  ...more,
});
export const chatCall = (id: string, args: string): JsonObject => ({
  id,
  type: 'function',
  function: { name: 'f', arguments: args },
});
