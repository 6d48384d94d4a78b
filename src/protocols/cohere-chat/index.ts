// Cohere's chat, version 2. https://docs.cohere.com/v2/reference/chat

import { objectOf, parseJson } from '../../base/json.ts';
import type { SseEvent } from '../../base/sse.ts';
import type { ProviderProtocol } from '../protocol.ts';
import { classifyUpstreamError } from '../upstream-error.ts';
import { decodeEvents, decodeReply, DONE, isErrorBody } from './decode-events.ts';
import { encodeRequest } from './encode-request.ts';

export const cohereChat: ProviderProtocol = Object.freeze<ProviderProtocol>({
  id: 'cohere-chat',
  kind: 'chat',
  framing: 'sse',
  upstreamPath: () => '/chat',
  encodeRequest,
  decodeEvents,
  decodeReply,
  decodeError: classifyUpstreamError,
  isTerminal,
});

function isTerminal({ data }: SseEvent): boolean {
  if (data.startsWith(DONE)) return true;
  // Only an event that can be an error is worth a second parse.
  if (!/"message"\s*:\s*"/.test(data)) return false;
  const body = objectOf(parseJson(data));
  return body !== undefined && isErrorBody(body);
}
