// OpenAI's Chat Completions, the protocol that most clients and most providers speak.
// https://platform.openai.com/docs/api-reference/chat

import { objectOf, parseJson } from '../../base/json.ts';
import type { SseEvent } from '../../base/sse.ts';
import type { ChatProtocol } from '../protocol.ts';
import { decodeEvents, decodeReply, DONE } from './decode-events.ts';
import { decodeRequest } from './decode-request.ts';
import { editRequest } from './edits.ts';
import { encodeEvents, KEEP_ALIVE } from './encode-events.ts';
import { encodeRequest } from './encode-request.ts';
import { decodeError, encodeError, isErrorBody } from '../openai-errors.ts';
import { encodeErrorEvent } from './errors.ts';
import { inspectRequest } from './facts.ts';
import { encodeReply } from './reply.ts';

export const openaiChat: ChatProtocol = Object.freeze({
  id: 'openai-chat',
  kind: 'chat',
  framing: 'sse',
  requestIdHeader: 'x-request-id',
  upstreamPath: () => '/chat/completions',
  bodyFormat: 'json',
  inspectRequest,
  editRequest,
  forwardHeaders: () => ({}),
  decodeRequest,
  encodeRequest,
  decodeEvents,
  decodeReply,
  encodeEvents,
  encodeReply,
  decodeError,
  encodeError,
  encodeErrorEvent,
  keepAlive: KEEP_ALIVE,
  isTerminal,
  isOnlyUsage,
});

function isTerminal({ data }: SseEvent): boolean {
  if (data.startsWith(DONE)) return true;
  // Only an event that can be an error is worth a second parse.
  if (!data.includes('"error"') && !data.includes('"base_resp"')) return false;
  const body = objectOf(parseJson(data));
  return body !== undefined && isErrorBody(body);
}

function isOnlyUsage({ data }: SseEvent): boolean {
  if (!/"choices"\s*:\s*\[\s*\]/.test(data)) return false;
  const chunk = objectOf(parseJson(data));
  const choices = chunk?.['choices'];
  return Array.isArray(choices) && choices.length === 0 && objectOf(chunk?.['usage']) !== undefined;
}
