// Answers that are refusals: the hub's own, in the client's protocol, and a provider's refusal, read
// and classified. A provider's words about the caller's own fault pass unchanged to a client of the
// same protocol (clients match on them); everything else a provider says stays here.

import type { ErrorCode, HubError } from '../base/errors.ts';
import { parseJson } from '../base/json.ts';
import { concessionIn } from '../protocols/concessions.ts';
import type { UpstreamProtocol } from '../protocols/protocol.ts';
import { wantsArray } from './array-stream.ts';
import { type Exchange, hubHeaders } from './exchange.ts';
import type { Attempt } from './failed-attempts.ts';
import type { UpstreamAnswer } from '../upstream/port.ts';

const MAX_REFUSAL_BYTES = 64 * 1024;
const CALLERS_FAULT: ReadonlySet<ErrorCode> = new Set(['upstream_rejected', 'context_too_long']);

/** Reads what the provider refused with; the result carries no word of it. */
export async function readRefusal(
  exchange: Exchange,
  upstream: UpstreamProtocol,
  answer: UpstreamAnswer,
  attempt?: Attempt,
): Promise<HubError> {
  // A refusal that breaks off is still a refusal.
  const bytes = await gather(answer);
  const body = parseJson(bytes.toString('utf8'));
  const error = upstream.decodeError(answer.status, body, answer.retryAfter);
  if (attempt) attempt.concession = concessionIn(answer.status, body);
  const same = upstream === exchange.protocol;
  exchange.refusal =
    same && body !== undefined && CALLERS_FAULT.has(error.code)
      ? { status: answer.status, body: bytes }
      : undefined;
  return error;
}

/**
 * Sends an error to a client that has got nothing yet, or signs of life at most; breaks the connection
 * of any other.
 */
export function refuse(exchange: Exchange, error: HubError): void {
  const { inbound, protocol, refusal } = exchange;
  const hasAnswer = exchange.firstByteMs !== undefined;
  if (inbound.isBegun && !hasAnswer && protocol.kind === 'chat' && !inbound.isGone) {
    inbound.end(protocol.encodeErrorEvent(error, exchange.id));
    return;
  }
  if (inbound.isBegun || inbound.isGone) {
    inbound.cut();
    return;
  }
  const wire = protocol.encodeError(error, exchange.id);
  const headers = ['content-type', 'application/json', ...hubHeaders(exchange)];
  if (error.retryAfterSeconds !== undefined) {
    headers.push('retry-after', String(error.retryAfterSeconds));
  }
  // Both official SDKs obey it: a balance does not come back by asking again.
  if (!error.kind.retryable) headers.push('x-should-retry', 'false');
  // What is spoken instead must be named, https://www.rfc-editor.org/rfc/rfc9110#section-15.5.22.
  if (error.code === 'websocket_unsupported') {
    headers.push('upgrade', 'HTTP/1.1', 'connection', 'upgrade, close');
  }
  const body = refusal?.body ?? Buffer.from(JSON.stringify(wire.body));
  inbound.respond(refusal?.status ?? wire.status, headers, framed(exchange, body));
}

/** Where a stream was to be an array, so is what comes in its place. */
function framed({ address }: Exchange, body: Buffer): Buffer {
  return wantsArray(address) ? Buffer.concat([Buffer.from('['), body, Buffer.from(']')]) : body;
}

/** A short answer, bounded; what breaks off is as long as it got. */
export function gather(answer: UpstreamAnswer): Promise<Buffer> {
  const result = Promise.withResolvers<Buffer>();
  const chunks: Buffer[] = [];
  let bytes = 0;
  answer.receive({
    data(chunk) {
      bytes += chunk.length;
      if (bytes <= MAX_REFUSAL_BYTES) chunks.push(chunk);
      return true;
    },
    end: () => result.resolve(Buffer.concat(chunks)),
    fail: () => result.resolve(Buffer.concat(chunks)),
  });
  return result.promise;
}
