// What a way of an answer is: it takes the provider's bytes and says what of them, or in their
// place, the client gets and when. The relay carries out its steps.

import { HubError } from '../base/errors.ts';
import type { Bytes } from '../http/inbound.ts';

/** A whole answer is kept in memory until it is complete; beyond this it is not believed. */
const MAX_WHOLE_BYTES = 64 * 1024 * 1024;

export const EVENT_STREAM = 'text/event-stream; charset=utf-8';

export interface Step {
  /** For the client at once. */
  readonly now: Bytes;
  /** The answer is complete or has failed; `last` is for the client once the record is on disk. */
  readonly done?: { readonly last: Bytes; readonly error?: HubError };
}

export interface Way {
  /** The client's content type. */
  readonly contentType: string;
  /** What may be sent between two steps, for a step is whole events; undefined where nothing may. */
  readonly keepAlive?: string;
  push(chunk: Buffer): Step;
  /** The provider's body has ended. */
  end(): Step;
  /**
   * The connection failed: what the client of an already begun answer gets to read; undefined where
   * it could read nothing as a failure, so that its own connection must break.
   */
  fail(error: HubError): Bytes | undefined;
}

/** A whole answer, bounded. */
export function gatherWhole(): { push(chunk: Buffer): Step; take(): Buffer } {
  const chunks: Buffer[] = [];
  let bytes = 0;
  return {
    push(chunk) {
      bytes += chunk.length;
      if (bytes > MAX_WHOLE_BYTES) {
        throw new HubError('upstream_failed', {
          message: 'The provider sent an oversized answer.',
        });
      }
      chunks.push(chunk);
      return { now: '' };
    },
    take: () => Buffer.concat(chunks),
  };
}
