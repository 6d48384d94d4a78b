// What failures on the way to a provider are called. Both clients tell a connection that never came
// about from one that fell silent: the first has carried nothing that a provider could bill.

import { HubError } from '../base/errors.ts';
import type { UpstreamCall } from './port.ts';

/** The `code` of the cause of a failure whose connection was never established in time. */
const CONNECT_TIMEOUT = 'CONNECT_TIMEOUT';
/** The `code` of the cause of a failure whose provider said nothing for too long. */
const SILENCE_TIMEOUT = 'SILENCE_TIMEOUT';

/** `otherwise`: what a failure is that is no timeout, before the answer's head or after it. */
export function explain(
  cause: Error,
  otherwise: 'upstream_failed' | 'upstream_broke_off',
): HubError {
  const { code } = cause as { code?: unknown };
  const isTimeout = code === CONNECT_TIMEOUT || code === SILENCE_TIMEOUT;
  return new HubError(isTimeout ? 'upstream_timeout' : otherwise, { cause });
}

/** A call of which nothing could be sent. */
export function failedCall(cause: Error): UpstreamCall {
  return { answer: Promise.reject(explain(cause, 'upstream_failed')), abort: () => undefined };
}

/** Whether the connection never came about, so that the provider was sent nothing. */
export function isConnectTimeout({ cause }: HubError): boolean {
  return (cause as { code?: unknown } | null | undefined)?.code === CONNECT_TIMEOUT;
}

export function connectTimeout(cause?: Error): Error {
  const error = new Error('the connection did not come about in time', { cause });
  return Object.assign(error, { code: CONNECT_TIMEOUT });
}

export function silenceTimeout(cause?: Error): Error {
  const error = new Error('the provider said nothing for too long', { cause });
  return Object.assign(error, { code: SILENCE_TIMEOUT });
}
