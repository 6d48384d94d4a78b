// The two ways of an answer. Same protocol on both sides: the provider's bytes pass through while the
// decoder reads along for the meter. Different protocols (or a stream on one side only): events are
// decoded and encoded anew. An answer is on one way for its whole life.

import { HubError, assert } from '../base/errors.ts';
import { parseJson } from '../base/json.ts';
import type { SseEvent } from '../base/sse.ts';
import type { ChatEvent } from '../chat/events.ts';
import type {
  AnswerContext,
  ChatProtocol,
  Protocol,
  ProviderProtocol,
  Quirks,
  RequestFacts,
  UpstreamProtocol,
} from '../protocols/protocol.ts';
import { passDirect } from './direct-ways.ts';
import { FRAMINGS, isStream } from './framings.ts';
import type { Meter } from './meter.ts';
import { passStream, watch } from './pass-stream.ts';
import { EVENT_STREAM, type Step, type Way, gatherWhole } from './way.ts';

export interface WayOptions {
  readonly upstream: UpstreamProtocol;
  readonly quirks: Quirks;
  readonly client: Protocol;
  /** The content type of the provider's answer. */
  readonly contentType: string;
  readonly facts: RequestFacts;
  readonly context: AnswerContext;
  readonly meter: Meter;
}

type ChatWayOptions = WayOptions & {
  readonly upstream: ProviderProtocol;
  readonly client: ChatProtocol;
};

export function chooseWay(options: WayOptions): Way {
  const { upstream, client } = options;
  if (client.kind === 'direct') {
    const dialect = upstream.kind === 'dialect' ? upstream : undefined;
    return passDirect({ ...options, protocol: client, dialect });
  }
  assert(upstream.kind === 'chat', 'conversations are answered by conversations');
  const chat = { ...options, upstream, client };
  const upstreamStreams = isStream(upstream.framing, options.contentType);
  if (upstream !== client || upstreamStreams !== options.facts.stream) return translate(chat);
  if (!upstreamStreams) return passWhole(client, options);
  return passStream({ ...options, upstream: client, decoder: client.decodeEvents(options.quirks) });
}

const JSON_TYPE = 'application/json';

function passWhole(upstream: ChatProtocol, { quirks, context, meter }: WayOptions): Way {
  const body = gatherWhole();
  return {
    contentType: JSON_TYPE,
    push: body.push,
    end() {
      const bytes = body.take();
      const error = watch(decodeWhole(upstream, quirks, bytes), meter);
      return { now: '', done: { last: bytes, ...(error && { error }) } };
    },
    fail: (error) => JSON.stringify(upstream.encodeError(error, context.requestId).body),
  };
}

function translate(options: ChatWayOptions): Way {
  const { client, context, meter } = options;
  const clientStreams = options.facts.stream;
  const source = isStream(options.upstream.framing, options.contentType)
    ? streamSource(options.upstream, options.quirks)
    : wholeSource(options.upstream, options.quirks);
  const target = clientStreams ? client.encodeEvents(context) : foldingTarget(client, context);

  let begun = false;

  function take(events: readonly ChatEvent[], ended: boolean): Step {
    let now = '';
    let complete = ended;
    for (const event of events) {
      // A sign of life is no answer yet: it must not commit one that could still be tried again.
      if (event.type === 'ping' && !begun) continue;
      meter.add(event);
      if (event.type === 'error') {
        const last = clientStreams ? target.push(event) + target.end() : '';
        return { now, done: { last, error: event.error } };
      }
      now += target.push(event);
      begun ||= now.length > 0;
    }
    if (source.terminal()) complete = true;
    return complete ? { now, done: { last: target.end() } } : { now };
  }

  return {
    contentType: clientStreams ? EVENT_STREAM : JSON_TYPE,
    ...(clientStreams && { keepAlive: client.keepAlive }),
    push: (chunk) => take(source.push(chunk), false),
    end: () => take(source.end(), true),
    fail: (error) =>
      clientStreams
        ? target.push({ type: 'error', error }) + target.end()
        : JSON.stringify(client.encodeError(error, context.requestId).body),
  };
}

interface Source {
  push(chunk: Buffer): ChatEvent[];
  end(): ChatEvent[];
  /** Whether the provider has said its last word, though the connection may still stand. */
  terminal(): boolean;
}

function streamSource(upstream: ProviderProtocol, quirks: Quirks): Source {
  const reader = FRAMINGS[upstream.framing].open();
  const decoder = upstream.decodeEvents(quirks);
  let terminal = false;
  const read = (events: readonly SseEvent[]): ChatEvent[] =>
    events.flatMap((event) => {
      terminal ||= upstream.isTerminal(event);
      return decoder.push(event);
    });
  return {
    push: (chunk) => read(reader.push(chunk)),
    end: () => [...read(reader.end()), ...decoder.end()],
    terminal: () => terminal,
  };
}

function wholeSource(upstream: ProviderProtocol, quirks: Quirks): Source {
  const body = gatherWhole();
  return {
    push(chunk) {
      body.push(chunk);
      return [];
    },
    end: () => decodeWhole(upstream, quirks, body.take()),
    terminal: () => false,
  };
}

function foldingTarget(client: ChatProtocol, context: AnswerContext) {
  const events: ChatEvent[] = [];
  return {
    push(event: ChatEvent) {
      events.push(event);
      return '';
    },
    end: () => JSON.stringify(client.encodeReply(events, context)),
  };
}

function decodeWhole(upstream: ProviderProtocol, quirks: Quirks, bytes: Buffer): ChatEvent[] {
  const body = parseJson(bytes.toString('utf8'));
  if (body === undefined) {
    throw new HubError('upstream_failed', {
      message: 'The provider sent something that is no JSON.',
    });
  }
  return upstream.decodeReply(body, quirks);
}
