// Server-sent events, https://html.spec.whatwg.org/multipage/server-sent-events.html. The reader
// frames bytes into events and keeps each event's own bytes, so that a relay can pass on exactly
// what it read. It takes any split (also inside a code point or a CRLF) and all three line ends.

import { HubError } from './errors.ts';

export interface SseEvent {
  /** The event's name; empty where the stream names none. */
  readonly name: string;
  /** The joined `data` lines; empty for comments and for events without data. */
  readonly data: string;
  /** The event's bytes as they came, its closing blank line included. */
  readonly raw: Buffer;
}

const LF = 10;
const CR = 13;
/** A single event may carry an image in base64; beyond this the stream is not believed. */
export const MAX_EVENT_BYTES = 32 * 1024 * 1024;

export interface SseReader {
  /** Takes the next bytes; returns the events that they complete. */
  push(chunk: Buffer): SseEvent[];
  /** Whether the next byte begins an event: nothing of an unfinished one is kept. */
  isAtStart(): boolean;
  /** The stream has ended: returns what stood there without a closing blank line, if anything. */
  end(): SseEvent[];
}

/** A reader for one stream. Throws `upstream_failed` when one event grows beyond 32 MiB. */
export function readSse(): SseReader {
  const store = growBytes();
  /** Where the unfinished line begins. */
  let lineStart = 0;
  let hasLine = false;
  let afterCr = false;
  /** The line end at which the last chunk stopped is still to be read. */
  let isHalfRead = false;

  function push(chunk: Buffer): SseEvent[] {
    const scanned = store.length();
    const bytes = store.append(chunk);
    const events: SseEvent[] = [];
    let eventStart = 0;
    let at = lineStart;
    if (afterCr && bytes.length > at) {
      // The second half of a CRLF that was cut in two.
      if (bytes[at] === LF) at += 1;
      afterCr = false;
    }
    const line = lineEnds(bytes, isHalfRead ? at : Math.max(at, scanned));
    isHalfRead = false;
    for (let end = line.next(at); end >= 0; end = line.next(at)) {
      // Where lines end with CRLF, a last CR is half of one: its event is whole with the other half.
      const isHalf = bytes[end] === CR && end + 1 === bytes.length && bytes[end - 1] === LF;
      if (isHalf && end === at && hasLine) {
        isHalfRead = true;
        break;
      }
      const next = bytes[end] === CR && bytes[end + 1] === LF ? end + 2 : end + 1;
      afterCr = bytes[end] === CR && next === bytes.length && next === end + 1;
      // A blank line right at an event's start closes nothing: it joins the event that follows.
      if (end > at) hasLine = true;
      else if (hasLine) {
        events.push(parseSseEvent(bytes.subarray(eventStart, next)));
        eventStart = next;
        hasLine = false;
      }
      at = next;
    }
    store.dropFirst(eventStart);
    lineStart = at - eventStart;
    if (store.length() > MAX_EVENT_BYTES) {
      throw new HubError('upstream_failed', { message: 'The provider sent an oversized event.' });
    }
    return events;
  }

  function end(): SseEvent[] {
    const rest = store.append(Buffer.alloc(0));
    store.dropFirst(rest.length);
    return rest.length === 0 ? [] : [parseSseEvent(rest)];
  }

  const isAtStart = (): boolean => store.length() === 0 && !afterCr && !isHalfRead;
  return { push, isAtStart, end };
}

/**
 * The bytes of the unfinished event. Room is doubled when it runs out, so a large event costs linear
 * time; bytes already given out are never written again, so slices of them stay valid.
 */
export function growBytes() {
  let room: Buffer = Buffer.alloc(0);
  let start = 0;
  let end = 0;
  return {
    length: () => end - start,
    /** Adds bytes and returns all that is held. */
    append(chunk: Buffer): Buffer {
      if (start === end) {
        [room, start, end] = [chunk, 0, chunk.length];
        return room;
      }
      if (chunk.length > 0) {
        // `room` may be the caller's own chunk, which is exactly full and so never written into.
        if (end + chunk.length > room.length) {
          const larger = Buffer.allocUnsafeSlow(2 * (end - start + chunk.length));
          room.copy(larger, 0, start, end);
          [room, start, end] = [larger, 0, end - start];
        }
        chunk.copy(room, end);
        end += chunk.length;
      }
      return room.subarray(start, end);
    },
    dropFirst(count: number): void {
      start += count;
    },
  };
}

/** Finds line ends from left to right; a kind of line end that does not occur is searched once. */
function lineEnds(bytes: Buffer, from: number): { next(at: number): number } {
  let lf = bytes.indexOf(LF, from);
  let cr = bytes.indexOf(CR, from);
  return {
    next(at) {
      if (lf >= 0 && lf < at) lf = bytes.indexOf(LF, at);
      if (cr >= 0 && cr < at) cr = bytes.indexOf(CR, at);
      if (lf < 0) return cr;
      return cr >= 0 && cr < lf ? cr : lf;
    },
  };
}

/** Reads the bytes of one whole event. */
export function parseSseEvent(raw: Buffer): SseEvent {
  let name = '';
  let data: string | undefined;
  for (const line of raw
    .toString('utf8')
    .replace(/^\uFEFF/, '')
    .split(/\r\n|\n|\r/)) {
    const colon = line.indexOf(':');
    if (colon === 0) continue;
    const field = colon < 0 ? line : line.slice(0, colon);
    const value = colon < 0 ? '' : line.slice(line[colon + 1] === ' ' ? colon + 2 : colon + 1);
    if (field === 'event') name = value;
    else if (field === 'data') data = data === undefined ? value : `${data}\n${value}`;
  }
  return { name, data: data ?? '', raw };
}

/** One event as text, ready for the wire; `data` must hold no line end (JSON never does). */
export function formatSse(data: string, name?: string): string {
  return name === undefined ? `data: ${data}\n\n` : `event: ${name}\ndata: ${data}\n\n`;
}
