// The shape of a stream's events. Nearly all of them are the same bytes around a piece of text, so once
// two that were read have shown what the others look like, the next are known by comparing bytes: what
// differs has no quote, no escape and no control character in it, so it can be nothing but more text.

import type { ChatEvent } from '../chat/events.ts';
import { type FixedBytes, fixBytes, standsAt } from './fixed-bytes.ts';

export type TextKind = 'text' | 'thinking' | 'tool_arguments';

/** Random padding that OpenAI puts into each event against eavesdroppers who measure lengths. */
const PADDING = '"obfuscation":"';
const QUOTE = 34;
const BACKSLASH = 92;
const SPACE = 32;

export interface EventShapes {
  /**
   * Where the event ends that begins at `at`, if it has the known shape; -1 otherwise. What it adds
   * to the answer is then in `kind` and `textBytes`.
   */
  match(bytes: DataView, at: number): number;
  readonly kind: TextKind;
  readonly textBytes: number;
  /** Takes an event that was read, with what it turned out to be. */
  learn(raw: Buffer, events: readonly ChatEvent[]): void;
}

interface Shape {
  readonly kind: TextKind;
  readonly before: FixedBytes;
  /** Between the text and the padding; undefined where there is none. */
  readonly between: FixedBytes | undefined;
  readonly after: FixedBytes;
}

/** A text that was read, and the event around it; one character a byte. */
interface Sample {
  readonly kind: TextKind;
  readonly before: string;
  readonly after: string;
}

export function createEventShapes(): EventShapes {
  let shape: Shape | undefined;
  let sample: Sample | undefined;

  const shapes = {
    kind: 'text' as TextKind,
    textBytes: 0,
    match(bytes: DataView, at: number): number {
      if (!shape || !standsAt(shape.before, bytes, at)) return -1;
      const start = at + shape.before.length;
      const end = plainEnd(bytes, start);
      if (end < 0) return -1;
      let rest = end;
      if (shape.between) {
        if (!standsAt(shape.between, bytes, end)) return -1;
        rest = plainEnd(bytes, end + shape.between.length);
        if (rest < 0) return -1;
      }
      if (!standsAt(shape.after, bytes, rest)) return -1;
      shapes.kind = shape.kind;
      shapes.textBytes = end - start;
      return rest + shape.after.length;
    },
    learn(raw: Buffer, events: readonly ChatEvent[]): void {
      const before = sample;
      sample = sampleOf(raw, events);
      if (sample && before) shape = shapeOf(before, sample) ?? shape;
    },
  };
  return shapes;
}

/** Where the quote stands that closes a string without escapes and control characters; else -1. */
function plainEnd(bytes: DataView, start: number): number {
  for (let at = start; at < bytes.byteLength; at++) {
    const byte = bytes.getUint8(at);
    if (byte === QUOTE) return at;
    if (byte === BACKSLASH || byte < SPACE) return -1;
  }
  return -1;
}

/** Only where the event is one plain piece of text, which stands in it once and as it is. */
function sampleOf(raw: Buffer, events: readonly ChatEvent[]): Sample | undefined {
  const [event] = events;
  if (!event || events.length > 1) return undefined;
  const text = textOf(event);
  if (text === undefined || !/^[ !#-[\]-~]+$/.test(text)) return undefined;
  const whole = raw.toString('latin1');
  const quoted = `"${text}"`;
  const at = whole.indexOf(quoted);
  if (at < 0 || whole.indexOf(quoted, at + 1) >= 0) return undefined;
  const end = at + 1 + text.length;
  return { kind: event.type as TextKind, before: whole.slice(0, at + 1), after: whole.slice(end) };
}

function textOf(event: ChatEvent): string | undefined {
  if (event.type === 'text' || event.type === 'thinking') return event.text;
  return event.type === 'tool_arguments' ? event.json : undefined;
}

function shapeOf(a: Sample, b: Sample): Shape | undefined {
  if (a.kind !== b.kind || a.before !== b.before) return undefined;
  const common = { kind: a.kind, before: fixBytes(a.before) };
  if (a.after === b.after) return { ...common, between: undefined, after: fixBytes(a.after) };
  const start = a.after.indexOf(PADDING) + PADDING.length;
  if (start < PADDING.length) return undefined;
  const between = a.after.slice(0, start);
  const after = a.after.slice(a.after.indexOf('"', start));
  const isSame =
    b.after.startsWith(between) && b.after.slice(b.after.indexOf('"', start)) === after;
  return isSame ? { ...common, between: fixBytes(between), after: fixBytes(after) } : undefined;
}
