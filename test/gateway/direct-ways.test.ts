// Streams of the endpoints that are no conversations: every byte passes in whatever pieces it comes,
// the end is held back, and the meter knows what was used and what was delivered.

import { describe, expect, it } from 'vitest';
import { HubError } from '../../src/base/errors.ts';
import type { ChatEvent } from '../../src/chat/events.ts';
import { passDirect } from '../../src/gateway/direct-ways.ts';
import { PROTOCOLS } from '../../src/protocols/list.ts';
import type { DirectProtocol, RequestFacts } from '../../src/protocols/protocol.ts';

const FACTS: RequestFacts = {
  model: 'm',
  stream: true,
  choices: 1,
  includeUsage: false,
  images: 0,
  imageBytes: 0,
  unboundedInput: false,
  units: { images: 1, audioMs: 4_000 },
};
const CONTEXT = { requestId: 'r', model: 'm', createdSeconds: 0, includeUsage: false };
const TOKENS = { input_tokens: 5, output_tokens: 9, total_tokens: 14 };

const event = (type: string, more: object = {}): string =>
  `event: ${type}\ndata: ${JSON.stringify({ type, ...more })}\n\n`;

function run(protocol: DirectProtocol, chunks: Iterable<Buffer>, ends = true) {
  const seen: ChatEvent[] = [];
  const textOf: number[] = [];
  const way = passDirect({
    protocol,
    dialect: undefined,
    facts: FACTS,
    context: CONTEXT,
    contentType: 'text/event-stream; charset=utf-8',
    meter: {
      add: (each) => seen.push(each),
      addText: (_, bytes) => textOf.push(bytes),
      complete: () => expect.unreachable(),
      cut: () => expect.unreachable(),
    },
  });
  const now: Buffer[] = [];
  for (const chunk of chunks) {
    const step = way.push(chunk);
    now.push(Buffer.from(step.now));
    if (step.done) return { way, seen, textOf, now: Buffer.concat(now).toString(), ...step.done };
  }
  const done = ends ? way.end().done : undefined;
  return { way, seen, textOf, now: Buffer.concat(now).toString(), last: '', ...done };
}

const input = {
  inUncached: 5,
  inCacheRead: 0,
  inCacheWrite5m: 0,
  inCacheWrite1h: 0,
  inCacheWriteOther: 0,
};
const noImages = { inAudio: 0, inAudioCacheRead: 0, inImage: 0, inImageCacheRead: 0 };
const noText = { outText: 0, outReasoning: 0 };
const told = { input, output: { ...noText, outText: 9 }, final: true };
const drawn = { ...told, output: { ...noText, outAudio: 0, outImage: 9 } };
const spoken = { ...told, output: { ...noText, outAudio: 9 } };
const heard = { ...told, input: { ...input, ...noImages, inUncached: 0, inAudio: 5 } };
const begun = { type: 'start', id: '', model: '' };

interface Case {
  readonly name: string;
  readonly protocol: DirectProtocol;
  readonly before: string;
  readonly last: string;
  readonly seen: readonly object[];
}

const CASES: readonly Case[] = [
  {
    name: 'an image',
    protocol: PROTOCOLS['openai-images'],
    before: event('image_generation.partial_image', { b64_json: 'AAAA' }) + event('keepalive'),
    last: event('image_generation.completed', { b64_json: 'BBBB', usage: TOKENS }),
    seen: [begun, { type: 'usage', usage: { ...drawn, units: { images: 1 } } }],
  },
  {
    name: 'an edited image',
    protocol: PROTOCOLS['openai-image-edits'],
    before: '',
    last: event('image_edit.completed', { b64_json: 'BBBB' }),
    seen: [{ type: 'usage', usage: { units: { images: 1 }, final: true } }],
  },
  {
    name: 'speech',
    protocol: PROTOCOLS['openai-speech'],
    before: event('speech.audio.delta', { audio: 'AAAA' }),
    last: event('speech.audio.done', { usage: TOKENS }),
    seen: [begun, { type: 'usage', usage: spoken }],
  },
  {
    name: 'a transcript',
    protocol: PROTOCOLS['openai-transcriptions'],
    before: event('transcript.text.delta', { delta: 'Hé ' }) + event('transcript.text.segment'),
    last: event('transcript.text.done', { text: 'Hé ', usage: { type: 'tokens', ...TOKENS } }),
    seen: [
      { type: 'text', text: 'Hé ' },
      { type: 'usage', usage: heard },
    ],
  },
];

describe.each(CASES)('a stream of $name', ({ protocol, before, last, seen }) => {
  const whole = Buffer.from(before + last);

  it('passes, cut at every byte, and holds its last event back', () => {
    for (let at = 0; at <= whole.length; at++) {
      const out = run(protocol, [whole.subarray(0, at), whole.subarray(at)]);
      expect(out.now).toBe(before);
      expect(Buffer.from(out.last).toString()).toBe(last);
      expect(out.seen).toEqual(seen);
      expect(out).not.toHaveProperty('error');
    }
  });

  it('that ends too early ends with an error that the client can read', () => {
    for (const chunk of [before, `${before}data: [DONE]\n\n`]) {
      const out = run(protocol, chunk === '' ? [] : [Buffer.from(chunk)]);
      expect(out.error).toMatchObject({ code: 'upstream_broke_off' });
      expect(out.seen.at(-1)).toMatchObject({ type: 'error' });
    }
    const ended = run(protocol, before === '' ? [] : [Buffer.from(before)]);
    expect(Buffer.from(ended.last).toString()).toMatch(/^data: \{"error":\{/);
  });

  it('that fails is known to have failed', () => {
    const { way, seen: noted } = run(protocol, [Buffer.from(before)], false);
    const text = String(way.fail(new HubError('upstream_broke_off')));
    expect(text).toMatch(/^data: \{"error":\{/);
    expect(noted.at(-1)).toMatchObject({ type: 'error' });
  });

  it('can be an error by its own words', () => {
    for (const data of [
      '{"error":{"code":429}}',
      '{"type":"error","code":"rate_limit_exceeded"}',
    ]) {
      const out = run(protocol, [Buffer.from(`${before}data: ${data}\n\n`)]);
      expect(out.error).toMatchObject({ code: 'upstream_rate_limited' });
    }
  });
});

describe('sound that is asked for as events', () => {
  const delta = (audio: string) =>
    event('speech.audio.delta', { audio: Buffer.from(audio).toString('base64') });
  const done = event('speech.audio.done', { usage: TOKENS });
  const open = (facts: Partial<RequestFacts>, seen: ChatEvent[] = []) =>
    passDirect({
      protocol: PROTOCOLS['openai-speech'],
      dialect: undefined,
      facts: { ...FACTS, stream: false, ...facts },
      context: CONTEXT,
      contentType: 'text/event-stream',
      meter: {
        add: (each) => seen.push(each),
        addText: () => undefined,
        complete: () => expect.unreachable(),
        cut: () => expect.unreachable(),
      },
    });

  it('goes on as bytes, cut at every byte, the last of them held back', () => {
    const whole = Buffer.from(delta('abc') + delta('') + delta('de') + done);
    for (let at = 0; at <= whole.length; at++) {
      const seen: ChatEvent[] = [];
      const way = open({}, seen);
      const steps = [way.push(whole.subarray(0, at)), way.push(whole.subarray(at))];
      const now = Buffer.concat(steps.map((step) => Buffer.from(step.now))).toString();
      const last = Buffer.from(steps.find((step) => step.done)?.done?.last ?? '').toString();
      expect(now + last).toBe('abcde');
      expect(last).not.toBe('');
      expect(seen.at(-1)).toEqual({ type: 'usage', usage: spoken });
    }
  });

  it('has the type of the format that was wanted', () => {
    const typeOf = (answerFormat?: string) =>
      open(answerFormat === undefined ? {} : { answerFormat }).contentType;
    expect([typeOf(), typeOf('wav'), typeOf('x')]).toEqual([
      'audio/mpeg',
      'audio/wav',
      'application/octet-stream',
    ]);
  });

  it('that breaks off, fails or is empty is a failure', () => {
    const broken = open({});
    broken.push(Buffer.from(delta('abc')));
    expect(() => broken.end()).toThrow(expect.objectContaining({ code: 'upstream_broke_off' }));
    const failed = Buffer.from(`${delta('a')}data: {"error":{"code":429}}\n\n`);
    expect(() => open({}).push(failed)).toThrow(
      expect.objectContaining({ code: 'upstream_rate_limited' }),
    );
    expect(() => open({}).push(Buffer.from(done))).toThrow(
      expect.objectContaining({ code: 'upstream_failed' }),
    );
  });
});

describe('an answer of events', () => {
  it('that nobody asked for is none', () => {
    const way = passDirect({
      protocol: PROTOCOLS['openai-images'],
      dialect: undefined,
      facts: { ...FACTS, stream: false },
      context: CONTEXT,
      contentType: 'text/event-stream',
      meter: { add: () => {}, addText: () => {}, complete: () => never(), cut: () => never() },
    });
    way.push(Buffer.from(event('image_generation.completed')));
    expect(() => way.end()).toThrow(expect.objectContaining({ code: 'upstream_failed' }));
  });

  it('may hold more text than was read event by event', () => {
    const deltas = Array.from({ length: 9 }, () =>
      event('transcript.text.delta', { delta: 'abc' }),
    );
    const { seen, textOf, now } = run(PROTOCOLS['openai-transcriptions'], [
      Buffer.from(deltas.join('')),
    ]);
    const read = seen.filter(({ type }) => type === 'text').length * 3;
    expect(read + textOf.reduce((sum, bytes) => sum + bytes, 0)).toBe(27);
    expect(now).toBe(deltas.join(''));
  });
});

function never(): never {
  throw new Error('nothing is metered here');
}
