// OpenAI's Responses, without what it stores. https://platform.openai.com/docs/api-reference/responses

import { objectOf } from '../../base/json.ts';
import { decodeError, encodeError } from '../openai-errors.ts';
import type { ChatProtocol, TokenCounting } from '../protocol.ts';
import { readCount } from '../token-counts.ts';
import { decodeEvents, decodeReply, isTerminal } from './decode-events.ts';
import { decodeRequest } from './decode-request.ts';
import { echoOf } from './echo.ts';
import { editPrompt, editRequest } from './edits.ts';
import { encodeEvents, encodeReply, KEEP_ALIVE } from './encode-events.ts';
import { encodeRequest } from './encode-request.ts';
import { encodeErrorEvent } from './errors.ts';
import { inspectRequest } from './facts.ts';

export const openaiResponses: ChatProtocol = Object.freeze({
  id: 'openai-responses',
  kind: 'chat',
  framing: 'sse',
  keepAlive: KEEP_ALIVE,
  requestIdHeader: 'x-request-id',
  upstreamPath: () => '/responses',
  bodyFormat: 'json',
  inspectRequest,
  tokenCounting: Object.freeze<TokenCounting>({
    upstreamPath: () => '/responses/input_tokens',
    inspect: inspectRequest,
    editRequest: editPrompt,
    read: (body) => readCount(objectOf(body)?.['input_tokens']),
    write: (tokens) => ({ object: 'response.input_tokens', input_tokens: tokens }),
  }),
  editRequest,
  forwardHeaders: () => ({}),
  decodeRequest,
  encodeRequest,
  echoOf,
  decodeEvents,
  decodeReply,
  encodeEvents,
  encodeReply,
  decodeError,
  encodeError,
  encodeErrorEvent,
  isTerminal,
  // Usage is part of every response, asked for or not.
  isOnlyUsage: () => false,
});
