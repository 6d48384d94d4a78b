// Requests of Chat and Messages clients as Ollama's chat has them.

import { describe, expect, it } from 'vitest';
import type { JsonObject } from '../../../src/base/json.ts';
import type { ChatRequest } from '../../../src/chat/request.ts';
import { PROTOCOLS } from '../../../src/protocols/list.ts';
import type { EncodedRequest } from '../../../src/protocols/protocol.ts';
import { QUIRKS } from '../streams.ts';
import { chatCall, refusal, text } from '../translation/requests.ts';

const { 'openai-chat': chat, 'anthropic-messages': messages, 'ollama-chat': ollama } = PROTOCOLS;

const HI = { model: 'm', messages: [{ role: 'user', content: 'hi' }] };

function fromChat(body: object): EncodedRequest {
  return ollama.encodeRequest(chat.decodeRequest({ ...HI, ...body }), QUIRKS);
}

function fromMessages(body: object): EncodedRequest {
  const request = messages.decodeRequest({ ...HI, max_tokens: 9, ...body });
  return ollama.encodeRequest(request, QUIRKS);
}

/** A request with what no client's protocol here says yet. */
function withFields(fields: Partial<ChatRequest>): EncodedRequest {
  return ollama.encodeRequest({ ...chat.decodeRequest(HI), ...fields }, QUIRKS);
}

const TOOLS = ['f', 'g'].map((name) => ({
  type: 'function',
  function: { name, description: 'd', parameters: { type: 'object' } },
}));
const PIXEL = 'iVBORw0KGgo=';

describe('a request for Ollama', () => {
  it('carries the conversation, its calls as objects and the names of their results', () => {
    const { body, dropped } = fromChat({
      messages: [
        { role: 'system', content: 'Be brief.' },
        { role: 'user', content: [text('Weather'), text('now?')] },
        {
          role: 'assistant',
          content: 'Let me see.',
          reasoning_content: 'Hm.',
          tool_calls: [chatCall('a', '{"n":1}'), chatCall('b', '')],
        },
        { role: 'tool', tool_call_id: 'b', content: 'rain' },
        { role: 'tool', tool_call_id: 'a', content: 'sun' },
      ],
    });
    const called = (id: string, given: object) => ({
      id,
      type: 'function',
      function: { name: 'f', arguments: given },
    });
    expect(body['messages']).toEqual([
      { role: 'system', content: 'Be brief.' },
      { role: 'user', content: 'Weather\nnow?' },
      {
        role: 'assistant',
        content: 'Let me see.',
        thinking: 'Hm.',
        tool_calls: [called('a', { n: 1 }), called('b', {})],
      },
      { role: 'tool', tool_call_id: 'a', tool_name: 'f', content: 'sun' },
      { role: 'tool', tool_call_id: 'b', tool_name: 'f', content: 'rain' },
    ]);
    expect(dropped).toEqual([]);
  });

  it('says always whether it streams', () => {
    expect(fromChat({}).body).toEqual({
      model: 'm',
      messages: [{ role: 'user', content: 'hi' }],
      stream: false,
      options: {},
    });
    expect(fromChat({ stream: true }).body['stream']).toBe(true);
  });

  it('has numbers, stops and the cap among the options', () => {
    const { body, dropped } = fromChat({
      max_completion_tokens: 20,
      temperature: 1.5,
      top_p: 0.5,
      top_k: 4,
      seed: 7,
      stop: 'END',
      frequency_penalty: 0.1,
      presence_penalty: -0.2,
    });
    expect(body['options']).toEqual({
      num_predict: 20,
      temperature: 1.5,
      top_p: 0.5,
      top_k: 4,
      seed: 7,
      stop: ['END'],
      frequency_penalty: 0.1,
      presence_penalty: -0.2,
    });
    expect(dropped).toEqual([]);
  });

  it('has images as bare base64 beside the text', () => {
    const url = `data:image/png;base64,${PIXEL}`;
    const image = { type: 'image_url', image_url: { url } };
    const { body } = fromChat({ messages: [{ role: 'user', content: [image, text('What?')] }] });
    expect(body['messages']).toEqual([{ role: 'user', content: 'What?', images: [PIXEL] }]);
  });

  it('has images of results in a message after them', () => {
    const source = { type: 'base64', media_type: 'image/png', data: PIXEL };
    const { body } = fromMessages({
      messages: [
        { role: 'user', content: 'See' },
        { role: 'assistant', content: [{ type: 'tool_use', id: 'a', name: 'f', input: {} }] },
        {
          role: 'user',
          content: [
            {
              type: 'tool_result',
              tool_use_id: 'a',
              is_error: true,
              content: [text('bad'), { type: 'image', source }],
            },
          ],
        },
      ],
    });
    expect((body['messages'] as JsonObject[]).slice(2)).toEqual([
      { role: 'tool', tool_call_id: 'a', tool_name: 'f', content: 'Error: bad' },
      { role: 'user', content: '', images: [PIXEL] },
    ]);
  });

  it.each([
    [{ type: 'json_object' }, 'json'],
    [
      { type: 'json_schema', json_schema: { name: 'n', schema: { type: 'object' } } },
      { type: 'object' },
    ],
    [{ type: 'text' }, undefined],
  ])('says the format %j', (format, said) => {
    expect(fromChat({ response_format: format }).body['format']).toEqual(said);
  });

  it.each([
    [{ reasoning_effort: 'none' }, false],
    [{ reasoning_effort: 'minimal' }, 'low'],
    [{ reasoning_effort: 'medium' }, 'medium'],
    [{ reasoning_effort: 'max' }, 'high'],
    [{}, undefined],
  ])('says how to think of %j', (fields, think) => {
    expect(fromChat(fields).body['think']).toEqual(think);
  });

  it('thinks without a budget, and names it', () => {
    const { body, dropped } = fromMessages({ thinking: { type: 'enabled', budget_tokens: 2000 } });
    expect(body['think']).toBe(true);
    expect(dropped).toEqual(['thinking.budget_tokens']);
  });

  it.each([
    ['auto', ['f', 'g']],
    ['none', undefined],
    [undefined, ['f', 'g']],
  ])('with the tool choice %j has the tools %j', (choice, names) => {
    const { body } = fromChat({ tools: TOOLS, tool_choice: choice });
    const tools = body['tools'] as typeof TOOLS | undefined;
    expect(tools?.map((tool) => tool.function.name)).toEqual(names);
    if (tools) expect(tools).toEqual(TOOLS);
  });

  it('has only the tools that are allowed', () => {
    const { tools } = chat.decodeRequest({ ...HI, tools: TOOLS });
    const toolChoice = { type: 'allowed' as const, mode: 'auto' as const, names: ['g'] };
    expect(withFields({ tools, toolChoice }).body['tools']).toEqual([TOOLS[1]]);
    const none = { ...toolChoice, names: ['h'] };
    expect(refusal(() => withFields({ tools, toolChoice: none }))).toBe(
      'invalid_request tool_choice',
    );
  });

  it('asks for log probabilities', () => {
    expect(withFields({ topLogprobs: 3 }).body).toMatchObject({ logprobs: true, top_logprobs: 3 });
  });

  it('names the hints that it cannot say', () => {
    const cache = { ttl: '5m' as const };
    const { dropped } = withFields({
      endUser: 'u',
      metadata: { a: 'b' },
      promptCacheKey: 'k',
      serviceTier: 'flex',
      verbosity: 'low',
      parallelToolCalls: false,
      messages: [{ role: 'user', content: [{ type: 'text', text: 'x', cache }] }],
      dropped: ['store'],
    });
    expect(dropped.toSorted()).toEqual([
      'cache_control',
      'metadata',
      'parallel_tool_calls',
      'prompt_cache_key',
      'service_tier',
      'store',
      'user',
      'verbosity',
    ]);
    const strict = { ...TOOLS[0]?.function, strict: true };
    const tools = [{ type: 'function', function: strict }];
    expect(fromChat({ tools }).dropped).toEqual(['tools.strict']);
  });

  it('keeps thinking that others signed to itself, and says so', () => {
    const { body, dropped } = fromMessages({
      messages: [
        { role: 'user', content: 'a' },
        {
          role: 'assistant',
          content: [
            { type: 'thinking', thinking: 'secret', signature: 'c2ln' },
            { type: 'redacted_thinking', data: 'b3Bh' },
            text('b'),
          ],
        },
      ],
    });
    expect((body['messages'] as JsonObject[])[1]).toEqual({ role: 'assistant', content: 'b' });
    expect(dropped).toEqual(['messages.thinking']);
  });

  it.each<[string, () => unknown]>([
    ['unsupported_parameter n', () => withFields({ choices: 2 })],
    ['unsupported_parameter logit_bias', () => withFields({ logitBias: { '1': 1 } })],
    ['unsupported_parameter max_tokens', () => withFields({ maxOutputTokens: 0 })],
    [
      'unsupported_parameter tool_choice',
      () => fromChat({ tools: TOOLS, tool_choice: 'required' }),
    ],
    [
      'unsupported_parameter tools.type',
      () => withFields({ tools: [{ type: 'custom', name: 'c' }] }),
    ],
    [
      'unsupported_parameter messages.content.source.url',
      () => {
        const image = { type: 'image_url', image_url: { url: 'https://images.example/a.png' } };
        return fromChat({ messages: [{ role: 'user', content: [image] }] });
      },
    ],
    [
      'unsupported_parameter messages.content.type',
      () => {
        const file = { file_data: 'data:application/pdf;base64,AAAA', filename: 'a.pdf' };
        return fromChat({ messages: [{ role: 'user', content: [{ type: 'file', file }] }] });
      },
    ],
    [
      'invalid_request messages.tool_calls.function.arguments',
      () =>
        fromChat({
          messages: [{ role: 'assistant', content: null, tool_calls: [chatCall('a', '{')] }],
        }),
    ],
  ])('is refused with %s', (said, encode) => {
    expect(refusal(encode)).toBe(said);
  });
});
