// Requests of Chat and Messages clients as Converse bodies: all of a request is said, refused by name
// or on the list of drops.

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { ChatRequest } from '../../../src/chat/request.ts';
import { PROTOCOLS } from '../../../src/protocols/list.ts';
import type { Quirks } from '../../../src/protocols/protocol.ts';
import { QUIRKS } from '../streams.ts';
import { chatCall, refusal } from '../translation/requests.ts';
import { bedrock } from './answers.ts';
import { ADAPTIVE, BUDGET, QUESTION, fromChat, fromForm, fromMessages, tool } from './requests.ts';

describe('the path of a request', () => {
  it.each([
    ['amazon.nova-lite-v1:0', '/model/amazon.nova-lite-v1%3A0/converse'],
    [
      'arn:aws:bedrock:us-east-1:1:inference-profile/us.x',
      '/model/arn%3Aaws%3Abedrock%3Aus-east-1%3A1%3Ainference-profile%2Fus.x/converse',
    ],
  ])('names the model %s in one segment', (model, path) => {
    expect(bedrock.upstreamPath({ model, stream: false })).toBe(path);
    expect(bedrock.upstreamPath({ model, stream: true })).toBe(`${path}-stream`);
  });
});

describe('a request to Converse', () => {
  it('has system, messages and limits, and neither the model nor the stream', () => {
    const { body, dropped } = fromChat({
      stream: true,
      messages: [{ role: 'system', content: 'Be brief.' }, QUESTION],
      max_tokens: 100,
      temperature: 0.5,
      stop: ['END'],
    });
    expect(body).toEqual({
      system: [{ text: 'Be brief.' }],
      messages: [{ role: 'user', content: [{ text: 'hi' }] }],
      inferenceConfig: { maxTokens: 100, temperature: 0.5, stopSequences: ['END'] },
      additionalModelResponseFieldPaths: ['/stop_sequence', '/delta/stop_sequence'],
    });
    expect(dropped).toEqual([]);
  });

  it('joins neighbours of one role, results before what the user adds', () => {
    const { body } = fromChat({
      tools: [tool('f')],
      messages: [
        QUESTION,
        { role: 'user', content: '' },
        { role: 'user', content: 'again' },
        {
          role: 'assistant',
          content: 'Calling.',
          tool_calls: [chatCall('c:1', '{"x":1}'), chatCall('c2', '{}')],
        },
        { role: 'tool', tool_call_id: 'c:1', content: 'one' },
        { role: 'tool', tool_call_id: 'c2', content: '' },
        { role: 'system', content: 'Hurry.' },
        { role: 'user', content: 'go on' },
      ],
    });
    expect(body['messages']).toEqual([
      { role: 'user', content: [{ text: 'hi' }, { text: 'again' }] },
      {
        role: 'assistant',
        content: [
          { text: 'Calling.' },
          { toolUse: { toolUseId: 'c_1', name: 'f', input: { x: 1 } } },
          { toolUse: { toolUseId: 'c2', name: 'f', input: {} } },
        ],
      },
      {
        role: 'user',
        content: [
          { toolResult: { toolUseId: 'c_1', content: [{ text: 'one' }] } },
          { toolResult: { toolUseId: 'c2', content: [] } },
          { text: '<system>\nHurry.\n</system>' },
          { text: 'go on' },
        ],
      },
    ]);
  });

  it('leaves an instruction where it stands for models that take it there', () => {
    const messages = [QUESTION, { role: 'system', content: 'Hurry.' }];
    const { body } = fromChat({ messages }, { ...BUDGET, systemInMessages: true });
    expect(body['messages']).toEqual([
      { role: 'user', content: [{ text: 'hi' }] },
      { role: 'system', content: [{ text: 'Hurry.' }] },
    ]);
  });

  it('says that a result is an error', () => {
    const result = { type: 'tool_result', tool_use_id: 'c1', is_error: true, content: 'no' };
    const { body } = fromMessages({
      tools: [{ name: 'f', input_schema: { type: 'object' } }],
      messages: [
        QUESTION,
        { role: 'assistant', content: [{ type: 'tool_use', id: 'c1', name: 'f', input: {} }] },
        { role: 'user', content: [result] },
      ],
    });
    expect(body['messages']).toHaveProperty('[2].content[0].toolResult', {
      toolUseId: 'c1',
      content: [{ text: 'no' }],
      status: 'error',
    });
  });

  it('needs some content, a cap above zero, and arguments that are objects', () => {
    expect(refusal(() => fromChat({ messages: [{ role: 'user', content: ' ' }] }))).toBe(
      'invalid_request messages',
    );
    expect(refusal(() => fromMessages({ max_tokens: 0 }))).toBe('unsupported_parameter max_tokens');
    const messages = [QUESTION, { role: 'assistant', tool_calls: [chatCall('c1', '[1]')] }];
    expect(refusal(() => fromChat({ messages, tools: [tool('f')] }))).toBe(
      'invalid_request messages.tool_calls.function.arguments',
    );
  });
});

describe('thinking', () => {
  it.each<[object, Quirks, unknown, unknown, string[]]>([
    [
      { reasoning_effort: 'low' },
      BUDGET,
      { thinking: { type: 'enabled', budget_tokens: 2048 } },
      undefined,
      [],
    ],
    [
      { reasoning_effort: 'xhigh' },
      ADAPTIVE,
      { thinking: { type: 'adaptive' } },
      { effort: 'xhigh' },
      [],
    ],
    [{ reasoning_effort: 'none' }, ADAPTIVE, { thinking: { type: 'disabled' } }, undefined, []],
    [{ reasoning_effort: 'low' }, QUIRKS, undefined, undefined, ['reasoning_effort']],
    [{ reasoning_effort: 'none' }, QUIRKS, undefined, undefined, []],
  ])('is told to Claude alone (%j)', (asked, quirks, fields, outputConfig, names) => {
    const { body, dropped } = fromChat(asked, quirks);
    expect(body['additionalModelRequestFields']).toEqual(fields);
    expect(body['outputConfig']).toEqual(outputConfig);
    expect(dropped).toEqual(names);
  });

  it('leaves only the sampling that Claude takes with it', () => {
    const sampling = { temperature: 0.5, top_p: 0.97, top_k: 5 };
    const thinking = { type: 'enabled', budget_tokens: 2000 };
    const { body, dropped } = fromMessages({ ...sampling, thinking });
    expect(body['inferenceConfig']).toEqual({ maxTokens: 5000, topP: 0.97 });
    expect(body['additionalModelRequestFields']).toEqual({ thinking });
    expect(dropped).toEqual(['temperature', 'top_k']);
  });

  it('goes back to Bedrock as Bedrock gave it, and to no other', () => {
    const content = [
      { type: 'thinking' as const, text: 'hm', signature: 's', maker: 'bedrock-converse' },
      { type: 'redacted_thinking' as const, data: 'cmVk', maker: 'bedrock-converse' },
      { type: 'thinking' as const, text: 'oh', signature: 's', maker: 'anthropic-messages' },
      { type: 'redacted_thinking' as const, data: 'cmVk', maker: 'anthropic-messages' },
      { type: 'thinking' as const, text: 'unsigned' },
      { type: 'text' as const, text: 'so' },
      { type: 'refusal' as const, text: 'no' },
    ];
    const { body, dropped } = fromForm({ messages: [{ role: 'assistant', content }] });
    expect(body['messages']).toHaveProperty('[0].content', [
      { reasoningContent: { reasoningText: { text: 'hm', signature: 's' } } },
      { reasoningContent: { redactedContent: 'cmVk' } },
      { text: 'so' },
      { text: 'no' },
    ]);
    expect(dropped).toEqual(['messages.reasoning']);
  });

  it('survives a turn with a Messages client', () => {
    const messages = PROTOCOLS['anthropic-messages'];
    const events = [
      { type: 'thinking', text: 'hm' },
      { type: 'thinking_signature', signature: 'c2ln', maker: 'bedrock-converse' },
      { type: 'text', text: 'so' },
      { type: 'finish', reason: 'stop' },
    ] as const;
    const context = { requestId: 'r', model: 'm', createdSeconds: 1, includeUsage: true };
    const { content } = messages.encodeReply(events, context);
    const next = [QUESTION, { role: 'assistant', content }, QUESTION];
    const { body, dropped } = fromMessages({ messages: next });
    expect(body['messages']).toHaveProperty('[1].content', [
      { reasoningContent: { reasoningText: { text: 'hm', signature: 'c2ln' } } },
      { text: 'so' },
    ]);
    expect(dropped).toEqual([]);
  });
});

describe('what else a request can say', () => {
  it('is said where there are words for it', () => {
    const schema = { type: 'object', properties: { a: { type: 'string' } } };
    const { body, dropped } = fromForm({
      topK: 5,
      responseFormat: { type: 'json_schema', name: 'answer', schema },
      serviceTier: 'flex',
      metadata: { 'the team': 'a-b', empty: '' },
    });
    expect(body).toMatchObject({
      additionalModelRequestFields: { top_k: 5 },
      outputConfig: {
        textFormat: {
          type: 'json_schema',
          structure: { jsonSchema: { name: 'answer', schema: JSON.stringify(schema) } },
        },
      },
      serviceTier: { type: 'flex' },
      requestMetadata: { 'the team': 'a-b', empty: '' },
    });
    expect(dropped).toEqual([]);
  });

  it.each<[Partial<ChatRequest>, string[]]>([
    [{ topK: 5 }, ['top_k']],
    [{ temperature: 1.5 }, ['temperature>1']],
    [{ seed: 1 }, ['seed']],
    [{ frequencyPenalty: 1, presencePenalty: 1 }, ['frequency_penalty', 'presence_penalty']],
    [{ verbosity: 'low' }, ['verbosity']],
    [{ endUser: 'u' }, ['user']],
    [{ promptCacheKey: 'k' }, ['prompt_cache_key']],
    [{ reasoning: { effort: 'none', summary: 'auto' } }, []],
    [{ serviceTier: 'scale' }, ['service_tier']],
    [{ serviceTier: 'auto' }, []],
    [{ metadata: { naïve: 'x' } }, ['metadata']],
    [{ metadata: { '': 'x' } }, ['metadata']],
    [{ metadata: { a: 'x'.repeat(257) } }, ['metadata']],
    [{ choices: 1 }, []],
    [{ dropped: ['of_the_client'] }, ['of_the_client']],
  ])('is dropped by name as a hint: %j', (asked, names) => {
    const { body, dropped } = fromForm(asked, QUIRKS);
    expect(dropped).toEqual(names);
    const temperature = asked.temperature === undefined ? {} : { temperature: 1 };
    expect(body).toEqual({
      messages: [{ role: 'user', content: [{ text: 'hi' }] }],
      inferenceConfig: { maxTokens: 5000, ...temperature },
    });
  });

  it.each<[Partial<ChatRequest>, string]>([
    [{ choices: 2 }, 'n'],
    [{ topLogprobs: 0 }, 'logprobs'],
    [{ logitBias: { 1: 2 } }, 'logit_bias'],
    [{ responseFormat: { type: 'json_object' } }, 'response_format'],
    [{ stop: [' '] }, 'stop'],
  ])('is refused by name where the answer depends on it: %j', (asked, param) => {
    expect(refusal(() => fromForm(asked))).toBe(`unsupported_parameter ${param}`);
  });

  it('gives a body whose roles take turns, whatever the turns were', () => {
    const role = fc.constantFrom('user' as const, 'assistant' as const, 'system' as const);
    const turns = fc.array(fc.tuple(role, fc.constantFrom('a', 'b', ' ')), { minLength: 1 });
    fc.assert(
      fc.property(turns, (list) => {
        const messages = [...list, ['user', 'last'] as const].map(([who, words]) => ({
          role: who,
          content: [{ type: 'text' as const, text: words }],
        }));
        const { body } = fromForm({ messages });
        const roles = (body['messages'] as { role: string }[]).map((message) => message.role);
        expect(roles.every((each, i) => each !== roles[i + 1])).toBe(true);
        expect(JSON.stringify(body)).not.toContain('"text":" "');
      }),
    );
  });
});
