// Calls of tools and their results, where hubs are known to mix them up on the way.

import { describe, expect, it } from 'vitest';
import type { JsonObject } from '../../../src/base/json.ts';
import { PROTOCOLS } from '../../../src/protocols/list.ts';
import { refusal, text, toChat, toMessages } from '../translation/requests.ts';
import {
  chatChunk,
  chatStream,
  CONTEXT,
  decode,
  encode,
  messagesStream,
  payloads,
} from '../streams.ts';

const chat = PROTOCOLS['openai-chat'];
const messages = PROTOCOLS['anthropic-messages'];

const event = (type: string, members: object): { type: string } => ({ type, ...members });

/** A call as a block of Claude's stream. */
function block(index: number, id: string, ...json: string[]): { type: string }[] {
  const content = { type: 'tool_use', id, name: `tool_${id}`, input: {} };
  return [
    event('content_block_start', { index, content_block: content }),
    ...json.map((partial) =>
      event('content_block_delta', {
        index,
        delta: { type: 'input_json_delta', partial_json: partial },
      }),
    ),
    event('content_block_stop', { index }),
  ];
}

function claudeStream(...events: { type: string }[]): string {
  const stop = { delta: { stop_reason: 'tool_use' } };
  return messagesStream(
    event('message_start', { message: { id: 'm', model: 'm' } }),
    ...events,
    event('message_delta', stop),
    event('message_stop', {}),
  );
}

/** The fragments of calls in what a Chat client gets. */
function fragments(
  stream: string,
): { index: number; id?: string; function: { arguments: string } }[] {
  return payloads(stream)
    .flatMap(({ choices }) => (choices ?? []) as { delta: { tool_calls?: [] } }[])
    .flatMap(({ delta }) => delta.tool_calls ?? []);
}

interface Written {
  readonly type: string;
  readonly index: number;
  readonly content_block?: { readonly type: string; readonly id?: string };
  readonly delta?: { readonly type: string; readonly partial_json?: string };
}

/** The blocks of calls in what a Messages client gets: id and joined arguments. */
function callBlocks(stream: string): string[][] {
  const blocks: [id: string, json: string][] = [];
  const opened: number[] = [];
  const closed: number[] = [];
  for (const each of payloads(stream) as unknown as Written[]) {
    const { type, index, content_block: content, delta } = each;
    if (type === 'content_block_start') opened.push(index);
    if (type === 'content_block_stop') closed.push(index);
    if (content?.type === 'tool_use') blocks.push([content.id ?? '', '']);
    const last = blocks.at(-1);
    if (delta?.type === 'input_json_delta' && last) last[1] += delta.partial_json ?? '';
  }
  expect(closed).toEqual(opened);
  return blocks;
}

const fragment = (index: number, json: string, id?: string): object => ({
  tool_calls: [
    {
      index,
      ...(id && { id, type: 'function' }),
      function: { ...(id && { name: 'f' }), arguments: json },
    },
  ],
});

describe('calls', () => {
  it("of two of Claude's blocks have the indices 0 and 1, and no fragment of one the other's", () => {
    const stream = claudeStream(...block(0, 'a', '{"x":', '1}'), ...block(1, 'b', '{"y":2}'));
    const written = fragments(encode(chat, decode(messages, stream)));
    const joined = [0, 1].map((index) =>
      written
        .filter((each) => each.index === index)
        .map((each) => each.function.arguments)
        .join(''),
    );
    expect(joined).toEqual(['{"x":1}', '{"y":2}']);
    expect(written.filter(({ id }) => id !== undefined)).toMatchObject([
      { index: 0, id: 'a' },
      { index: 1, id: 'b' },
    ]);
  });

  it('of a Chat stream become a block each, and no block holds two objects', () => {
    const stream = chatStream(
      chatChunk(fragment(0, '{"n":0}', 'a')),
      chatChunk(fragment(1, '{"n":1}', 'b')),
      chatChunk(fragment(2, '{"n":2}', 'c')),
      chatChunk({}, 'tool_calls'),
    );
    expect(callBlocks(encode(messages, decode(chat, stream)))).toEqual([
      ['a', '{"n":0}'],
      ['b', '{"n":1}'],
      ['c', '{"n":2}'],
    ]);
  });

  it('whose fragments come in turns end in the right blocks, and every block is closed', () => {
    const stream = chatStream(
      chatChunk(fragment(0, '{"n"', 'a')),
      chatChunk(fragment(1, '{"n"', 'b')),
      chatChunk(fragment(0, ':0')),
      chatChunk(fragment(1, ':1}')),
      chatChunk(fragment(0, '}'), 'tool_calls'),
    );
    expect(callBlocks(encode(messages, decode(chat, stream)))).toEqual([
      ['a', '{"n":0}'],
      ['b', '{"n":1}'],
    ]);
  });

  it('keep the arguments that come in one piece with the name', () => {
    const stream = chatStream(
      chatChunk(fragment(0, '{"city":', 'a')),
      chatChunk(fragment(0, '"Oslo"}'), 'tool_calls'),
    );
    const [[, json = ''] = []] = callBlocks(encode(messages, decode(chat, stream)));
    expect(JSON.parse(json)).toEqual({ city: 'Oslo' });
  });

  it('without arguments have an empty object, whichever protocol they come from', () => {
    const fromClaude = decode(messages, claudeStream(...block(0, 'a', '')));
    const fromChat = decode(chat, chatStream(chatChunk(fragment(0, '', 'a'), 'tool_calls')));
    for (const events of [fromClaude, fromChat]) {
      const streamed = fragments(encode(chat, events)).map((each) => each.function.arguments);
      expect(streamed.join('')).toBe('{}');
      expect(chat.encodeReply(events, CONTEXT)).toMatchObject({
        choices: [{ message: { tool_calls: [{ function: { arguments: '{}' } }] } }],
      });
      expect(messages.encodeReply(events, CONTEXT)).toMatchObject({ content: [{ input: {} }] });
      const [[, json] = []] = callBlocks(encode(messages, events));
      expect(['', '{}']).toContain(json);
    }
  });

  it('that the finish names but nobody made are a natural end', () => {
    const events = decode(chat, chatStream(chatChunk({ content: 'x' }, 'tool_calls')));
    expect(encode(messages, events)).toContain('"stop_reason":"end_turn"');
    expect(messages.encodeReply(events, CONTEXT)).toMatchObject({ stop_reason: 'end_turn' });
    expect(chat.encodeReply(events, CONTEXT)).toMatchObject({
      choices: [{ finish_reason: 'stop' }],
    });
  });

  it('that stand beside a natural end are an end with calls', () => {
    const events = decode(chat, chatStream(chatChunk(fragment(0, '{}', 'a'), 'stop')));
    expect(encode(messages, events)).toContain('"stop_reason":"tool_use"');
    expect(encode(chat, events)).toContain('"finish_reason":"tool_calls"');
  });
});

describe('tools', () => {
  it('of a Messages client without a type are its own', () => {
    const { body } = toChat({ tools: [{ name: 'f', input_schema: { type: 'object' } }] });
    expect(body['tools']).toMatchObject([{ type: 'function', function: { name: 'f' } }]);
  });
});

describe('results', () => {
  const call = (id: string): object => ({
    id,
    type: 'function',
    function: { name: 'f', arguments: '{}' },
  });
  const asked = [
    { role: 'user', content: 'q' },
    { role: 'assistant', content: null, tool_calls: ['a', 'b', 'c'].map(call) },
  ];
  const result = (id: string): object => ({ role: 'tool', tool_call_id: id, content: id });

  it('go to Claude in the order of the calls, in one turn, before what the user adds', () => {
    const last = { role: 'user', content: 'and?' };
    const orders = [
      ['c', 'a', 'b'],
      ['b', 'c', 'a'],
      ['a', 'b', 'c'],
    ];
    const bodies = orders.map(
      (ids) => toMessages({ messages: [...asked, ...ids.map(result), last] }).body['messages'],
    );
    expect(bodies[0]).toHaveLength(3);
    expect((bodies[0] as JsonObject[])[2]).toEqual({
      role: 'user',
      content: [
        ...['a', 'b', 'c'].map((id) => ({
          type: 'tool_result',
          tool_use_id: id,
          content: [text(id)],
        })),
        text('and?'),
      ],
    });
    expect(bodies[1]).toEqual(bodies[0]);
    expect(bodies[2]).toEqual(bodies[0]);
  });

  const UNPAIRED: [string, () => unknown][] = [
    ['Chat', () => toMessages({ messages: [...asked, { role: 'tool', content: 'x' }] })],
    [
      'Messages',
      () =>
        toChat({ messages: [{ role: 'user', content: [{ type: 'tool_result', content: 'x' }] }] }),
    ],
  ];

  it.each(UNPAIRED)(
    'without an id are refused with the field, and sent to nobody: %s',
    (_, translate) => {
      expect(refusal(translate)).toMatch(
        /^invalid_request messages\[\d\]\S*\.(tool_call_id|tool_use_id)$/,
      );
    },
  );
});
