// The ways of answers that are no conversations: replies that come whole and are read for their usage,
// streams of events, and bytes that go on as they come or are taken out of events. The very end of each is held back until the
// record is on disk. A whole reply is written anew only where it is not in the form asked for.

import { HubError } from '../base/errors.ts';
import { isObject, parseJson } from '../base/json.ts';
import { type SseEvent, readSse } from '../base/sse.ts';
import type {
  AnswerContext,
  Dialect,
  DirectProtocol,
  DirectStreams,
  RequestFacts,
  RewrittenReply,
} from '../protocols/protocol.ts';
import { isStream } from './framings.ts';
import type { Meter } from './meter.ts';
import { passStream, watch } from './pass-stream.ts';
import { type Step, type Way, gatherWhole } from './way.ts';

export interface DirectWayOptions {
  /** The client's. */
  readonly protocol: DirectProtocol;
  /** The provider's, where it is not the client's. */
  readonly dialect: Dialect | undefined;
  readonly facts: RequestFacts;
  readonly context: AnswerContext;
  /** The provider's. */
  readonly contentType: string;
  readonly meter: Meter;
}

/** Anything else under status 200 is a proxy's page or an error, not an answer. */
const BYTES = /^(audio\/|application\/octet-stream|$)/i;
const TEXT = /^(text\/(plain|vtt)|application\/x-subrip)\b/i;
const JSON_TYPE = /^application\/([a-z.-]+\+)?json\b/i;

export function passDirect(options: DirectWayOptions): Way {
  const { protocol, facts, contentType } = options;
  if (facts.stream && protocol.streams && isStream('sse', contentType)) {
    return passEvents(protocol.streams, options);
  }
  if (!facts.stream && protocol.streams?.unwrap && isStream('sse', contentType)) {
    return unwrapFlow(protocol.streams, protocol.streams.unwrap, options);
  }
  const flows = protocol.answer === 'flowing' && BYTES.test(contentType);
  return flows ? passFlow(options) : passReply(options);
}

function passEvents(
  streams: NonNullable<DirectProtocol['streams']>,
  { facts, context, meter }: DirectWayOptions,
): Way {
  const way = passStream({
    upstream: { ...streams, isOnlyUsage: () => false },
    decoder: streams.decodeEvents(facts),
    context,
    meter,
  });
  return {
    ...way,
    fail(error) {
      meter.add({ type: 'error', error });
      return way.fail(error);
    },
  };
}

function passReply(options: DirectWayOptions): Way {
  const { protocol, dialect, facts, context, meter } = options;
  const body = gatherWhole();
  let { contentType } = options;
  return {
    get contentType() {
      return contentType;
    },
    push: body.push,
    end() {
      const bytes = body.take();
      const told = JSON_TYPE.test(contentType) ? parseJson(bytes.toString('utf8')) : undefined;
      const json = dialect && isObject(told) ? dialect.decodeReply(told, context) : told;
      // An error in the provider's own words is found first.
      const usage = protocol.readUsage(json, facts);
      if ((json === undefined && !TEXT.test(contentType)) || protocol.answer === 'flowing') {
        throw new HubError('upstream_failed', { message: 'The provider sent no such answer.' });
      }
      const rewritten = isObject(json) ? protocol.rewriteReply?.(json, facts) : undefined;
      const written = rewritten ?? (dialect && asJson(json));
      if (usage) meter.add({ type: 'usage', usage });
      if (!written) return { now: '', done: { last: bytes } };
      contentType = written.contentType;
      return { now: '', done: { last: written.text } };
    },
    // Nothing is sent before the end.
    fail: () => undefined,
  };
}

function asJson(body: unknown): RewrittenReply {
  return { contentType: 'application/json', text: JSON.stringify(body) };
}

/** Bytes of an answer that comes as events: only these tell of the tokens that it is priced by. */
function unwrapFlow(
  streams: DirectStreams,
  unwrap: NonNullable<DirectStreams['unwrap']>,
  { facts, meter }: DirectWayOptions,
): Way {
  const reader = readSse();
  const decoder = streams.decodeEvents(facts);
  let held: Buffer = Buffer.alloc(0);

  function take(list: readonly SseEvent[]): Step {
    const parts = [held];
    let isDone = false;
    for (const event of list) {
      const failure = watch(decoder.push(event), meter);
      if (failure) throw failure;
      parts.push(unwrap.bytesOf(event) ?? NOTHING);
      isDone ||= streams.isTerminal(event);
    }
    const bytes = Buffer.concat(parts);
    if (isDone && bytes.length > 0) return { now: '', done: { last: bytes } };
    if (isDone) throw emptyAnswer();
    held = bytes.subarray(-1);
    return { now: bytes.subarray(0, -1) };
  }

  return {
    contentType: unwrap.contentType(facts),
    push: (chunk) => take(reader.push(chunk)),
    end() {
      const step = take(reader.end());
      if (step.done) return step;
      throw watch(decoder.end(), meter) ?? new HubError('upstream_broke_off');
    },
    fail(error) {
      meter.add({ type: 'error', error });
      return undefined;
    },
  };
}

const NOTHING = Buffer.alloc(0);

function emptyAnswer(): HubError {
  return new HubError('upstream_failed', { message: 'The provider sent an empty answer.' });
}

function passFlow({ contentType, meter }: DirectWayOptions): Way {
  let held: Buffer | undefined;
  return {
    contentType: contentType || 'application/octet-stream',
    push(chunk) {
      if (chunk.length === 0) return { now: '' };
      const now = Buffer.concat([held ?? Buffer.alloc(0), chunk.subarray(0, -1)]);
      held = Buffer.from(chunk.subarray(-1));
      if (now.length > 0) meter.add({ type: 'start', id: '', model: '' });
      return { now };
    },
    end() {
      if (held) return { now: '', done: { last: held } };
      throw emptyAnswer();
    },
    fail(error) {
      meter.add({ type: 'error', error });
      return undefined;
    },
  };
}
