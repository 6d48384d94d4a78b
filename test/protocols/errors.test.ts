// Upstream refusals by class, and the hub's errors in each dialect.

import { describe, expect, it } from 'vitest';
import { HubError } from '../../src/base/errors.ts';
import type { JsonValue } from '../../src/base/json.ts';
import { PROTOCOLS } from '../../src/protocols/list.ts';
import { parseRetryAfter } from '../../src/protocols/upstream-error.ts';
import { payloads } from './streams.ts';

const chat = PROTOCOLS['openai-chat'];
const messages = PROTOCOLS['anthropic-messages'];

const SECRET = 'the secret prompt';

function openAiBody(code: string, message = SECRET): JsonValue {
  return { error: { message, type: 'x', param: null, code } };
}

function anthropicBody(type: string, message = SECRET): JsonValue {
  return { type: 'error', error: { type, message }, request_id: null };
}

describe('classifying an upstream error', () => {
  it.each<[number, JsonValue | undefined, string]>([
    [400, openAiBody('invalid_value'), 'upstream_rejected'],
    [413, undefined, 'upstream_rejected'],
    [422, { detail: [{ msg: SECRET }] }, 'upstream_rejected'],
    [400, openAiBody('context_length_exceeded'), 'context_too_long'],
    [400, anthropicBody('invalid_request_error', 'prompt is too long: 2 > 1'), 'context_too_long'],
    [400, openAiBody('model_not_found'), 'upstream_model_missing'],
    [401, openAiBody('invalid_api_key'), 'upstream_refused_hub'],
    [403, anthropicBody('permission_error'), 'upstream_refused_hub'],
    [402, anthropicBody('billing_error'), 'upstream_refused_hub'],
    [
      400,
      anthropicBody('invalid_request_error', 'Your credit balance is too low'),
      'upstream_refused_hub',
    ],
    [
      400,
      { code: 'invalid-argument', error: 'Incorrect API key provided' },
      'upstream_refused_hub',
    ],
    [
      400,
      { error: { code: 400, details: [{ reason: 'API_KEY_INVALID' }] } },
      'upstream_refused_hub',
    ],
    [404, openAiBody('model_not_found'), 'upstream_model_missing'],
    [408, undefined, 'upstream_timeout'],
    [429, openAiBody('rate_limit_exceeded'), 'upstream_rate_limited'],
    [429, openAiBody('insufficient_quota'), 'upstream_refused_hub'],
    [
      429,
      { type: 'error', error: { details: { error_code: 'enforced_spend_limit_reached' } } },
      'upstream_refused_hub',
    ],
    [500, 'a page of HTML', 'upstream_failed'],
    [502, null, 'upstream_failed'],
    [503, undefined, 'upstream_overloaded'],
    [504, undefined, 'upstream_timeout'],
    [529, anthropicBody('overloaded_error'), 'upstream_overloaded'],
  ])('takes %i %j for %s', (status, body, code) => {
    for (const protocol of [chat, messages]) {
      const error = protocol.decodeError(status, body);
      expect(error.code).toBe(code);
      expect(JSON.stringify([error.message, error.param])).not.toContain(SECRET);
    }
  });

  it('takes over when to try again', () => {
    expect(chat.decodeError(429, undefined, '17').retryAfterSeconds).toBe(17);
    const inTenSeconds = new Date(Date.now() + 10_000).toUTCString();
    const { retryAfterSeconds } = messages.decodeError(429, undefined, inTenSeconds);
    expect(retryAfterSeconds).toBeGreaterThanOrEqual(9);
    expect(retryAfterSeconds).toBeLessThanOrEqual(10);
  });

  it.each([
    [undefined, undefined],
    ['0', undefined],
    ['-5', undefined],
    ['1.2', 2],
    ['soon', undefined],
    ['99999999', 86_400],
    ['Thu, 01 Jan 1970 00:01:00 GMT', 59],
    ['Thu, 01 Jan 1970 00:00:00 GMT', undefined],
  ])('reads retry-after %j as %j', (text, seconds) => {
    expect(parseRetryAfter(text, 1000)).toBe(seconds);
  });
});

describe('writing an error', () => {
  const error = new HubError('invalid_request', { param: 'n', message: 'Too many.' });

  it("has all four keys of OpenAI's shape", () => {
    expect(chat.encodeError(error, 'req_1')).toEqual({
      status: 400,
      body: {
        error: {
          message: 'Too many.',
          type: 'invalid_request_error',
          param: 'n',
          code: 'invalid_request',
        },
      },
    });
  });

  it("has Anthropic's shape, the field in the message", () => {
    expect(messages.encodeError(error, 'req_1')).toEqual({
      status: 400,
      body: {
        type: 'error',
        error: { type: 'invalid_request_error', message: 'n: Too many.' },
        request_id: 'req_1',
      },
    });
  });

  it.each([
    ['authentication_failed', 401, 'authentication_error', 401, 'authentication_error'],
    ['own_credential_refused', 400, 'invalid_request_error', 400, 'invalid_request_error'],
    ['insufficient_balance', 402, 'insufficient_quota', 402, 'billing_error'],
    ['budget_exceeded', 402, 'insufficient_quota', 402, 'billing_error'],
    ['model_not_found', 404, 'invalid_request_error', 404, 'not_found_error'],
    ['idempotency_in_progress', 409, 'invalid_request_error', 409, 'conflict_error'],
    ['idempotency_key_used', 409, 'invalid_request_error', 409, 'conflict_error'],
    ['body_too_large', 413, 'invalid_request_error', 413, 'request_too_large'],
    ['rate_limited', 429, 'rate_limit_error', 429, 'rate_limit_error'],
    ['upstream_refused_hub', 502, 'server_error', 502, 'api_error'],
    ['upstream_overloaded', 503, 'server_error', 529, 'overloaded_error'],
    ['upstream_timeout', 504, 'server_error', 504, 'timeout_error'],
  ] as const)('gives %s its status and type', (code, status, type, status2, type2) => {
    const openAi = chat.encodeError(new HubError(code), 'r');
    expect(openAi).toMatchObject({ status, body: { error: { type } } });
    const anthropic = messages.encodeError(new HubError(code), 'r');
    expect(anthropic).toMatchObject({ status: status2, body: { error: { type: type2 } } });
  });

  it('says in mid-stream what it says before', () => {
    for (const protocol of [chat, messages]) {
      const [event] = payloads(protocol.encodeErrorEvent(error, 'req_1'));
      expect(event).toEqual(protocol.encodeError(error, 'req_1').body);
    }
    expect(messages.encodeErrorEvent(error, 'r')).toMatch(/^event: error\n/);
  });
});
