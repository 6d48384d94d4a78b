// Classifies a provider's refusal, which only in theory follows its protocol: several providers
// answer a bad key with 400 or an empty account with 429. The body is read for the class alone and
// no word of it is passed on, because providers quote prompts and keys in their messages.

import { systemClock } from '../base/clock.ts';
import { HubError, type ErrorCode } from '../base/errors.ts';
import { arrayOf, isObject, objectOf, stringOf, type JsonValue } from '../base/json.ts';

const CONTEXT_TOO_LONG = new RegExp(
  [
    'context_length_exceeded',
    'prompt is too long',
    'maximum (context|prompt) length',
    'exceeds the maximum number of tokens',
    'input token count',
    'input tokens exceeded',
    'input is too long',
    'too_many_(prompt_)?tokens',
    'too many tokens: (?!max tokens)',
    'prompt too long',
    'exceed_context_size',
    'exceeds the available context size',
    'greater than the context length',
    'exceeded model token limit',
    'prompt exceeds max length',
    'context window',
  ].join('|'),
  'i',
);
const BAD_CREDENTIAL =
  /api[_ ]key[_ ]invalid|invalid[_ ]api[_ ]key|incorrect api key|api key not valid/i;
const EMPTY_ACCOUNT = new RegExp(
  [
    'insufficient_quota',
    'credit_balance',
    'credit balance',
    'insufficient.balance',
    'billing',
    'spend_limit',
    'spend(ing)? limit',
    'organization_on_hold',
    'exceeded_current_quota',
    'exceeded your current quota',
  ].join('|'),
  'i',
);
const UNKNOWN_MODEL = /model_not_found|not_found_error|model.{0,80}(does not exist|not found)/i;
/** Groq's model wrote a call that is none; it may do better the next time. */
const FAILED_CALL = /tool_use_failed/;

/** Numbers that Zhipu gives for codes, as texts. */
const ZHIPU_CODES: ReadonlyMap<unknown, ErrorCode> = new Map([
  ['1113', 'upstream_refused_hub'],
  ['1211', 'upstream_model_missing'],
  ['1261', 'context_too_long'],
  ['1301', 'upstream_rejected'],
  ['1302', 'upstream_rate_limited'],
  ['1303', 'upstream_rate_limited'],
  ['1305', 'upstream_rate_limited'],
]);

/** MiniMax's, which come under status 200 as well. */
const MINIMAX_CODES: ReadonlyMap<unknown, ErrorCode> = new Map([
  [1002, 'upstream_rate_limited'],
  [1004, 'upstream_refused_hub'],
  [1008, 'upstream_refused_hub'],
  [1027, 'upstream_rejected'],
  [1039, 'upstream_rate_limited'],
  [2013, 'upstream_rejected'],
]);

const MAX_RETRY_AFTER_SECONDS = 86_400;

/** The hub's error for a provider's answer of this status and body. */
export function classifyUpstreamError(
  status: number,
  body: JsonValue | undefined,
  retryAfter?: string,
): HubError {
  const code = numberedCode(body) ?? codeOf(status, errorText(body), body);
  const retryAfterSeconds = parseRetryAfter(retryAfter, systemClock.wallMs());
  return new HubError(code, { retryAfterSeconds });
}

function numberedCode(body: JsonValue | undefined): ErrorCode | undefined {
  const outer = objectOf(body);
  return (
    ZHIPU_CODES.get(objectOf(outer?.['error'])?.['code']) ??
    MINIMAX_CODES.get(objectOf(outer?.['base_resp'])?.['status_code'])
  );
}

function codeOf(status: number, words: string, body: JsonValue | undefined): ErrorCode {
  if (status === 403 && isModerated(body)) return 'upstream_rejected';
  if (status === 401 || status === 402 || status === 403) return 'upstream_refused_hub';
  if (status === 429) {
    return EMPTY_ACCOUNT.test(words) ? 'upstream_refused_hub' : 'upstream_rate_limited';
  }
  if (status === 400 || status === 412 || status === 413 || status === 422) {
    if (CONTEXT_TOO_LONG.test(words)) return 'context_too_long';
    if (BAD_CREDENTIAL.test(words) || EMPTY_ACCOUNT.test(words)) return 'upstream_refused_hub';
    if (UNKNOWN_MODEL.test(words)) return 'upstream_model_missing';
    if (FAILED_CALL.test(words)) return 'upstream_failed';
    return 'upstream_rejected';
  }
  if (status === 404) return 'upstream_model_missing';
  if (status === 408 || status === 504) return 'upstream_timeout';
  // 498 is Groq's for want of flex capacity, 529 Anthropic's for overload.
  if (status === 498 || status === 503 || status === 529) return 'upstream_overloaded';
  return 'upstream_failed';
}

/** OpenRouter's 403 for a prompt that it does not pass on. */
function isModerated(body: JsonValue | undefined): boolean {
  const metadata = objectOf(objectOf(objectOf(body)?.['error'])?.['metadata']);
  return metadata?.['flagged_input'] !== undefined || metadata?.['reasons'] !== undefined;
}

/** The texts and codes of an error body, in whichever of the known shapes it came. */
export function errorText(body: JsonValue | undefined): string {
  const outer = Array.isArray(body) ? objectOf(body[0]) : objectOf(body);
  if (outer === undefined) return typeof body === 'string' ? body : '';
  const words: string[] = [];
  for (const object of [outer, objectOf(outer['error'])]) {
    if (object === undefined) continue;
    for (const key of ['code', 'type', 'error_type', 'status', 'message', 'detail', 'error']) {
      words.push(stringOf(object[key]) ?? '');
    }
    const details = object['details'];
    const list = [
      ...(isObject(details) ? [details] : arrayOf(details)),
      ...arrayOf(object['detail']),
    ];
    for (const detail of list) {
      for (const key of ['error_code', 'reason', 'msg']) {
        words.push(stringOf(objectOf(detail)?.[key]) ?? '');
      }
    }
  }
  return words.join('\n');
}

/** Seconds of a `retry-after` (RFC 9110, 10.2.3): delta seconds or an HTTP date. */
export function parseRetryAfter(value: string | undefined, wallMs: number): number | undefined {
  if (value === undefined) return undefined;
  const text = value.trim();
  const seconds = /^\d{1,9}(\.\d+)?$/.test(text)
    ? Number(text)
    : /[a-z]/i.test(text)
      ? (Date.parse(text) - wallMs) / 1000
      : Number.NaN;
  // Zero beside a refusal says nothing, so it counts as absent.
  if (!(seconds > 0)) return undefined;
  return Math.min(Math.ceil(seconds), MAX_RETRY_AFTER_SECONDS);
}
