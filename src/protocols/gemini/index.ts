// Google's Gemini API and, by the same bodies, Vertex. The model and whether to stream stand in the
// address. https://ai.google.dev/api/generate-content

import { type JsonObject, objectOf } from '../../base/json.ts';
import { isSet, readObject } from '../fields.ts';
import type { Address, ChatProtocol, TokenCounting } from '../protocol.ts';
import { readCount } from '../token-counts.ts';
import { modelPath } from './address.ts';
import { decodeEvents, decodeReply, isTerminal, mayBeLast } from './decode-events.ts';
import { decodeRequest } from './decode-request.ts';
import { editRequest } from './edits.ts';
import { encodeEvents, KEEP_ALIVE } from './encode-events.ts';
import { encodeRequest } from './encode-request.ts';
import { decodeError, encodeError, encodeErrorEvent } from './errors.ts';
import { inspectRequest } from './facts.ts';
import { encodeReply } from './reply.ts';
import { respell } from './spelling.ts';

export const gemini = Object.freeze<ChatProtocol>({
  id: 'gemini',
  kind: 'chat',
  framing: 'sse',
  keepAlive: KEEP_ALIVE,
  requestIdHeader: 'x-request-id',
  upstreamPath: ({ model, stream }) =>
    modelPath(model, stream ? 'streamGenerateContent?alt=sse' : 'generateContent'),
  bodyFormat: 'json',
  inspectRequest,
  tokenCounting: Object.freeze<TokenCounting>({
    upstreamPath: ({ model }) => modelPath(model, 'countTokens'),
    inspect: inspectCount,
    read: (body) => readCount(objectOf(body)?.['totalTokens']),
    write: (tokens) => ({ totalTokens: tokens }),
  }),
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
  // Usage is part of every chunk, asked for or not.
  isOnlyUsage: () => false,
  mayBeLast,
});

/** What is counted is the contents, or a whole request in a field of its own. */
function inspectCount(given: JsonObject, address?: Address) {
  const wrapped = respell(given)['generateContentRequest'];
  const request = isSet(wrapped) ? readObject(wrapped, 'generateContentRequest') : given;
  return inspectRequest(request, undefined, address);
}
