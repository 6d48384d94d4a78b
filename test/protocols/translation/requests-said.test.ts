// What both protocols say of a request, each in its own words, and what only one of them can say: the
// other refuses it by name where the answer depends on it, and drops it by name where it is a hint.

import { describe, expect, it } from 'vitest';
import type { JsonObject } from '../../../src/base/json.ts';
import { PROTOCOLS } from '../../../src/protocols/list.ts';
import type { Quirks } from '../../../src/protocols/protocol.ts';
import { HINTS, QUIRKS } from '../streams.ts';
import { refusal, text, toChat, toMessages } from './requests.ts';

const chat = PROTOCOLS['openai-chat'];

/** A Chat request written anew, as for a provider whose stream and the client's differ. */
function again(body: object, quirks: Quirks = HINTS): JsonObject {
  const base = { model: 'm', messages: [{ role: 'user', content: 'hi' }] };
  const { body: written } = chat.encodeRequest(chat.decodeRequest({ ...base, ...body }), quirks);
  return written;
}

const grammar = { type: 'grammar', grammar: { syntax: 'lark', definition: 'start: "a"' } };
const custom = { type: 'custom', custom: { name: 'run', description: 'd', format: grammar } };
const plain = { type: 'function', function: { name: 'f', parameters: { type: 'object' } } };

describe('a Chat request that is written anew', () => {
  it.each<[string, object]>([
    ['several answers', { n: 3 }],
    ['log probabilities', { logprobs: true, top_logprobs: 5 }],
    ['log probabilities without alternatives', { logprobs: true }],
    ['biases', { logit_bias: { 50256: -100 } }],
    ['a custom tool with a grammar', { tools: [custom] }],
    ['a custom tool with a text', { tools: [{ type: 'custom', custom: { name: 'run' } }] }],
    [
      'the choice of a custom tool',
      { tools: [custom], tool_choice: { type: 'custom', custom: { name: 'run' } } },
    ],
    [
      'the choice among some tools',
      {
        tools: [plain, custom],
        tool_choice: {
          type: 'allowed_tools',
          allowed_tools: {
            mode: 'required',
            tools: [
              { type: 'function', function: { name: 'f' } },
              { type: 'custom', custom: { name: 'run' } },
            ],
          },
        },
      },
    ],
    ['the end user', { safety_identifier: 'u-1' }],
    ['the cache key', { prompt_cache_key: 'k' }],
    ['the tier', { service_tier: 'flex' }],
    ['the verbosity', { verbosity: 'low' }],
    [
      'audio',
      {
        messages: [
          {
            role: 'user',
            content: [
              { type: 'input_audio', input_audio: { data: 'AA', format: 'wav' } },
              { type: 'input_audio', input_audio: { data: 'BB', format: 'mp3' } },
            ],
          },
        ],
      },
    ],
    [
      'a call of a custom tool and its result',
      {
        messages: [
          { role: 'user', content: 'hi' },
          {
            role: 'assistant',
            content: null,
            tool_calls: [{ id: 'a', type: 'custom', custom: { name: 'run', input: 'ls -l' } }],
          },
          { role: 'tool', tool_call_id: 'a', content: 'x' },
        ],
      },
    ],
  ])('says %s as it came', (_, body) => {
    expect(again(body)).toMatchObject(body);
  });

  it('keeps hints from servers that do not know them, by name', () => {
    const hints = { user: 'u', prompt_cache_key: 'k', service_tier: 'flex', verbosity: 'low' };
    const request = chat.decodeRequest({
      model: 'm',
      messages: [text('hi')].map(asUser),
      ...hints,
    });
    const { body, dropped } = chat.encodeRequest(request, QUIRKS);
    expect(Object.keys(body)).toEqual(['model', 'messages']);
    expect(dropped.toSorted()).toEqual(Object.keys(hints).toSorted());
  });

  it('takes `user` for the end user, unless the newer name stands beside it', () => {
    expect(again({ user: 'u' })).toMatchObject({ safety_identifier: 'u' });
    const both = chat.decodeRequest({
      model: 'm',
      messages: [asUser(text('hi'))],
      user: 'u',
      safety_identifier: 's',
    });
    expect(both).toMatchObject({ endUser: 's', dropped: ['user'] });
  });
});

function asUser(part: JsonObject): JsonObject {
  return { role: 'user', content: [part] };
}

describe('a Chat request for Claude', () => {
  it("carries the caller's id of the user and the tier in Anthropic's words", () => {
    const { body, dropped } = toMessages({ user: 'u-1', service_tier: 'default' });
    expect(body).toMatchObject({ metadata: { user_id: 'u-1' }, service_tier: 'standard_only' });
    expect(dropped).toEqual([]);
    expect(toMessages({ service_tier: 'flex' }).dropped).toEqual(['service_tier']);
    const long = toMessages({ user: 'u'.repeat(257) });
    expect(long.body).not.toHaveProperty('metadata');
    expect(long.dropped).toEqual(['user']);
  });

  it('allows some of the tools by giving no others', () => {
    const other = { ...plain, function: { name: 'g' } };
    const reference = { type: 'function', function: { name: 'f' } };
    const choose = (mode: string): object => ({
      tools: [plain, other],
      tool_choice: { type: 'allowed_tools', allowed_tools: { mode, tools: [reference] } },
    });
    expect(toMessages(choose('required')).body).toMatchObject({
      tools: [{ name: 'f' }],
      tool_choice: { type: 'any' },
    });
    expect(toMessages(choose('auto')).body['tool_choice']).toEqual({ type: 'auto' });
    expect(refusal(() => toMessages({ ...choose('auto'), tools: [other] }))).toBe(
      'invalid_request tool_choice',
    );
  });

  it('asks for a JSON object in words, after all other instructions, and says so', () => {
    const { body, dropped } = toMessages({
      response_format: { type: 'json_object' },
      messages: [
        { role: 'system', content: 'Be brief.' },
        { role: 'user', content: 'hi' },
      ],
    });
    expect(body['system']).toEqual([
      text('Be brief.'),
      text(expect.stringContaining('one JSON object') as unknown as string),
    ]);
    expect(dropped).toEqual(['response_format']);
  });

  it('refuses the call of a custom tool in the history by name', () => {
    const call = { id: 'a', type: 'custom', custom: { name: 'run', input: '{}' } };
    const history = {
      messages: [
        { role: 'user', content: 'hi' },
        { role: 'assistant', content: null, tool_calls: [call] },
        { role: 'tool', tool_call_id: 'a', content: 'x' },
      ],
    };
    expect(refusal(() => toMessages(history))).toBe(
      'unsupported_parameter messages.tool_calls.type',
    );
  });

  it('carries files in the result of a call', () => {
    const file = { filename: 'a.pdf', file_data: 'data:application/pdf;base64,BB' };
    const { body } = toMessages({
      messages: [
        { role: 'user', content: 'hi' },
        {
          role: 'assistant',
          tool_calls: [{ id: 'a', type: 'function', function: { name: 'f', arguments: '{}' } }],
        },
        { role: 'tool', tool_call_id: 'a', content: [{ type: 'file', file }] },
      ],
    });
    expect((body['messages'] as JsonObject[])[2]).toMatchObject({
      content: [{ type: 'tool_result', content: [{ type: 'document', title: 'a.pdf' }] }],
    });
  });

  it('gives up the citations of earlier answers, and only those, by name', () => {
    const annotation = { url: 'https://a.example', title: 't', start_index: 0, end_index: 1 };
    const { body, dropped } = toMessages({
      messages: [
        { role: 'user', content: 'hi' },
        {
          role: 'assistant',
          content: 'x',
          annotations: [{ type: 'url_citation', url_citation: annotation }],
        },
        { role: 'user', content: 'b' },
      ],
    });
    expect((body['messages'] as JsonObject[])[1]).toMatchObject({ content: [text('x')] });
    expect(JSON.stringify(body)).not.toContain('a.example');
    expect(dropped).toEqual(['messages.annotations']);
  });
});

describe('how Claude is told to think', () => {
  it.each<[object, Partial<Quirks>, JsonObject, string[]]>([
    [
      { reasoning_effort: 'xhigh' },
      {},
      { thinking: { type: 'adaptive' }, output_config: { effort: 'xhigh' } },
      [],
    ],
    [
      { reasoning_effort: 'xhigh' },
      { efforts: ['none', 'low', 'high', 'max'] },
      { thinking: { type: 'adaptive' }, output_config: { effort: 'high' } },
      ['reasoning_effort'],
    ],
    [
      { reasoning_effort: 'minimal' },
      {},
      { thinking: { type: 'adaptive' }, output_config: { effort: 'low' } },
      ['reasoning_effort'],
    ],
    [
      { reasoning_effort: 'none' },
      { efforts: ['low', 'high'] },
      { thinking: { type: 'adaptive' }, output_config: { effort: 'low' } },
      ['reasoning_effort'],
    ],
    [
      { reasoning_effort: 'high', tools: [plain], tool_choice: 'required' },
      { thinkingStyle: 'budget' },
      { tool_choice: { type: 'any' } },
      ['reasoning_effort'],
    ],
  ])('says %j to a model with %j', (asked, quirks, said, dropped) => {
    const request = toMessages(asked, { ...QUIRKS, ...quirks });
    const { thinking, output_config: config, tool_choice: choice } = request.body;
    expect(
      JSON.parse(JSON.stringify({ thinking, output_config: config, tool_choice: choice })),
    ).toEqual(said);
    expect(request.dropped).toEqual(dropped);
  });

  it('turns a budget into an effort where the model takes none', () => {
    const { body } = PROTOCOLS['anthropic-messages'].encodeRequest(
      {
        ...chat.decodeRequest({ model: 'm', messages: [asUser(text('hi'))] }),
        maxOutputTokens: 50_000,
        reasoning: { budgetTokens: 10_000, summary: 'auto' },
      },
      QUIRKS,
    );
    expect(body).toMatchObject({
      thinking: { type: 'adaptive', display: 'summarized' },
      output_config: { effort: 'medium' },
    });
  });
});

describe('what Claude samples by', () => {
  it.each<[object, Partial<Quirks>, JsonObject, string[]]>([
    [{ temperature: 0.2 }, {}, { temperature: 0.2 }, []],
    [{ temperature: 0.2, top_p: 0.9 }, {}, { temperature: 0.2 }, ['top_p']],
    [{ temperature: 0.2, top_p: 1 }, {}, { temperature: 0.2 }, []],
    [{ top_p: 0.9 }, {}, { top_p: 0.9 }, []],
    [{ temperature: 0.2, top_p: 0.9 }, { refusesSampling: true }, {}, ['temperature', 'top_p']],
    [{ temperature: 1, top_p: 1 }, { refusesSampling: true }, {}, []],
    [
      { temperature: 0.2, top_p: 0.97, reasoning_effort: 'low' },
      {},
      { top_p: 0.97 },
      ['temperature'],
    ],
  ])('of %j with %j', (asked, quirks, said, dropped) => {
    const request = toMessages(asked, { ...QUIRKS, ...quirks });
    const { temperature, top_p: topP, top_k: topK } = request.body;
    expect(JSON.parse(JSON.stringify({ temperature, top_p: topP, top_k: topK }))).toEqual(said);
    expect(request.dropped).toEqual(dropped);
  });
});

describe('a Messages request for a Chat provider', () => {
  it("carries the caller's id of the user and the tier in OpenAI's words", () => {
    const asked = { metadata: { user_id: 'u-1', team: 't' }, service_tier: 'standard_only' };
    const { body, dropped } = toChat(asked, HINTS);
    expect(body).toMatchObject({ safety_identifier: 'u-1', service_tier: 'default' });
    expect(dropped).toEqual(['metadata.team']);
    const long = toChat({ metadata: { user_id: 'u'.repeat(65) } }, HINTS);
    expect(long.body).not.toHaveProperty('safety_identifier');
    expect(long.dropped).toEqual(['user']);
  });

  it.each<[object, Partial<Quirks>, unknown, string[]]>([
    [{ thinking: { type: 'adaptive' } }, {}, undefined, []],
    [{ output_config: { effort: 'xhigh' } }, {}, 'xhigh', []],
    [
      { output_config: { effort: 'xhigh' } },
      { efforts: ['low', 'medium', 'high'] },
      'high',
      ['reasoning_effort'],
    ],
    [{ output_config: { effort: 'low' } }, { efforts: [] }, undefined, ['reasoning_effort']],
    [{ thinking: { type: 'disabled' } }, { efforts: [] }, undefined, ['reasoning_effort']],
    [{ thinking: { type: 'disabled' } }, { efforts: [], thinkingStyle: 'none' }, undefined, []],
    [{ thinking: { type: 'disabled' } }, { efforts: ['low'] }, 'low', ['reasoning_effort']],
    [
      { thinking: { type: 'disabled' }, output_config: { effort: 'low' } },
      {},
      'none',
      ['output_config.effort'],
    ],
    [{ thinking: { type: 'between_tools' } }, {}, undefined, ['thinking.type']],
    [{ thinking: { type: 'adaptive', display: 'summarized' } }, {}, undefined, []],
    [
      { thinking: { type: 'adaptive', display: 'summarized' } },
      { takesHints: true },
      undefined,
      ['reasoning.summary'],
    ],
    [{ thinking: { type: 'adaptive', display: 'omitted' } }, {}, undefined, ['thinking.display']],
  ])('says %j to a model with %j', (asked, quirks, effort, dropped) => {
    const request = toChat(asked, { ...QUIRKS, ...quirks });
    expect(request.body['reasoning_effort']).toBe(effort);
    expect(request.dropped).toEqual(dropped);
  });

  it('sends the files of results after them, for a tool message holds text alone', () => {
    const source = { type: 'base64', media_type: 'application/pdf', data: 'BB' };
    const { body } = toChat({
      messages: [
        { role: 'user', content: 'hi' },
        { role: 'assistant', content: [{ type: 'tool_use', id: 'a', name: 'f', input: {} }] },
        {
          role: 'user',
          content: [
            { type: 'tool_result', tool_use_id: 'a', content: [{ type: 'document', source }] },
          ],
        },
      ],
    });
    expect((body['messages'] as JsonObject[]).slice(2)).toMatchObject([
      { role: 'tool', content: 'The file follows.' },
      { role: 'user', content: [{ type: 'file' }] },
    ]);
  });

  const searched = [
    { type: 'server_tool_use', id: 's', name: 'web_search', input: {} },
    { type: 'web_search_tool_result', tool_use_id: 's', content: [] },
  ];

  it('leaves out by name what a provider did by itself in earlier turns', () => {
    const { body, dropped } = toChat({
      messages: [
        { role: 'user', content: 'a' },
        { role: 'assistant', content: [...searched, text('found')] },
        { role: 'user', content: 'b' },
        { role: 'assistant', content: searched },
        { role: 'user', content: 'c' },
      ],
    });
    expect(body['messages']).toEqual([
      { role: 'user', content: 'a' },
      { role: 'assistant', content: 'found' },
      { role: 'user', content: 'b' },
      { role: 'user', content: 'c' },
    ]);
    expect(dropped.toSorted()).toEqual([
      'messages.content.server_tool_use',
      'messages.content.web_search_tool_result',
    ]);
  });

  it('refuses to go on with a turn that another provider paused', () => {
    const paused = {
      messages: [
        { role: 'user', content: 'a' },
        { role: 'assistant', content: [text('so'), ...searched] },
      ],
    };
    expect(refusal(() => toChat(paused))).toBe('unsupported_parameter messages[1].content[1].type');
  });
});
