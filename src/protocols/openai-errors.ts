// Errors in OpenAI's dialect, both ways, as all of its endpoints have them. The official SDKs go by
// the status alone; the type and code are what people and some frameworks match, so the known ones
// are OpenAI's own words.

import { ERRORS, type ErrorCode, type HubError } from '../base/errors.ts';
import { isObject, objectOf, type JsonObject, type JsonValue } from '../base/json.ts';
import type { WireError } from './protocol.ts';
import { classifyUpstreamError } from './upstream-error.ts';

const TYPES: ReadonlyMap<number, string> = new Map([
  [401, 'authentication_error'],
  [402, 'insufficient_quota'],
  [403, 'permission_error'],
  [429, 'rate_limit_error'],
]);

const CODES: ReadonlyMap<ErrorCode, string> = new Map([
  ['authentication_failed', 'invalid_api_key'],
  ['context_too_long', 'context_length_exceeded'],
  ['rate_limited', 'rate_limit_exceeded'],
]);

/** Statuses that an error inside a stream stands for, by OpenAI's and its imitators' words. */
const STREAM_STATUSES: ReadonlyMap<string, number> = new Map([
  ['rate_limit_exceeded', 429],
  ['rate_limit_error', 429],
  ['insufficient_quota', 402],
  ['invalid_request_error', 400],
  ['context_length_exceeded', 400],
  ['content_filter', 400],
  ['invalid_prompt', 400],
  ['bio_policy', 400],
  ['invalid_api_key', 401],
  ['authentication_error', 401],
  ['overloaded', 503],
  ['overloaded_error', 503],
  ['service_unavailable', 503],
  ['timeout', 504],
  ['timeout_error', 504],
]);

export function encodeError(error: HubError): WireError {
  const { status } = ERRORS[error.code];
  const type = TYPES.get(status) ?? (status < 500 ? 'invalid_request_error' : 'server_error');
  const code = CODES.get(error.code) ?? error.code;
  const { message, param = null } = error;
  return { status, body: { error: { message, type, param, code } } };
}

/** Whether a body under status 200 is an error all the same. */
export function isErrorBody(body: JsonObject): boolean {
  if (Boolean(body['error']) || body['object'] === 'error') return true;
  // MiniMax's; zero is success.
  const code = objectOf(body['base_resp'])?.['status_code'];
  return code !== undefined && code !== 0;
}

/** Classifies an error body that came under status 200 by the status that it ought to have had. */
export function decodeErrorBody(body: JsonObject): HubError {
  const error = objectOf(body['error']) ?? body;
  return classifyUpstreamError(statusOf(error['code']) ?? statusOf(error['type']) ?? 502, body);
}

function statusOf(word: JsonValue | undefined): number | undefined {
  if (typeof word === 'number') return word >= 400 && word < 600 ? word : undefined;
  return typeof word === 'string' ? STREAM_STATUSES.get(word) : undefined;
}

export function decodeError(
  status: number,
  body: JsonValue | undefined,
  retryAfter?: string,
): HubError {
  if (status >= 400) return classifyUpstreamError(status, body, retryAfter);
  return isObject(body) ? decodeErrorBody(body) : classifyUpstreamError(502, body);
}
