// The same stream, however it is cut and whichever line ends it has, gives the same events.

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { ChatEvent } from '../../src/chat/events.ts';
import { PROTOCOLS } from '../../src/protocols/list.ts';
import type { ChatProtocol } from '../../src/protocols/protocol.ts';
import { answerOf, decode, fixture } from './streams.ts';

interface Case {
  readonly name: string;
  readonly protocol: ChatProtocol;
  readonly text: string;
  /** What the answer begins with; two calls follow in each. */
  readonly parts: readonly string[];
  /** Where its finish begins. */
  readonly finish: string;
}

const CASES: readonly Case[] = [
  {
    name: 'Chat',
    protocol: PROTOCOLS['openai-chat'],
    text: fixture('chat'),
    parts: ['thinking', 'text'],
    finish: '"finish_reason":"tool_calls"',
  },
  {
    name: 'Responses',
    protocol: PROTOCOLS['openai-responses'],
    text: fixture('responses'),
    parts: ['thinking', 'text'],
    finish: 'event: response.completed',
  },
  {
    name: 'Messages',
    protocol: PROTOCOLS['anthropic-messages'],
    text: fixture('messages'),
    parts: ['thinking', 'redacted_thinking', 'text'],
    finish: 'event: message_stop',
  },
  {
    name: 'Gemini',
    protocol: PROTOCOLS.gemini,
    text: fixture('gemini'),
    // A signature stands right before the call that it is of.
    parts: ['thinking', 'text', 'thinking'],
    finish: '"finishReason"',
  },
  {
    name: 'Interactions',
    protocol: PROTOCOLS['gemini-interactions'],
    text: fixture('interactions'),
    parts: ['thinking', 'text'],
    finish: 'event: interaction.completed',
  },
];

const VARIANTS: [string, (text: string) => string][] = [
  ['LF', (text) => text],
  ['CRLF', (text) => text.replaceAll('\n', '\r\n')],
  ['CR', (text) => text.replaceAll('\n', '\r')],
  ['no space after the colon', (text) => text.replaceAll(/^(data|event): /gm, '$1:')],
];

function withoutPings(events: readonly ChatEvent[]): ChatEvent[] {
  return events.filter(({ type }) => type !== 'ping');
}

describe.each(CASES)('a $name stream', ({ protocol, text, parts: begun, finish: finishMark }) => {
  const whole = withoutPings(decode(protocol, text));

  it('is read as text, thinking, calls, usage and a finish', () => {
    const { parts, finish, usage } = answerOf(whole);
    expect(parts.map(({ type }) => type)).toEqual([...begun, 'tool_call', 'tool_call']);
    expect(finish).toBe('tool_calls');
    expect(usage?.final).toBe(true);
  });

  it.each(VARIANTS)('gives the same events at every byte boundary (%s)', (_name, vary) => {
    const bytes = Buffer.from(vary(text));
    for (let at = 0; at <= bytes.length; at++) {
      const events = withoutPings(decode(protocol, bytes.subarray(0, at), bytes.subarray(at)));
      // A deep comparison at each of thousands of places would be slow.
      if (JSON.stringify(events) !== JSON.stringify(whole)) expect(events).toEqual(whole);
    }
  });

  it('gives the same events in random pieces', () => {
    const sizes = fc.array(fc.integer({ min: 1, max: 90 }), { minLength: 1, maxLength: 60 });
    fc.assert(
      fc.property(sizes, fc.constantFrom(...VARIANTS), (lengths, [, vary]) => {
        const bytes = Buffer.from(vary(text));
        const chunks: Buffer[] = [];
        for (let at = 0, i = 0; at < bytes.length; i++) {
          const length = lengths[i % lengths.length] ?? 1;
          chunks.push(bytes.subarray(at, at + length));
          at += length;
        }
        expect(withoutPings(decode(protocol, ...chunks))).toEqual(whole);
      }),
    );
  });

  it('breaks off wherever it is cut before its finish, and never throws', () => {
    const bytes = Buffer.from(text);
    const finishAt = bytes.indexOf(finishMark);
    expect(finishAt).toBeGreaterThan(0);
    for (let at = 0; at < finishAt; at += 7) {
      const last = decode(protocol, bytes.subarray(0, at)).at(-1);
      expect(last).toMatchObject({ type: 'error', error: { code: 'upstream_broke_off' } });
    }
  });
});
