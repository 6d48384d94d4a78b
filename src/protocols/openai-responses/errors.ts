// Errors of a stream that has begun, as Responses tells them: a flat `error` event, by which the
// official SDKs throw, and the response as failed, for which others wait.

import type { HubError } from '../../base/errors.ts';
import { objectOf, type JsonObject } from '../../base/json.ts';
import { formatSse } from '../../base/sse.ts';
import { encodeError } from '../openai-errors.ts';
import { type Identity, type Standing, writeResponse } from './snapshot.ts';

/** One event of a stream, without its number in it. */
export type ResponseEvent = JsonObject & { readonly type: string };

/** The events that end a stream in failure. */
export function failureEvents(
  error: HubError,
  identity: Identity,
  standing: Omit<Standing, 'status' | 'error'>,
): ResponseEvent[] {
  const { code, message, param } = objectOf(encodeError(error).body['error']) ?? {};
  const failed = { ...standing, status: 'failed', error: responseError(error) } as const;
  return [
    { type: 'error', code, message, param },
    { type: 'response.failed', response: writeResponse(identity, failed) },
  ];
}

/** An event on the wire, its name equal to its type. */
export function frame(event: ResponseEvent, sequence: number): string {
  return formatSse(JSON.stringify({ ...event, sequence_number: sequence }), event.type);
}

/** How far a stream of the provider's own has come at its client. */
export interface Course {
  id: string;
  model: string;
  createdSeconds: number;
  /** The number of the newest event. */
  sequence: number;
}

export function openCourse(): Course {
  return { id: '', model: '', createdSeconds: 0, sequence: -1 };
}

export function encodeFailure(error: HubError, requestId: string, course: Course): string {
  const identity = { ...course, id: course.id || `resp_${requestId}` };
  return failureEvents(error, identity, { output: [] })
    .map((event, i) => frame(event, course.sequence + 1 + i))
    .join('');
}

/** For a stream of which nothing is known. */
export function encodeErrorEvent(error: HubError, requestId: string): string {
  return encodeFailure(error, requestId, openCourse());
}

/** OpenAI's own codes where it has them: clients decide by these whether to ask again. */
function responseError({ code, message }: HubError): JsonObject {
  const isLimit = code === 'rate_limited' || code === 'upstream_rate_limited';
  const other = code === 'context_too_long' ? 'context_length_exceeded' : 'server_error';
  return { code: isLimit ? 'rate_limit_exceeded' : other, message };
}
