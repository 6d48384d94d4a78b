// A Chat client's request for a Messages provider: what is carried, dropped by name, and refused.

import { describe, expect, it } from 'vitest';
import type { JsonObject } from '../../../src/base/json.ts';
import { PROTOCOLS } from '../../../src/protocols/list.ts';
import { QUIRKS } from '../streams.ts';
import { chatCall, refusal, text, toMessages } from './requests.ts';

const chat = PROTOCOLS['openai-chat'];
const messages = PROTOCOLS['anthropic-messages'];

const audio = { type: 'input_audio', input_audio: { format: 'wav', data: 'AA' } };

describe('a Chat request for a Messages provider', () => {
  it('carries the conversation, its calls and results', () => {
    const { body } = toMessages({
      messages: [
        { role: 'system', content: 'Be brief.' },
        { role: 'developer', content: [text('And kind.')] },
        { role: 'user', content: 'Weather?', name: 'ann' },
        {
          role: 'assistant',
          content: '',
          tool_calls: [chatCall('a', '{"n":1}'), chatCall('b.1', '')],
        },
        { role: 'tool', tool_call_id: 'b.1', content: 'rain' },
        { role: 'tool', tool_call_id: 'a', content: [text('sun'), text('')] },
        { role: 'user', content: 'Thanks.' },
      ],
    });
    expect(body['system']).toEqual([text('Be brief.'), text('And kind.')]);
    expect(body['messages']).toEqual([
      { role: 'user', content: [text('Weather?')] },
      {
        role: 'assistant',
        content: [
          { type: 'tool_use', id: 'a', name: 'f', input: { n: 1 } },
          { type: 'tool_use', id: 'b_1', name: 'f', input: {} },
        ],
      },
      {
        role: 'user',
        content: [
          { type: 'tool_result', tool_use_id: 'a', content: [text('sun')] },
          { type: 'tool_result', tool_use_id: 'b_1', content: [text('rain')] },
          text('Thanks.'),
        ],
      },
    ]);
  });

  it('leaves blank texts out, and messages that hold nothing else', () => {
    const { body } = toMessages({
      messages: [
        { role: 'system', content: ' ' },
        { role: 'user', content: [text(''), text('hi')] },
        { role: 'assistant', content: '' },
        { role: 'user', content: 'again' },
      ],
    });
    expect(body).not.toHaveProperty('system');
    expect(body['messages']).toEqual([
      { role: 'user', content: [text('hi')] },
      { role: 'user', content: [text('again')] },
    ]);
  });

  it('keeps the place of a system message in mid-conversation', () => {
    const conversation = {
      messages: [
        { role: 'user', content: 'a' },
        { role: 'system', content: 'Now in French.' },
        { role: 'user', content: 'b' },
      ],
    };
    const plain = toMessages(conversation).body['messages'];
    expect(plain).toMatchObject([{}, { role: 'user' }, {}]);
    expect(JSON.stringify(plain)).toContain('<system>\\nNow in French.\\n</system>');
    const able = toMessages(conversation, { ...QUIRKS, systemInMessages: true });
    expect(able.body['messages']).toMatchObject([{}, { role: 'system' }, {}]);
  });

  it('carries images and files as blocks, never as text', () => {
    const { body } = toMessages({
      messages: [
        {
          role: 'user',
          content: [
            { type: 'image_url', image_url: { url: 'data:image/png;base64,AAAA', detail: 'low' } },
            { type: 'image_url', image_url: { url: 'https://example.com/a.png' } },
            {
              type: 'file',
              file: { filename: 'a.pdf', file_data: 'data:application/pdf;base64,BB' },
            },
          ],
        },
      ],
    });
    expect(body['messages']).toEqual([
      {
        role: 'user',
        content: [
          { type: 'image', source: { type: 'base64', media_type: 'image/png', data: 'AAAA' } },
          { type: 'image', source: { type: 'url', url: 'https://example.com/a.png' } },
          {
            type: 'document',
            source: { type: 'base64', media_type: 'application/pdf', data: 'BB' },
            title: 'a.pdf',
          },
        ],
      },
    ]);
  });

  it('carries tools, the choice among them and the format', () => {
    const parameters = { properties: { x: { type: 'string' } } };
    const schema = { type: 'object', additionalProperties: false };
    const { body } = toMessages({
      tools: [{ function: { name: 'f', description: 'd', parameters, strict: true } }],
      tool_choice: 'required',
      parallel_tool_calls: false,
      response_format: { type: 'json_schema', json_schema: { name: 'n', schema } },
      stop: 'END',
    });
    expect(body).toMatchObject({
      tools: [
        {
          name: 'f',
          description: 'd',
          input_schema: { type: 'object', ...parameters },
          strict: true,
        },
      ],
      tool_choice: { type: 'any', disable_parallel_tool_use: true },
      output_config: { format: { type: 'json_schema', schema } },
      stop_sequences: ['END'],
    });
    const named = toMessages({
      tools: [{ type: 'function', function: { name: 'f' } }],
      tool_choice: { type: 'function', function: { name: 'f' } },
    });
    expect(named.body['tool_choice']).toEqual({ type: 'tool', name: 'f' });
    expect(named.body['tools']).toMatchObject([
      { input_schema: { type: 'object', properties: {} } },
    ]);
    const silent = toMessages({
      tools: [{ type: 'function', function: { name: 'f' } }],
      parallel_tool_calls: false,
    });
    expect(silent.body['tool_choice']).toEqual({ type: 'auto', disable_parallel_tool_use: true });
  });

  it('says effort adaptively, or as a budget below the cap', () => {
    const adaptive = toMessages({ reasoning_effort: 'minimal' }).body;
    expect(adaptive).toMatchObject({
      thinking: { type: 'adaptive' },
      output_config: { effort: 'low' },
    });
    const budget = { ...QUIRKS, thinkingStyle: 'budget' } as const;
    const high = toMessages({ reasoning_effort: 'high', max_tokens: 3000 }, budget);
    expect(high.body).toMatchObject({ thinking: { type: 'enabled', budget_tokens: 2999 } });
    expect(high.body).not.toHaveProperty('output_config');
    const tiny = toMessages({ reasoning_effort: 'high', max_tokens: 1000 }, budget);
    expect(tiny.body).not.toHaveProperty('thinking');
    expect(tiny.dropped).toContain('reasoning_effort');
    expect(toMessages({ reasoning_effort: 'none' }).body['thinking']).toEqual({ type: 'disabled' });
  });

  it('clamps the temperature, and takes it back where Claude thinks', () => {
    const hot = toMessages({ temperature: 1.7 });
    expect(hot.body).toMatchObject({ temperature: 1 });
    expect(hot.dropped).toEqual(['temperature>1']);
    const thinking = toMessages({ temperature: 0.2, reasoning_effort: 'low' });
    expect(thinking.body).not.toHaveProperty('temperature');
    expect(thinking.dropped).toEqual(['temperature']);
  });

  it('sends at most four cache breakpoints, the first ones', () => {
    const marked = text('x', { prompt_cache_breakpoint: { mode: 'explicit' } });
    const { body, dropped } = toMessages({
      messages: [
        { role: 'system', content: [marked] },
        { role: 'user', content: [marked, marked, marked, marked] },
      ],
    });
    const json = JSON.stringify(body);
    expect(json.match(/cache_control/g)).toHaveLength(4);
    expect(JSON.stringify(body['system'])).toContain('"cache_control":{"type":"ephemeral"');
    expect(json.endsWith('{"type":"text","text":"x"}]}]}')).toBe(true);
    expect(dropped).toEqual(['cache_control']);
  });

  it("never forwards a name, only the caller's own id of the user, and names all that it drops", () => {
    const { body, dropped } = toMessages({
      user: 'ann@example.com',
      safety_identifier: 'u-1',
      metadata: { name: 'ann' },
      store: true,
      seed: 1,
      frequency_penalty: 0.5,
      presence_penalty: 0.5,
      prompt_cache_key: 'k',
      verbosity: 'low',
      service_tier: 'auto',
      logit_bias: {},
      logprobs: false,
      stream_options: { include_obfuscation: false },
      messages: [{ role: 'user', content: 'hi', name: 'ann' }],
    });
    expect(JSON.stringify(body)).not.toContain('ann');
    expect(body).toMatchObject({ metadata: { user_id: 'u-1' }, service_tier: 'auto' });
    expect(dropped.toSorted()).toEqual([
      'frequency_penalty',
      'messages.name',
      'metadata',
      'presence_penalty',
      'prompt_cache_key',
      'seed',
      'store',
      'stream_options.include_obfuscation',
      'user',
      'verbosity',
    ]);
  });

  it.each<[object, string]>([
    [{ n: 2 }, 'unsupported_parameter n'],
    [{ logprobs: true }, 'unsupported_parameter logprobs'],
    [{ top_logprobs: 3 }, 'invalid_request top_logprobs'],
    [{ logit_bias: { 5: 1 } }, 'unsupported_parameter logit_bias'],
    [{ functions: [] }, 'unsupported_parameter functions'],
    [{ brand_new_field: 1 }, 'unsupported_parameter brand_new_field'],
    [JSON.parse('{"__proto__":{"x":1}}') as object, 'unsupported_parameter __proto__'],
    [{ response_format: { type: 'yaml' } }, 'unsupported_parameter response_format.type'],
    [{ stop: ['\n'] }, 'unsupported_parameter stop'],
    [{ tools: [{ type: 'custom', custom: { name: 'f' } }] }, 'unsupported_parameter tools.type'],
    [{ tools: [{ type: 'hosted' }] }, 'unsupported_parameter tools[0].type'],
    [{ tools: [{ type: 'function' }] }, 'invalid_request tools[0].function'],
    [{ tool_choice: { type: 'hosted' } }, 'unsupported_parameter tool_choice.type'],
    [{ tool_choice: { type: 'allowed_tools' } }, 'invalid_request tool_choice.allowed_tools'],
    [{ messages: [] }, 'invalid_request messages'],
    [{ messages: [{ role: 'system', content: 'x' }] }, 'invalid_request messages'],
    [{ messages: [{ role: 'wizard' }] }, 'invalid_request messages[0].role'],
    [{ messages: [{ role: 'user' }] }, 'invalid_request messages[0].content'],
    [
      { messages: [{ role: 'user', content: [audio] }] },
      'unsupported_parameter messages.content.type',
    ],
    [
      { messages: [{ role: 'user', content: [{ type: 'file', file: { file_id: 'x' } }] }] },
      'unsupported_parameter messages[0].content[0].file.file_id',
    ],
    [
      { messages: [{ role: 'tool', tool_call_id: 'lost', content: 'x' }] },
      'invalid_request messages[0].tool_call_id',
    ],
    [
      { messages: [{ role: 'assistant', tool_calls: [chatCall('a', '{"x":')] }] },
      'invalid_request messages.tool_calls.function.arguments',
    ],
  ])('refuses %j by name', (body, expected) => {
    expect(refusal(() => toMessages(body))).toBe(expected);
  });

  it('refuses a body that is nested too deeply to be walked', () => {
    const deep = JSON.parse('{"a":'.repeat(5000) + '1' + '}'.repeat(5000)) as JsonObject;
    const tools = [{ type: 'function', function: { name: 'f', parameters: deep } }];
    expect(refusal(() => toMessages({ tools }))).toBe('invalid_request undefined');
  });

  it('needs an output cap', () => {
    const request = chat.decodeRequest({ model: 'm', messages: [{ role: 'user', content: 'a' }] });
    expect(() => messages.encodeRequest(request, QUIRKS)).toThrow('Invariant');
  });
});
