// Anthropic's Messages. https://docs.anthropic.com/en/api/messages

import { objectOf } from '../../base/json.ts';
import type { ChatProtocol, TokenCounting } from '../protocol.ts';
import { decodeEvents, decodeReply, isTerminal } from './decode-events.ts';
import { decodeRequest } from './decode-request.ts';
import { editCount, editRequest, forwardHeaders } from './edits.ts';
import { encodeEvents, KEEP_ALIVE } from './encode-events.ts';
import { encodeRequest } from './encode-request.ts';
import { decodeError, encodeError, encodeErrorEvent } from './errors.ts';
import { inspectRequest } from './facts.ts';
import { limitHeaders } from './limit-headers.ts';
import { encodeReply } from './reply.ts';
import { readCount } from '../token-counts.ts';

export const anthropicMessages: ChatProtocol = Object.freeze({
  id: 'anthropic-messages',
  kind: 'chat',
  framing: 'sse',
  requestIdHeader: 'request-id',
  limitHeaders,
  upstreamPath: () => '/messages',
  bodyFormat: 'json',
  inspectRequest,
  tokenCounting: Object.freeze<TokenCounting>({
    upstreamPath: () => '/messages/count_tokens',
    // The cap is no part of this request; all else is judged as in the one that it is about.
    inspect: (body) => inspectRequest({ max_tokens: 0, ...body }),
    editRequest: editCount,
    read: (body) => readCount(objectOf(body)?.['input_tokens']),
    write: (tokens) => ({ input_tokens: tokens }),
  }),
  editRequest,
  forwardHeaders,
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
  // Usage is part of every Messages stream, asked for or not.
  isOnlyUsage: () => false,
});
