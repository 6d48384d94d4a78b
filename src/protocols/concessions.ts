// What a provider turns out to refuse in a request that is answered without it as well: to show a
// summary of the thinking (OpenAI wants to know the organisation first), or thoughts of earlier answers
// that another account or model signed. What is learnt is a quirk of the next try.

import { arrayOf, objectOf, type JsonValue } from '../base/json.ts';
import type { AssistantPart, ChatRequest } from '../chat/request.ts';
import type { Quirks } from './protocol.ts';
import { errorText } from './upstream-error.ts';

export type Concession = Extract<keyof Quirks, 'refusesSummaries' | 'refusesThoughts'>;

const SUMMARY = /reasoning\.summary|reasoning summar/i;
const THOUGHTS = new RegExp(
  [
    // Anthropic's, and those who resell it.
    'invalid `?(signature|data)`? in `?(redacted_)?thinking',
    '`?thinking`? (or `?redacted_thinking`? )?blocks in the latest assistant message cannot be',
    // Google's.
    'thought[ _]?signature',
    // OpenAI's.
    'invalid_encrypted_content',
    'encrypted content .{0,200}could not be (verified|decrypted)',
  ].join('|'),
  'is',
);

/** What a refusal names of these; undefined where it is about something else. */
export function concessionIn(status: number, body: JsonValue | undefined): Concession | undefined {
  if (status !== 400) return undefined;
  const outer = arrayOf(body)[0] ?? body;
  const param = objectOf(objectOf(outer)?.['error'])?.['param'];
  const words = errorText(body);
  if (param === 'reasoning.summary' || SUMMARY.test(words)) return 'refusesSummaries';
  return THOUGHTS.test(words) ? 'refusesThoughts' : undefined;
}

/** The request without thoughts that some maker signed, and with their name among what is dropped. */
export function withoutSignedThoughts(request: ChatRequest): ChatRequest {
  let found = false;
  const messages = request.messages.map((message) => {
    if (message.role !== 'assistant' || !message.content.some(isSigned)) return message;
    found = true;
    return { ...message, content: message.content.filter((part) => !isSigned(part)) };
  });
  if (!found) return request;
  const dropped = [...request.dropped, 'messages.reasoning'];
  return { ...request, messages: messages.filter((each) => !isEmptied(each)), dropped };
}

function isSigned(part: AssistantPart): boolean {
  return 'maker' in part && part.maker !== undefined;
}

function isEmptied(message: ChatRequest['messages'][number]): boolean {
  return message.role === 'assistant' && message.content.length === 0;
}
