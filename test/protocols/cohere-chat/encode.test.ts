// Requests of Chat and Messages clients as Cohere's chat has them.

import { describe, expect, it } from 'vitest';
import type { JsonObject } from '../../../src/base/json.ts';
import type { ChatRequest } from '../../../src/chat/request.ts';
import { PROTOCOLS } from '../../../src/protocols/list.ts';
import type { EncodedRequest, Quirks } from '../../../src/protocols/protocol.ts';
import { QUIRKS } from '../streams.ts';
import { chatCall, refusal, text } from '../translation/requests.ts';

const { 'openai-chat': chat, 'anthropic-messages': messages, 'cohere-chat': cohere } = PROTOCOLS;

const HI = { model: 'm', messages: [{ role: 'user', content: 'hi' }] };
const NO_THINKER: Quirks = { ...QUIRKS, thinkingStyle: 'none' };

function fromChat(body: object, quirks: Quirks = QUIRKS): EncodedRequest {
  return cohere.encodeRequest(chat.decodeRequest({ ...HI, ...body }), quirks);
}

function fromMessages(body: object, quirks: Quirks = QUIRKS): EncodedRequest {
  const request = messages.decodeRequest({ ...HI, max_tokens: 9, ...body });
  return cohere.encodeRequest(request, quirks);
}

/** A request with what no client's protocol here says yet. */
function withFields(fields: Partial<ChatRequest>): EncodedRequest {
  return cohere.encodeRequest({ ...chat.decodeRequest(HI), ...fields }, QUIRKS);
}

const TOOLS = ['f', 'g'].map((name) => ({
  type: 'function',
  function: { name, description: 'd', parameters: { type: 'object' } },
}));

describe('a request for Cohere', () => {
  it('carries the conversation, its calls and their results', () => {
    const { body, dropped } = fromChat({
      messages: [
        { role: 'system', content: 'Be brief.' },
        { role: 'user', content: [text('Weather'), text('now?')] },
        { role: 'assistant', content: null, tool_calls: [chatCall('a', '{"n":1}')] },
        { role: 'tool', tool_call_id: 'a', content: 'sun' },
        { role: 'assistant', content: 'Sunny.' },
        { role: 'user', content: 'Thanks.' },
      ],
    });
    expect(body).toEqual({
      model: 'm',
      messages: [
        { role: 'system', content: 'Be brief.' },
        { role: 'user', content: [text('Weather'), text('now?')] },
        { role: 'assistant', tool_calls: [chatCall('a', '{"n":1}')] },
        { role: 'tool', tool_call_id: 'a', content: 'sun' },
        { role: 'assistant', content: 'Sunny.' },
        { role: 'user', content: 'Thanks.' },
      ],
      stream: false,
    });
    expect(dropped).toEqual([]);
  });

  it('has its own names for the numbers', () => {
    const { body, dropped } = fromChat({
      max_completion_tokens: 20,
      temperature: 1.5,
      top_p: 0.5,
      top_k: 4,
      seed: 7,
      stop: ['END'],
      frequency_penalty: 0.1,
      presence_penalty: 1,
      stream: true,
    });
    expect(body).toMatchObject({
      max_tokens: 20,
      temperature: 1.5,
      p: 0.5,
      k: 4,
      seed: 7,
      stop_sequences: ['END'],
      frequency_penalty: 0.1,
      presence_penalty: 1,
      stream: true,
    });
    expect(dropped).toEqual([]);
  });

  it('keeps numbers within its bounds, and says so', () => {
    const { body, dropped } = fromChat({
      top_p: 1,
      top_k: 501,
      frequency_penalty: -1,
      presence_penalty: 2,
    });
    expect(body).toMatchObject({ p: 0.99, k: 500, frequency_penalty: 0, presence_penalty: 1 });
    expect(dropped).toEqual([
      'top_p>0.99',
      'top_k>500',
      'frequency_penalty<0',
      'presence_penalty>1',
    ]);
  });

  it('has images as addresses and as data', () => {
    const urls = ['https://images.example/a.png', 'data:image/png;base64,AAAA'];
    const images = urls.map((url, i) => ({
      type: 'image_url',
      image_url: { url, detail: i === 0 ? 'low' : 'original' },
    }));
    const { body, dropped } = fromChat({ messages: [{ role: 'user', content: images }] });
    expect((body['messages'] as JsonObject[])[0]?.['content']).toEqual([
      images[0],
      { type: 'image_url', image_url: { url: urls[1] } },
    ]);
    expect(dropped).toEqual(['messages.content.detail']);
  });

  it('has images of results in a message after them', () => {
    const source = { type: 'base64', media_type: 'image/png', data: 'AAAA' };
    const content = [{ type: 'image', source }];
    const { body } = fromMessages({
      messages: [
        { role: 'assistant', content: [{ type: 'tool_use', id: 'a', name: 'f', input: {} }] },
        { role: 'user', content: [{ type: 'tool_result', tool_use_id: 'a', content }] },
      ],
    });
    const image_url = { url: 'data:image/png;base64,AAAA' };
    expect((body['messages'] as JsonObject[]).slice(1)).toEqual([
      { role: 'tool', tool_call_id: 'a', content: 'The image follows.' },
      { role: 'user', content: [{ type: 'image_url', image_url }] },
    ]);
  });

  it.each([
    ['auto', ['f', 'g'], undefined],
    [undefined, ['f', 'g'], undefined],
    ['none', ['f', 'g'], 'NONE'],
    ['required', ['f', 'g'], 'REQUIRED'],
    [{ type: 'function', function: { name: 'g' } }, ['g'], 'REQUIRED'],
  ])('says the tool choice %j', (choice, names, said) => {
    const { body } = fromChat({ tools: TOOLS, tool_choice: choice });
    expect(body['tools']).toEqual(TOOLS.filter((tool) => names.includes(tool.function.name)));
    expect(body['tool_choice']).toBe(said);
  });

  it.each([
    [[true, true], true, []],
    [[true, false], undefined, ['tools.strict']],
    [[false, false], undefined, []],
  ])('with tools of strictness %j is strict: %j', (strictness, said, named) => {
    const tools = TOOLS.map((tool, i) => ({
      ...tool,
      function: { ...tool.function, strict: strictness[i] },
    }));
    const { body, dropped } = fromChat({ tools });
    expect(body['strict_tools']).toBe(said);
    expect(dropped).toEqual(named);
  });

  it.each([
    [{ type: 'json_object' }, { type: 'json_object' }],
    [
      { type: 'json_schema', json_schema: { name: 'n', schema: { type: 'object' } } },
      { type: 'json_object', json_schema: { type: 'object' } },
    ],
    [{ type: 'text' }, undefined],
  ])('says the format %j', (format, said) => {
    expect(fromChat({ response_format: format }).body['response_format']).toEqual(said);
  });

  it.each<[object, Quirks, JsonObject | undefined, string[]]>([
    [{ type: 'disabled' }, QUIRKS, { type: 'disabled' }, []],
    [{ type: 'adaptive' }, QUIRKS, { type: 'enabled' }, []],
    [{ type: 'enabled', budget_tokens: 5 }, QUIRKS, { type: 'enabled', token_budget: 5 }, []],
    [{ type: 'disabled' }, NO_THINKER, undefined, []],
    [{ type: 'enabled', budget_tokens: 5 }, NO_THINKER, undefined, ['reasoning']],
  ])('says how to think: %j', (thinking, quirks, said, named) => {
    const { body, dropped } = fromMessages({ thinking }, quirks);
    expect(body['thinking']).toEqual(said);
    expect(dropped).toEqual(named);
  });

  it('names an effort, of which it has one', () => {
    const { body, dropped } = fromChat({ reasoning_effort: 'high' });
    expect(body['thinking']).toEqual({ type: 'enabled' });
    expect(dropped).toEqual(['reasoning_effort']);
  });

  const thought = { role: 'assistant', content: 'b', reasoning_content: 'hm' };

  it('returns thinking as content to models that think', () => {
    const { body } = fromChat({ messages: [thought] });
    expect(body['messages']).toEqual([
      { role: 'assistant', content: [{ type: 'thinking', thinking: 'hm' }, text('b')] },
    ]);
  });

  it('returns thinking before calls as the plan to models that do not', () => {
    const planned = { ...thought, content: null, tool_calls: [chatCall('a', '{}')] };
    const { body, dropped } = fromChat({ messages: [planned, thought] }, NO_THINKER);
    expect(body['messages']).toEqual([
      { role: 'assistant', tool_plan: 'hm', tool_calls: [chatCall('a', '{}')] },
      { role: 'assistant', content: 'b' },
    ]);
    expect(dropped).toEqual(['messages.thinking']);
  });

  it('keeps thinking that others signed to itself, and says so', () => {
    const signed = { type: 'thinking', thinking: 'secret', signature: 'c2ln' };
    const content = [signed, text('b')];
    const { body, dropped } = fromMessages({ messages: [{ role: 'assistant', content }] });
    expect(body['messages']).toEqual([{ role: 'assistant', content: 'b' }]);
    expect(dropped).toEqual(['messages.thinking']);
  });

  it('names the hints that it cannot say', () => {
    const { dropped } = withFields({ endUser: 'u', parallelToolCalls: false, dropped: ['store'] });
    expect(dropped.toSorted()).toEqual(['parallel_tool_calls', 'store', 'user']);
  });

  it.each<[string, () => unknown]>([
    ['unsupported_parameter n', () => withFields({ choices: 2 })],
    ['unsupported_parameter logit_bias', () => withFields({ logitBias: { '1': 1 } })],
    ['unsupported_parameter logprobs', () => withFields({ topLogprobs: 0 })],
    ['unsupported_parameter max_tokens', () => withFields({ maxOutputTokens: 0 })],
    ['unsupported_parameter stop', () => fromChat({ stop: ['a', 'b', 'c', 'd', 'e', 'f'] })],
    [
      'unsupported_parameter tools.type',
      () => withFields({ tools: [{ type: 'custom', name: 'c' }] }),
    ],
    [
      'unsupported_parameter messages.content.type',
      () => {
        const file = { file_data: 'data:application/pdf;base64,AAAA', filename: 'a.pdf' };
        return fromChat({ messages: [{ role: 'user', content: [{ type: 'file', file }] }] });
      },
    ],
    [
      'invalid_request tool_choice',
      () => fromChat({ tools: TOOLS, tool_choice: { type: 'function', function: { name: 'h' } } }),
    ],
  ])('is refused with %s', (said, encode) => {
    expect(refusal(encode)).toBe(said);
  });
});
