// What answers hold beside text, thinking and function calls, in each protocol's own form, streamed
// and whole: several answers, log probabilities, citations, calls of custom tools.

import { describe, expect, it } from 'vitest';
import type { JsonObject } from '../../../src/base/json.ts';
import { foldAnswers } from '../../../src/chat/answer.ts';
import type { ChatEvent } from '../../../src/chat/events.ts';
import { PROTOCOLS } from '../../../src/protocols/list.ts';
import type { ChatProtocol } from '../../../src/protocols/protocol.ts';
import {
  answerOf,
  chatChunk,
  chatStream,
  CONTEXT,
  decode,
  encode,
  messagesStream,
  payloads,
  QUIRKS,
} from '../streams.ts';

const chat = PROTOCOLS['openai-chat'];
const messages = PROTOCOLS['anthropic-messages'];

function line(chunk: object): string {
  return `data: ${JSON.stringify(chunk)}\n\n`;
}

function chunk(index: number, delta: object, finish: string | null = null): object {
  return { id: 'c', model: 'm', choices: [{ index, delta, finish_reason: finish }] };
}

/** The choices of a written stream, each with its index. */
function choicesOf(stream: string): JsonObject[] {
  return payloads(stream).flatMap(({ choices }) => (choices ?? []) as JsonObject[]);
}

const token = { token: 'a', logprob: -0.5, bytes: [97] };
const logprobs = { content: [{ ...token, top_logprobs: [token] }], refusal: null };

describe('several answers', () => {
  const call = (id: string) => ({
    tool_calls: [{ index: 0, id, type: 'function', function: { name: 'f', arguments: '{"x":1}' } }],
  });
  const stream = chatStream(
    chunk(0, { role: 'assistant', content: '' }),
    chunk(1, { role: 'assistant', content: '' }),
    chunk(1, { content: 'b' }),
    chunk(0, { content: 'a' }),
    chunk(1, call('call_b'), 'tool_calls'),
    chunk(0, call('call_a')),
    chunk(0, {}, 'length'),
    { id: 'c', choices: [], usage: { prompt_tokens: 1, completion_tokens: 4 } },
  );

  it('are kept apart, each with its calls and its own finish', () => {
    const events = decode(chat, stream);
    expect(foldAnswers(events)).toMatchObject([
      { finish: 'length', parts: [{ text: 'a' }, { id: 'call_a', argumentsJson: '{"x":1}' }] },
      { finish: 'tool_calls', parts: [{ text: 'b' }, { id: 'call_b', argumentsJson: '{"x":1}' }] },
    ]);
    expect(answerOf(events).usage).toMatchObject({ final: true });
  });

  it('are written with a role, an index and a finish each, and one usage for all', () => {
    const written = encode(chat, decode(chat, stream));
    for (const index of [0, 1]) {
      const own = choicesOf(written).filter((choice) => choice['index'] === index);
      expect(own[0]).toMatchObject({ delta: { role: 'assistant' } });
      const finishes = own.filter((choice) => choice['finish_reason'] !== null);
      expect(finishes).toEqual([own.at(-1)]);
      const opened = own.flatMap(({ delta }) => (delta as { tool_calls?: [] }).tool_calls ?? []);
      for (const each of opened) expect(each).toMatchObject({ index: 0 });
    }
    const usages = payloads(written).filter(({ usage }) => (usage as unknown) !== null);
    expect(usages).toMatchObject([{ choices: [] }]);
    expect(written.match(/\[DONE\]/g)).toHaveLength(1);
    expect(foldAnswers(decode(chat, written))).toEqual(foldAnswers(decode(chat, stream)));
  });

  it('are written whole side by side', () => {
    const reply = chat.encodeReply(decode(chat, stream), CONTEXT);
    expect(reply['choices']).toMatchObject([
      { index: 0, finish_reason: 'length', message: { content: 'a' } },
      { index: 1, finish_reason: 'tool_calls', message: { content: 'b' } },
    ]);
  });

  it('have broken off while one of them has no finish, unless the stream says that it is done', () => {
    const begun = line(chunk(0, { content: 'a' }, 'stop')) + line(chunk(1, { content: 'b' }));
    expect(decode(chat, begun).at(-1)).toMatchObject({ error: { code: 'upstream_broke_off' } });
    const done = decode(chat, `${begun}data: [DONE]\n\n`);
    expect(done.filter(({ type }) => type === 'finish')).toEqual([
      { type: 'finish', reason: 'stop' },
      { type: 'finish', reason: 'stop', choice: 1 },
    ]);
  });

  it.each([-1, 0.5, 1e9, 'x', null])('a number that cannot be (%s) is the first one', (index) => {
    const events = decode(chat, chatStream(chunk(index as number, { content: 'a' }, 'stop')));
    expect(foldAnswers(events)).toHaveLength(1);
  });

  it('beyond the first are nothing to a Messages client, which cannot ask for them', () => {
    const events = decode(chat, stream);
    const written = encode(messages, events);
    expect(answerOf(decode(messages, written)).parts).toMatchObject([
      { text: 'a' },
      { id: 'call_a' },
    ]);
    expect(messages.encodeReply(events, CONTEXT)).toMatchObject({ stop_reason: 'max_tokens' });
    expect(written).toContain('"stop_reason":"max_tokens"');
  });
});

describe('log probabilities', () => {
  const events: ChatEvent[] = [
    { type: 'start', id: 'c', model: 'm' },
    { type: 'text', text: 'a' },
    { type: 'logprobs', tokens: [{ ...token, top: [token] }] },
    { type: 'finish', reason: 'stop' },
  ];

  it('are read and written in a stream', () => {
    const choices = [{ index: 0, delta: { content: 'a' }, logprobs, finish_reason: null }];
    const stream = chatStream({ id: 'c', model: 'm', choices }, chatChunk({}, 'stop'));
    expect(decode(chat, stream)).toEqual(events);
    const written = choicesOf(encode(chat, events)).flatMap((choice) => choice['logprobs'] ?? []);
    expect(written).toEqual([logprobs]);
  });

  it('are read and written whole', () => {
    const reply = chat.encodeReply(events, CONTEXT);
    expect(reply['choices']).toMatchObject([{ logprobs }]);
    expect(foldAnswers(chat.decodeReply(reply, QUIRKS))[0]?.logprobs).toEqual([
      { ...token, top: [token] },
    ]);
  });
});

describe('citations', () => {
  const cited = (more: object) => ({
    type: 'web_search_result_location',
    url: 'https://a.example/',
    title: 'A',
    cited_text: 'words',
    encrypted_index: 'b3BhcXVl',
    ...more,
  });
  const block = (index: number, ...deltas: object[]) => [
    { type: 'content_block_start', index, content_block: { type: 'text', text: '' } },
    ...deltas.map((delta) => ({ type: 'content_block_delta', index, delta })),
    { type: 'content_block_stop', index },
  ];
  const words = (text: string) => ({ type: 'text_delta', text });
  const citing = (citation: object) => ({ type: 'citations_delta', citation });
  const stream = messagesStream(
    { type: 'message_start', message: { id: 'm', model: 'm' } } as { type: string },
    ...block(0, words('So ')),
    ...block(1, citing(cited({})), words('it is'), citing(cited({ url: 'https://b.example/' }))),
    ...block(2, citing({ type: 'char_location', document_index: 0 }), words('.')),
    { type: 'message_delta', delta: { stop_reason: 'end_turn' } } as { type: string },
    { type: 'message_stop' },
  );
  const annotation = (url: string, more: object = {}) => ({
    type: 'url_citation',
    url_citation: { url, title: 'A', content: 'words', start_index: 3, end_index: 8, ...more },
  });
  const both = [annotation('https://a.example/'), annotation('https://b.example/')];

  it('of Claude reach a Chat client with the stretch of text that they stand for', () => {
    const events = decode(messages, stream);
    const deltas = choicesOf(encode(chat, events)).map(({ delta }) => delta as JsonObject);
    expect(deltas.flatMap(({ annotations }) => annotations ?? [])).toEqual(both);
    expect(chat.encodeReply(events, CONTEXT)).toMatchObject({
      choices: [{ message: { content: 'So it is.', annotations: both } }],
    });
  });

  it('of Claude in a whole answer are the same', () => {
    const content = [
      { type: 'text', text: 'So ' },
      {
        type: 'text',
        text: 'it is',
        citations: [cited({}), cited({ url: 'https://b.example/' })],
      },
      { type: 'text', text: '.', citations: null },
    ];
    const events = messages.decodeReply({ id: 'm', model: 'm', content }, QUIRKS);
    expect(answerOf(events).parts).toEqual(answerOf(decode(messages, stream)).parts);
  });

  it('count from the beginning of all the text, though other parts stand in it', () => {
    const events: ChatEvent[] = [
      { type: 'text', text: '123' },
      { type: 'thinking', text: 'hm' },
      { type: 'text', text: '4567' },
      { type: 'citation', citation: { url: 'https://a.example/', start: 1, end: 2 } },
      { type: 'citation', citation: { url: 'https://b.example/' } },
      { type: 'finish', reason: 'stop' },
    ];
    const places = [
      { start_index: 4, end_index: 5 },
      { start_index: 3, end_index: 7 },
    ].map((place) => ({ url_citation: place }));
    const streamed = choicesOf(encode(chat, events)).flatMap(
      ({ delta }) => ((delta as JsonObject)['annotations'] ?? []) as JsonObject[],
    );
    expect(streamed).toMatchObject(places);
    expect(chat.encodeReply(events, CONTEXT)).toMatchObject({
      choices: [{ message: { annotations: places } }],
    });
    const back = decode(chat, encode(chat, events)).filter(({ type }) => type === 'citation');
    expect(back).toMatchObject([{ citation: { start: 1, end: 2 } }, { citation: { start: 0 } }]);
  });

  it.each<[string, (events: readonly ChatEvent[]) => ChatEvent[]]>([
    ['streamed', (events) => decode(messages, encode(messages, events))],
    ['whole', (events) => messages.decodeReply(messages.encodeReply(events, CONTEXT), QUIRKS)],
  ])('of a Chat provider reach a Messages client, %s', (_, pass) => {
    const delta = { annotations: [annotation('https://a.example/', { start_index: 0 })] };
    const events = decode(
      chat,
      chatStream(chatChunk({ content: 'So it is' }), chatChunk(delta, 'stop')),
    );
    expect(answerOf(pass(events)).parts).toEqual([
      {
        type: 'text',
        text: 'So it is',
        citations: [{ url: 'https://a.example/', title: 'A', quote: 'words', start: 0, end: 8 }],
      },
    ]);
  });

  it('that Claude did not make leave the history before it goes to Claude; its own stay', () => {
    const events = decode(chat, chatStream(chatChunk({ content: 'x', annotations: both }, 'stop')));
    const reply = messages.encodeReply(events, CONTEXT);
    const [foreign] = reply['content'] as JsonObject[];
    const own = { type: 'text', text: 'y', citations: [cited({})] };
    const history = [
      { role: 'user', content: 'a' },
      { role: 'assistant', content: [foreign, own] },
      { role: 'user', content: 'b' },
    ] as JsonObject[];
    const edits = messages.editRequest({ model: 'm', messages: history }, { model: 'm' }, QUIRKS);
    expect(edits).toHaveLength(1);
    expect(JSON.parse(edits[0]?.json ?? '')).toEqual([
      history[0],
      { role: 'assistant', content: [{ type: 'text', text: 'x', citations: null }, own] },
      history[2],
    ]);
  });
});

describe('the call of a custom tool', () => {
  const stream = chatStream(
    chatChunk({
      tool_calls: [{ index: 0, id: 'a', type: 'custom', custom: { name: 'run', input: '' } }],
    }),
    chatChunk({ tool_calls: [{ index: 0, custom: { input: 'ls' } }] }),
    chatChunk({ tool_calls: [{ index: 0, custom: { input: ' -l' } }] }, 'tool_calls'),
  );
  const call = { id: 'a', type: 'custom', custom: { name: 'run', input: 'ls -l' } };

  it('keeps its text as it is, streamed and whole', () => {
    const events = decode(chat, stream);
    const part = { type: 'tool_call', id: 'a', name: 'run', argumentsJson: 'ls -l', custom: true };
    expect(answerOf(events).parts).toEqual([part]);
    expect(answerOf(decode(chat, encode(chat, events))).parts).toEqual([part]);
    expect(chat.encodeReply(events, CONTEXT)).toMatchObject({
      choices: [{ message: { tool_calls: [call] } }],
    });
    expect(answerOf(chat.decodeReply(chat.encodeReply(events, CONTEXT), QUIRKS)).parts).toEqual([
      part,
    ]);
  });

  it('without any text is owed none', () => {
    const events: ChatEvent[] = [
      { type: 'tool_call', call: 0, id: 'a', name: 'run', custom: true },
      { type: 'finish', reason: 'tool_calls' },
    ];
    expect(encode(chat, events)).not.toContain('{}"');
  });
});

describe('thinking that the provider of a third protocol signed', () => {
  const events: ChatEvent[] = [
    { type: 'thinking', text: 'hm' },
    { type: 'thinking_signature', signature: 's:ü', maker: 'gemini' },
    { type: 'redacted_thinking', data: 'd', maker: 'gemini' },
    { type: 'text', text: 'x' },
    { type: 'finish', reason: 'stop' },
  ];
  const CASES: [string, ChatProtocol, (reply: JsonObject) => JsonObject][] = [
    ['Chat', chat, (reply) => (reply['choices'] as { message: JsonObject }[])[0]?.message ?? {}],
    ['Messages', messages, ({ content = null }) => ({ role: 'assistant', content })],
  ];

  it.each(CASES)(
    'comes back as it was through a %s client, and goes to no other',
    (_, protocol, messageOf) => {
      const answer = messageOf(protocol.encodeReply(events, CONTEXT));
      const question = { role: 'user', content: 'b' };
      const history = { model: 'm', max_tokens: 9, messages: [question, answer, question] };
      const request = protocol.decodeRequest(history);
      expect(request.messages[1]?.role === 'assistant' && request.messages[1].content).toEqual([
        { type: 'thinking', text: 'hm', signature: 's:ü', maker: 'gemini' },
        { type: 'redacted_thinking', data: 'd', maker: 'gemini' },
        { type: 'text', text: 'x' },
      ]);
      const [edit] = protocol.editRequest(history, { model: 'm' }, QUIRKS);
      expect(edit?.key).toBe('messages');
      expect(edit?.json).not.toContain('hub:');
      expect(edit?.json).toContain('"x"');
    },
  );
});
