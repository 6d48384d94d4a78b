// The answer on OpenAI's wire, whole or as chunks. Ids are hashes of the request's bytes: the same
// body gets the same bytes back, but for `created`.

import { hash } from 'node:crypto';
import type { HubError } from '../base/errors.ts';
import type { JsonObject, JsonValue } from '../base/json.ts';
import { formatSse } from '../base/sse.ts';
import type { Answer, Piece } from './answer.ts';
import type { SandboxRequest } from './request.ts';
import { reportUsage } from './usage.ts';

export interface Reply {
  readonly request: SandboxRequest;
  readonly answer: Answer;
  /** A hash of the request body, in hexadecimal. */
  readonly bodyHash: string;
  readonly createdSeconds: number;
}

/** A stream in parts that are sent one after the other; `step(i)` is token i of every choice. */
export interface StreamParts {
  readonly head: string;
  readonly steps: number;
  step(index: number): string;
  readonly tail: string;
}

const FINGERPRINT = 'fp_sandbox';

export function encodeWhole(reply: Reply): JsonObject {
  const { request, answer } = reply;
  const usage = reportUsage(request, answer);
  const choices = choiceIndices(reply).map((index) => ({
    index,
    message: encodeMessage(reply, index),
    logprobs: null,
    finish_reason: answer.finishReason,
  }));
  return { ...envelope(reply, 'chat.completion'), choices, ...(usage && { usage }) };
}

export function encodeStream(reply: Reply): StreamParts {
  const { request, answer } = reply;
  const usage = request.includeUsage ? reportUsage(request, answer) : undefined;
  const shared = {
    ...envelope(reply, 'chat.completion.chunk'),
    ...(usage && { usage: null }),
  };
  const callOfPiece = countCalls(answer.pieces);
  const frame = (choices: JsonValue[], more: JsonObject = {}): string =>
    formatSse(JSON.stringify({ ...shared, choices, ...more }));
  const chunks = (delta: (choice: number) => JsonObject, finishReason: string | null): string =>
    choiceIndices(reply)
      .map((index) =>
        frame([{ index, delta: delta(index), logprobs: null, finish_reason: finishReason }]),
      )
      .join('');
  const content = callOfPiece.at(-1) === -1 || callOfPiece.length === 0 ? '' : null;
  return {
    head: chunks(() => ({ role: 'assistant', content, refusal: null }), null),
    steps: answer.pieces.length,
    step(index) {
      const piece = answer.pieces[index];
      const call = callOfPiece[index];
      if (piece === undefined || call === undefined) return '';
      return chunks((choice) => encodeDelta(piece, call, callId(reply, choice, call)), null);
    },
    tail:
      chunks(() => ({}), answer.finishReason) +
      (usage ? frame([], { usage }) : '') +
      formatSse('[DONE]'),
  };
}

/** A refusal in OpenAI's shape, for what the request itself got wrong. */
export function encodeRefusal(error: HubError): JsonObject {
  const type = error.kind.owner === 'caller' ? 'invalid_request_error' : 'server_error';
  const code = error.code === 'model_not_found' ? error.code : null;
  return { error: { message: error.message, type, param: error.param ?? null, code } };
}

function envelope(reply: Reply, object: string): JsonObject {
  return {
    id: `chatcmpl-${reply.bodyHash.slice(0, 24)}`,
    object,
    created: reply.createdSeconds,
    model: reply.request.model,
    service_tier: 'default',
    system_fingerprint: FINGERPRINT,
  };
}

function encodeMessage(reply: Reply, choice: number): JsonObject {
  const { pieces } = reply.answer;
  const callOfPiece = countCalls(pieces);
  const join = (kind: Piece['kind'], call = -1): string =>
    pieces.reduce(
      (text, piece, i) =>
        piece.kind === kind && callOfPiece[i] === call ? text + piece.text : text,
      '',
    );
  const calls = pieces
    .filter((piece) => piece.kind === 'call')
    .map((piece, call) => ({
      id: callId(reply, choice, call),
      type: 'function',
      function: { name: piece.text, arguments: join('arguments', call) },
    }));
  const reasoning = join('reasoning');
  return {
    role: 'assistant',
    content: calls.length > 0 ? null : join('text'),
    refusal: null,
    ...(reasoning !== '' && { reasoning_content: reasoning }),
    ...(calls.length > 0 && { tool_calls: calls }),
  };
}

function encodeDelta(piece: Piece, call: number, id: string): JsonObject {
  switch (piece.kind) {
    case 'reasoning':
      return { reasoning_content: piece.text };
    case 'text':
      return { content: piece.text };
    case 'call': {
      const opened = { name: piece.text, arguments: '' };
      return { tool_calls: [{ index: call, id, type: 'function', function: opened }] };
    }
    case 'arguments':
      return { tool_calls: [{ index: call, function: { arguments: piece.text } }] };
  }
}

/** For each piece the number of the tool call that it belongs to; -1 outside of calls. */
function countCalls(pieces: readonly Piece[]): number[] {
  let call = -1;
  return pieces.map((piece) => (piece.kind === 'call' ? ++call : call));
}

function choiceIndices(reply: Reply): number[] {
  return Array.from({ length: reply.request.choices }, (_, index) => index);
}

function callId(reply: Reply, choice: number, call: number): string {
  return `call_${hash('sha256', `${reply.bodyHash}/${choice}/${call}`).slice(0, 24)}`;
}
