// Google's Interactions, without what it keeps. https://ai.google.dev/api/interactions-api

import { decodeError, encodeError } from '../gemini/errors.ts';
import type { ChatProtocol } from '../protocol.ts';
import { decodeEvents, decodeReply, isTerminal, mayBeLast } from './decode-events.ts';
import { decodeRequest } from './decode-request.ts';
import { editRequest } from './edits.ts';
import { encodeEvents, KEEP_ALIVE } from './encode-events.ts';
import { encodeRequest } from './encode-request.ts';
import { encodeErrorEvent } from './errors.ts';
import { inspectRequest } from './facts.ts';
import { encodeReply } from './reply.ts';

export const geminiInteractions = Object.freeze<ChatProtocol>({
  id: 'gemini-interactions',
  kind: 'chat',
  framing: 'sse',
  keepAlive: KEEP_ALIVE,
  requestIdHeader: 'x-request-id',
  upstreamPath: () => '/interactions',
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
  isTerminal,
  // Usage is part of every interaction, asked for or not.
  isOnlyUsage: () => false,
  mayBeLast,
});
