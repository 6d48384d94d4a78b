// How much of memory the bodies of all running requests may take together. A small crowd of large
// bodies must not be able to exhaust a node: what finds no room waits, unread, so that its client is
// slowed down by its own connection.

import { HubError } from '../base/errors.ts';
import type { Inbound } from '../http/inbound.ts';

export interface BodyRoom {
  /**
   * Takes room for so many bytes: at once (undefined), or when others have left. Rejects with
   * `client_closed` when the client goes before that.
   */
  enter(bytes: number, inbound: Inbound): Promise<void> | undefined;
  leave(bytes: number): void;
}

interface Waiting {
  readonly bytes: number;
  readonly admit: () => void;
}

/** A body that is larger than all of the room has it to itself. */
export function openBodyRoom(totalBytes: number): BodyRoom {
  let taken = 0;
  const queue = new Set<Waiting>();

  const fits = (bytes: number): boolean => taken === 0 || taken + bytes <= totalBytes;

  function admitNext(): void {
    for (const next of queue) {
      if (!fits(next.bytes)) return;
      queue.delete(next);
      taken += next.bytes;
      next.admit();
    }
  }

  function wait(bytes: number, inbound: Inbound): Promise<void> {
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    const waiting = { bytes, admit: resolve };
    queue.add(waiting);
    inbound.onGone = () => {
      queue.delete(waiting);
      reject(new HubError('client_closed'));
      // It may have been the first, and large.
      admitNext();
    };
    return promise.finally(() => {
      inbound.onGone = undefined;
    });
  }

  return {
    enter(bytes, inbound) {
      // In their order: a large body must not wait for ever behind a stream of small ones.
      if (queue.size > 0 || !fits(bytes)) return wait(bytes, inbound);
      taken += bytes;
      return undefined;
    },
    leave(bytes) {
      taken -= bytes;
      admitNext();
    },
  };
}
