// Every provider that speaks Chat Completions is heard in its own dialect, with its own quirks.

import { describe, expect, it } from 'vitest';
import type { ChatEvent } from '../../src/chat/events.ts';
import { NO_TOKENS } from '../../src/chat/usage.ts';
import { PROTOCOLS } from '../../src/protocols/list.ts';
import { PROVIDERS } from '../../src/providers/list.ts';
import { readProviderStreams } from './provider-streams.ts';
import { answerOf, decode, decodeWith, encode } from './streams.ts';

const chat = PROTOCOLS['openai-chat'];
const messages = PROTOCOLS['anthropic-messages'];
const STREAMS = readProviderStreams();

function textOf(events: readonly ChatEvent[], type: 'text' | 'thinking'): string {
  return answerOf(events)
    .parts.map((part) => (part.type === type ? part.text : ''))
    .join('');
}

function callsOf(events: readonly ChatEvent[]): unknown[] {
  return answerOf(events).parts.flatMap((part) =>
    part.type === 'tool_call' ? [[part.id, part.name, JSON.parse(part.argumentsJson)]] : [],
  );
}

function sourcesOf(events: readonly ChatEvent[]): string[] {
  return events.flatMap((event) => (event.type === 'citation' ? [event.citation.url] : []));
}

it('there is a stream of every provider that speaks Chat Completions', () => {
  const speaking = PROVIDERS.filter(({ protocols }) => protocols.includes('openai-chat'));
  expect([...STREAMS.keys()].toSorted()).toEqual(speaking.map(({ id }) => id).toSorted());
});

describe.each([...STREAMS])('a stream of %s', (id, { stream, expected }) => {
  const quirks = PROVIDERS.find((provider) => provider.id === id)!.quirks;
  const events = decodeWith(chat, quirks, stream);

  it('says what it says, once', () => {
    expect(textOf(events, 'text')).toBe(expected.text);
    expect(textOf(events, 'thinking')).toBe(expected.thinking);
    expect(callsOf(events)).toEqual(expected.calls);
    expect(sourcesOf(events)).toEqual(expected.sources);
    expect(answerOf(events).finish).toBe(expected.finish);
    for (const type of ['start', 'finish']) {
      expect(events.filter((event) => event.type === type)).toHaveLength(1);
    }
    const after = events.slice(events.findIndex(({ type }) => type === 'finish') + 1);
    expect(after.every(({ type }) => type === 'usage')).toBe(true);
  });

  it('is metered in disjoint classes', () => {
    const { usage } = answerOf(events);
    expect(usage?.problem).toBeUndefined();
    expect(usage?.final).toBe(true);
    expect({ ...NO_TOKENS, ...usage?.input, ...usage?.output }).toEqual({
      ...NO_TOKENS,
      ...expected.usage,
    });
    expect(usage?.units).toEqual(expected.units);
  });

  it('gives the same events byte by byte and with other line ends', () => {
    const quiet = (list: readonly ChatEvent[]) => list.filter(({ type }) => type !== 'ping');
    const bytes = Buffer.from(stream);
    const single = Array.from(bytes, (_, at) => bytes.subarray(at, at + 1));
    expect(quiet(decodeWith(chat, quirks, ...single))).toEqual(quiet(events));
    const crlf = stream.replaceAll('\n', '\r\n');
    expect(quiet(decodeWith(chat, quirks, crlf))).toEqual(quiet(events));
  });

  it('reaches a client of another protocol whole', () => {
    const heard = decode(messages, encode(messages, events));
    expect(textOf(heard, 'text')).toBe(expected.text);
    expect(textOf(heard, 'thinking')).toBe(expected.thinking);
    expect(callsOf(heard).map((call) => (call as unknown[]).slice(1))).toEqual(
      expected.calls.map(([, ...rest]) => rest),
    );
  });
});
