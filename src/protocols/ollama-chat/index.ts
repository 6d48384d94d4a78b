// Ollama's own chat, https://docs.ollama.com/api/chat. Translated conversations go here rather than
// to Ollama's end for OpenAI's clients: that end is written over this one, so it says nothing more,
// and it leaves unsaid why a turn ended, what was read from the cache and whether to think at all.

import { isObject, objectOf, parseJson } from '../../base/json.ts';
import type { SseEvent } from '../../base/sse.ts';
import type { ProviderProtocol } from '../protocol.ts';
import { classifyUpstreamError } from '../upstream-error.ts';
import { decodeEvents, decodeReply, isErrorBody } from './decode-events.ts';
import { encodeRequest } from './encode-request.ts';

export const ollamaChat: ProviderProtocol = Object.freeze<ProviderProtocol>({
  id: 'ollama-chat',
  kind: 'chat',
  framing: 'ndjson',
  upstreamPath: () => '/api/chat',
  encodeRequest,
  decodeEvents,
  decodeReply,
  decodeError: classifyUpstreamError,
  isTerminal,
});

function isTerminal({ data }: SseEvent): boolean {
  // Only a line that can be the last one is worth a second parse.
  if (!/"(done"\s*:\s*true|error")/.test(data)) return false;
  const line = objectOf(parseJson(data));
  return isObject(line) && (line['done'] === true || isErrorBody(line));
}
