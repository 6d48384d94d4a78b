// Errors in Anthropic's dialect, both ways. Claude Code matches types and words, so they are
// Anthropic's own where it has them, its status 529 for overload among them.

import { ERRORS, type HubError } from '../../base/errors.ts';
import { objectOf, stringOf, isObject, type JsonObject, type JsonValue } from '../../base/json.ts';
import { formatSse } from '../../base/sse.ts';
import type { WireError } from '../protocol.ts';
import { classifyUpstreamError } from '../upstream-error.ts';

const OVERLOADED = 529;

const TYPES: ReadonlyMap<number, string> = new Map([
  [401, 'authentication_error'],
  [402, 'billing_error'],
  [403, 'permission_error'],
  [404, 'not_found_error'],
  [408, 'timeout_error'],
  [409, 'conflict_error'],
  [413, 'request_too_large'],
  [429, 'rate_limit_error'],
  [504, 'timeout_error'],
  [OVERLOADED, 'overloaded_error'],
]);

const STATUSES: ReadonlyMap<string, number> = new Map([
  ['invalid_request_error', 400],
  ['authentication_error', 401],
  ['billing_error', 402],
  ['permission_error', 403],
  ['not_found_error', 404],
  ['request_too_large', 413],
  ['rate_limit_error', 429],
  ['timeout_error', 504],
  ['overloaded_error', OVERLOADED],
  ['api_error', 500],
]);

export function encodeError(error: HubError, requestId: string): WireError {
  const status = error.code === 'upstream_overloaded' ? OVERLOADED : ERRORS[error.code].status;
  const type = TYPES.get(status) ?? (status < 500 ? 'invalid_request_error' : 'api_error');
  return {
    status,
    body: {
      type: 'error',
      error: { type, message: writeMessage(error) },
      request_id: requestId,
    },
  };
}

function writeMessage(error: HubError): string {
  // The words by which Claude Code knows that it has to compact the conversation.
  if (error.code === 'context_too_long') return `prompt is too long: ${error.message}`;
  return error.param === undefined ? error.message : `${error.param}: ${error.message}`;
}

export function encodeErrorEvent(error: HubError, requestId: string): string {
  return formatSse(JSON.stringify(encodeError(error, requestId).body), 'error');
}

export function isErrorBody(body: JsonObject): boolean {
  return body['type'] === 'error' || isObject(body['error']);
}

/** Classifies an error that came under status 200 by the status that its type stands for. */
export function decodeErrorBody(body: JsonObject): HubError {
  const type = stringOf(objectOf(body['error'])?.['type']) ?? '';
  return classifyUpstreamError(STATUSES.get(type) ?? 502, body);
}

export function decodeError(
  status: number,
  body: JsonValue | undefined,
  retryAfter?: string,
): HubError {
  if (status >= 400) return classifyUpstreamError(status, body, retryAfter);
  return isObject(body) ? decodeErrorBody(body) : classifyUpstreamError(502, body);
}
