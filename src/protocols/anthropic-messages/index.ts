// Anthropic's Messages. https://docs.anthropic.com/en/api/messages

import type { ChatProtocol } from '../protocol.ts';
import { decodeEvents, decodeReply, isTerminal } from './decode-events.ts';
import { decodeRequest } from './decode-request.ts';
import { editRequest, forwardHeaders } from './edits.ts';
import { encodeEvents } from './encode-events.ts';
import { encodeRequest } from './encode-request.ts';
import { decodeError, encodeError, encodeErrorEvent } from './errors.ts';
import { inspectRequest } from './facts.ts';
import { encodeReply } from './reply.ts';

export const anthropicMessages: ChatProtocol = Object.freeze({
  id: 'anthropic-messages',
  kind: 'chat',
  requestIdHeader: 'request-id',
  upstreamPath: '/messages',
  bodyFormat: 'json',
  inspectRequest,
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
  isTerminal,
  // Usage is part of every Messages stream, asked for or not.
  isOnlyUsage: () => false,
});
