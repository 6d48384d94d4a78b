// Bedrock's refusals by class. Its messages quote requests, so that no word of them may come through.

import { describe, expect, it } from 'vitest';
import { bedrock } from './answers.ts';

describe('a refusal of Bedrock', () => {
  it.each([
    [400, 'The request was not valid.', 'upstream_rejected'],
    [400, 'Input is too long for requested model.', 'context_too_long'],
    [400, 'Input Tokens Exceeded: Number of input tokens exceeds maximum', 'context_too_long'],
    [400, 'The provided model identifier is invalid.', 'upstream_model_missing'],
    [
      400,
      'Invocation of model ID x with on-demand throughput isn’t supported.',
      'upstream_model_missing',
    ],
    [400, 'Your request exceeds the service quota for your account.', 'upstream_refused_hub'],
    [403, 'The security token included in the request is expired', 'upstream_refused_hub'],
    [404, 'This model version has reached the end of its life.', 'upstream_model_missing'],
    [408, 'Model timed out.', 'upstream_timeout'],
    [424, 'Model error.', 'upstream_failed'],
    [429, 'Too many tokens, please wait before trying again.', 'upstream_rate_limited'],
    [500, 'Internal.', 'upstream_failed'],
    [503, 'Bedrock is unable to process your request.', 'upstream_overloaded'],
  ])('of %i, "%s", is %s', (status, message, code) => {
    for (const body of [{ message }, { Message: message, __type: 'x' }]) {
      const error = bedrock.decodeError(status, body);
      expect(error.code).toBe(code);
      expect(error.message).not.toContain(message);
    }
  });

  it('may be of no JSON, and says when to try again', () => {
    expect(bedrock.decodeError(503, undefined).code).toBe('upstream_overloaded');
    expect(bedrock.decodeError(429, { message: 'x' }, '7').retryAfterSeconds).toBe(7);
  });
});
