// The conversation as the sandbox reads it: each message's role, its text, and how many parts it has
// that are not text. The sandbox opens no image and no file; it only says that they were there.

import { HubError } from '../base/errors.ts';
import type { JsonValue } from '../base/json.ts';
import { arrayOf, objectOf, stringOf } from '../base/json.ts';

export interface SandboxMessage {
  readonly role: string;
  /** All text parts, one a line; a part that is not text stands as its kind: `[image]`. */
  readonly text: string;
  /** The text alone, tool calls included: what is counted as tokens. */
  readonly countedText: string;
  /** Parts that are not text: images, files, audio. */
  readonly mediaParts: number;
  /** Whether it calls tools. */
  readonly calls: boolean;
}

const MEDIA_NAMES: ReadonlyMap<string, string> = new Map([
  ['image_url', '[image]'],
  ['input_audio', '[audio]'],
  ['file', '[file]'],
]);

/** Throws `invalid_request` with `param` unless it is a list of at least one message. */
export function readMessages(value: JsonValue | undefined): SandboxMessage[] {
  if (!Array.isArray(value) || value.length === 0) {
    throw new HubError('invalid_request', {
      param: 'messages',
      message: 'messages must be a list of at least one message.',
    });
  }
  return value.map(readMessage);
}

/** Where the last user message stands; -1 where there is none. */
export function lastUserIndex(messages: readonly SandboxMessage[]): number {
  return messages.findLastIndex((message) => message.role === 'user');
}

function readMessage(value: JsonValue, index: number): SandboxMessage {
  const role = stringOf(objectOf(value)?.['role']);
  if (role === undefined) {
    throw new HubError('invalid_request', {
      param: `messages[${index}].role`,
      message: 'A message needs a role.',
    });
  }
  const message = objectOf(value) ?? {};
  const content = message['content'];
  const parts = typeof content === 'string' ? [content] : arrayOf(content);
  const media = parts.map(mediaName);
  const texts = parts.map(textOf);
  const calls = arrayOf(message['tool_calls']);
  return {
    role,
    text: parts.map((_, i) => media[i] ?? texts[i]).join('\n'),
    countedText: [...texts, ...calls.map(callText)].join(''),
    mediaParts: media.filter((name) => name !== undefined).length,
    calls: calls.length > 0,
  };
}

function textOf(part: JsonValue): string {
  if (typeof part === 'string') return part;
  return stringOf(objectOf(part)?.['text']) ?? stringOf(objectOf(part)?.['refusal']) ?? '';
}

function mediaName(part: JsonValue): string | undefined {
  return MEDIA_NAMES.get(stringOf(objectOf(part)?.['type']) ?? '');
}

function callText(call: JsonValue): string {
  const called = objectOf(objectOf(call)?.['function']);
  return `${stringOf(called?.['name']) ?? ''}${stringOf(called?.['arguments']) ?? ''}`;
}
