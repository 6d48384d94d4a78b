// How the streams of providers are cut into events, and how to tell that an answer is such a stream.

import { type SseEvent, readSse } from '../base/sse.ts';
import type { Framing } from '../protocols/protocol.ts';

interface EventReader {
  /** Takes the next bytes; returns the events that they complete. */
  push(chunk: Buffer): SseEvent[];
  /** The stream has ended: returns what stood there without its end, if anything. */
  end(): SseEvent[];
}

interface FramingKind {
  isStream(contentType: string): boolean;
  /** A reader for one stream. */
  open(): EventReader;
}

export const FRAMINGS: Readonly<Record<Framing, FramingKind>> = Object.freeze({
  sse: { isStream: (type: string) => type.startsWith('text/event-stream'), open: readSse },
});
