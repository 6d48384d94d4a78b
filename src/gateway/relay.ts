// Relays one answer from the provider to the client: head when the first bytes are due, bytes as they
// come, backpressure both ways. The last bytes are handed back instead of written: they go out once
// the record is on disk. A client that leaves cancels the provider's work.

import type { ServerResponse } from 'node:http';
import { HubError, toHubError } from '../base/errors.ts';
import type { UpstreamAnswer, UpstreamCall } from './upstream.ts';
import type { Bytes, Way } from './way.ts';

export interface Relayed {
  /** What the client still has to get; undefined when it has gone or its connection must break. */
  readonly last: Bytes | undefined;
  /** Why the answer is not complete: the provider's failure, or `client_closed`. */
  readonly error?: HubError;
}

/**
 * Resolves when the answer is complete, has failed after it began, or the client has gone; rejects
 * with the failure while nothing has reached the client, so that another try is still possible.
 */
export function relay(
  call: UpstreamCall,
  answer: UpstreamAnswer,
  way: Way,
  response: ServerResponse,
  begin: () => void,
): Promise<Relayed> {
  const result = Promise.withResolvers<Relayed>();
  let over = false;

  function close(relayed: Relayed): void {
    if (over) return;
    over = true;
    response.off('drain', answer.resume);
    response.off('close', gone);
    result.resolve(relayed);
  }

  function gone(): void {
    call.abort();
    close({ last: undefined, error: new HubError('client_closed') });
  }

  function broken(error: HubError): void {
    // A client that leaves cancels the call, and the cancelled call breaks: it is the one leaving.
    if (response.destroyed) return gone();
    call.abort();
    if (response.headersSent) return close({ last: way.fail(error), error });
    over = true;
    response.off('drain', answer.resume);
    response.off('close', gone);
    result.reject(error);
  }

  /** Carries out a step of the way; returns false when the client cannot keep up. */
  function take(step: () => ReturnType<Way['push']>): boolean {
    if (over) return true;
    try {
      const { now, done } = step();
      if (done?.error && !response.headersSent && now.length === 0) {
        broken(done.error);
        return true;
      }
      if (now.length > 0 && !response.headersSent) begin();
      const flowing = now.length === 0 || response.write(now);
      if (done) {
        answer.finish();
        close({ last: done.last, ...(done.error && { error: done.error }) });
      }
      return flowing;
    } catch (error) {
      broken(toHubError(error));
      return true;
    }
  }

  if (response.destroyed) gone();
  response.on('close', gone);
  response.on('drain', answer.resume);
  answer.receive({
    data: (chunk) => take(() => way.push(chunk)),
    end: () => void take(() => way.end()),
    fail: (error) => {
      if (!over) broken(error);
    },
  });
  return result.promise;
}
