// A request that a client sends again under the same Idempotency-Key is charged once. Answers are not
// kept, so a charged one cannot be repeated: whoever asks again is told which receipt was paid. A
// request without the header does not touch the database for any of this.

import { hash } from 'node:crypto';
import { within } from '../base/deadline.ts';
import { HubError, assert } from '../base/errors.ts';
import type { Inbound } from '../http/inbound.ts';
import type { ApiKey } from '../keys/api-key.ts';
import { type Earlier, type KeyUse, findEarlier, takeKey } from '../usage/idempotency.ts';
import type { GatewayDeps } from './deps.ts';
import type { Exchange } from './exchange.ts';

const HEADER = 'idempotency-key';
const PRINTABLE = /^[\x20-\x7e]{1,255}$/;
/** A database that says nothing counts as away after this. */
const ASK_MS = 3_000;
/** Soon enough for short answers, late enough that the two retries of an SDK span some seconds. */
const RETRY_AFTER_SECONDS = 2;

export function hasIdempotencyKey({ headers }: Inbound): boolean {
  return headers[HEADER] !== undefined;
}

/**
 * Before money is held: throws `idempotency_in_progress` or `idempotency_key_used` where an earlier
 * request has the key, `invalid_request` where it is none, `storage_unavailable` where nobody can tell.
 */
export async function refuseRepeat(
  exchange: Exchange,
  key: ApiKey,
  deps: GatewayDeps,
): Promise<void> {
  const use = readKeyUse(exchange.inbound, key);
  if (!use) return;
  let earlier = await ask(findEarlier(deps.sql, use));
  if (earlier && !earlier.charged) {
    // It may have ended just now, its record still on the way from this node's journal.
    await deps.flushUsage();
    earlier = await ask(findEarlier(deps.sql, use));
  }
  if (earlier) throw refusal(earlier);
}

/**
 * After money is held, in the run that holds it: only then is a run that ends under the request sure to
 * leave the customer uncharged. Throws as `refuseRepeat` does where another request was faster.
 */
export async function takeIdempotencyKey(
  exchange: Exchange,
  key: ApiKey,
  deps: GatewayDeps,
): Promise<void> {
  const use = readKeyUse(exchange.inbound, key);
  if (!use) return;
  assert(exchange.admission, 'a request is admitted before it takes its key');
  const { runId } = exchange.admission.hold;
  if (await ask(takeKey(deps.sql, use, exchange.id, runId))) return;
  const earlier = await ask(findEarlier(deps.sql, use));
  throw refusal(earlier ?? { requestId: 'another one', charged: false });
}

function readKeyUse({ headers }: Inbound, key: ApiKey): KeyUse | undefined {
  const value = headers[HEADER];
  if (value === undefined) return undefined;
  if (typeof value !== 'string' || !PRINTABLE.test(value)) {
    throw new HubError('invalid_request', {
      param: HEADER,
      message: 'An Idempotency-Key is 1 to 255 printable ASCII characters.',
    });
  }
  return { apiKeyId: key.keyId, keyHash: hash('sha256', value, 'buffer') };
}

async function ask<T>(work: Promise<T>): Promise<T> {
  try {
    return await within(ASK_MS, work, 'an idempotency key');
  } catch (cause) {
    throw new HubError('storage_unavailable', { cause, retryAfterSeconds: 1 });
  }
}

function refusal({ requestId, charged }: Earlier): HubError {
  return charged
    ? new HubError('idempotency_key_used', {
        message:
          `The request ${requestId} with this Idempotency-Key was charged. Its answer is not kept ` +
          `and cannot be repeated; its receipt is at /v1/receipts/${requestId}.`,
      })
    : new HubError('idempotency_in_progress', {
        message: `The request ${requestId} with this Idempotency-Key is still under way.`,
        retryAfterSeconds: RETRY_AFTER_SECONDS,
      });
}
