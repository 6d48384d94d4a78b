// What a client of interactions asks for, in the form that goes to every other protocol.

import { describe, expect, it } from 'vitest';
import type { ChatRequest } from '../../../src/chat/request.ts';
import { refusal } from '../translation/requests.ts';
import { ask, MAKER, text } from './wire.ts';

const messagesOf = (input: unknown): unknown => ask({ input }).messages;
const user = (...content: object[]) => ({ role: 'user', content });
const call = { type: 'function_call', id: 'c1', name: 'f', arguments: { x: 1 } };
const result = (value: unknown, more: object = {}) => ({
  type: 'function_result',
  call_id: 'c1',
  result: value,
  ...more,
});

describe('the input', () => {
  it.each<[string, unknown]>([
    ['a text', 'hi'],
    ['a content', text('hi')],
    ['contents', [text('hi')]],
    ['a step', [{ type: 'user_input', content: [text('hi')] }]],
    ['a turn of the preview', [{ role: 'user', content: [text('hi')] }]],
    ['a turn with a bare text', [{ role: 'user', content: 'hi' }]],
  ])('may be %s', (_, input) => {
    expect(messagesOf(input)).toEqual([user({ type: 'text', text: 'hi' })]);
  });

  it('is gathered into turns, with results in the order of the calls', () => {
    const other = { ...call, id: 'c2' };
    const messages = messagesOf([
      { type: 'user_input', content: [text('a'), text('b')] },
      { type: 'thought', summary: [text('So'), text('.')], signature: 's1' },
      { type: 'model_output', content: [text('c')] },
      call,
      other,
      { ...result('2'), call_id: 'c2' },
      result('1'),
      { type: 'user_input', content: [text('d')] },
    ]);
    expect(messages).toEqual([
      user({ type: 'text', text: 'a' }, { type: 'text', text: 'b' }),
      {
        role: 'assistant',
        content: [
          { type: 'thinking', text: 'So.', signature: 's1', maker: MAKER },
          { type: 'text', text: 'c' },
          { type: 'tool_call', id: 'c1', name: 'f', argumentsJson: '{"x":1}' },
          { type: 'tool_call', id: 'c2', name: 'f', argumentsJson: '{"x":1}' },
        ],
      },
      {
        role: 'tool',
        results: [
          { callId: 'c1', content: [{ type: 'text', text: '1' }], isError: false },
          { callId: 'c2', content: [{ type: 'text', text: '2' }], isError: false },
        ],
      },
      user({ type: 'text', text: 'd' }),
    ]);
  });

  it('takes results that stand in a turn of the user, before what the user says', () => {
    const messages = messagesOf([
      { role: 'model', content: [call] },
      { type: 'user_input', content: [result('1'), text('and?')] },
    ]) as { role: string }[];
    expect(messages.map(({ role }) => role)).toEqual(['assistant', 'tool', 'user']);
  });

  it.each<[unknown, object[]]>([
    ['r', [{ type: 'text', text: 'r' }]],
    ['', []],
    [null, []],
    [{ sum: 18 }, [{ type: 'text', text: '{"sum":18}' }]],
    [7, [{ type: 'text', text: '7' }]],
    [
      [text('r'), { type: 'image', data: 'AA', mime_type: 'image/png' }],
      [
        { type: 'text', text: 'r' },
        { type: 'image', source: { kind: 'base64', mediaType: 'image/png', data: 'AA' } },
      ],
    ],
  ])('takes any result of a function: %j', (value, content) => {
    const messages = messagesOf([call, result(value, { is_error: true })]) as object[];
    expect(messages[1]).toEqual({
      role: 'tool',
      results: [{ callId: 'c1', content, isError: true }],
    });
  });

  it('holds images, documents and sounds', () => {
    const [message] = messagesOf([
      { type: 'image', data: 'AA', mime_type: 'IMAGE/PNG' },
      { type: 'image', uri: 'https://a.example/b.png' },
      { type: 'document', data: 'BB', mime_type: 'application/pdf' },
      { type: 'audio', data: 'CC', mime_type: 'audio/wav' },
    ]) as object[];
    expect(message).toEqual(
      user(
        { type: 'image', source: { kind: 'base64', mediaType: 'image/png', data: 'AA' } },
        { type: 'image', source: { kind: 'url', url: 'https://a.example/b.png' } },
        { type: 'file', source: { kind: 'base64', mediaType: 'application/pdf', data: 'BB' } },
        { type: 'audio', mediaType: 'audio/wav', data: 'CC' },
      ),
    );
  });

  it('opens the envelopes of other makers: a signature, and what was hidden altogether', () => {
    const sealed = (data: string) =>
      `hub:anthropic-messages:${Buffer.from(data).toString('base64url')}`;
    const [message] = messagesOf([
      { type: 'thought', summary: [text('So.')], signature: sealed('s:sig') },
      { type: 'thought', signature: sealed('r:hidden') },
      { type: 'thought', summary: [text('bare')] },
      { type: 'thought' },
    ]) as { content: object[] }[];
    expect(message?.content).toEqual([
      { type: 'thinking', text: 'So.', signature: 'sig', maker: 'anthropic-messages' },
      { type: 'redacted_thinking', data: 'hidden', maker: 'anthropic-messages' },
      { type: 'thinking', text: 'bare' },
    ]);
  });

  it.each<[unknown, string]>([
    [undefined, 'invalid_request input'],
    [7, 'invalid_request input'],
    [[], 'invalid_request input'],
    [[7], 'invalid_request input[0]'],
    [[{}], 'invalid_request input[0].type'],
    [[{ type: 'of_tomorrow' }], 'unsupported_parameter input[0].type'],
    [[{ type: 'google_search_call', id: 'g' }], 'unsupported_parameter input[0].type'],
    [
      [{ type: 'video', data: 'AA', mime_type: 'video/mp4' }],
      'unsupported_parameter input[0].type',
    ],
    [
      [{ type: 'user_input', content: [text('a'), { type: 'video' }] }],
      'unsupported_parameter input[0].content[1].type',
    ],
    [
      [{ type: 'model_output', content: [{ type: 'image', data: 'AA', mime_type: 'image/png' }] }],
      'unsupported_parameter input[0].content[0].type',
    ],
    [[{ type: 'image', mime_type: 'image/png' }], 'invalid_request input[0].data'],
    [[{ type: 'image', data: 'AA' }], 'invalid_request input[0].mime_type'],
    [[{ type: 'image', data: 'AA', uri: 'https://a.example' }], 'invalid_request input[0]'],
    [[{ type: 'audio', uri: 'https://a.example/b.wav' }], 'unsupported_parameter input[0].uri'],
    [[result('1')], 'invalid_request input[0].call_id'],
    [[{ ...call, id: '' }], 'invalid_request input[0].id'],
    [[{ ...call, arguments: '{}' }], 'invalid_request input[0].arguments'],
    [
      [call, result([{ type: 'audio', data: 'A', mime_type: 'audio/wav' }])],
      'unsupported_parameter input[1].result[0].type',
    ],
  ])('is refused by its path: %j', (input, expected) => {
    expect(refusal(() => messagesOf(input))).toBe(expected);
  });
});

describe('the settings', () => {
  it.each<[object, Partial<ChatRequest>]>([
    [{ generation_config: { max_output_tokens: 9 } }, { maxOutputTokens: 9 }],
    [
      { generation_config: { temperature: 0.5, top_p: 0.9, seed: 7, stop_sequences: ['END'] } },
      { temperature: 0.5, topP: 0.9, seed: 7, stop: ['END'] },
    ],
    [{ generation_config: { thinking_level: 'low' } }, { reasoning: { effort: 'low' } }],
    [
      { generation_config: { thinking_level: 'high', thinking_summaries: 'auto' } },
      { reasoning: { effort: 'high', summary: 'auto' } },
    ],
    [{ generation_config: { thinking_summaries: 'auto' } }, { reasoning: { summary: 'auto' } }],
    [{ labels: { a: 'b' } }, { metadata: { a: 'b' } }],
    [{ service_tier: 'flex' }, { serviceTier: 'flex' }],
    [{ stream: true }, { stream: true }],
    [{ generation_config: { tool_choice: 'any' } }, { toolChoice: { type: 'required' } }],
    [
      { generation_config: { tool_choice: { allowed_tools: { mode: 'any', tools: ['f'] } } } },
      { toolChoice: { type: 'tool', name: 'f' } },
    ],
    [
      { generation_config: { tool_choice: { allowed_tools: { mode: 'auto', tools: ['f'] } } } },
      { toolChoice: { type: 'allowed', mode: 'auto', names: ['f'] } },
    ],
    [
      { system_instruction: 'Be brief.' },
      {
        messages: [
          { role: 'system', content: [{ type: 'text', text: 'Be brief.' }] },
          { role: 'user', content: [{ type: 'text', text: 'hi' }] },
        ],
      },
    ],
  ])('%j', (body, expected) => {
    expect(ask(body)).toMatchObject(expected);
    expect(ask(body).dropped).toEqual([]);
  });

  it('that ask for nothing are nothing', () => {
    const nothing = {
      generation_config: { thinking_summaries: 'none' },
      service_tier: 'standard',
      store: false,
      background: false,
      response_format: { type: 'text' },
      response_modalities: ['text'],
    };
    expect(ask(nothing)).toEqual(ask({}));
  });

  const schema = { type: 'object', properties: { a: { type: 'string' } } };
  it.each<[object, object | undefined]>([
    [
      { response_format: { type: 'text', mime_type: 'application/json', schema } },
      { type: 'json_schema', schema },
    ],
    [{ response_format: [{ type: 'text', schema }] }, { type: 'json_schema', schema }],
    [
      { response_format: schema, response_mime_type: 'application/json' },
      { type: 'json_schema', schema },
    ],
    [{ response_mime_type: 'application/json' }, { type: 'json_object' }],
    [{ response_format: { type: 'text', mime_type: 'text/plain' } }, undefined],
  ])('say the form of the answer: %j', (body, expected) => {
    expect(ask(body).responseFormat).toEqual(expected);
  });

  it('define tools by JSON Schema', () => {
    const parameters = { type: 'object', properties: { x: { type: 'number' } } };
    const tools = [
      { type: 'function', name: 'f', description: 'd', parameters },
      { type: 'function', name: 'g' },
    ];
    expect(ask({ tools }).tools).toEqual([
      { type: 'function', name: 'f', description: 'd', parameters },
      { type: 'function', name: 'g', parameters: { type: 'object', properties: {} } },
    ]);
  });

  it.each<[object, string[]]>([
    [{ store: true }, ['store']],
    [{ safety_settings: [{}] }, ['safety_settings']],
    [{ input: [text('a', { annotations: [{}] })] }, ['input.annotations']],
    [
      { input: [{ type: 'image', uri: 'https://a.example', resolution: 'low' }] },
      ['input.resolution'],
    ],
    [{ tools: [{ type: 'function', name: 'f', response: {} }] }, ['tools.response']],
  ])('that are hints are dropped by name: %j', (body, names) => {
    expect(ask(body).dropped).toEqual(names);
  });

  it.each<[object, string]>([
    [{ model: '' }, 'invalid_request model'],
    [{ of_tomorrow: 1 }, 'unsupported_parameter of_tomorrow'],
    [{ continuation_token: 't' }, 'unsupported_parameter continuation_token'],
    [{ generation_config: { top_k: 1 } }, 'unsupported_parameter generation_config.top_k'],
    [
      { generation_config: { thinking_level: 'huge' } },
      'invalid_request generation_config.thinking_level',
    ],
    [
      { generation_config: { thinking_summaries: 'all' } },
      'invalid_request generation_config.thinking_summaries',
    ],
    [
      { generation_config: { tool_choice: 'perhaps' } },
      'invalid_request generation_config.tool_choice',
    ],
    [{ tools: [{ type: 'google_search' }] }, 'unsupported_parameter tools[0].type'],
    [
      { response_format: [{ type: 'text' }, { type: 'image' }] },
      'unsupported_parameter response_format',
    ],
    [
      { response_format: { type: 'text', mime_type: 'text/x.enum' } },
      'unsupported_parameter response_format.mime_type',
    ],
  ])('are refused by name: %j', (body, expected) => {
    expect(refusal(() => ask(body))).toBe(expected);
  });
});
