// The answers of the models that refuse every request, worded and shaped as OpenAI's are, because
// that is what a gateway has to recognise.

import type { JsonObject } from '../base/json.ts';
import type { SandboxModelId } from './models.ts';

export interface Refusal {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: JsonObject;
}

const refusal = (
  status: number,
  type: string,
  code: string | null,
  message: string,
  headers: Readonly<Record<string, string>> = {},
): Refusal =>
  Object.freeze({
    status,
    headers: Object.freeze(headers),
    body: Object.freeze({ error: Object.freeze({ message, type, param: null, code }) }),
  });

export const SERVER_ERROR = refusal(500, 'server_error', null, 'The sandbox failed, as asked.');

export const REFUSALS: ReadonlyMap<SandboxModelId, Refusal> = new Map([
  [
    'fail-rate-limit',
    refusal(429, 'requests', 'rate_limit_exceeded', 'The sandbox limits the rate, as asked.', {
      'retry-after': '1',
    }),
  ],
  ['fail-overloaded', refusal(503, 'server_error', null, 'The sandbox is overloaded, as asked.')],
  ['fail-server', SERVER_ERROR],
  [
    'fail-auth',
    refusal(
      401,
      'invalid_request_error',
      'invalid_api_key',
      'The sandbox refuses the provider key.',
    ),
  ],
  [
    'fail-context',
    refusal(
      400,
      'invalid_request_error',
      'context_length_exceeded',
      'The prompt exceeds the maximum context length, as asked.',
    ),
  ],
]);
