// Responses bodies to the other protocols and back: what is translated, dropped by name and refused.

import { describe, expect, it } from 'vitest';
import type { JsonObject } from '../../../src/base/json.ts';
import type { ChatMessage } from '../../../src/chat/request.ts';
import { PROTOCOLS } from '../../../src/protocols/list.ts';
import { HINTS, QUIRKS } from '../streams.ts';
import { refusal, text } from './requests.ts';

const chat = PROTOCOLS['openai-chat'];
const messages = PROTOCOLS['anthropic-messages'];
const responses = PROTOCOLS['openai-responses'];

const read = (body: JsonObject) => responses.decodeRequest({ model: 'm', input: 'hi', ...body });
const readInput = (...input: JsonObject[]): readonly ChatMessage[] => read({ input }).messages;
const toChat = (body: JsonObject) => chat.encodeRequest(read(body), QUIRKS);
const fromChat = (body: JsonObject) =>
  responses.encodeRequest(
    chat.decodeRequest({ model: 'm', messages: [{ role: 'user', content: 'hi' }], ...body }),
    HINTS,
  );
const call = (id: string, name = 'f'): JsonObject => ({
  type: 'function_call',
  call_id: id,
  name,
  arguments: '{"x":1}',
});
const output = (id: string, result: unknown): JsonObject => ({
  type: 'function_call_output',
  call_id: id,
  output: result as string,
});

describe('reading the input of Responses', () => {
  it('takes a text for a message, and instructions for the first', () => {
    expect(read({ instructions: 'Be brief.' }).messages).toEqual([
      { role: 'system', content: [text('Be brief.')] },
      { role: 'user', content: [text('hi')] },
    ]);
  });

  it('gathers what the model said in a turn, and its results in the order of the calls', () => {
    const turn = readInput(
      { role: 'user', content: 'a' },
      { type: 'message', role: 'assistant', content: [{ type: 'output_text', text: 'b' }] },
      call('1'),
      call('2'),
      output('2', 'second'),
      output('1', [{ type: 'input_text', text: 'first' }]),
      { role: 'developer', content: [{ type: 'input_text', text: 'c' }] },
    );
    expect(turn.map(({ role }) => role)).toEqual(['user', 'assistant', 'tool', 'system']);
    expect(turn[1]).toMatchObject({ content: [text('b'), { id: '1' }, { id: '2' }] });
    expect(turn[2]).toMatchObject({
      results: [
        { callId: '1', content: [text('first')] },
        { callId: '2', content: [text('second')] },
      ],
    });
  });

  it('puts a late result behind its call, and pairs ids that come again with the nearest', () => {
    const turns = readInput(
      call('1'),
      { role: 'user', content: 'wait' },
      output('1', 'late'),
      call('1', 'g'),
      output('1', 'again'),
    );
    expect(turns.map(({ role }) => role)).toEqual([
      'assistant',
      'tool',
      'user',
      'assistant',
      'tool',
    ]);
    expect(turns[1]).toMatchObject({ results: [{ content: [text('late')] }] });
    expect(turns[4]).toMatchObject({ results: [{ content: [text('again')] }] });
  });

  it('begins a turn of the model anew behind results', () => {
    const said = { role: 'assistant', content: 'So it is.' };
    const turns = readInput(call('1'), output('1', 'x'), said, call('2'), output('2', 'y'));
    expect(turns.map(({ role }) => role)).toEqual(['assistant', 'tool', 'assistant', 'tool']);
    expect(turns[2]).toMatchObject({ content: [text('So it is.'), { id: '2' }] });
  });

  it('reads images and files, as data and by address, in messages and in results', () => {
    const image = { type: 'input_image', image_url: 'data:image/png;base64,AAAA', detail: 'low' };
    const file = { type: 'input_file', file_url: 'https://x.example/a.pdf', filename: 'a.pdf' };
    const data = { type: 'input_file', file_data: 'data:application/pdf;base64,AA==' };
    const expected = [
      {
        type: 'image',
        source: { kind: 'base64', mediaType: 'image/png', data: 'AAAA' },
        detail: 'low',
      },
      { type: 'file', source: { kind: 'url', url: 'https://x.example/a.pdf' }, name: 'a.pdf' },
      { type: 'file', source: { kind: 'base64', mediaType: 'application/pdf', data: 'AA==' } },
    ];
    const parts = [image, file, data];
    const turn = readInput({ role: 'user', content: parts }, call('1'), output('1', parts));
    expect(turn[0]).toMatchObject({ content: expected });
    expect(turn[2]).toMatchObject({ results: [{ content: expected }] });
  });

  it.each<[string, JsonObject[]]>([
    ['invalid_request input', []],
    ['invalid_request input[0].role', [{ role: 'narrator', content: 'x' }]],
    ['invalid_request input[0].call_id', [output('1', 'x')]],
    ['unsupported_parameter input[0].type', [{ type: 'web_search_call' }]],
    ['unsupported_parameter input[0].type', [{ type: 'item_reference', id: 'x' }]],
    [
      'unsupported_parameter input[0].content[0].file_id',
      [{ role: 'user', content: [{ type: 'input_image', file_id: 'file_1' }] }],
    ],
  ])('refuses as %s', (expected, input) => {
    expect(refusal(() => readInput(...input))).toBe(expected);
  });

  it('names what it leaves out', () => {
    const cited = { type: 'output_text', text: 'x', annotations: [{ type: 'url_citation' }] };
    const said = { role: 'assistant', phase: 'commentary', content: [cited] };
    const { dropped } = read({ input: [{ role: 'user', content: 'a' }, said] });
    expect(dropped).toEqual(['input.phase', 'input.content.annotations']);
  });
});

describe('the settings of Responses', () => {
  it('are read into the form that all protocols share', () => {
    const format = { type: 'json_schema', name: 'n', schema: { type: 'object' }, strict: true };
    const settings = read({
      max_output_tokens: 50,
      temperature: 0.5,
      top_p: 0.9,
      parallel_tool_calls: false,
      reasoning: { effort: 'high', summary: 'auto' },
      text: { format, verbosity: 'low' },
      include: ['message.output_text.logprobs', 'reasoning.encrypted_content'],
      top_logprobs: 3,
      metadata: { a: 'b' },
      safety_identifier: 'person',
      prompt_cache_key: 'key',
      service_tier: 'flex',
      store: false,
      truncation: 'disabled',
      stream: true,
    });
    expect(settings).toMatchObject({
      maxOutputTokens: 50,
      temperature: 0.5,
      topP: 0.9,
      parallelToolCalls: false,
      reasoning: { effort: 'high', summary: 'auto' },
      responseFormat: format,
      verbosity: 'low',
      topLogprobs: 3,
      metadata: { a: 'b' },
      endUser: 'person',
      promptCacheKey: 'key',
      serviceTier: 'flex',
      stream: true,
      dropped: [],
    });
  });

  it('are written as they were read', () => {
    const body = {
      model: 'm',
      input: [{ type: 'message', role: 'user', content: [{ type: 'input_text', text: 'hi' }] }],
      store: false,
      include: ['reasoning.encrypted_content', 'message.output_text.logprobs'],
      tools: [
        { type: 'function', name: 'f', parameters: { type: 'object' }, strict: true },
        { type: 'custom', name: 'g', description: 'd', format: { type: 'text' } },
      ],
      tool_choice: {
        type: 'allowed_tools',
        mode: 'required',
        tools: [
          { type: 'function', name: 'f' },
          { type: 'custom', name: 'g' },
        ],
      },
      top_logprobs: 3,
      reasoning: { effort: 'high', summary: 'auto' },
      text: { format: { type: 'json_object' }, verbosity: 'low' },
      metadata: { a: 'b' },
      safety_identifier: 'person',
      prompt_cache_key: 'key',
      service_tier: 'flex',
    };
    expect(responses.encodeRequest(responses.decodeRequest(body), HINTS)).toEqual({
      body,
      dropped: [],
    });
  });

  it('are dropped by name where they are hints', () => {
    const hints = {
      store: true,
      truncation: 'auto',
      max_tool_calls: 3,
      client_metadata: { a: 'b' },
      include: ['web_search_call.results'],
      stream_options: { include_obfuscation: true },
      reasoning: { context: 'all_turns' },
    };
    expect(read(hints).dropped.toSorted()).toEqual([
      'client_metadata',
      'include',
      'max_tool_calls',
      'reasoning.context',
      'store',
      'stream_options.include_obfuscation',
      'truncation',
    ]);
  });

  it.each<[string, JsonObject]>([
    ['unsupported_parameter moderation', { moderation: { model: 'x' } }],
    ['unsupported_parameter of_tomorrow', { of_tomorrow: 1 }],
    ['unsupported_parameter text.format.type', { text: { format: { type: 'grammar' } } }],
    ['unsupported_parameter tools[0].type', { tools: [{ type: 'local_shell' }] }],
    ['unsupported_parameter tool_choice.type', { tool_choice: { type: 'web_search' } }],
    ['invalid_request reasoning.effort', { reasoning: { effort: 'some' } }],
    ['invalid_request text.verbosity', { text: { verbosity: 'loud' } }],
    ['invalid_request metadata', { metadata: { a: 1 } }],
    ['invalid_request top_logprobs', { top_logprobs: 21 }],
  ])('are refused as %s', (expected, body) => {
    expect(refusal(() => read(body))).toBe(expected);
  });
});

describe('tools in namespaces and tools that items add', () => {
  const tools = [
    {
      type: 'namespace',
      name: 'agents',
      tools: [{ type: 'function', name: 'spawn', parameters: { type: 'object' }, strict: false }],
    },
  ];

  it('go under both names, and their calls and choices too', () => {
    const called = { ...call('1', 'spawn'), namespace: 'agents' };
    const { body } = toChat({
      tools,
      tool_choice: { type: 'function', name: 'spawn', namespace: 'agents' },
      input: [{ role: 'user', content: 'x' }, called, output('1', 'done')],
    });
    expect(body['tools']).toMatchObject([{ function: { name: 'agents__spawn' } }]);
    expect(body['tool_choice']).toMatchObject({ function: { name: 'agents__spawn' } });
    expect(JSON.stringify(body['messages'])).toContain('"name":"agents__spawn"');
  });

  it('are there from the start', () => {
    const input = [
      { type: 'additional_tools', role: 'developer', tools },
      { role: 'user', content: 'x' },
    ];
    const { body } = toChat({ input });
    expect(body['tools']).toMatchObject([{ function: { name: 'agents__spawn' } }]);
    expect(body['messages']).toEqual([{ role: 'user', content: 'x' }]);
  });

  it('say what the namespace is about before what its first tool does, and once', () => {
    const tool = (name: string, more: object = {}) => ({ type: 'function', name, ...more });
    const group = (...members: object[]) => ({
      type: 'namespace',
      name: 'n',
      description: 'All about n.',
      tools: members,
    });
    const asked = [group(tool('a', { description: 'Does a.' }), tool('b'))] as JsonObject[];
    const { body, dropped } = toChat({ tools: asked });
    expect(body['tools']).toMatchObject([
      { function: { name: 'n__a', description: 'All about n.\n\nDoes a.' } },
      { function: { name: 'n__b' } },
    ]);
    expect(JSON.stringify(body).match(/All about n/g)).toHaveLength(1);
    expect(dropped).toEqual([]);
    const bare = toChat({ tools: [group(tool('b'))] as JsonObject[] });
    expect(bare.body['tools']).toMatchObject([{ function: { description: 'All about n.' } }]);
    expect(toChat({ tools: [group()] as JsonObject[] }).dropped).toEqual(['tools.description']);
  });

  it('lose the search that Codex offers, by name', () => {
    const { body, dropped } = toChat({
      tools: [...tools, { type: 'web_search', external_web_access: false }],
    });
    expect(body['tools']).toHaveLength(1);
    expect(dropped).toEqual(['tools.web_search']);
    const live = toChat({ tools: [{ type: 'web_search' }, ...tools] });
    expect(live.body['tools']).toEqual(body['tools']);
    expect(live.dropped).toEqual(dropped);
    expect(refusal(() => toChat({ tools: [{ type: 'web_search' }] }))).toBe(
      'unsupported_parameter tools[0].type',
    );
  });
});

describe('writing for a Responses provider', () => {
  it('stores nothing and asks for reasoning where there is any', () => {
    expect(fromChat({}).body).toMatchObject({
      store: false,
      include: ['reasoning.encrypted_content'],
    });
    const request = chat.decodeRequest({ model: 'm', messages: [{ role: 'user', content: 'x' }] });
    const plain = responses.encodeRequest(request, { ...QUIRKS, thinkingStyle: 'none' });
    expect(plain.body).not.toHaveProperty('include');
  });

  it('says that a tool is not strict, which is the default elsewhere alone', () => {
    const tool = { type: 'function', function: { name: 'f', parameters: { type: 'object' } } };
    expect(fromChat({ tools: [tool] }).body['tools']).toMatchObject([{ strict: false }]);
  });

  it.each<[string, JsonObject]>([
    ['stop', { stop: ['x'] }],
    ['max_tokens', { max_tokens: 0 }],
    ['max_tokens', { max_tokens: 15 }],
  ])('refuses %s of %j', (param, body) => {
    const request = messages.decodeRequest({
      model: 'm',
      max_tokens: 50,
      messages: [{ role: 'user', content: 'x' }],
      ...('stop' in body ? { stop_sequences: ['x'] } : body),
    });
    expect(refusal(() => responses.encodeRequest(request, QUIRKS))).toBe(
      `unsupported_parameter ${param}`,
    );
  });

  it('names the hints that it has no word for', () => {
    const hints = { top_k: 3, seed: 1, frequency_penalty: 1, presence_penalty: 1 };
    expect(fromChat(hints).dropped).toEqual(Object.keys(hints));
  });

  it('tells of a failed call, and keeps its images', () => {
    const image = {
      type: 'image',
      source: { type: 'base64', media_type: 'image/png', data: 'AA==' },
    };
    const results = [
      { type: 'tool_result', tool_use_id: '1', is_error: true, content: 'broken' },
      { type: 'tool_result', tool_use_id: '2', is_error: true, content: [image] },
      { type: 'tool_result', tool_use_id: '3' },
    ];
    const calls = ['1', '2', '3'].map((id) => ({ type: 'tool_use', id, name: 'f', input: {} }));
    const request = messages.decodeRequest({
      model: 'm',
      max_tokens: 50,
      messages: [
        { role: 'user', content: 'x' },
        { role: 'assistant', content: calls },
        { role: 'user', content: results },
      ],
    });
    const { body } = responses.encodeRequest(request, HINTS);
    expect((body['input'] as JsonObject[]).slice(4)).toEqual([
      { type: 'function_call_output', call_id: '1', output: 'Error: broken' },
      {
        type: 'function_call_output',
        call_id: '2',
        output: [
          { type: 'input_text', text: 'Error:' },
          { type: 'input_image', image_url: 'data:image/png;base64,AA==' },
        ],
      },
      { type: 'function_call_output', call_id: '3', output: '' },
    ]);
  });

  it('marks at most four breakpoints, on parts of what is read', () => {
    const part = { ...text('x'), prompt_cache_breakpoint: { mode: 'explicit' } };
    const content = Array.from({ length: 5 }, () => part);
    const { body, dropped } = fromChat({ messages: [{ role: 'user', content }] });
    const [message] = body['input'] as { content: JsonObject[] }[];
    expect(message?.content.filter((each) => each['prompt_cache_breakpoint'])).toHaveLength(4);
    expect(dropped).toEqual(['cache_control']);
  });
});
