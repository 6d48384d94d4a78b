// Errors in Google's dialect, both ways. Clients look at `status` and, for whether and when to try
// again, at `details`, so the hub's code and pause stand there too.
// https://cloud.google.com/apis/design/errors

import { ERRORS, HubError } from '../../base/errors.ts';
import {
  arrayOf,
  isObject,
  objectOf,
  stringOf,
  type JsonObject,
  type JsonValue,
} from '../../base/json.ts';
import { formatSse } from '../../base/sse.ts';
import type { WireError } from '../protocol.ts';
import { classifyUpstreamError } from '../upstream-error.ts';

const STATUSES: ReadonlyMap<number, string> = new Map([
  [401, 'UNAUTHENTICATED'],
  [402, 'FAILED_PRECONDITION'],
  [403, 'PERMISSION_DENIED'],
  [404, 'NOT_FOUND'],
  [409, 'ABORTED'],
  [429, 'RESOURCE_EXHAUSTED'],
  [499, 'CANCELLED'],
  [503, 'UNAVAILABLE'],
  [504, 'DEADLINE_EXCEEDED'],
]);

const ERROR_INFO = 'type.googleapis.com/google.rpc.ErrorInfo';
const RETRY_INFO = 'type.googleapis.com/google.rpc.RetryInfo';

export function encodeError(error: HubError): WireError {
  const { status: code } = ERRORS[error.code];
  const status = STATUSES.get(code) ?? (code < 500 ? 'INVALID_ARGUMENT' : 'INTERNAL');
  const { retryAfterSeconds: seconds, param } = error;
  const reason = error.code.toUpperCase();
  const details: JsonObject[] = [
    {
      '@type': ERROR_INFO,
      reason,
      domain: 'inferencehub',
      ...(param !== undefined && { metadata: { param } }),
    },
    ...(seconds === undefined ? [] : [{ '@type': RETRY_INFO, retryDelay: `${seconds}s` }]),
  ];
  return { status: code, body: { error: { code, message: writeMessage(error), status, details } } };
}

function writeMessage(error: HubError): string {
  // The words by which clients know that the conversation has to become shorter.
  if (error.code === 'context_too_long') {
    return `The input token count exceeds the maximum number of tokens allowed. ${error.message}`;
  }
  return error.param === undefined ? error.message : `${error.param}: ${error.message}`;
}

export function encodeErrorEvent(error: HubError): string {
  return formatSse(JSON.stringify(encodeError(error).body));
}

/** Whether a body or a chunk under status 200 is an error all the same. */
export function isErrorBody(body: JsonObject): boolean {
  return isObject(body['error']);
}

/** Classifies an error that came under status 200 by the status that it names. */
export function decodeErrorBody(body: JsonObject): HubError {
  const code = objectOf(body['error'])?.['code'];
  const status = typeof code === 'number' && code >= 400 && code < 600 ? code : 502;
  return decodeError(status, body);
}

/** A stream that was asked for as a JSON array fails with an array of one error. */
export function decodeError(
  status: number,
  body: JsonValue | undefined,
  retryAfter?: string,
): HubError {
  const error = objectOf(objectOf(Array.isArray(body) ? body[0] : body)?.['error']);
  if (status < 400) return error ? decodeErrorBody({ error }) : classifyUpstreamError(502, body);
  const details = arrayOf(error?.['details']).map((detail) => objectOf(detail) ?? {});
  const pause = details.map((detail) => stringOf(detail['retryDelay'])).find((text) => text);
  const classified = classifyUpstreamError(status, body, retryAfter ?? pause?.replace(/s$/, ''));
  const { retryAfterSeconds } = classified;
  // Google's words for a limit of a minute are those of others for an empty account.
  const isLimit = pause !== undefined || details.some((detail) => detail['violations']);
  if (status === 429 && isLimit)
    return new HubError('upstream_rate_limited', { retryAfterSeconds });
  // Where the account may not be used from, or what it has to be paid for.
  const isAccount = status === 400 && error?.['status'] === 'FAILED_PRECONDITION';
  return isAccount ? new HubError('upstream_refused_hub') : classified;
}
