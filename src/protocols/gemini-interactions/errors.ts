// Errors of interactions: those with a status are Google's usual ones, while in mid-stream a word
// stands in the place of the number, and it is not always the right one.

import type { HubError } from '../../base/errors.ts';
import { objectOf, stringOf, type JsonObject, type JsonValue } from '../../base/json.ts';
import { formatSse } from '../../base/sse.ts';
import { encodeError } from '../gemini/errors.ts';
import { classifyUpstreamError } from '../upstream-error.ts';

const STATUSES: ReadonlyMap<string, number> = new Map([
  ['invalid_request', 400],
  ['invalid_argument', 400],
  ['failed_precondition', 400],
  ['unauthenticated', 401],
  ['permission_denied', 403],
  ['not_found', 404],
  ['resource_exhausted', 429],
  ['rate_limit_exceeded', 429],
  ['too_many_requests', 429],
  ['unavailable', 503],
  ['service_unavailable', 503],
  ['overloaded', 503],
  ['deadline_exceeded', 504],
  ['gateway_timeout', 504],
]);

/** Google says this of a model under `invalid_request` too. */
const OVERLOADED = /high demand|overloaded/i;

/** The error in an event, or in an interaction that failed. */
export function decodeFailure(value: JsonValue | undefined): HubError {
  const error = objectOf(value) ?? {};
  return classifyUpstreamError(statusOf(error), { error });
}

function statusOf({ code, message }: JsonObject): number {
  if (OVERLOADED.test(stringOf(message) ?? '')) return 503;
  if (typeof code === 'number') return code >= 400 && code < 600 ? code : 502;
  return STATUSES.get(stringOf(code)?.toLowerCase() ?? '') ?? 502;
}

/** The words of Google's statuses, as events have them. */
export function encodeErrorEvent(error: HubError): string {
  const { status, message } = objectOf(encodeError(error).body['error']) ?? {};
  const told = { code: stringOf(status)?.toLowerCase(), message };
  return formatSse(JSON.stringify({ event_type: 'error', error: told }), 'error');
}
