// Amazon's binary event streams, https://smithy.io/2.0/aws/amazon-eventstream.html: frames of headers
// and a payload under two checksums. Their public decoder copies each frame twice and reads only from
// async iterators; this one takes chunks as the other framings do and keeps each frame's own bytes.

import { crc32 } from 'node:zlib';
import { growBytes, type SseEvent } from './sse.ts';

/** The lengths of the frame and of its headers, and the checksum of both. */
const PRELUDE_BYTES = 12;
const CHECKED_BYTES = 8;
const CHECKSUM_BYTES = 4;
const LEAST_FRAME_BYTES = PRELUDE_BYTES + CHECKSUM_BYTES;
/** Amazon allows payloads of 24 MiB; beyond this the stream is not believed. */
const MAX_FRAME_BYTES = 32 * 1024 * 1024;

/** The name of the last event of a stream that is not believed any more. */
export const MALFORMED = 'error:malformed';

export interface AwsEventStreamReader {
  /**
   * Takes the next bytes; returns the events that they complete. An event is named after its type;
   * an exception `exception:TYPE`, an error without a payload `error:CODE`. After a frame that
   * cannot be one comes `error:malformed` and nothing more.
   */
  push(chunk: Buffer): SseEvent[];
  /** The stream has ended; half a frame is nothing. */
  end(): SseEvent[];
}

/** A reader for one stream. Never throws. */
export function readAwsEventStream(): AwsEventStreamReader {
  const store = growBytes();
  let isBroken = false;

  return {
    push(chunk) {
      if (isBroken) return [];
      const bytes = store.append(chunk);
      const events: SseEvent[] = [];
      let at = 0;
      while (bytes.length - at >= PRELUDE_BYTES) {
        const length = readLength(bytes.subarray(at, at + PRELUDE_BYTES));
        if (length !== undefined && bytes.length - at < length) break;
        const raw = bytes.subarray(at, length === undefined ? bytes.length : at + length);
        const event = length === undefined ? undefined : readFrame(raw);
        events.push(event ?? { name: MALFORMED, data: '', raw });
        isBroken = event === undefined;
        if (isBroken) break;
        at += raw.length;
      }
      store.dropFirst(at);
      return events;
    },
    end: () => [],
  };
}

/** How long the frame is; undefined where the prelude cannot be one. */
function readLength(prelude: Buffer): number | undefined {
  const length = prelude.readUInt32BE(0);
  const headersLength = prelude.readUInt32BE(4);
  if (length > MAX_FRAME_BYTES || length < LEAST_FRAME_BYTES + headersLength) return undefined;
  const checksum = crc32(prelude.subarray(0, CHECKED_BYTES));
  return checksum === prelude.readUInt32BE(CHECKED_BYTES) ? length : undefined;
}

function readFrame(raw: Buffer): SseEvent | undefined {
  const end = raw.length - CHECKSUM_BYTES;
  if (crc32(raw.subarray(0, end)) !== raw.readUInt32BE(end)) return undefined;
  const payloadAt = PRELUDE_BYTES + raw.readUInt32BE(4);
  const headers = readHeaders(raw.subarray(PRELUDE_BYTES, payloadAt));
  if (headers === undefined) return undefined;
  const payload = raw.toString('utf8', payloadAt, end);
  switch (headers.get(':message-type')) {
    case 'event':
      return { name: headers.get(':event-type') ?? '', data: payload, raw };
    case 'exception':
      return { name: `exception:${headers.get(':exception-type') ?? ''}`, data: payload, raw };
    case 'error': {
      const message = headers.get(':error-message') ?? '';
      const name = `error:${headers.get(':error-code') ?? ''}`;
      return { name, data: JSON.stringify({ message }), raw };
    }
    default:
      return undefined;
  }
}

/** The length of a value by its type; types 6 and 7 say their own length in two bytes. */
const VALUE_BYTES = Object.freeze([0, 0, 1, 2, 4, 8, undefined, undefined, 8, 16]);
const BYTES_TYPE = 6;
const STRING_TYPE = 7;

/** The headers that are texts, by name; undefined where the bytes are no headers. */
function readHeaders(bytes: Buffer): ReadonlyMap<string, string> | undefined {
  const headers = new Map<string, string>();
  let at = 0;
  while (at < bytes.length) {
    const typeAt = at + 1 + bytes[at]!;
    const type = bytes[typeAt];
    const isLong = type === BYTES_TYPE || type === STRING_TYPE;
    const valueAt = typeAt + (isLong ? 3 : 1);
    if (type === undefined || valueAt > bytes.length) return undefined;
    const length = isLong ? bytes.readUInt16BE(typeAt + 1) : VALUE_BYTES[type];
    if (length === undefined || valueAt + length > bytes.length) return undefined;
    if (type === STRING_TYPE) {
      headers.set(
        bytes.toString('utf8', at + 1, typeAt),
        bytes.toString('utf8', valueAt, valueAt + length),
      );
    }
    at = valueAt + length;
  }
  return headers;
}
