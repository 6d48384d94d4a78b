// The one error of the hub. A code says what happened and who owns the failure; the table below
// is the only place that gives a code its status, its retry advice and its public words. Protocols
// alone turn an error into a wire shape, so a client always reads its own dialect.

/** Who has to act: the caller (fix the request), the hub (us), or the upstream provider. */
export type ErrorOwner = 'caller' | 'hub' | 'upstream';

export interface ErrorKind {
  readonly status: number;
  readonly owner: ErrorOwner;
  readonly retryable: boolean;
  readonly message: string;
}

const kind = (status: number, owner: ErrorOwner, retryable: boolean, message: string): ErrorKind =>
  Object.freeze({ status, owner, retryable, message });

export const ERRORS = Object.freeze({
  // The caller's request.
  invalid_json: kind(400, 'caller', false, 'The request body is not valid JSON.'),
  invalid_request: kind(400, 'caller', false, 'The request is not valid.'),
  unsupported_parameter: kind(400, 'caller', false, 'A parameter is not supported here.'),
  previous_response_not_found: kind(
    400,
    'caller',
    false,
    'Nothing is stored here between requests. Send the whole conversation in `input`.',
  ),
  context_too_long: kind(400, 'caller', false, 'The prompt is longer than the model accepts.'),
  authentication_failed: kind(
    401,
    'caller',
    false,
    'The API key is missing, malformed, unknown or revoked.',
  ),
  not_signed_in: kind(401, 'caller', false, 'Sign in first.'),
  sign_in_failed: kind(401, 'caller', false, 'The email address or the password is wrong.'),
  second_factor_failed: kind(401, 'caller', false, 'The code is wrong, or was used already.'),
  /** Answered by the pages with a question for the password, a passkey or Google. */
  reauthentication_required: kind(
    401,
    'caller',
    false,
    'Prove once more that it is you: this needs a recent sign-in.',
  ),
  link_invalid: kind(401, 'caller', false, 'The link is unknown, used or expired.'),
  insufficient_balance: kind(
    402,
    'caller',
    false,
    'The balance does not cover this request. Top up, or send a shorter prompt.',
  ),
  budget_exceeded: kind(
    402,
    'caller',
    false,
    'A budget of this key or of its maker does not cover this request.',
  ),
  test_key_live_model: kind(
    403,
    'caller',
    false,
    'Test keys spend play money and reach sandbox models only. Use a live key for this model.',
  ),
  own_credential_refused: kind(
    400,
    'caller',
    false,
    "The provider did not accept your workspace's own credential for it.",
  ),
  live_key_sandbox_model: kind(
    403,
    'caller',
    false,
    'Sandbox models answer test keys only, because this hub takes real payments.',
  ),
  password_weak: kind(400, 'caller', false, 'This password is too easy to guess.'),
  proof_of_work_failed: kind(
    400,
    'caller',
    true,
    'The check that you are no robot failed or ran out. Try again.',
  ),
  key_not_allowed: kind(403, 'caller', false, 'This API key may not do this.'),
  forbidden: kind(403, 'caller', false, 'This is not allowed.'),
  cross_origin: kind(403, 'caller', false, 'The request comes from another site.'),
  not_found: kind(404, 'caller', false, 'There is nothing at this address.'),
  model_not_found: kind(404, 'caller', false, 'The model does not exist on this hub.'),
  no_provider: kind(
    404,
    'caller',
    false,
    'No provider of this model is as the request wants it to be.',
  ),
  method_not_allowed: kind(405, 'caller', false, 'The method is not allowed at this address.'),
  conflict: kind(409, 'caller', false, 'The request conflicts with what is there already.'),
  idempotency_in_progress: kind(
    409,
    'caller',
    true,
    'A request with this Idempotency-Key is still under way.',
  ),
  idempotency_key_used: kind(
    409,
    'caller',
    false,
    'A request with this Idempotency-Key was charged. Its answer is not kept.',
  ),
  body_too_large: kind(413, 'caller', false, 'The request body is too large.'),
  unsupported_encoding: kind(415, 'caller', false, 'The content encoding is not supported.'),
  websocket_unsupported: kind(426, 'caller', false, 'There are no WebSockets here. Use HTTP.'),
  rate_limited: kind(429, 'caller', true, 'Too many requests. Try again in a moment.'),
  // The client went away before the answer was complete; nobody reads this answer.
  client_closed: kind(499, 'caller', false, 'The client closed the connection.'),
  // Ours.
  internal: kind(500, 'hub', true, 'The hub made a mistake. The request was not charged.'),
  price_unknown: kind(503, 'hub', false, 'The model has no price, so it is not served.'),
  storage_unavailable: kind(
    503,
    'hub',
    true,
    'The hub cannot reach its database just now. Try again in a moment.',
  ),
  journal_unavailable: kind(
    503,
    'hub',
    true,
    'The hub cannot record usage just now, so it serves nothing. Try again in a moment.',
  ),
  own_credential_unreadable: kind(
    503,
    'hub',
    false,
    "The hub cannot open your workspace's own credential for this provider.",
  ),
  shutting_down: kind(503, 'hub', true, 'The hub is restarting. Try again in a moment.'),
  // The provider's.
  upstream_rejected: kind(400, 'upstream', false, 'The provider rejected the request.'),
  upstream_rate_limited: kind(429, 'upstream', true, 'The provider is rate limiting the hub.'),
  upstream_refused_hub: kind(
    502,
    'upstream',
    false,
    "The provider did not accept the hub's own credentials.",
  ),
  upstream_model_missing: kind(
    502,
    'upstream',
    false,
    'The provider does not serve this model to the hub.',
  ),
  upstream_failed: kind(502, 'upstream', true, 'The provider failed to answer.'),
  upstream_broke_off: kind(502, 'upstream', true, 'The provider broke off in mid-answer.'),
  upstream_overloaded: kind(503, 'upstream', true, 'The provider is overloaded.'),
  upstream_timeout: kind(504, 'upstream', true, 'The provider did not answer in time.'),
} satisfies Record<string, ErrorKind>);

export type ErrorCode = keyof typeof ERRORS;

export interface ErrorDetails {
  /** Public words that replace the table's; they may name fields, never repeat content. */
  readonly message?: string | undefined;
  /** The offending field, as a path in the caller's own body: `messages[2].content`. */
  readonly param?: string | undefined;
  /** Seconds after which a retry makes sense; sent as `retry-after`. */
  readonly retryAfterSeconds?: number | undefined;
  readonly cause?: unknown;
}

/** The only error class of the hub; `status`, `owner` and `retryable` follow from the code. */
export class HubError extends Error {
  readonly code: ErrorCode;
  readonly param: string | undefined;
  readonly retryAfterSeconds: number | undefined;

  constructor(code: ErrorCode, details: ErrorDetails = {}) {
    super(details.message ?? ERRORS[code].message, { cause: details.cause });
    this.name = 'HubError';
    this.code = code;
    this.param = details.param;
    this.retryAfterSeconds = details.retryAfterSeconds;
  }

  get kind(): ErrorKind {
    return ERRORS[this.code];
  }
}

/** Anything thrown becomes a HubError; what we did not foresee is `internal`, its text not public. */
export function toHubError(error: unknown): HubError {
  return error instanceof HubError ? error : new HubError('internal', { cause: error });
}

/** A broken invariant is a bug of ours: it ends the request (or the start), never a refusal. */
export function assert(condition: unknown, invariant: string): asserts condition {
  if (!condition) throw new Error(`Invariant broken: ${invariant}`);
}
