// Google's errors, by class, and the hub's in Google's dialect.

import { describe, expect, it } from 'vitest';
import { HubError } from '../../../src/base/errors.ts';
import type { JsonValue } from '../../../src/base/json.ts';
import { payloads } from '../streams.ts';
import { gemini } from './wire.ts';

const SECRET = 'the secret prompt';
const body = (code: number, status: string, message = SECRET, details: object[] = []): JsonValue =>
  ({ error: { code, message, status, details } }) as JsonValue;

const RETRY = { '@type': 'type.googleapis.com/google.rpc.RetryInfo', retryDelay: '37s' };
const QUOTA = { '@type': 'type.googleapis.com/google.rpc.QuotaFailure', violations: [{}] };
const QUOTA_WORDS = 'You exceeded your current quota, please check your plan and billing details.';

describe("classifying Google's errors", () => {
  it.each<[number, JsonValue | undefined, string]>([
    [400, body(400, 'INVALID_ARGUMENT'), 'upstream_rejected'],
    [
      400,
      body(400, 'INVALID_ARGUMENT', SECRET, [{ reason: 'API_KEY_INVALID' }]),
      'upstream_refused_hub',
    ],
    [400, body(400, 'FAILED_PRECONDITION'), 'upstream_refused_hub'],
    [
      400,
      body(400, 'INVALID_ARGUMENT', 'The input token count (2) exceeds the maximum'),
      'context_too_long',
    ],
    [403, body(403, 'PERMISSION_DENIED'), 'upstream_refused_hub'],
    [404, body(404, 'NOT_FOUND'), 'upstream_model_missing'],
    [429, body(429, 'RESOURCE_EXHAUSTED', QUOTA_WORDS, [RETRY]), 'upstream_rate_limited'],
    [429, body(429, 'RESOURCE_EXHAUSTED', QUOTA_WORDS, [QUOTA]), 'upstream_rate_limited'],
    [429, body(429, 'RESOURCE_EXHAUSTED', QUOTA_WORDS), 'upstream_refused_hub'],
    [500, body(500, 'INTERNAL'), 'upstream_failed'],
    [503, [body(503, 'UNAVAILABLE')], 'upstream_overloaded'],
    [504, undefined, 'upstream_timeout'],
    [200, body(429, 'RESOURCE_EXHAUSTED'), 'upstream_rate_limited'],
    [200, 'odd', 'upstream_failed'],
  ])('takes %i %j for %s', (status, answer, code) => {
    const error = gemini.decodeError(status, answer);
    expect(error.code).toBe(code);
    expect(JSON.stringify([error.message, error.param])).not.toContain(SECRET);
  });

  it('takes over when to try again, from the body where no header says it', () => {
    const limited = body(429, 'RESOURCE_EXHAUSTED', SECRET, [RETRY]);
    expect(gemini.decodeError(429, limited).retryAfterSeconds).toBe(37);
    expect(gemini.decodeError(429, [limited]).retryAfterSeconds).toBe(37);
    expect(gemini.decodeError(429, limited, '5').retryAfterSeconds).toBe(5);
  });
});

describe("writing an error in Google's dialect", () => {
  it('names the field, the code and the pause where clients look for them', () => {
    const details = { param: 'contents', message: 'Too odd.', retryAfterSeconds: 7 };
    const error = new HubError('invalid_request', details);
    const written = gemini.encodeError(error, 'req_1');
    expect(written).toEqual({
      status: 400,
      body: {
        error: {
          code: 400,
          message: 'contents: Too odd.',
          status: 'INVALID_ARGUMENT',
          details: [
            {
              '@type': 'type.googleapis.com/google.rpc.ErrorInfo',
              reason: 'INVALID_REQUEST',
              domain: 'inferencehub',
              metadata: { param: 'contents' },
            },
            { '@type': 'type.googleapis.com/google.rpc.RetryInfo', retryDelay: '7s' },
          ],
        },
      },
    });
    expect(payloads(gemini.encodeErrorEvent(error, 'req_1'))).toEqual([written.body]);
  });

  it.each([
    ['authentication_failed', 401, 'UNAUTHENTICATED'],
    ['insufficient_balance', 402, 'FAILED_PRECONDITION'],
    ['forbidden', 403, 'PERMISSION_DENIED'],
    ['model_not_found', 404, 'NOT_FOUND'],
    ['idempotency_in_progress', 409, 'ABORTED'],
    ['body_too_large', 413, 'INVALID_ARGUMENT'],
    ['rate_limited', 429, 'RESOURCE_EXHAUSTED'],
    ['internal', 500, 'INTERNAL'],
    ['upstream_overloaded', 503, 'UNAVAILABLE'],
    ['upstream_timeout', 504, 'DEADLINE_EXCEEDED'],
  ] as const)('gives %s its status', (code, status, word) => {
    expect(gemini.encodeError(new HubError(code), 'r')).toMatchObject({
      status,
      body: { error: { code: status, status: word } },
    });
  });

  it('says that a prompt is too long in the words that clients know', () => {
    const { error } = gemini.encodeError(new HubError('context_too_long'), 'r').body as {
      error: { message: string };
    };
    expect(error.message).toMatch(/^The input token count exceeds the maximum number of tokens/);
  });
});
