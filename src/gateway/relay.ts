// Relays one answer from the provider to the client: head when the first bytes are due, bytes as they
// come, backpressure both ways. The last bytes are handed back instead of written: they go out once
// the record is on disk. A client that leaves cancels the provider's work.

import { HubError, toHubError } from '../base/errors.ts';
import type { Bytes, Inbound } from '../http/inbound.ts';
import type { UpstreamAnswer, UpstreamCall } from '../upstream/port.ts';
import type { KeepAlives, Pulse } from './keep-alive.ts';
import type { Step, Way } from './way.ts';

export interface Relayed {
  /** What the client still has to get; undefined when it has gone or its connection must break. */
  readonly last: Bytes | undefined;
  /** Why the answer is not complete: the provider's failure, or `client_closed`. */
  readonly error?: HubError;
}

export interface RelayOptions {
  readonly call: UpstreamCall;
  readonly answer: UpstreamAnswer;
  readonly way: Way;
  readonly inbound: Inbound;
  readonly keepAlives: KeepAlives;
  /** Sends the head, where no earlier try has. */
  begin(): void;
  /** The first bytes of the answer itself are due: from now on there is no other try. */
  onFirstBytes(): void;
}

/**
 * Resolves when the answer is complete, has failed after it began, or the client has gone; rejects
 * with the failure while nothing of an answer has reached the client, so that another try is still
 * possible. Signs of life are nothing of an answer.
 */
export function relay(options: RelayOptions): Promise<Relayed> {
  const { call, answer, way, inbound } = options;
  return new Promise((resolve, reject) => {
    let over = false;
    const outlet = openOutlet(options);

    function close(relayed: Relayed): void {
      if (over) return;
      leave();
      resolve(relayed);
    }

    function leave(): void {
      over = true;
      inbound.onGone = undefined;
      outlet.close();
    }

    function gone(): void {
      close({ last: undefined, error: new HubError('client_closed') });
      call.abort();
    }

    function broken(error: HubError): void {
      // A client that leaves cancels the call, and the cancelled call breaks: it is the one leaving.
      if (inbound.isGone) return gone();
      if (over) return;
      // Before the call is cancelled, which may tell of a failure at once: the first one counts.
      leave();
      call.abort();
      if (outlet.hasBegun) resolve({ last: way.fail(error), error });
      else reject(error);
    }

    /** Carries out a step of the way; returns false when the client cannot keep up. */
    function take({ now, done }: Step): boolean {
      if (done?.error && !outlet.hasBegun && now.length === 0) {
        broken(done.error);
        return true;
      }
      if (now.length > 0) outlet.write(now);
      if (done) {
        answer.finish();
        close(done);
      }
      return !outlet.isFull;
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
    outlet.open();
    answer.receive({
      data: (chunk) => run(() => way.push(chunk)),
      end: () => void run(() => way.end()),
      fail(error) {
        if (!over) broken(error);
      },
    });
  });
}

/** The client's end of one try: what of the answer goes out, and signs of life in between. */
function openOutlet(options: RelayOptions) {
  const { answer, way, inbound, keepAlives } = options;
  let pulse: Pulse | undefined;

  /** The provider is silent, but its connection stands. A client that is behind has enough to read. */
  function beat(sign: string): void {
    if (outlet.isFull) return;
    if (!inbound.isBegun) options.begin();
    outlet.isFull = !inbound.write(sign);
  }

  const outlet = {
    /** Whether anything of the answer itself has gone out. */
    hasBegun: false,
    /** Whether the client has to take what it was sent before it gets more. */
    isFull: false,
    open() {
      inbound.onDrain = () => {
        outlet.isFull = false;
        answer.resume();
      };
      const { keepAlive } = way;
      if (keepAlive !== undefined) pulse = keepAlives.watch(() => beat(keepAlive));
    },
    write(bytes: Bytes) {
      if (!outlet.hasBegun) {
        outlet.hasBegun = true;
        options.onFirstBytes();
        if (!inbound.isBegun) options.begin();
      }
      if (pulse) pulse.quietPasses = 0;
      outlet.isFull = !inbound.write(bytes);
    },
    close() {
      inbound.onDrain = undefined;
      if (pulse) keepAlives.forget(pulse);
    },
  };
  return outlet;
}
