// Relays one answer from the provider to the client: head when the first bytes are due, bytes as they
// come, backpressure both ways. The last bytes are handed back instead of written: they go out once
// the record is on disk. A client that leaves cancels the provider's work.

import { HubError, toHubError } from '../base/errors.ts';
import type { Bytes, Inbound } from '../http/inbound.ts';
import type { UpstreamAnswer, UpstreamCall } from '../upstream/port.ts';
import type { Step, Way } from './way.ts';

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
  inbound: Inbound,
  begin: () => void,
): Promise<Relayed> {
  return new Promise((resolve, reject) => {
    let over = false;

    function close(relayed: Relayed): void {
      if (over) return;
      leave();
      resolve(relayed);
    }

    function leave(): void {
      over = true;
      inbound.onDrain = undefined;
      inbound.onGone = undefined;
    }

    function gone(): void {
      call.abort();
      close({ last: undefined, error: new HubError('client_closed') });
    }

    function broken(error: HubError): void {
      // A client that leaves cancels the call, and the cancelled call breaks: it is the one leaving.
      if (inbound.isGone) return gone();
      call.abort();
      if (inbound.isBegun) return close({ last: way.fail(error), error });
      leave();
      reject(error);
    }

    /** Carries out a step of the way; returns false when the client cannot keep up. */
    function take({ now, done }: Step): boolean {
      if (done?.error && !inbound.isBegun && now.length === 0) {
        broken(done.error);
        return true;
      }
      if (now.length > 0 && !inbound.isBegun) begin();
      const flowing = now.length === 0 || inbound.write(now);
      if (done) {
        answer.finish();
        close(done);
      }
      return flowing;
    }

    function run(step: () => Step): boolean {
      if (over) return true;
      try {
        return take(step());
      } catch (error) {
        broken(toHubError(error));
        return true;
      }
    }

    if (inbound.isGone) return gone();
    inbound.onGone = gone;
    inbound.onDrain = answer.resume;
    answer.receive({
      data: (chunk) => run(() => way.push(chunk)),
      end: () => void run(() => way.end()),
      fail(error) {
        if (!over) broken(error);
      },
    });
  });
}
