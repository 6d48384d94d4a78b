// How the streams of providers are cut into events, and how to tell that an answer is such a stream.

import { readNdjson } from '../base/ndjson.ts';
import { type SseEvent, readSse } from '../base/sse.ts';
import type { Framing } from '../protocols/protocol.ts';

interface EventReader {
  /** Takes the next bytes; returns the events that they complete. */
  push(chunk: Buffer): SseEvent[];
  /** The stream has ended: returns what stood there without its end, if anything. */
  end(): SseEvent[];
}

interface FramingKind {
  /** What a request for such a stream accepts. */
  readonly mediaType: string;
  isStream(contentType: string): boolean;
  /** A reader for one stream. */
  open(): EventReader;
}

export const FRAMINGS: Readonly<Record<Framing, FramingKind>> = Object.freeze({
  sse: framing('text/event-stream', readSse),
  ndjson: framing('application/x-ndjson', readNdjson),
});

function framing(mediaType: string, open: () => EventReader): FramingKind {
  return { mediaType, isStream: (type) => type.startsWith(mediaType), open };
}
