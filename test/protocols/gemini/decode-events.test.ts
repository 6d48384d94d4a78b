// Gemini's answers as events, with the departures of real servers.

import { describe, expect, it } from 'vitest';
import { foldAnswers } from '../../../src/chat/answer.ts';
import type { ChatEvent } from '../../../src/chat/events.ts';
import { answerOf, decode, QUIRKS } from '../streams.ts';
import { call, chunk, gemini, read, stream } from './wire.ts';

const STOP = { finishReason: 'STOP' };

function callsOf(events: readonly ChatEvent[]): unknown[] {
  return answerOf(events).parts.flatMap((part) =>
    part.type === 'tool_call' ? [[part.name, JSON.parse(part.argumentsJson)]] : [],
  );
}

function finishesOf(events: readonly ChatEvent[]): unknown[] {
  return events.filter(({ type }) => type === 'finish');
}

describe('reading a Gemini stream', () => {
  it('keeps text after a first finish reason, and finishes once, at the end', () => {
    const events = read(
      chunk([{ text: 'a' }], STOP),
      chunk([{ text: 'b' }]),
      chunk([{ text: 'c' }], STOP),
    );
    expect(answerOf(events).parts).toEqual([{ type: 'text', text: 'abc' }]);
    expect(finishesOf(events)).toEqual([{ type: 'finish', reason: 'stop' }]);
    expect(events.at(-1)?.type).toBe('finish');
  });

  it('takes each functionCall for a call of its own, in one chunk or in several', () => {
    const events = read(
      chunk([call('f', { x: 1 }), call('f', { x: 2 })]),
      chunk([call('g')], STOP),
    );
    expect(callsOf(events)).toEqual([
      ['f', { x: 1 }],
      ['f', { x: 2 }],
      ['g', {}],
    ]);
    expect(answerOf(events).finish).toBe('tool_calls');
  });

  it('keeps the id of a call, and makes one that clients take where there is none', () => {
    const ids = answerOf(read(chunk([call('f', {}, { id: 'own' }), call('f')], STOP))).parts.map(
      (part) => part.type === 'tool_call' && part.id,
    );
    expect(ids).toEqual(['own', 'call_resp-7_1']);
    const odd = { ...chunk([call('f')], STOP), responseId: 'ö/'.repeat(60) };
    expect(answerOf(read(odd)).parts[0]).toMatchObject({
      id: expect.stringMatching(/^[\w-]{1,64}$/),
    });
  });

  it('puts the signature of a part right before it, and closes a thought with it', () => {
    const signed = { ...call('f'), thoughtSignature: 's1' };
    const events = read(
      chunk([{ text: 'hm', thought: true }]),
      chunk([signed]),
      chunk([{ text: 'x', thoughtSignature: 's2' }]),
      chunk([{ text: '', thoughtSignature: 's3' }], STOP),
    );
    const maker = 'gemini';
    expect(answerOf(events).parts).toEqual([
      { type: 'thinking', text: 'hm', signature: 's1', maker },
      { type: 'tool_call', id: 'call_resp-7_0', name: 'f', argumentsJson: '{}' },
      { type: 'thinking', text: '', signature: 's2', maker },
      { type: 'text', text: 'x' },
      { type: 'thinking', text: '', signature: 's3', maker },
    ]);
  });

  it('assembles arguments that are streamed in pieces, with or without a last part', () => {
    const opening = chunk([{ functionCall: { id: 'c', name: 'f', willContinue: true } }]);
    const piece = (jsonPath: string, value: object, willContinue = true) =>
      chunk([{ functionCall: { partialArgs: [{ jsonPath, ...value }], willContinue } }]);
    const pieces = [
      piece('$.city', { stringValue: 'Kö', willContinue: true }),
      piece('$.city', { stringValue: 'ln' }),
      piece("$['a b'][1].n", { numberValue: 2 }),
      piece('$.ok', { boolValue: false }),
    ];
    const args = { city: 'Köln', 'a b': [null, { n: 2 }], ok: false, no: null };
    const nothing = { jsonPath: '$.no', nullValue: 'NULL_VALUE' };
    const last = chunk([{ functionCall: { partialArgs: [nothing] } }], STOP);
    const lost = chunk([{ functionCall: { partialArgs: [nothing], willContinue: true } }], STOP);
    for (const ending of [[last], [lost], [lost, chunk([call('g')], STOP)]]) {
      const [first, second] = callsOf(read(opening, ...pieces, ...ending));
      expect(first).toEqual(['f', args]);
      expect(second).toEqual(ending.length === 2 ? ['g', {}] : undefined);
    }
  });

  it('leaves out pieces whose place is none or out of bounds', () => {
    const partialArgs = [
      '$',
      'a',
      '$[',
      '$.a[99999]',
      `$${'.a'.repeat(200)}`,
      '$.b[0].c',
      '$.b.x',
    ].map((jsonPath) => ({ jsonPath, stringValue: 'v' }));
    const proto = { jsonPath: '$.b.__proto__.polluted.x', stringValue: 'v' };
    const part = { functionCall: { name: 'f', partialArgs: [...partialArgs, proto] } };
    expect(callsOf(read(chunk([part], STOP)))).toEqual([['f', { b: [{ c: 'v' }] }]]);
    expect(([] as unknown as { polluted?: string }).polluted).toBeUndefined();
  });

  it.each([
    ['STOP', 'stop'],
    ['MAX_TOKENS', 'length'],
    ['SAFETY', 'content_filter'],
    ['RECITATION', 'content_filter'],
    ['PROHIBITED_CONTENT', 'content_filter'],
    ['IMAGE_SAFETY', 'content_filter'],
    ['MALFORMED_FUNCTION_CALL', 'stop'],
    ['OTHER', 'stop'],
    ['CONTINUATION', 'paused'],
    ['constructor', 'stop'],
  ])('reads the finish reason %s', (finishReason, reason) => {
    expect(finishesOf(read(chunk([], { finishReason })))).toEqual([{ type: 'finish', reason }]);
  });

  it('reads a prompt that was blocked', () => {
    const blocked = { promptFeedback: { blockReason: 'SAFETY' }, responseId: 'r' };
    expect(answerOf(read(blocked))).toMatchObject({ parts: [], finish: 'content_filter' });
    expect(answerOf(gemini.decodeReply(blocked, QUIRKS)).finish).toBe('content_filter');
  });

  it('keeps several answers apart', () => {
    const two = (a: object, b: object) => ({
      candidates: [
        { content: { parts: [a] }, ...STOP },
        { content: { parts: [b] }, index: 1, finishReason: 'MAX_TOKENS' },
      ],
    });
    const answers = foldAnswers(read(two({ text: 'a' }, call('f')), two(call('g'), { text: 'b' })));
    expect(answers.map(({ parts, finish }) => [parts.map(({ type }) => type), finish])).toEqual([
      [['text', 'tool_call'], 'tool_calls'],
      [['tool_call', 'text'], 'length'],
    ]);
  });

  it('reads log probabilities', () => {
    const candidate = (token: string, logProbability: number) => ({ token, logProbability });
    const logprobsResult = {
      chosenCandidates: [candidate('a', -0.1)],
      topCandidates: [{ candidates: [candidate('a', -0.1), candidate('b', -2)] }],
    };
    expect(answerOf(read(chunk([{ text: 'a' }], { ...STOP, logprobsResult }))).logprobs).toEqual([
      {
        token: 'a',
        logprob: -0.1,
        top: [
          { token: 'a', logprob: -0.1 },
          { token: 'b', logprob: -2 },
        ],
      },
    ]);
  });

  it('tells web sources once, by places in the text rather than in its bytes', () => {
    const web = (uri: string, title?: string) => ({ web: { uri, title } });
    const groundingMetadata = {
      groundingChunks: [web('https://a.example', 'A'), { maps: {} }],
      groundingSupports: [
        { segment: { startIndex: 5, endIndex: 11 }, groundingChunkIndices: [0, 1, 9] },
      ],
    };
    const citationMetadata = { citations: [{ uri: 'https://b.example', endIndex: 4 }, {}] };
    const events = read(
      chunk([{ text: 'Köln Öl' }]),
      chunk([{ text: '!' }], { groundingMetadata }),
      chunk([{ text: '' }], { groundingMetadata, citationMetadata, ...STOP }),
    );
    expect(answerOf(events).parts).toEqual([
      {
        type: 'text',
        text: 'Köln Öl!',
        citations: [
          { url: 'https://a.example', title: 'A', start: 4, end: 8 },
          { url: 'https://b.example', start: 0, end: 3 },
        ],
      },
    ]);
  });

  it('ends with an error that comes as a chunk, and reads nothing after it', () => {
    const error = { error: { code: 503, message: 'overheard', status: 'UNAVAILABLE' } };
    const events = read(chunk([{ text: 'a' }]), error, chunk([{ text: 'late' }], STOP));
    expect(events.at(-1)).toMatchObject({ type: 'error', error: { code: 'upstream_overloaded' } });
    expect(JSON.stringify(events)).not.toMatch(/overheard|late/);
  });

  it('is broken off without a finish reason', () => {
    expect(read(chunk([{ text: 'a' }])).at(-1)).toMatchObject({
      error: { code: 'upstream_broke_off' },
    });
    expect(decode(gemini, '').at(-1)).toMatchObject({ error: { code: 'upstream_broke_off' } });
  });

  it('reads a whole reply, and a stream that came as an array', () => {
    const reply = chunk([{ text: 'a' }, call('f')], STOP);
    expect(answerOf(gemini.decodeReply(reply as never, QUIRKS))).toMatchObject({
      parts: [{ type: 'text', text: 'a' }, { type: 'tool_call' }],
      finish: 'tool_calls',
    });
    const list = [chunk([{ text: 'a' }]), chunk([{ text: 'b' }], STOP)];
    expect(answerOf(gemini.decodeReply(list as never, QUIRKS)).parts).toEqual([
      { type: 'text', text: 'ab' },
    ]);
    for (const none of [null, 7, {}, [], { candidates: 'x' }]) {
      const [event] = gemini.decodeReply(none, QUIRKS);
      expect(event).toMatchObject({ type: 'error', error: { code: 'upstream_failed' } });
    }
  });

  it('never throws on foreign input', () => {
    const deep = `${'{"0":'.repeat(20_000)}1${'}'.repeat(20_000)}`;
    const odd = [
      'null',
      '7',
      '[]',
      '{"candidates":[null,7,{"content":null},{"content":{"parts":[null,7,{"functionCall":7}]}}]}',
      `{"candidates":[{"content":{"parts":[{"functionCall":{"name":"f","args":${deep}}}]}}]}`,
      '{"candidates":[{"index":"x"},{"index":-1},{"index":99999999999}]}',
      '{"candidates":[{"groundingMetadata":{"groundingChunks":7,"groundingSupports":[null,{}]}}]}',
      '{"candidates":[{"logprobsResult":{"chosenCandidates":[null],"topCandidates":7}}]}',
      '{"usageMetadata":[],"promptFeedback":7,"responseId":{}}',
      '{broken',
    ];
    const text = odd.map((data) => `data: ${data}\n\n`).join('');
    expect(() => decode(gemini, text)).not.toThrow();
    for (const data of odd.slice(0, -1)) {
      expect(() => gemini.decodeReply(JSON.parse(data), QUIRKS)).not.toThrow();
    }
  });

  it('knows the events that may be the last and those that are', () => {
    const frame = (data: object) => ({
      name: '',
      data: JSON.stringify(data),
      raw: Buffer.alloc(0),
    });
    const plain = frame(chunk([{ text: '"error" "finishReason"' }]));
    const finish = frame(chunk([{ text: '' }], STOP));
    const error = frame({ error: { code: 500 } });
    expect([plain, finish, error].map((event) => gemini.isTerminal(event))).toEqual([
      false,
      false,
      true,
    ]);
    expect([plain, finish].map((event) => gemini.mayBeLast?.(event))).toEqual([false, true]);
  });

  it('is the same with either line end', () => {
    const text = stream(chunk([{ text: 'a' }], STOP));
    expect(decode(gemini, text.replaceAll('\r\n', '\n'))).toEqual(decode(gemini, text));
  });
});
