// A stream for a client of Gemini's that did not ask for server-sent events: the same answers, one
// element of a JSON array each, as they come. What stands in an event is put there as it is.

import { type SseEvent, readSse } from '../base/sse.ts';
import type { Bytes } from '../http/inbound.ts';
import type { Address } from '../protocols/protocol.ts';
import type { Step, Way } from './way.ts';

export function wantsArray(address: Address | undefined): boolean {
  return address !== undefined && address.stream && !address.sse;
}

/** The way, its events reframed. */
export function asArray(way: Way): Way {
  const reader = readSse();
  let isOpen = false;

  function write(events: readonly SseEvent[]): string {
    let out = '';
    for (const { data } of events) {
      if (data === '') continue;
      out += isOpen ? `,\r\n${data}` : `[${data}`;
      isOpen = true;
    }
    return out;
  }

  function close(bytes: Bytes): string {
    const last = write([...reader.push(Buffer.from(bytes)), ...reader.end()]);
    return `${last}${isOpen ? '' : '['}]\n`;
  }

  function reframe({ now, done }: Step): Step {
    const written = now.length === 0 ? '' : write(reader.push(Buffer.from(now)));
    if (!done) return { now: written };
    // What has failed before it began is answered by its status.
    const isRefused = done.error !== undefined && !isOpen && written === '';
    return { now: written, done: isRefused ? done : { ...done, last: close(done.last) } };
  }

  return {
    contentType: 'application/json; charset=utf-8',
    push: (chunk) => reframe(way.push(chunk)),
    end: () => reframe(way.end()),
    fail(error) {
      const last = way.fail(error);
      return last === undefined ? undefined : close(last);
    },
  };
}
