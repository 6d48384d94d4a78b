// Requests in the words of providers that depart from OpenAI's: each quirk by a provider that has it.

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { JsonObject, JsonValue } from '../../../src/base/json.ts';
import type { ChatEvent } from '../../../src/chat/events.ts';
import { PROTOCOLS } from '../../../src/protocols/list.ts';
import type { EncodedRequest, Quirks } from '../../../src/protocols/protocol.ts';
import { PROVIDERS } from '../../../src/providers/list.ts';
import { EVERYTHING } from '../../catalog/pricing.ts';
import { answerOf, chatChunk, chatStream, decodeWith, QUIRKS } from '../streams.ts';
import { chatCall, refusal, text, toChat } from '../translation/requests.ts';

const chat = PROTOCOLS['openai-chat'];

function quirksOf(id: string): Quirks {
  return PROVIDERS.find((provider) => provider.id === id)?.quirks ?? QUIRKS;
}

/** A Chat body on its way to the provider, translated as any other protocol's would be. */
function toProvider(id: string, body: object): EncodedRequest {
  const base = { model: 'm', messages: [{ role: 'user', content: 'hi' }] };
  return chat.encodeRequest(chat.decodeRequest({ ...base, ...body }), quirksOf(id));
}

function messagesOf({ body }: EncodedRequest): JsonObject[] {
  return body['messages'] as JsonObject[];
}

const TOOL = { type: 'function', function: { name: 'f', parameters: {}, strict: true } };
const THOUGHT = { role: 'assistant', content: 'so', reasoning_content: 'hm' };
const say = (...messages: object[]) => ({ messages });
const user = (content: JsonValue) => ({ role: 'user', content });
const system = (content: JsonValue) => ({ role: 'system', content });
const called = (id: string) => ({
  role: 'assistant',
  content: null,
  tool_calls: [chatCall(id, '{}')],
});
const result = (id: string) => ({ role: 'tool', tool_call_id: id, content: 'r' });

describe('penalties that a provider refuses', () => {
  const hints = { frequency_penalty: 1, presence_penalty: 1, seed: 7 };

  it('are left out and named', () => {
    const { body, dropped } = toProvider('cerebras', hints);
    expect(body).not.toHaveProperty('frequency_penalty');
    expect(body).not.toHaveProperty('presence_penalty');
    expect(body['seed']).toBe(7);
    expect(dropped).toEqual(['frequency_penalty', 'presence_penalty']);
    expect(toProvider('together', hints)).toMatchObject({ body: hints, dropped: [] });
  });

  it('are not named where nobody gave them', () => {
    expect(toProvider('cerebras', {}).dropped).toEqual([]);
  });
});

it('a seed has another name at Mistral', () => {
  const { body } = toProvider('mistral', { seed: 7 });
  expect(body['random_seed']).toBe(7);
  expect(body).not.toHaveProperty('seed');
});

it.each([
  ['mistral', 'max_tokens', undefined],
  ['perplexity', 'max_tokens', undefined],
  ['openrouter', 'max_tokens', undefined],
  ['zhipu', 'max_tokens', undefined],
  ['deepseek', 'max_tokens', { include_usage: true }],
  ['groq', 'max_completion_tokens', { include_usage: true }],
  ['azure', 'max_completion_tokens', { include_usage: true }],
])('%s takes its cap in %s, and is asked for usage with %j', (id, field, options) => {
  const { body } = toProvider(id, { max_tokens: 9, stream: true });
  expect([body[field], body['stream_options']]).toEqual([9, options]);
});

describe('the effort of thinking', () => {
  it.each([
    ['groq/gpt-oss-120b', 'xhigh', 'high', ['reasoning_effort']],
    ['groq/gpt-oss-120b', 'minimal', 'low', ['reasoning_effort']],
    ['groq/llama-3.3-70b', 'low', undefined, ['reasoning_effort']],
    ['groq/llama-3.3-70b', 'none', undefined, []],
    ['xai/grok-4.6', 'max', 'high', ['reasoning_effort']],
    ['xai/grok-code-fast-1', 'low', undefined, ['reasoning_effort']],
    ['xai/grok-code-fast-1', 'none', undefined, ['reasoning_effort']],
    ['mistral/mistral-small-2603', 'medium', 'high', ['reasoning_effort']],
    ['deepseek/deepseek-v4-flash', 'low', 'high', ['reasoning_effort']],
    ['openai/gpt-5.5', 'high', 'high', []],
  ])('of %s, asked for as %s, is %s', (offer, asked, sent, dropped) => {
    const body = { model: 'm', messages: [user('hi')], reasoning_effort: asked };
    const { quirks } = EVERYTHING.find(offer)!;
    const encoded = chat.encodeRequest(chat.decodeRequest(body), quirks);
    expect([encoded.body['reasoning_effort'], encoded.dropped]).toEqual([sent, dropped]);
  });

  it.each(['deepseek', 'moonshot', 'zhipu'])('none switches it off at %s', (id) => {
    const { body, dropped } = toProvider(id, { reasoning_effort: 'none' });
    expect(body['thinking']).toEqual({ type: 'disabled' });
    expect(body).not.toHaveProperty('reasoning_effort');
    expect(dropped).toEqual([]);
    expect(toProvider(id, {}).body).not.toHaveProperty('thinking');
  });
});

describe('a forced choice of tool', () => {
  const forced = { tools: [TOOL], tool_choice: 'required' };
  const named = { ...forced, tool_choice: { type: 'function', function: { name: 'f' } } };

  it.each(['deepseek', 'moonshot'])('stops the thinking of %s', (id) => {
    for (const body of [forced, named, { ...forced, reasoning_effort: 'none' }]) {
      expect(toProvider(id, body).body).toMatchObject({
        thinking: { type: 'disabled' },
        tool_choice: body.tool_choice,
      });
    }
    expect(toProvider(id, { ...forced, tool_choice: 'auto' }).body).not.toHaveProperty('thinking');
    expect(toProvider('groq', forced).body).not.toHaveProperty('thinking');
  });

  it('is refused beside thinking that was asked for', () => {
    const both = { ...forced, reasoning_effort: 'high' };
    expect(refusal(() => toProvider('deepseek', both))).toBe('unsupported_parameter tool_choice');
    expect(refusal(() => toProvider('groq', both))).toBeUndefined();
    const messagesBody = {
      tools: [{ name: 'f', input_schema: {} }],
      tool_choice: { type: 'any' },
      thinking: { type: 'adaptive' },
    };
    expect(refusal(() => toChat(messagesBody, quirksOf('deepseek')))).toBe(
      'unsupported_parameter tool_choice',
    );
  });
});

describe('thinking on its way back', () => {
  const history = say(user('a'), THOUGHT, user('b'));
  const signed = {
    role: 'assistant',
    content: 'so',
    reasoning_details: [{ type: 'reasoning.text', text: 'hm', signature: 's', format: 'x' }],
  };

  it.each<[string, JsonObject]>([
    ['deepseek', { content: 'so', reasoning_content: 'hm' }],
    ['groq', { content: 'so', reasoning: 'hm' }],
    ['cerebras', { content: 'so', reasoning: 'hm' }],
    [
      'openrouter',
      { content: 'so', reasoning_details: [{ type: 'reasoning.text', text: 'hm', index: 0 }] },
    ],
    [
      'mistral',
      {
        content: [
          { type: 'thinking', thinking: [text('hm')] },
          { type: 'text', text: 'so' },
        ],
      },
    ],
    ['minimax', { content: '<think>hm</think>so' }],
  ])('stands at %s where it is taken', (id, written) => {
    const encoded = toProvider(id, history);
    expect(messagesOf(encoded)[1]).toEqual({ role: 'assistant', ...written });
    expect(encoded.dropped).toEqual([]);
  });

  it('stands there without any text as well', () => {
    const silent = say(user('a'), { ...THOUGHT, content: null }, user('b'));
    expect(messagesOf(toProvider('minimax', silent))[1]?.['content']).toBe('<think>hm</think>');
    expect(messagesOf(toProvider('mistral', silent))[1]?.['content']).toEqual([
      { type: 'thinking', thinking: [text('hm')] },
    ]);
    expect(messagesOf(toProvider('groq', silent))[1]?.['content']).toBeNull();
  });

  it('keeps its signature where details are taken, and names it where they are not', () => {
    const kept = toProvider('openrouter', say(user('a'), signed, user('b')));
    expect(messagesOf(kept)[1]).toMatchObject({ reasoning_details: signed.reasoning_details });
    expect(kept.dropped).toEqual([]);
    const lost = toProvider('groq', say(user('a'), signed, user('b')));
    expect(messagesOf(lost)[1]).toEqual({ role: 'assistant', content: 'so', reasoning: 'hm' });
    expect(lost.dropped).toEqual(['messages.thinking']);
  });

  it('is there even empty: at Kimi beside calls, at DeepSeek in every answer', () => {
    const plain = { role: 'assistant', content: 'so' };
    const request = say(user('a'), plain, user('b'), called('c1'), result('c1'));
    const reasons = (id: string) =>
      messagesOf(toProvider(id, request))
        .filter(({ role }) => role === 'assistant')
        .map((message) => message['reasoning_content']);
    expect(reasons('moonshot')).toEqual([undefined, '']);
    expect(reasons('deepseek')).toEqual(['', '']);
    expect(reasons('groq')).toEqual([undefined, undefined]);
  });

  it('comes back from MiniMax and returns to it letter for letter', () => {
    const content = '<think>\n a < b \n</think>\n\nSo.';
    const answer = answerOf(
      decodeWith(chat, quirksOf('minimax'), chatStream(chatChunk({ content }, 'stop'))),
    );
    const request = { model: 'm', tools: [], stream: false, includeUsage: false, dropped: [] };
    const { body } = chat.encodeRequest(
      { ...request, messages: [{ role: 'assistant', content: answer.parts }] },
      quirksOf('minimax'),
    );
    expect((body['messages'] as JsonObject[])[0]?.['content']).toBe(content);
  });
});

it.each(['length', undefined])(
  'thinking that MiniMax cut in a tag is whole (finish %s)',
  (finish) => {
    const stream = chatStream(chatChunk({ content: '<think>a </th' }, finish));
    expect(answerOf(decodeWith(chat, quirksOf('minimax'), stream)).parts).toEqual([
      { type: 'thinking', text: 'a </th' },
    ]);
  },
);

describe('several answers of one stream', () => {
  const choice = (index: number, content: string, finish?: string) => ({
    ...chatChunk({}),
    choices: [{ index, delta: { content }, finish_reason: finish ?? null }],
  });
  const said = (events: readonly ChatEvent[], index: number) =>
    events.flatMap((event) => {
      const isIts = 'choice' in event ? event.choice === index : index === 0;
      return isIts && 'text' in event ? [`${event.type}: ${event.text}`] : [];
    });

  it('have their thinking told from their own text alone', () => {
    const stream = chatStream(
      choice(0, '<think>a'),
      choice(1, '<think>b</thi'),
      choice(0, '</think>c', 'stop'),
      choice(1, 'nk>d', 'stop'),
    );
    const events = decodeWith(chat, quirksOf('minimax'), stream);
    expect(said(events, 0)).toEqual(['thinking: a', 'text: c']);
    expect(said(events, 1)).toEqual(['thinking: b', 'text: d']);
  });

  it('keep what one of them held back, also where none names a finish', () => {
    const stream = chatStream(choice(0, 'a'), choice(1, '<thi'));
    expect(said(decodeWith(chat, quirksOf('minimax'), stream), 1)).toEqual(['text: <thi']);
  });

  it('have the sources of the web once, before the finish of the first', () => {
    const sources = { citations: ['https://a.example/'] };
    const stream = chatStream(
      { ...choice(1, 'b', 'stop'), ...sources },
      { ...choice(0, 'a', 'stop'), ...sources },
      { choices: [], ...sources },
    );
    const types = decodeWith(chat, quirksOf('perplexity'), stream).map(({ type }) => type);
    expect(types).toEqual(['start', 'text', 'finish', 'text', 'citation', 'finish']);
  });
});

it('a message that is sent again, beside the last delta or after it, is said once', () => {
  const last = { index: 0, finish_reason: 'stop', message: { content: 'ab' } };
  for (const end of [last, { ...last, delta: { content: '' } }]) {
    const stream = chatStream(chatChunk({ content: 'a' }), chatChunk({ content: 'b' }), {
      choices: [end],
    });
    expect(answerOf(decodeWith(chat, QUIRKS, stream)).parts).toEqual([text('ab')]);
  }
});

describe('ids of calls at Mistral', () => {
  it('are nine letters and digits, the same for a call and its result, in every turn', () => {
    const turn = [called('call_with.a:long-id'), result('call_with.a:long-id')];
    const request = say(
      user('a'),
      ...turn,
      { role: 'assistant', content: 'x' },
      user('b'),
      ...turn,
    );
    const ids = messagesOf(toProvider('mistral', request)).flatMap((message) => [
      ...((message['tool_calls'] as { id: string }[] | undefined) ?? []).map(({ id }) => id),
      ...(typeof message['tool_call_id'] === 'string' ? [message['tool_call_id']] : []),
    ]);
    expect(ids).toHaveLength(4);
    expect(new Set(ids).size).toBe(1);
    expect(ids[0]).toMatch(/^[a-zA-Z0-9]{9}$/);
  });

  it('stay where they are Mistral’s own already', () => {
    const request = say(user('a'), called('aB3dE6gH9'), result('aB3dE6gH9'));
    expect(messagesOf(toProvider('mistral', request))[2]?.['tool_call_id']).toBe('aB3dE6gH9');
    expect(messagesOf(toProvider('groq', say(user('a'), called('a.b'), result('a.b'))))[2]).toEqual(
      {
        role: 'tool',
        tool_call_id: 'a.b',
        content: 'r',
      },
    );
  });

  it('keep different calls apart', () => {
    const idOf = (id: string): unknown => {
      const request = say(user('a'), called(id), result(id));
      return messagesOf(toProvider('mistral', request))[2]?.['tool_call_id'];
    };
    const ids = fc.uniqueArray(fc.string({ minLength: 1, maxLength: 40 }), { minLength: 2 });
    fc.assert(fc.property(ids, (list) => new Set(list.map(idOf)).size === list.length));
  });
});

describe('the order of roles', () => {
  const roles = (encoded: EncodedRequest) => messagesOf(encoded).map(({ role }) => role);

  it.each(['mistral', 'perplexity'])('keeps system messages at the head of %s alone', (id) => {
    const request = say(
      system('rules'),
      system('more'),
      user('a'),
      { role: 'assistant', content: 'b' },
      system('late'),
    );
    const written = messagesOf(toProvider(id, request));
    expect(written.map(({ role }) => role)).toEqual([
      'system',
      'system',
      'user',
      'assistant',
      'user',
    ]);
    expect(written.at(-1)).toEqual(user('<system>\nlate\n</system>'));
    expect(roles(toProvider('groq', request)).at(-1)).toBe('system');
  });

  it('marks each part of a late system message', () => {
    const parts = [text('one'), text('two')];
    const written = messagesOf(toProvider('mistral', say(user('a'), system(parts))));
    expect(written.at(-1)).toEqual(
      user([text('<system>\none\n</system>'), text('<system>\ntwo\n</system>')]),
    );
  });

  it('gives the assistant its turn after results at Mistral', () => {
    const request = say(user('a'), called('c'), result('c'), user('b'));
    expect(roles(toProvider('mistral', request))).toEqual([
      'user',
      'assistant',
      'tool',
      'assistant',
      'user',
    ]);
    expect(roles(toProvider('groq', request))).toEqual(['user', 'assistant', 'tool', 'user']);
  });

  it('joins what the user says twice at Perplexity', () => {
    const image = { type: 'image_url', image_url: { url: 'https://x.example/a.png' } };
    const joinedTexts = messagesOf(toProvider('perplexity', say(user('a'), user('b'))));
    expect(joinedTexts).toEqual([user('a\n\nb')]);
    const joinedParts = messagesOf(toProvider('perplexity', say(user('a'), user([image]))));
    expect(joinedParts).toEqual([user([text('a'), image])]);
    const late = messagesOf(toProvider('perplexity', say(user('a'), system('late'))));
    expect(late).toEqual([user('a\n\n<system>\nlate\n</system>')]);
    expect(roles(toProvider('groq', say(user('a'), user('b'))))).toEqual(['user', 'user']);
  });
});
