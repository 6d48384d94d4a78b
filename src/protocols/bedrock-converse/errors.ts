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

const PAYMENT_REQUIRED = 402;
const NOT_FOUND = 404;
const QUOTA = /service quota/i;
const NO_SUCH_MODEL = /model identifier is invalid|on-demand throughput/i;

export function decodeError(
  status: number,
  body: JsonValue | undefined,
  retryAfter?: string,
): HubError {
  const refusal = objectOf(body);
  // Whatever refuses before Bedrock itself writes it in the older way.
  const message = stringOf(refusal?.['message'] ?? refusal?.['Message']) ?? '';
  return classifyUpstreamError(statusOf(status, message), { message }, retryAfter);
}

/** The status that says what the words say. */
function statusOf(status: number, message: string): number {
  if (status === 400 && QUOTA.test(message)) return PAYMENT_REQUIRED;
  return status === 400 && NO_SUCH_MODEL.test(message) ? NOT_FOUND : status;
}

/** Whether this event of a stream is a failure, which ends it. */
export function isFailure({ name }: SseEvent): boolean {
  return FAILURE.test(name);
}

export function decodeFailure({ name, data }: SseEvent): HubError {
  return decodeError(STATUSES.get(name) ?? 502, parseJson(data));
}
