// Converse answers, streamed and whole: nothing of them is lost, and what breaks is said to be broken.

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { readAwsEventStream } from '../../../src/base/aws-event-stream.ts';
import type { JsonValue } from '../../../src/base/json.ts';
import type { ChatEvent } from '../../../src/chat/events.ts';
import { errorFrame, eventFrame, exceptionFrame } from '../../support/bedrock-frames.ts';
import { answerOf, QUIRKS } from '../streams.ts';
import {
  bedrock,
  block,
  call,
  CLAUDE_REPLY,
  CLAUDE_STREAM,
  decode,
  delta,
  messageStop,
  metadata,
  start,
  stopped,
} from './answers.ts';

const MAKER = 'bedrock-converse';
const PARTS = [
  { type: 'thinking', text: 'Erst denken 🤔', signature: 'c2ln', maker: MAKER },
  { type: 'redacted_thinking', data: 'cmVk', maker: MAKER },
  { type: 'text', text: 'Grüße 🌧' },
  { type: 'tool_call', id: 'tooluse_a', name: 'weather', argumentsJson: '{"city":"Köln"}' },
  { type: 'tool_call', id: 'tooluse_b', name: 'clock', argumentsJson: '{}' },
];

const errorOf = (events: readonly ChatEvent[]): string | undefined => {
  const last = events.at(-1);
  return last?.type === 'error' ? last.error.code : undefined;
};

describe('a Converse stream', () => {
  it('is read as thinking, text, calls, usage and a finish', () => {
    expect(answerOf(decode(CLAUDE_STREAM))).toMatchObject({
      parts: PARTS,
      finish: 'tool_calls',
      usage: { input: { inUncached: 12 }, output: { outText: 7 }, final: true },
    });
  });

  it('gives the same events at every split', () => {
    const whole = JSON.stringify(decode(CLAUDE_STREAM));
    for (let at = 0; at <= CLAUDE_STREAM.length; at++) {
      const events = decode(CLAUDE_STREAM.subarray(0, at), CLAUDE_STREAM.subarray(at));
      expect(JSON.stringify(events) === whole, `cut at ${at}`).toBe(true);
    }
  });

  it('breaks off wherever it is cut before its stop reason, and never throws', () => {
    const end = CLAUDE_STREAM.indexOf('"stopReason"');
    for (let at = 0; at < end; at += 7) {
      expect(errorOf(decode(CLAUDE_STREAM.subarray(0, at)))).toBe('upstream_broke_off');
    }
  });

  it('begins with its first block, so that a failure before it can be mended', () => {
    expect(decode(start(), exceptionFrame('throttlingException', 'x'))).toMatchObject([
      { type: 'error' },
    ]);
    expect(decode(start(), stopped('malformed_tool_use'))).toMatchObject([
      { type: 'usage' },
      { type: 'error' },
    ]);
    const types = decode(start(), block(0, { text: 'hi' }), stopped('end_turn'));
    expect(types.map(({ type }) => type)).toEqual(['start', 'text', 'usage', 'finish']);
  });

  it('is complete without its counts', () => {
    const events = decode(start(), block(0, { text: 'hi' }), messageStop('max_tokens'));
    expect(answerOf(events)).toMatchObject({ finish: 'length', parts: [{ text: 'hi' }] });
    expect(events.some(({ type }) => type === 'usage')).toBe(false);
  });

  it('ends with its counts, and nothing after them counts', () => {
    const events = decode(start(), stopped('end_turn'), block(0, { text: 'late' }), metadata({}));
    expect(events.at(-1)).toEqual({ type: 'finish', reason: 'stop' });
    expect(events.some(({ type }) => type === 'text')).toBe(false);
  });

  it('is terminal at its counts and at failures alone', () => {
    const frames = readAwsEventStream().push(
      Buffer.concat([
        start(),
        messageStop('end_turn'),
        metadata(),
        exceptionFrame('validationException', 'x'),
        errorFrame('InternalError', 'x'),
      ]),
    );
    expect(frames.map(bedrock.isTerminal)).toEqual([false, false, true, true, true]);
  });

  it('gives a signature or a redacted thought that comes in pieces as one', () => {
    const events = decode(
      start(),
      delta(0, { reasoningContent: { text: 'a' } }),
      delta(0, { reasoningContent: { signature: 'si' } }),
      block(0, { reasoningContent: { signature: 'g' } }),
      delta(1, { reasoningContent: { redactedContent: 'YQ==' } }),
      delta(1, { reasoningContent: { redactedContent: 'Yg==' } }),
      // Without a stop of the second block.
      stopped('end_turn'),
    );
    expect(answerOf(events).parts).toEqual([
      { type: 'thinking', text: 'a', signature: 'sig', maker: MAKER },
      { type: 'redacted_thinking', data: 'YWI=', maker: MAKER },
    ]);
  });

  it('keeps apart calls whose pieces come in turns', () => {
    const events = decode(
      start(),
      eventFrame('contentBlockStart', {
        contentBlockIndex: 0,
        start: { toolUse: { toolUseId: 'a', name: 'f' } },
      }),
      eventFrame('contentBlockStart', {
        contentBlockIndex: 1,
        start: { toolUse: { toolUseId: 'b', name: 'g' } },
      }),
      delta(1, { toolUse: { input: '{"b"' } }),
      delta(0, { toolUse: { input: '{"a":1}' } }),
      delta(1, { toolUse: { input: ':2}' } }),
      stopped('tool_use'),
    );
    expect(answerOf(events).parts).toEqual([
      { type: 'tool_call', id: 'a', name: 'f', argumentsJson: '{"a":1}' },
      { type: 'tool_call', id: 'b', name: 'g', argumentsJson: '{"b":2}' },
    ]);
  });

  it('passes over events, blocks and headers of tomorrow', () => {
    const events = decode(
      eventFrame('initial-response', {}),
      start(),
      eventFrame('contentBlockStart', {
        contentBlockIndex: 0,
        start: { image: { format: 'png' } },
      }),
      delta(0, { image: { source: { bytes: 'AAAA' } } }),
      block(1, { text: 'hi' }),
      stopped('end_turn'),
    );
    expect(answerOf(events).parts).toEqual([{ type: 'text', text: 'hi' }]);
  });

  it('gives web pages that a text rests on', () => {
    const citation = {
      title: 'Rain',
      sourceContent: [{ text: 'it ' }, { text: 'rains' }],
      location: { web: { url: 'https://example.com/', domain: 'example.com' } },
    };
    const events = decode(start(), block(0, { text: 'Rain.' }, { citation }), stopped('end_turn'));
    const citations = [{ url: 'https://example.com/', title: 'Rain', quote: 'it rains' }];
    expect(answerOf(events).parts).toEqual([{ type: 'text', text: 'Rain.', citations }]);
  });

  it.each([
    ['end_turn', 'stop'],
    ['max_tokens', 'length'],
    ['stop_sequence', 'stop_sequence'],
    ['content_filtered', 'content_filter'],
    ['guardrail_intervened', 'content_filter'],
    ['model_context_window_exceeded', 'context_full'],
    ['a_reason_of_tomorrow', 'stop'],
  ])('takes the stop reason %s for %s', (reason, finish) => {
    expect(decode(start(), stopped(reason)).at(-1)).toMatchObject({ reason: finish });
  });

  it.each([[{ stop_sequence: 'END' }], [{ delta: { stop_sequence: 'END' } }]])(
    'tells which stop sequence was met (%j)',
    (additionalModelResponseFields) => {
      const events = decode(
        start(),
        messageStop('stop_sequence', { additionalModelResponseFields }),
        metadata(),
      );
      expect(events.at(-1)).toMatchObject({ stopSequence: 'END' });
    },
  );

  it.each(['malformed_model_output', 'malformed_tool_use'])(
    'has failed with %s, and its usage is known',
    (reason) => {
      const events = decode(start(), block(0, { text: 'half' }), stopped(reason));
      expect(errorOf(events)).toBe('upstream_failed');
      expect(events.at(-2)).toMatchObject({ type: 'usage', usage: { final: true } });
    },
  );
});

describe('a failure in mid-stream', () => {
  it.each([
    ['throttlingException', 'slow down', 'upstream_rate_limited'],
    ['serviceUnavailableException', 'later', 'upstream_overloaded'],
    ['modelTimeoutException', 'too slow', 'upstream_timeout'],
    ['internalServerException', 'oops', 'upstream_failed'],
    ['modelStreamErrorException', 'oops', 'upstream_failed'],
    ['anExceptionOfTomorrow', 'oops', 'upstream_failed'],
    ['validationException', 'bad', 'upstream_rejected'],
    ['validationException', 'Input is too long for requested model.', 'context_too_long'],
  ])('by %s (%s) is %s', (type, message, code) => {
    const events = decode(start(), delta(0, { text: 'a' }), exceptionFrame(type, message), start());
    expect(errorOf(events)).toBe(code);
    expect(JSON.stringify(events)).not.toContain(message);
  });

  it('is one of the service below as well, and damage on the way', () => {
    expect(errorOf(decode(start(), errorFrame('InternalError', 'x')))).toBe('upstream_failed');
    const damaged = delta(0, { text: 'a' });
    damaged[damaged.length - 6]! ^= 1;
    const events = decode(start(), delta(0, { text: 'a' }), damaged);
    expect(errorOf(events)).toBe('upstream_failed');
    expect(events[1]).toEqual({ type: 'text', text: 'a' });
  });
});

describe('a whole answer', () => {
  it('says the same as the stream', () => {
    const whole = answerOf(bedrock.decodeReply(CLAUDE_REPLY, QUIRKS));
    expect(whole).toEqual(answerOf(decode(CLAUDE_STREAM)));
    expect(whole.parts).toEqual(PARTS);
  });

  it('gives cited text with its pages', () => {
    const citationsContent = {
      content: [{ text: 'Rain.' }],
      citations: [
        { location: { web: { url: 'https://example.com/' } } },
        { location: { documentPage: { documentIndex: 0, start: 1, end: 1 } } },
      ],
    };
    const events = bedrock.decodeReply(
      { output: { message: { content: [{ citationsContent }] } }, stopReason: 'end_turn' },
      QUIRKS,
    );
    expect(answerOf(events).parts).toEqual([
      { type: 'text', text: 'Rain.', citations: [{ url: 'https://example.com/' }] },
    ]);
  });

  it.each<[JsonValue]>([
    [null],
    ['text'],
    [{ message: 'no' }],
    [{ output: {} }],
    [{ Output: { __type: 'UnknownOperationException' }, Version: '1.0' }],
  ])('that is none has failed: %j', (body) => {
    expect(errorOf(bedrock.decodeReply(body, QUIRKS))).toBe('upstream_failed');
  });

  it('never makes the decoder throw', () => {
    fc.assert(
      fc.property(fc.jsonValue(), fc.jsonValue(), fc.jsonValue(), (content, usage, odd) => {
        const bodies = [
          content,
          { output: { message: { content: [content, odd] } }, usage, stopReason: odd },
          { output: { message: { content: [{ toolUse: content, reasoningContent: odd }] } } },
        ];
        for (const body of bodies) {
          expect(() => bedrock.decodeReply(body, QUIRKS)).not.toThrow();
        }
        const event = { contentBlockIndex: odd, start: content, delta: content, usage };
        const types = ['contentBlockStart', 'contentBlockDelta', 'messageStop', 'metadata'];
        const frames = types.map((type) => eventFrame(type, event));
        expect(() => decode(start(), call(0, 'a', 'f'), ...frames)).not.toThrow();
      }),
    );
  });
});
