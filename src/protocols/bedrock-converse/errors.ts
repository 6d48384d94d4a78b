// Bedrock's refusals. The class of one is in a header, which is not looked at: status and words tell
// as much. The same classes come as exceptions in a stream, where there is no status.

import type { HubError } from '../../base/errors.ts';
import { objectOf, parseJson, stringOf, type JsonValue } from '../../base/json.ts';
import type { SseEvent } from '../../base/sse.ts';
import { classifyUpstreamError } from '../upstream-error.ts';

const FAILURE = /^(exception|error):/;

const STATUSES: ReadonlyMap<string, number> = new Map([
  ['exception:validationException', 400],
  ['exception:modelTimeoutException', 408],
  ['exception:throttlingException', 429],
  ['exception:serviceUnavailableException', 503],
]);

/** The status of a quota that the hub's account has used up, whatever status says so. */
const PAYMENT_REQUIRED = 402;
const QUOTA = /service quota/i;
const NO_SUCH_MODEL = /model identifier is invalid|on-demand throughput/i;

export function decodeError(
  status: number,
  body: JsonValue | undefined,
  retryAfter?: string,
): HubError {
  const words = stringOf(objectOf(body)?.['message'] ?? objectOf(body)?.['Message']) ?? '';
  if (status === 400 && QUOTA.test(words)) return classifyUpstreamError(PAYMENT_REQUIRED, body);
  if (status === 400 && NO_SUCH_MODEL.test(words)) return classifyUpstreamError(404, body);
  return classifyUpstreamError(status, body, retryAfter);
}

/** Whether this event of a stream is a failure, which ends it. */
export function isFailure({ name }: SseEvent): boolean {
  return FAILURE.test(name);
}

export function decodeFailure({ name, data }: SseEvent): HubError {
  return decodeError(STATUSES.get(name) ?? 502, parseJson(data));
}
