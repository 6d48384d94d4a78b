// Newline-delimited JSON, https://github.com/ndjson/ndjson-spec: one JSON text a line. The reader
// frames bytes into events as the reader of server-sent events does, so that decoders know one
// shape. It takes any split (also inside a code point or a CRLF) and skips blank lines.

import { HubError } from './errors.ts';
import { growBytes, MAX_EVENT_BYTES, type SseEvent } from './sse.ts';

const LF = 10;

export interface NdjsonReader {
  /** Takes the next bytes; returns the lines that they complete, each as an event without a name. */
  push(chunk: Buffer): SseEvent[];
  /** The stream has ended: returns what stood there without a line end, if anything. */
  end(): SseEvent[];
}

/** A reader for one stream. Throws `upstream_failed` when one line grows beyond 32 MiB. */
export function readNdjson(): NdjsonReader {
  const store = growBytes();
  return {
    push(chunk) {
      const scanned = store.length();
      const bytes = store.append(chunk);
      const events: SseEvent[] = [];
      let start = 0;
      for (let at = bytes.indexOf(LF, scanned); at >= 0; at = bytes.indexOf(LF, start)) {
        events.push(...readLine(bytes.subarray(start, at + 1)));
        start = at + 1;
      }
      store.dropFirst(start);
      if (store.length() > MAX_EVENT_BYTES) {
        throw new HubError('upstream_failed', { message: 'The provider sent an oversized line.' });
      }
      return events;
    },
    end() {
      const rest = store.append(Buffer.alloc(0));
      store.dropFirst(rest.length);
      return readLine(rest);
    },
  };
}

/** The event of a line; none where it is blank. */
function readLine(raw: Buffer): SseEvent[] {
  // Trims the CR of a CRLF too, and a byte order mark.
  const data = raw.toString('utf8').trim();
  return data === '' ? [] : [{ name: '', data, raw }];
}
