// OpenAI's legacy Completions, https://platform.openai.com/docs/api-reference/completions: a text and
// what follows it. Base models and editors that fill in code still need it. Errors, usage and the
// end of a stream are those of Chat Completions.

import { openaiChat } from '../openai-chat/index.ts';
import type { ChatProtocol } from '../protocol.ts';
import { decodeEvents, decodeReply } from './decode-events.ts';
import { decodeRequest } from './decode-request.ts';
import { encodeEvents, KEEP_ALIVE } from './encode-events.ts';
import { encodeRequest } from './encode-request.ts';
import { inspectRequest } from './facts.ts';
import { encodeReply } from './reply.ts';

export const openaiCompletions: ChatProtocol = Object.freeze<ChatProtocol>({
  id: 'openai-completions',
  kind: 'chat',
  framing: 'sse',
  keepAlive: KEEP_ALIVE,
  requestIdHeader: 'x-request-id',
  upstreamPath: () => '/completions',
  bodyFormat: 'json',
  inspectRequest,
  // The newer name of the cap does not exist here.
  editRequest: (body, edits, quirks) =>
    openaiChat.editRequest(body, edits, { ...quirks, outputCapField: 'max_tokens' }),
  forwardHeaders: () => ({}),
  decodeRequest,
  encodeRequest,
  decodeEvents,
  decodeReply,
  encodeEvents,
  encodeReply,
  decodeError: openaiChat.decodeError,
  encodeError: openaiChat.encodeError,
  encodeErrorEvent: openaiChat.encodeErrorEvent,
  isTerminal: openaiChat.isTerminal,
  isOnlyUsage: openaiChat.isOnlyUsage,
});
