// A stream of the client's own protocol: the provider's bytes pass as they were read, one write a read,
// while the meter reads along. Events of the known shape are only measured; every other is read by the
// protocol, which finds usage, failures and the end. The end is held back until the record is on disk.

import type { HubError } from '../base/errors.ts';
import { type SseEvent, parseSseEvent, readSse } from '../base/sse.ts';
import type { ChatEvent } from '../chat/events.ts';
import type { AnswerContext, ChatProtocol, EventDecoder } from '../protocols/protocol.ts';
import { createEventShapes, type EventShapes } from './event-shape.ts';
import type { Meter } from './meter.ts';
import { EVENT_STREAM, type Step, type Way } from './way.ts';

export interface PassOptions {
  readonly upstream: Pick<ChatProtocol, 'isTerminal' | 'isOnlyUsage' | 'encodeErrorEvent'> &
    // Streams of no conversations have no signs of life; whatever has data begins them.
    Partial<Pick<ChatProtocol, 'keepAlive' | 'mayBeLast'>>;
  readonly decoder: EventDecoder;
  readonly context: AnswerContext;
  readonly meter: Meter;
}

const CR = 13;
const NOTHING = Buffer.alloc(0);

/** What an event means for the client; `last`: it may be the last one, so it waits for the next. */
type Verdict = 'pass' | 'hold' | 'last' | 'drop' | 'end';

export function passStream(options: PassOptions): Way {
  const { upstream, meter } = options;
  const reader = readSse();
  const shapes = createEventShapes();
  const judge = openJudge(options, shapes);
  const held = holdBack();

  function push(chunk: Buffer): Step {
    if (!reader.isAtStart()) return take(reader.push(chunk));
    const bytes = new DataView(chunk.buffer, chunk.byteOffset, chunk.length);
    /** What passes and is not in `passed` yet begins here. */
    let from = 0;
    let at = 0;
    const passed: Buffer[] = [];
    while (at < chunk.length) {
      const known = shapes.match(bytes, at);
      if (known >= 0) {
        meter.addText(shapes.kind, shapes.textBytes);
        held.release(passed);
        at = known;
        continue;
      }
      const end = eventEnd(chunk, at);
      if (end < 0) break;
      const raw = chunk.subarray(at, end);
      const verdict = judge.read(parseSseEvent(raw), true);
      if (verdict !== 'pass' && at > from) passed.push(chunk.subarray(from, at));
      if (verdict === 'end') return { now: join(passed), done: ended(chunk.subarray(at)) };
      held.take(verdict, raw, passed);
      if (verdict !== 'pass') from = end;
      at = end;
    }
    if (at > from) passed.push(chunk.subarray(from, at));
    if (at === chunk.length) return { now: join(passed) };
    const step = take(reader.push(chunk.subarray(at)));
    if (step.now.length > 0) passed.push(step.now as Buffer);
    return { ...step, now: join(passed) };
  }

  function take(events: readonly SseEvent[]): Step {
    const passed: Buffer[] = [];
    for (const [i, event] of events.entries()) {
      const verdict = judge.read(event, false);
      held.take(verdict, event.raw, passed);
      if (verdict === 'pass') passed.push(event.raw);
      if (verdict === 'end') {
        const rest = events.slice(i).map((later) => later.raw);
        return { now: join(passed), done: ended(join(rest)) };
      }
    }
    return { now: join(passed) };
  }

  const ended = (rest: Buffer, error = judge.error): NonNullable<Step['done']> => ({
    last: held.before(rest),
    ...(error && { error }),
  });

  return {
    contentType: EVENT_STREAM,
    ...(upstream.keepAlive !== undefined && { keepAlive: upstream.keepAlive }),
    push,
    end() {
      const step = take(reader.end());
      if (step.done) return step;
      const failure = watch(judge.end(), meter);
      return {
        now: step.now,
        done: ended(failure ? tellFailure(options, failure) : NOTHING, failure),
      };
    },
    fail: (failure) => held.before(tellFailure(options, failure)),
  };
}

function tellFailure({ decoder, upstream, context }: PassOptions, failure: HubError): Buffer {
  const { requestId } = context;
  const told = decoder.failure?.(failure, requestId);
  return Buffer.from(told ?? upstream.encodeErrorEvent(failure, requestId));
}

/**
 * Keeps back comments and the like before the answer, for they must not begin what can still be tried
 * again; and what may be the end of it, which waits for the record.
 */
function holdBack() {
  const held: Buffer[] = [];
  const release = (passed: Buffer[]): void => {
    if (held.length > 0) passed.push(...held.splice(0));
  };
  return {
    release,
    take(verdict: Verdict, raw: Buffer, passed: Buffer[]): void {
      if (verdict === 'pass' || verdict === 'last') release(passed);
      if (verdict === 'hold' || verdict === 'last') held.push(raw);
    },
    /** What is still kept, and the very last bytes behind it. */
    before: (last: Buffer): Buffer => join([...held, last]),
  };
}

/** Reads events for the meter and says what each means for the client. */
function openJudge({ upstream, decoder, context, meter }: PassOptions, shapes: EventShapes) {
  let hasBegun = false;
  const judge = {
    error: undefined as HubError | undefined,
    end: () => decoder.end(),
    /** `isFramed`: whether others like it can be known by their bytes. */
    read(event: SseEvent, isFramed: boolean): Verdict {
      const events = decoder.push(event);
      judge.error = watch(events, meter);
      if (judge.error || upstream.isTerminal(event)) return 'end';
      if (isFramed) shapes.learn(event.raw, events);
      if (!context.includeUsage && upstream.isOnlyUsage(event)) return 'drop';
      hasBegun ||=
        upstream.keepAlive === undefined
          ? event.data !== ''
          : events.some(({ type }) => type !== 'ping');
      if (!hasBegun) return 'hold';
      return upstream.mayBeLast?.(event) ? 'last' : 'pass';
    },
  };
  return judge;
}

/**
 * Where the event ends that begins at `at`, in the plainest framing; -1 where it is not whole yet or
 * its framing is another, which the reader of such streams takes.
 */
function eventEnd(chunk: Buffer, at: number): number {
  const blank = chunk.indexOf('\n\n', at, 'latin1');
  if (blank <= at) return -1;
  const end = blank + 2;
  const cr = chunk.subarray(at, end).indexOf(CR);
  return cr < 0 ? end : -1;
}

function join(parts: readonly Buffer[]): Buffer {
  const [first] = parts;
  return first && parts.length === 1 ? first : Buffer.concat(parts);
}

/** Meters events; returns the error among them, if there is one. */
export function watch(events: readonly ChatEvent[], meter: Meter): HubError | undefined {
  let error: HubError | undefined;
  for (const event of events) {
    meter.add(event);
    if (event.type === 'error') error = event.error;
  }
  return error;
}
