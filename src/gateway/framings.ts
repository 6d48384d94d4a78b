// How the streams of providers are cut into events, and how to tell that an answer is such a stream.

import { readAwsEventStream } from '../base/aws-event-stream.ts';
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
  /** The content type, without parameters. */
  readonly contentType: string;
  /** A reader for one stream. */
  open(): EventReader;
}

/** Whether an answer of this content type is such a stream. */
export function isStream(framing: Framing, contentType: string): boolean {
  return contentType.startsWith(FRAMINGS[framing].contentType);
}

export const FRAMINGS: Readonly<Record<Framing, FramingKind>> = Object.freeze({
  sse: { contentType: 'text/event-stream', open: readSse },
  'aws-event-stream': {
    contentType: 'application/vnd.amazon.eventstream',
    open: readAwsEventStream,
  },
  ndjson: { contentType: 'application/x-ndjson', open: readNdjson },
});
