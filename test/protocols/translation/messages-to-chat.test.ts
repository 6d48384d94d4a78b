// A Messages client's request for a Chat provider: what is carried, dropped by name, and refused.

import { describe, expect, it } from 'vitest';
import type { JsonObject } from '../../../src/base/json.ts';
import { HINTS } from '../streams.ts';
import { chatCall, refusal, text, toChat } from './requests.ts';

describe('a Messages request for a Chat provider', () => {
  it('carries the conversation, its calls and results', () => {
    const asked = {
      system: [text('Be brief.', { cache_control: { type: 'ephemeral' } })],
      stream: true,
      messages: [
        { role: 'user', content: 'Weather?' },
        {
          role: 'assistant',
          content: [
            text('Let me see.'),
            { type: 'tool_use', id: 'a', name: 'f', input: { n: 1 } },
            { type: 'tool_use', id: 'b', name: 'f', input: {} },
          ],
        },
        {
          role: 'user',
          content: [
            text('And?'),
            { type: 'tool_result', tool_use_id: 'b', content: 'gone', is_error: true },
            { type: 'tool_result', tool_use_id: 'a', content: [text('sun')] },
          ],
        },
      ],
    };
    const { body, dropped } = toChat(asked, HINTS);
    expect(body).toEqual({
      model: 'm',
      stream: true,
      stream_options: { include_usage: true },
      max_completion_tokens: 100,
      messages: [
        {
          role: 'system',
          content: [text('Be brief.', { prompt_cache_breakpoint: { mode: 'explicit' } })],
        },
        { role: 'user', content: 'Weather?' },
        {
          role: 'assistant',
          content: 'Let me see.',
          tool_calls: [chatCall('a', '{"n":1}'), chatCall('b', '{}')],
        },
        { role: 'tool', tool_call_id: 'a', content: 'sun' },
        { role: 'tool', tool_call_id: 'b', content: 'Error: gone' },
        { role: 'user', content: 'And?' },
      ],
    });
    expect(dropped).toEqual([]);
  });

  it('moves images of results into a user message behind all results', () => {
    const source = { type: 'base64', media_type: 'image/png', data: 'AAAA' };
    const { body } = toChat({
      messages: [
        {
          role: 'assistant',
          content: ['a', 'b'].map((id) => ({ type: 'tool_use', id, name: 'f', input: {} })),
        },
        {
          role: 'user',
          content: [
            { type: 'tool_result', tool_use_id: 'a', content: [{ type: 'image', source }] },
            { type: 'tool_result', tool_use_id: 'b', content: 'plain' },
          ],
        },
      ],
    });
    const written = body['messages'] as JsonObject[];
    expect(written.map(({ role }) => role)).toEqual(['assistant', 'tool', 'tool', 'user']);
    expect(written[0]).toMatchObject({ content: null });
    expect(typeof written[1]?.['content']).toBe('string');
    expect(written[3]?.['content']).toEqual([
      { type: 'image_url', image_url: { url: 'data:image/png;base64,AAAA' } },
    ]);
  });

  it('carries tools without a type, the choice, the format and the effort', () => {
    const schema = { type: 'object' };
    const { body } = toChat({
      tools: [{ name: 'f', input_schema: schema }],
      tool_choice: { type: 'any', disable_parallel_tool_use: true },
      output_config: { format: { type: 'json_schema', schema }, effort: 'max' },
      thinking: { type: 'adaptive' },
      stop_sequences: ['END'],
      temperature: 0.5,
    });
    expect(body).toMatchObject({
      tools: [{ type: 'function', function: { name: 'f', parameters: schema } }],
      tool_choice: 'required',
      parallel_tool_calls: false,
      response_format: { type: 'json_schema', json_schema: { name: 'response', schema } },
      reasoning_effort: 'max',
      stop: ['END'],
      temperature: 0.5,
    });
  });

  it.each([
    [1024, 'minimal'],
    [4096, 'low'],
    [12_000, 'medium'],
    [24_576, 'high'],
    [24_577, 'xhigh'],
  ])('takes a budget of %i for the effort %s', (budget, effort) => {
    const thinking = { type: 'enabled', budget_tokens: budget };
    expect(toChat({ thinking }).body['reasoning_effort']).toBe(effort);
  });

  it("takes Claude Code's hints, drops by name what its reader may not know", () => {
    const { body, dropped } = toChat({
      metadata: { user_id: 'ann' },
      context_management: { edits: [] },
      cache_control: { type: 'ephemeral' },
      top_k: 5,
      thinking: { type: 'adaptive', display: 'omitted' },
      tools: [{ name: 'f', input_schema: {}, eager_input_streaming: true }],
    });
    expect(JSON.stringify(body)).not.toContain('ann');
    expect(dropped.toSorted()).toEqual([
      'cache_control',
      'context_management',
      'thinking.display',
      'tools.eager_input_streaming',
      'top_k',
      'user',
    ]);
  });

  it.each<[object, string]>([
    [{ max_tokens: 0 }, 'unsupported_parameter max_tokens'],
    [{ brand_new_field: 1 }, 'unsupported_parameter brand_new_field'],
    [{ tools: [{ type: 'bash_20250124' }] }, 'unsupported_parameter tools[0].type'],
    [{ tool_choice: { type: 'maybe' } }, 'invalid_request tool_choice.type'],
    [{ thinking: { type: 'maybe' } }, 'invalid_request thinking.type'],
    [{ messages: [{ role: 'wizard', content: '' }] }, 'invalid_request messages[0].role'],
    [
      { messages: [{ role: 'user', content: [{ type: 'container_upload' }] }] },
      'unsupported_parameter messages[0].content[0].type',
    ],
    [
      {
        messages: [
          { role: 'user', content: [{ type: 'image', source: { type: 'file', file_id: 'x' } }] },
        ],
      },
      'unsupported_parameter messages[0].content[0].source.type',
    ],
    [
      { messages: [{ role: 'user', content: [{ type: 'tool_result', tool_use_id: 'lost' }] }] },
      'invalid_request messages[0].content[0].tool_use_id',
    ],
  ])('refuses %j by name', (body, expected) => {
    expect(refusal(() => toChat(body))).toBe(expected);
  });
});
