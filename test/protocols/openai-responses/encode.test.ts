// Responses streams and replies as the hub writes them: the whole grammar, whatever came in.

import { describe, expect, it } from 'vitest';
import { HubError } from '../../../src/base/errors.ts';
import type { JsonObject } from '../../../src/base/json.ts';
import type { ChatEvent } from '../../../src/chat/events.ts';
import { PROTOCOLS } from '../../../src/protocols/list.ts';
import type { AnswerContext } from '../../../src/protocols/protocol.ts';
import { CONTEXT, decode, encode, fixture, frames, payloads } from '../streams.ts';

const responses = PROTOCOLS['openai-responses'];
const chat = PROTOCOLS['openai-chat'];
const messages = PROTOCOLS['anthropic-messages'];

const START: ChatEvent = { type: 'start', id: 'x', model: 'm' };
const FINISH: ChatEvent = { type: 'finish', reason: 'stop' };
const open = (call: number, more: object = {}): ChatEvent => ({
  type: 'tool_call',
  call,
  id: `call_${call}`,
  name: 'f',
  ...more,
});
const grow = (call: number, json: string): ChatEvent => ({ type: 'tool_arguments', call, json });

type Item = JsonObject & { readonly type: string; readonly id: string };
type Event = JsonObject & {
  readonly type: string;
  readonly item: Item;
  readonly output_index: number;
  readonly response: JsonObject & { readonly output: Item[] };
};

const write = (events: readonly ChatEvent[], context: AnswerContext = CONTEXT): Event[] =>
  payloads(encode(responses, events, context)) as unknown as Event[];
const types = (events: readonly Event[]): string[] => events.map(({ type }) => type);

/** The items of a stream as their last events show them, after checking its grammar. */
function itemsOf(events: readonly Event[]): Item[] {
  const opened: Item[] = [];
  const done: Item[] = [];
  for (const [i, event] of events.entries()) {
    expect(event['sequence_number']).toBe(i);
    const { output_index: index } = event;
    if (event.type === 'response.output_item.added') {
      expect(index).toBe(opened.length);
      opened.push(event.item);
    } else if (index !== undefined) {
      expect(done[index]).toBeUndefined();
      expect(event['item_id'] ?? event.item.id).toBe(opened[index]?.id);
      if (event.type === 'response.output_item.done') done[index] = event.item;
    }
  }
  expect(done).toHaveLength(opened.length);
  expect(new Set(opened.map(({ id }) => id)).size).toBe(opened.length);
  expect(events.at(-1)?.response.output).toEqual(done);
  return done;
}

describe('writing a Responses stream', () => {
  it.each([
    ['Chat', decode(chat, fixture('chat'))],
    ['Messages', decode(messages, fixture('messages'))],
    ['Responses', decode(responses, fixture('responses'))],
  ])('of a turn from %s keeps the grammar', (_, events) => {
    const stream = encode(responses, events);
    for (const { name, data } of frames(stream).filter((frame) => frame.data !== '')) {
      expect(name).toBe((JSON.parse(data) as Event).type);
    }
    const written = write(events);
    expect(types(written).slice(0, 2)).toEqual(['response.created', 'response.in_progress']);
    expect(written.at(-1)?.type).toBe('response.completed');
    const items = itemsOf(written);
    expect(items.slice(-3).map(({ type }) => type)).toEqual([
      'message',
      'function_call',
      'function_call',
    ]);
    expect(items.at(-1)).toMatchObject({ id: expect.stringMatching(/^fc_/), status: 'completed' });
    expect(items.at(-1)?.['call_id']).not.toBe(items.at(-1)?.id);
    expect(stream).not.toContain('[DONE]');
  });

  it('opens, grows and closes every part of a message and of reasoning', () => {
    const events: ChatEvent[] = [
      START,
      { type: 'thinking', text: 'h' },
      { type: 'thinking', text: 'm' },
      { type: 'thinking_signature', signature: 'sig', maker: 'anthropic-messages' },
      { type: 'text', text: 'Hi' },
      { type: 'refusal', text: 'no' },
      FINISH,
    ];
    const written = write(events);
    expect(types(written)).toEqual([
      'response.created',
      'response.in_progress',
      'response.output_item.added',
      'response.reasoning_summary_part.added',
      'response.reasoning_summary_text.delta',
      'response.reasoning_summary_text.delta',
      'response.reasoning_summary_text.done',
      'response.reasoning_summary_part.done',
      'response.output_item.done',
      'response.output_item.added',
      'response.content_part.added',
      'response.output_text.delta',
      'response.output_text.done',
      'response.content_part.done',
      'response.content_part.added',
      'response.refusal.delta',
      'response.refusal.done',
      'response.content_part.done',
      'response.output_item.done',
      'response.completed',
    ]);
    const [reasoning, message] = itemsOf(written);
    expect(reasoning).toMatchObject({
      id: 'rs_req_1_0',
      summary: [{ type: 'summary_text', text: 'hm' }],
      encrypted_content: expect.stringMatching(/^hub:anthropic-messages:/),
    });
    expect(message).toMatchObject({ id: 'msg_req_1_1', role: 'assistant', status: 'completed' });
    expect(written.flatMap(({ content_index: index }) => index ?? [])).toEqual([
      ...Array.from({ length: 4 }, () => 0),
      ...Array.from({ length: 4 }, () => 1),
    ]);
  });

  it('lets the arguments of parallel calls come in turns', () => {
    const written = write([
      START,
      open(0),
      open(1),
      grow(1, '{"b":'),
      grow(0, '{"a":1}'),
      grow(1, '2}'),
      open(2),
      FINISH,
    ]);
    expect(itemsOf(written).map((item) => [item['call_id'], item['arguments']])).toEqual([
      ['call_0', '{"a":1}'],
      ['call_1', '{"b":2}'],
      ['call_2', '{}'],
    ]);
    // Those that can grow no more are closed before the next one begins.
    const ends = written.filter(({ type }) => type.startsWith('response.output_item'));
    expect(ends.map(({ type, output_index: index }) => [type.slice(21), index])).toEqual([
      ['added', 0],
      ['added', 1],
      ['done', 0],
      ['done', 1],
      ['added', 2],
      ['done', 2],
    ]);
  });

  it('writes custom calls with their input, which may be empty', () => {
    const custom = { custom: true };
    const [first, second] = itemsOf(
      write([START, open(0, custom), grow(0, '{}'), open(1, custom), grow(0, ' more'), FINISH]),
    );
    expect(first).toMatchObject({
      type: 'custom_tool_call',
      id: expect.stringMatching(/^ctc_/),
      input: '{} more',
    });
    expect(second).toMatchObject({ input: '' });
  });

  it('shows citations and log probabilities with the text that they belong to', () => {
    const token = { token: 'é', logprob: -1, top: [{ token: 'e', logprob: -2, bytes: [101] }] };
    const [message] = itemsOf(
      write([
        START,
        { type: 'text', text: 'é' },
        { type: 'logprobs', tokens: [token] },
        { type: 'citation', citation: { url: 'https://x.example', title: 'X' } },
        FINISH,
      ]),
    );
    expect(message?.['content']).toEqual([
      {
        type: 'output_text',
        text: 'é',
        annotations: [
          {
            type: 'url_citation',
            url: 'https://x.example',
            title: 'X',
            start_index: 1,
            end_index: 1,
          },
        ],
        logprobs: [
          {
            token: 'é',
            logprob: -1,
            bytes: [195, 169],
            top_logprobs: [{ token: 'e', logprob: -2, bytes: [101] }],
          },
        ],
      },
    ]);
  });

  it.each([
    ['length', 'max_output_tokens'],
    ['context_full', 'max_output_tokens'],
    ['content_filter', 'content_filter'],
  ] as const)('ends with %s as incomplete, what was cut included', (reason, told) => {
    const cut: ChatEvent[] = [START, open(0), grow(0, '{"a":1}'), open(1), grow(1, '{"b')];
    const written = write([...cut, { type: 'finish', reason }]);
    expect(written.at(-1)).toMatchObject({
      type: 'response.incomplete',
      response: { status: 'incomplete', incomplete_details: { reason: told }, error: null },
    });
    expect(itemsOf(written).map((item) => [item['status'], item['arguments']])).toEqual([
      ['completed', '{"a":1}'],
      ['incomplete', '{"b'],
    ]);
  });

  it('ends a lost stream with an error and a failed response, and says nothing after it', () => {
    const error = new HubError('upstream_broke_off');
    const events: ChatEvent[] = [START, { type: 'text', text: 'x' }, { type: 'error', error }];
    const written = write([...events, { type: 'text', text: 'late' }]);
    expect(types(written).slice(-2)).toEqual(['error', 'response.failed']);
    expect(written.at(-2)).toMatchObject({ code: 'upstream_broke_off', param: null });
    expect(written.at(-1)?.response).toMatchObject({
      id: 'resp_req_1',
      status: 'failed',
      error: { code: 'server_error', message: error.message },
    });
    expect(written.map((event) => event['sequence_number'])).toEqual(written.map((__, i) => i));
  });

  it('keeps a silent connection alive with comments', () => {
    expect(responses.encodeEvents(CONTEXT).push({ type: 'ping' })).toBe(': ping\n\n');
  });
});

describe('the response object', () => {
  const KEYS = [
    'id object created_at status background completed_at error incomplete_details instructions',
    'model output previous_response_id store tools frequency_penalty presence_penalty',
    'service_tier usage max_output_tokens max_tool_calls metadata parallel_tool_calls',
    'prompt_cache_key reasoning safety_identifier temperature text tool_choice top_logprobs',
    'top_p truncation user',
  ].flatMap((line) => line.split(' '));
  const body = {
    model: 'm',
    input: 'hi',
    instructions: 'long',
    temperature: 0.5,
    reasoning: { effort: 'low' },
    text: { verbosity: 'low' },
    tool_choice: 'required',
    tools: [
      { type: 'namespace', name: 'agents', tools: [{ type: 'function', name: 'spawn' }] },
      { type: 'function', name: 'agents__other' },
    ],
  };
  const context: AnswerContext = { ...CONTEXT, echo: responses.echoOf?.(body) ?? {} };

  it.each([
    ['of a request that is known', context],
    ['of one that is not', CONTEXT],
  ])('has all of its fields in every event, %s', (_, known) => {
    const written = write([START, FINISH], known).flatMap((event) => event.response ?? []);
    expect(written).toHaveLength(3);
    for (const response of written) {
      expect(Object.keys(response).toSorted()).toEqual(KEYS.toSorted());
    }
  });

  it('repeats the settings of the request, and neither its instructions nor its tools', () => {
    expect(write([START, FINISH], context).at(-1)?.response).toMatchObject({
      id: 'resp_req_1',
      model: 'the-model',
      temperature: 0.5,
      top_p: null,
      reasoning: { effort: 'low', summary: null },
      text: { verbosity: 'low', format: { type: 'text' } },
      tool_choice: 'required',
      store: false,
      instructions: null,
      tools: [],
    });
  });

  it('calls a tool by the names of its namespace and its own', () => {
    const called = ['agents__spawn', 'agents__other', '__proto__'].map((name, call) =>
      open(call, { name }),
    );
    const items = itemsOf(write([START, ...called, FINISH], context));
    expect(items.map((item) => [item['namespace'], item['name']])).toEqual([
      ['agents', 'spawn'],
      [undefined, 'agents__other'],
      [undefined, '__proto__'],
    ]);
  });

  it('is the same whole as at the end of the stream', () => {
    for (const name of ['chat', 'messages'] as const) {
      const events = decode(name === 'chat' ? chat : messages, fixture(name));
      const last = write(events, context).at(-1)?.response;
      expect(responses.encodeReply(events, context)).toEqual(last);
    }
  });

  it('is not written of half an answer', () => {
    const error = new HubError('upstream_broke_off');
    expect(() => responses.encodeReply([START, { type: 'error', error }], CONTEXT)).toThrow(error);
  });
});
