// Responses streams and replies as providers send them, with the departures that have been seen.

import { describe, expect, it } from 'vitest';
import type { JsonObject } from '../../../src/base/json.ts';
import { PROTOCOLS } from '../../../src/protocols/list.ts';
import {
  answerOf,
  decode,
  fixture,
  frames,
  QUIRKS,
  type ResponsesEvent,
  responsesStream,
} from '../streams.ts';

const responses = PROTOCOLS['openai-responses'];

const CREATED = { type: 'response.created', response: { id: 'resp_1', model: 'm', output: [] } };
const COMPLETED = { type: 'response.completed', response: { id: 'resp_1', output: [] } };
const added = (output_index: number, item: object) => ({
  type: 'response.output_item.added',
  output_index,
  item,
});
const done = (output_index: number, item: object) => ({
  type: 'response.output_item.done',
  output_index,
  item,
});
const message = (text: string) => ({
  type: 'message',
  id: 'msg_1',
  role: 'assistant',
  content: [{ type: 'output_text', text, annotations: [] }],
});
const call = (id: string, args: string) => ({
  type: 'function_call',
  id: `fc_${id}`,
  call_id: id,
  name: 'f',
  arguments: args,
});
const textDelta = (delta: string) => ({
  type: 'response.output_text.delta',
  output_index: 0,
  delta,
});

const read = (...events: ResponsesEvent[]) =>
  answerOf(decode(responses, responsesStream(...events)));
const errorOf = (...events: ResponsesEvent[]) =>
  decode(responses, responsesStream(...events)).at(-1);

describe('reading a Responses stream', () => {
  it('reads reasoning, text, calls and usage of a whole turn', () => {
    expect(answerOf(decode(responses, fixture('responses')))).toEqual({
      parts: [
        {
          type: 'thinking',
          text: '**Zwei Städte**\n\nKöln 𝄞',
          signature: JSON.stringify({ id: 'rs_1', encrypted_content: 'Z2VoZWlt+/==' }),
          maker: 'openai-responses',
        },
        { type: 'text', text: 'Grüße aus 🌍' },
        { type: 'tool_call', id: 'call_a', name: 'weather', argumentsJson: '{"city":"Köln"}' },
        { type: 'tool_call', id: 'call_b', name: 'weather', argumentsJson: '{"city":"Oslo"}' },
      ],
      logprobs: [],
      finish: 'tool_calls',
      usage: {
        input: {
          inUncached: 22,
          inCacheRead: 60,
          inCacheWrite5m: 0,
          inCacheWrite1h: 0,
          inCacheWriteOther: 8,
        },
        output: { outText: 25, outReasoning: 15 },
        final: true,
      },
    });
  });

  it('reads a finished item that came without deltas', () => {
    const { parts } = read(
      CREATED,
      done(0, message('hi')),
      done(1, call('a', '{"x":1}')),
      COMPLETED,
    );
    expect(parts).toEqual([
      { type: 'text', text: 'hi' },
      { type: 'tool_call', id: 'a', name: 'f', argumentsJson: '{"x":1}' },
    ]);
  });

  it('reads what only the last event holds', () => {
    const output = [message('hi'), call('a', '{}')];
    const last = { type: 'response.completed', response: { output } };
    expect(read(CREATED, last).parts.map(({ type }) => type)).toEqual(['text', 'tool_call']);
  });

  it('reads nothing twice, however the items are numbered', () => {
    const last = (output: object[]) => ({ type: 'response.completed', response: { output } });
    const once = [{ type: 'text', text: 'hi' }];
    const parts = (index: number) =>
      read(
        added(index, message('')),
        { ...textDelta('hi'), output_index: index },
        done(index, message('hi')),
        last([message('hi')]),
      ).parts;
    expect(parts(0)).toEqual(once);
    expect(parts(1)).toEqual(once);
    const { output_index: _, ...unnumbered } = textDelta('hi');
    expect(read(unnumbered, last([message('hi')])).parts).toEqual(once);
  });

  it('keeps the arguments of parallel calls apart', () => {
    const grow = (output_index: number, delta: string) => ({
      type: 'response.function_call_arguments.delta',
      output_index,
      delta,
    });
    const { parts } = read(
      added(0, call('a', '')),
      added(1, call('b', '')),
      grow(1, '{"y":'),
      grow(0, '{"x":'),
      grow(1, '2}'),
      grow(0, '1}'),
      COMPLETED,
    );
    expect(parts).toMatchObject([
      { id: 'a', argumentsJson: '{"x":1}' },
      { id: 'b', argumentsJson: '{"y":2}' },
    ]);
  });

  it('reads custom calls, refusals, raw reasoning, citations and log probabilities', () => {
    const custom = { type: 'custom_tool_call', call_id: 'c', name: 'patch', input: '' };
    const events = decode(
      responses,
      responsesStream(
        { type: 'response.reasoning_text.delta', output_index: 0, delta: 'raw' },
        {
          ...textDelta('Yes'),
          output_index: 1,
          logprobs: [
            {
              token: 'Yes',
              logprob: -0.1,
              bytes: [89],
              top_logprobs: [{ token: 'No', logprob: -2 }],
            },
          ],
        },
        {
          type: 'response.output_text.annotation.added',
          output_index: 1,
          annotation: {
            type: 'url_citation',
            url: 'https://x.example',
            title: 'X',
            start_index: 0,
            end_index: 3,
          },
        },
        { type: 'response.refusal.delta', output_index: 1, delta: 'I cannot.' },
        added(2, custom),
        { type: 'response.custom_tool_call_input.delta', output_index: 2, delta: '*** {' },
        done(2, { ...custom, input: '*** {' }),
        COMPLETED,
      ),
    );
    expect(events.filter(({ type }) => type !== 'start')).toEqual([
      { type: 'thinking', text: 'raw' },
      { type: 'text', text: 'Yes' },
      {
        type: 'logprobs',
        tokens: [{ token: 'Yes', logprob: -0.1, bytes: [89], top: [{ token: 'No', logprob: -2 }] }],
      },
      {
        type: 'citation',
        citation: { url: 'https://x.example', title: 'X', start: 0, end: 3 },
      },
      { type: 'refusal', text: 'I cannot.' },
      { type: 'tool_call', call: 0, id: 'c', name: 'patch', custom: true },
      { type: 'tool_arguments', call: 0, json: '*** {' },
      { type: 'finish', reason: 'tool_calls' },
    ]);
  });

  it.each([
    ['max_output_tokens', 'length'],
    ['content_filter', 'content_filter'],
    ['of tomorrow', 'length'],
  ])('takes the incomplete reason %s for %s', (reason, finish) => {
    const response = { output: [], incomplete_details: { reason } };
    expect(read(CREATED, textDelta('x'), { type: 'response.incomplete', response }).finish).toBe(
      finish,
    );
  });

  it('ends a refusal as one', () => {
    const refused = { ...message(''), content: [{ type: 'refusal', refusal: 'no' }] };
    expect(read(CREATED, done(0, refused), COMPLETED).finish).toBe('refusal');
  });

  it.each([
    ['flat', { type: 'error', code: 'rate_limit_exceeded', message: 'x', param: null }],
    ['nested', { type: 'error', error: { code: 'rate_limit_exceeded', message: 'x' } }],
    [
      'a failed response',
      { type: 'response.failed', response: { output: [], error: { code: 'rate_limit_exceeded' } } },
    ],
  ])('reads an error that is %s', (_, event) => {
    const events = decode(responses, responsesStream(CREATED, event, COMPLETED));
    expect(events.map(({ type }) => type)).toEqual(['start', 'error']);
    expect(events.at(-1)).toMatchObject({ error: { code: 'upstream_rate_limited' } });
    expect(frames(responsesStream(event)).map((frame) => responses.isTerminal(frame))).toEqual([
      true,
    ]);
  });

  it.each([
    ['invalid_prompt', 'upstream_rejected'],
    ['server_error', 'upstream_failed'],
    ['context_length_exceeded', 'context_too_long'],
  ])('classifies the failure %s as %s', (code, expected) => {
    const event = { type: 'response.failed', response: { output: [], error: { code } } };
    expect(errorOf(CREATED, event)).toMatchObject({ error: { code: expected } });
  });

  it('breaks off without a terminal event, `[DONE]` or not, and ends once with one', () => {
    const broken = { type: 'error', error: { code: 'upstream_broke_off' } };
    expect(errorOf(CREATED, textDelta('x'))).toMatchObject(broken);
    const unended = `${responsesStream(CREATED, textDelta('x'))}data: [DONE]\n\n`;
    expect(decode(responses, unended).at(-1)).toMatchObject(broken);
    const ended = `${responsesStream(CREATED, textDelta('x'), COMPLETED)}data: [DONE]\n\n`;
    expect(decode(responses, ended).filter(({ type }) => type === 'finish')).toHaveLength(1);
    expect(decode(responses, ended).at(-1)).toMatchObject({ type: 'finish' });
  });

  it('takes the type from the data where events have no names, and from the name otherwise', () => {
    const unnamed = responsesStream(CREATED, textDelta('hi'), COMPLETED).replaceAll(
      /^event: .*\n/gm,
      '',
    );
    expect(answerOf(decode(responses, unnamed)).parts).toEqual([{ type: 'text', text: 'hi' }]);
    expect(frames(unnamed).map((frame) => responses.isTerminal(frame))).toEqual([
      false,
      false,
      true,
    ]);
    const untyped = 'event: response.completed\ndata: {"response":{"output":[]}}\n\n';
    expect(decode(responses, untyped).at(-1)).toEqual({ type: 'finish', reason: 'stop' });
  });

  it('does not take a text that speaks of the end for the end', () => {
    const event = `data: ${JSON.stringify(textDelta('"response.completed"'))}\n\n`;
    expect(responses.isTerminal(frames(event)[0]!)).toBe(false);
  });

  it.each<[string, JsonObject]>([
    ['no object at all', { output_index: 0, item: 'x' }],
    ['an item without a type', { output_index: 0, item: {} }],
    ['deltas of no item', { delta: 5 }],
  ])('outlives %s', (_, event) => {
    const types = ['response.output_item.added', 'response.output_item.done', textDelta('').type];
    const events = types.map((type) => ({ type, ...event }));
    expect(read(...events, COMPLETED).parts).toEqual([]);
  });
});

describe('telling a client that got a stream as it came of its failure', () => {
  it('goes on where the stream was, with its id and its numbers', () => {
    const decoder = responses.decodeEvents(QUIRKS);
    for (const frame of frames(responsesStream(CREATED, textDelta('x')))) decoder.push(frame);
    const [broken] = decoder.end();
    if (broken?.type !== 'error') throw new Error('It did not break off.');
    const told = frames(decoder.failure?.(broken.error, 'req_1') ?? '');
    expect(told.map(({ name }) => name)).toEqual(['error', 'response.failed']);
    expect(told.map(({ data }) => JSON.parse(data))).toMatchObject([
      { type: 'error', code: 'upstream_broke_off', param: null, sequence_number: 2 },
      {
        type: 'response.failed',
        sequence_number: 3,
        response: { id: 'resp_1', model: 'm', status: 'failed', error: { code: 'server_error' } },
      },
    ]);
  });
});

describe('reading a whole Responses reply', () => {
  it('is an error where it is no response, or a failed one', () => {
    const failed = { output: [], status: 'failed', error: { code: 'server_error' } };
    for (const body of [null, {}, { error: { message: 'x' } }, failed]) {
      expect(responses.decodeReply(body, QUIRKS).at(-1)).toMatchObject({
        type: 'error',
        error: { code: 'upstream_failed' },
      });
    }
  });

  it('says the same as the stream that repeats it', () => {
    const [last] = frames(fixture('responses')).filter(({ name }) => name === 'response.completed');
    const { response } = JSON.parse(last?.data ?? '{}') as { response: JsonObject };
    expect(answerOf(responses.decodeReply(response, QUIRKS))).toEqual(
      answerOf(decode(responses, fixture('responses'))),
    );
  });
});
