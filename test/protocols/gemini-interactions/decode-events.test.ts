// Interactions as events: in pieces and whole, by today's names and by those of the API's preview, and
// with what real servers do otherwise.

import { describe, expect, it } from 'vitest';
import type { ChatEvent } from '../../../src/chat/events.ts';
import { answerOf, decode, frames } from '../streams.ts';
import {
  completed,
  created,
  delta,
  inTurn,
  interactions,
  MAKER,
  read,
  readWhole,
  start,
  stop,
  stream,
  text,
  unmarked,
} from './wire.ts';

const output = { type: 'model_output' };
const thought = { type: 'thought' };
const summary = (words: string) => ({ type: 'thought_summary', content: text(words) });
const signature = (value: string) => ({ type: 'thought_signature', signature: value });
const call = (id: string, more: object = {}) => ({
  type: 'function_call',
  id,
  name: 'add',
  arguments: {},
  ...more,
});
const args = (json: string) => ({ type: 'arguments_delta', arguments: json });

const partsOf = (events: readonly ChatEvent[]) => answerOf(events).parts;
const codeOf = (events: readonly ChatEvent[]) => {
  const last = events.at(-1);
  return last?.type === 'error' ? last.error.code : last?.type;
};
const added = (id: string, json: string) => ({
  type: 'tool_call',
  id,
  name: 'add',
  argumentsJson: json,
});

describe('reading the steps of an interaction', () => {
  it('joins the pieces of a text, a summary and arguments, each under its index', () => {
    const events = read(
      created,
      ...inTurn(
        [thought, summary('So '), summary('war es.'), signature('s1')],
        [output, text('a'), text('b')],
        [call('c1'), args('{"x"'), args(':1}')],
      ),
      completed('requires_action'),
    );
    expect(events[0]).toEqual({ type: 'start', id: 'v1_7', model: 'gemini-x' });
    expect(partsOf(events)).toEqual([
      { type: 'thinking', text: 'So war es.', signature: 's1', maker: MAKER },
      { type: 'text', text: 'ab' },
      added('c1', '{"x":1}'),
    ]);
    expect(answerOf(events).finish).toBe('tool_calls');
  });

  it('keeps two calls of one tool apart, also where their pieces come in turns', () => {
    const inRow = inTurn([call('c1'), args('{"x":1}')], [call('c2'), args('{"x":2}')]);
    const mixed = [
      start(0, call('c1')),
      start(1, call('c2')),
      delta(1, args('{"x"')),
      delta(0, args('{"x":1}')),
      delta(1, args(':2}')),
    ];
    for (const steps of [inRow, mixed]) {
      const events = read(created, ...steps, completed('requires_action'));
      expect(partsOf(events)).toEqual([added('c1', '{"x":1}'), added('c2', '{"x":2}')]);
    }
  });

  it('takes the arguments that a call began with only where no pieces follow', () => {
    const begun = call('c1', { arguments: { x: 1 } });
    const last = completed('requires_action');
    expect(partsOf(read(...inTurn([begun]), last))).toEqual([added('c1', '{"x":1}')]);
    expect(partsOf(read(...inTurn([begun, args('{"x":2}')]), last))).toEqual([
      added('c1', '{"x":2}'),
    ]);
    // Its stop is lost, and it has none of either.
    expect(partsOf(read(start(0, begun), last))).toEqual([added('c1', '{"x":1}')]);
    expect(partsOf(read(start(0, call('c1')), last))).toEqual([added('c1', '{}')]);
  });

  it('keeps a signature without a summary, and each of several', () => {
    const events = read(
      ...inTurn([thought, signature('s1')], [output, text('a')], [thought, signature('s2')]),
      ...inTurn([thought, signature('s3'), summary('later'), signature('s4')]),
      completed(),
    );
    const signed = (value: string, words = '') => ({
      type: 'thinking',
      text: words,
      signature: value,
      maker: MAKER,
    });
    expect(partsOf(events)).toEqual([
      signed('s1'),
      { type: 'text', text: 'a' },
      signed('s2'),
      { type: 'thinking', text: 'later', signature: 's3', maker: MAKER },
      signed('s4'),
    ]);
  });

  it('leaves out steps, pieces and events that it does not know', () => {
    const search = { type: 'google_search_call', id: 'g', arguments: { queries: ['q'] } };
    const events = read(
      created,
      { event_type: 'interaction.thing_of_tomorrow', interaction: { status: 'completed' } },
      { event_type: 'step.pause', index: 0 },
      ...inTurn([search, { type: 'google_search_call', arguments: {} }]),
      start(1, output),
      delta(1, { type: 'image', data: 'AA', mime_type: 'image/png' }),
      delta(1, text('a')),
      stop(1),
      completed(),
    );
    expect(partsOf(events)).toEqual([{ type: 'text', text: 'a' }]);
  });

  it('places the sources of a text, which are counted in bytes, in the part that it becomes', () => {
    const cited = (start_index: number, end_index: number) => [
      { type: 'url_citation', url: 'https://a.example/', title: 'A', start_index, end_index },
    ];
    const note = (from: number, to: number) => ({
      type: 'text_annotation_delta',
      annotations: cited(from, to),
    });
    const streamed = read(
      ...inTurn([output, text('äö '), note(0, 4)], [output, text('üb'), note(2, 3)]),
      completed(),
    );
    const whole = readWhole({
      status: 'completed',
      steps: [
        { ...output, content: [text('äö ', { annotations: cited(0, 4) })] },
        { ...output, content: [text('üb', { annotations: cited(2, 3) })] },
      ],
    });
    const expected = { url: 'https://a.example/', title: 'A' };
    for (const events of [streamed, whole]) {
      expect(partsOf(events)).toEqual([
        {
          type: 'text',
          text: 'äö üb',
          citations: [
            { ...expected, start: 0, end: 2 },
            { ...expected, start: 4, end: 5 },
          ],
        },
      ]);
    }
    const file = [{ type: 'file_citation', document_uri: 'files/x', end_index: 1 }];
    const other = readWhole({
      status: 'completed',
      steps: [{ ...output, content: [text('a', { annotations: file })] }],
    });
    expect(partsOf(other)).toEqual([{ type: 'text', text: 'a' }]);
  });
});

describe('reading a whole interaction', () => {
  it('gives the events of the same answer in pieces', () => {
    const steps = [
      { type: 'thought', summary: [text('So.')], signature: 's1' },
      { type: 'model_output', content: [text('a'), text('b')] },
      call('c1', { arguments: { x: 1 } }),
      call('c2', { arguments: { x: 2 } }),
    ];
    const more = { id: 'v1_7', model: 'gemini-x', usage: { total_input_tokens: 1 } };
    const whole = readWhole({ status: 'requires_action', steps, ...more });
    const streamed = read(
      created,
      ...inTurn(
        [thought, summary('So.'), signature('s1')],
        [output, text('a'), text('b')],
        [call('c1'), args('{"x":1}')],
        [call('c2'), args('{"x":2}')],
      ),
      completed('requires_action', more),
    );
    expect(whole).toEqual(streamed);
  });

  it('reads the steps of a last event that no pieces came before', () => {
    const steps = [{ type: 'model_output', content: [text('a')] }];
    expect(partsOf(read(created, completed('completed', { steps })))).toEqual([
      { type: 'text', text: 'a' },
    ]);
    const told = read(...inTurn([output, text('a')]), completed('completed', { steps }));
    expect(partsOf(told)).toEqual([{ type: 'text', text: 'a' }]);
  });

  it("reads the API's preview: outputs, and contents in the place of steps", () => {
    const outputs = [
      { type: 'thought', summary: [text('So.')], signature: 's1' },
      text('a'),
      call('c1', { arguments: { x: 1 } }),
    ];
    const old = (event_type: string, index: number, more: object) => ({
      event_type,
      index,
      ...more,
    });
    const pieces = [
      ['thought', summary('So.'), signature('s1')],
      ['text', text('a')],
      ['function_call', call('c1', { arguments: { x: 1 } })],
    ] as const;
    const streamed = read(
      { event_type: 'interaction.start', interaction: { id: 'v1_7', model: 'gemini-x' } },
      ...pieces.flatMap(([type, ...list], i) => [
        old('content.start', i, { content: { type } }),
        ...list.map((piece) => old('content.delta', i, { delta: piece })),
        old('content.stop', i, {}),
      ]),
      { event_type: 'interaction.complete', interaction: { status: 'requires_action' } },
    );
    const whole = readWhole({ id: 'v1_7', model: 'gemini-x', status: 'requires_action', outputs });
    expect(streamed).toEqual(whole);
    expect(partsOf(whole)).toEqual([
      { type: 'thinking', text: 'So.', signature: 's1', maker: MAKER },
      { type: 'text', text: 'a' },
      added('c1', '{"x":1}'),
    ]);
  });

  it.each([undefined, null, 7, [], 'text', {}, { status: 'in_progress' }, { steps: 7 }])(
    'fails on what is no answer, and never throws: %j',
    (body) => {
      expect(codeOf(interactions.decodeReply(body as never, {} as never))).toBe('upstream_failed');
    },
  );
});

describe('the end of an interaction', () => {
  it.each([
    ['completed', {}, 'stop'],
    ['requires_action', {}, 'stop'],
    ['incomplete', {}, 'length'],
    ['incomplete', { errors: [{ code: 'SAFETY', message: 'm' }] }, 'content_filter'],
    ['budget_exceeded', {}, 'length'],
    ['requires_continuation', {}, 'paused'],
  ])('%s, %j, is %s', (status, more, finish) => {
    const events = read(...inTurn([output, text('a')]), completed(status, more));
    expect(answerOf(events).finish).toBe(finish);
    const step = { type: 'model_output', content: [text('a')] };
    expect(answerOf(readWhole({ status, steps: [step], ...more })).finish).toBe(finish);
  });

  it('is an end with calls where there are some, whatever the status says', () => {
    const events = read(...inTurn([call('c1')]), completed('completed'));
    expect(events.at(-1)).toEqual({ type: 'finish', reason: 'tool_calls' });
  });

  it.each([
    ['failed', { errors: [{ code: 'gateway_timeout', message: 'm' }] }, 'upstream_timeout'],
    [
      'failed',
      { steps: [{ ...output, error: { code: 503, message: 'm' } }] },
      'upstream_overloaded',
    ],
    ['cancelled', {}, 'upstream_failed'],
  ])('%s, %j, is a failure, told after its usage', (status, more, code) => {
    const usage = { total_input_tokens: 3, total_output_tokens: 1 };
    const events = read(created, completed(status, { usage, ...more }));
    expect(events.map(({ type }) => type)).toEqual(['start', 'usage', 'error']);
    expect(codeOf(events)).toBe(code);
  });

  it.each([
    [{ code: 'gateway_timeout', message: 'Deadline expired.' }, 'upstream_timeout'],
    [{ code: 'invalid_request', message: 'x is experiencing high demand.' }, 'upstream_overloaded'],
    [{ code: 'RESOURCE_EXHAUSTED', message: 'm' }, 'upstream_rate_limited'],
    [{ code: 'invalid_request', message: 'The input token count exceeds it.' }, 'context_too_long'],
    [{ code: 404, message: 'm' }, 'upstream_model_missing'],
    [{ code: 'of_tomorrow', message: 'm' }, 'upstream_failed'],
  ])('is an error event: %j', (error, code) => {
    const told = unmarked(created, ...inTurn([output, text('a')]), { event_type: 'error', error });
    expect(codeOf(decode(interactions, told))).toBe(code);
    const unnamed = told.replaceAll(/^event: .*\n/gm, '');
    expect(codeOf(decode(interactions, unnamed))).toBe(code);
    const [last] = frames(unnamed).slice(-1);
    expect(interactions.isTerminal(last!)).toBe(true);
  });

  it('needs no mark behind the last word, and no last word before the mark', () => {
    const steps = inTurn([output, text('a')]);
    const ended = decode(interactions, unmarked(created, ...steps, completed()));
    expect(answerOf(ended).finish).toBe('stop');
    const update = { event_type: 'interaction.status_update', interaction_id: 'v1_7' };
    const updated = read(created, ...steps, { ...update, status: 'incomplete' });
    expect(answerOf(updated).finish).toBe('length');
    const lost = read(created, { ...update, status: 'in_progress' }, ...steps);
    expect(codeOf(lost)).toBe('upstream_broke_off');
    expect(codeOf(decode(interactions, unmarked(created, ...steps)))).toBe('upstream_broke_off');
  });

  it('says nothing after its last word', () => {
    const events = read(completed(), ...inTurn([output, text('late')]), completed('failed'));
    expect(events.at(-1)?.type).toBe('finish');
  });

  it('is at the mark, and the last word may be the last event', () => {
    const all = frames(stream(created, ...inTurn([output, text('[DONE]')]), completed('failed')));
    const terminal = all.filter((event) => interactions.isTerminal(event));
    expect(terminal.map(({ data }) => data)).toEqual(['[DONE]']);
    const last = all.filter((event) => interactions.mayBeLast?.(event));
    expect(last.map(({ name }) => name)).toEqual(['interaction.completed']);
    const unnamed = frames(unmarked(created, completed()).replaceAll(/^event: .*\n/gm, ''));
    expect(unnamed.map((event) => interactions.mayBeLast?.(event))).toEqual([false, true]);
  });

  it('takes data that is no JSON, and signs of life, as they come', () => {
    const odd = `data: {oh\n\ndata: 7\n\n: ping\n\n${stream(created, completed())}`;
    expect(decode(interactions, odd).map(({ type }) => type)).toEqual(['ping', 'start', 'finish']);
  });
});
