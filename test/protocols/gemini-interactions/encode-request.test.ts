// What a provider of interactions is asked: the whole conversation in steps, and nothing that it should
// keep.

import { describe, expect, it } from 'vitest';
import type { AssistantPart, ChatMessage, ChatRequest } from '../../../src/chat/request.ts';
import type { Quirks } from '../../../src/protocols/protocol.ts';
import { QUIRKS } from '../streams.ts';
import { refusal } from '../translation/requests.ts';
import { interactions, MAKER, tell, text } from './wire.ts';

const user = (...content: object[]): ChatMessage => ({ role: 'user', content: content as never });
const said = (...content: AssistantPart[]): ChatMessage => ({ role: 'assistant', content });
const call = (id: string, name: string, argumentsJson = '{}'): AssistantPart => ({
  type: 'tool_call',
  id,
  name,
  argumentsJson,
});
const part = (words: string) => ({ type: 'text' as const, text: words });
const TOOL = { type: 'function', name: 'f', parameters: { type: 'object' } } as const;

function inputOf(...messages: ChatMessage[]): unknown {
  return tell({ messages }).body['input'];
}

describe('the conversation', () => {
  it('goes whole, in steps, and is not kept', () => {
    const messages: ChatMessage[] = [
      { role: 'system', content: [part('Be brief.'), part('Be kind.')] },
      user(part('Add.')),
      said(
        { type: 'thinking', text: 'So.', signature: 's1', maker: MAKER },
        part('Yes.'),
        call('c1', 'add', '{"x":1}'),
        call('c2', 'add', '{"x":2}'),
      ),
      {
        role: 'tool',
        results: [
          { callId: 'c1', content: [part('3')], isError: false },
          { callId: 'c2', content: [part('no')], isError: true },
        ],
      },
      { role: 'system', content: [part('Now in German.')] },
    ];
    const { body, dropped } = tell({ messages });
    expect(body).toEqual({
      model: 'm',
      store: false,
      system_instruction: 'Be brief.\n\nBe kind.',
      input: [
        { type: 'user_input', content: [text('Add.')] },
        { type: 'thought', summary: [text('So.')], signature: 's1' },
        { type: 'model_output', content: [text('Yes.')] },
        { type: 'function_call', id: 'c1', name: 'add', arguments: { x: 1 } },
        { type: 'function_call', id: 'c2', name: 'add', arguments: { x: 2 } },
        { type: 'function_result', call_id: 'c1', name: 'add', result: '3' },
        { type: 'function_result', call_id: 'c2', name: 'add', result: 'no', is_error: true },
        { type: 'user_input', content: [text('<system>\nNow in German.\n</system>')] },
      ],
    });
    expect(dropped).toEqual([]);
  });

  it('holds images, documents and sounds, by data and by address', () => {
    const png = { kind: 'base64', mediaType: 'image/png', data: 'AA' };
    const pdf = { kind: 'base64', mediaType: 'application/pdf', data: 'BB' };
    const input = inputOf(
      user(
        { type: 'image', source: png },
        { type: 'image', source: { kind: 'url', url: 'https://a.example/b.webp?c' } },
        { type: 'file', source: pdf },
        { type: 'file', source: { kind: 'url', url: 'https://a.example/b' } },
        { type: 'audio', mediaType: 'audio/wav', data: 'CC' },
      ),
      said(call('c1', 'look')),
      {
        role: 'tool',
        results: [
          {
            callId: 'c1',
            content: [part('seen'), { type: 'image', source: png } as never],
            isError: false,
          },
        ],
      },
    );
    expect(input).toMatchObject([
      {
        content: [
          { type: 'image', data: 'AA', mime_type: 'image/png' },
          { type: 'image', uri: 'https://a.example/b.webp?c', mime_type: 'image/webp' },
          { type: 'document', data: 'BB', mime_type: 'application/pdf' },
          { type: 'document', uri: 'https://a.example/b', mime_type: 'application/pdf' },
          { type: 'audio', data: 'CC', mime_type: 'audio/wav' },
        ],
      },
      {},
      { result: [text('seen'), { type: 'image', data: 'AA', mime_type: 'image/png' }] },
    ]);
  });

  it('names a result after the nearest call with its id', () => {
    const result: ChatMessage = {
      role: 'tool',
      results: [{ callId: 'c1', content: [], isError: false }],
    };
    const input = inputOf(
      user(part('a')),
      said(call('c1', 'first')),
      result,
      said(call('c1', 'second')),
      result,
    ) as object[];
    expect(input[2]).toEqual({ type: 'function_result', call_id: 'c1', name: 'first', result: '' });
    expect(input[4]).toMatchObject({ name: 'second' });
  });

  it('leaves out empty texts, and thoughts that its models did not sign, which it names', () => {
    const messages = [
      user(part(''), part('a')),
      said(
        { type: 'thinking', text: 'unsigned' },
        { type: 'thinking', text: 'x', signature: 's', maker: 'gemini' },
        { type: 'redacted_thinking', data: 'd', maker: 'anthropic-messages' },
        part(''),
        { type: 'thinking', text: '', signature: 's2', maker: MAKER },
      ),
    ];
    const { body, dropped } = tell({ messages });
    expect(body['input']).toEqual([
      { type: 'user_input', content: [text('a')] },
      { type: 'thought', signature: 's2' },
    ]);
    expect(dropped).toEqual(['messages.reasoning']);
    expect(refusal(() => tell({ messages: [user(part(''))] }))).toBe('invalid_request messages');
    const broken = [user(part('a')), said(call('c', 'f', '{"x"'))];
    expect(refusal(() => tell({ messages: broken }))).toMatch(/^invalid_request .*arguments$/);
  });
});

describe('the settings', () => {
  it.each<[Partial<ChatRequest>, object]>([
    [{ maxOutputTokens: 9 }, { max_output_tokens: 9 }],
    [
      { temperature: 0.5, topP: 0.9, seed: 7, stop: ['END'] },
      { temperature: 0.5, top_p: 0.9, seed: 7, stop_sequences: ['END'] },
    ],
    [{ reasoning: { effort: 'none' } }, { thinking_level: 'minimal' }],
    [{ reasoning: { effort: 'high' } }, { thinking_level: 'high', thinking_summaries: 'auto' }],
    [{ reasoning: { budgetTokens: 2000 } }, { thinking_level: 'low', thinking_summaries: 'auto' }],
    [{ reasoning: { summary: 'auto' } }, { thinking_summaries: 'auto' }],
  ])('%j are %j', (asked, config) => {
    expect(tell(asked).body['generation_config']).toEqual(config);
  });

  it.each<[ChatRequest['toolChoice'] & object, unknown]>([
    [{ type: 'auto' }, 'auto'],
    [{ type: 'none' }, 'none'],
    [{ type: 'required' }, 'any'],
    [{ type: 'tool', name: 'f' }, { allowed_tools: { mode: 'any', tools: ['f'] } }],
    [
      { type: 'allowed', mode: 'auto', names: ['f', 'g'] },
      { allowed_tools: { mode: 'validated', tools: ['f', 'g'] } },
    ],
    [
      { type: 'allowed', mode: 'required', names: ['f', 'g'] },
      { allowed_tools: { mode: 'any', tools: ['f', 'g'] } },
    ],
  ])('choose among the tools: %j', (toolChoice, expected) => {
    const { body } = tell({ tools: [TOOL], toolChoice });
    expect(body['tools']).toEqual([{ ...TOOL }]);
    expect(body['generation_config']).toEqual({ tool_choice: expected });
    expect(tell({ toolChoice }).body).not.toHaveProperty('generation_config');
  });

  it('say the form of the answer, labels, the tier and the stream', () => {
    const schema = { type: 'object' };
    const { body, dropped } = tell({
      stream: true,
      responseFormat: { type: 'json_schema', schema },
      metadata: { team: 'a1' },
      serviceTier: 'flex',
    });
    expect(body).toMatchObject({
      stream: true,
      response_format: { type: 'text', mime_type: 'application/json', schema },
      labels: { team: 'a1' },
      service_tier: 'flex',
    });
    expect(dropped).toEqual([]);
    const { body: plain } = tell({ responseFormat: { type: 'json_object' } });
    expect(plain['response_format']).toEqual({ type: 'text', mime_type: 'application/json' });
  });

  it.each<[string, Partial<ChatRequest>, Partial<Quirks>?]>([
    ['top_k', { topK: 3 }],
    ['frequency_penalty', { frequencyPenalty: 1 }],
    ['presence_penalty', { presencePenalty: 1 }],
    ['verbosity', { verbosity: 'low' }],
    ['user', { endUser: 'u' }],
    ['prompt_cache_key', { promptCacheKey: 'k' }],
    ['parallel_tool_calls', { parallelToolCalls: false }],
    ['metadata', { metadata: { 'Not A Label': 'x' } }],
    ['service_tier', { serviceTier: 'scale' }],
    ['reasoning_effort', { reasoning: { effort: 'max' } }],
    ['reasoning_effort', { reasoning: { effort: 'minimal' } }, { efforts: ['low', 'high'] }],
    ['tools.strict', { tools: [{ ...TOOL, strict: true }] }],
    ['cache_control', { messages: [user({ ...part('a'), cache: { ttl: '5m' } })] }],
    [
      'messages.content.citations',
      {
        messages: [
          user(part('a')),
          said({ ...part('b'), citations: [{ url: 'https://a.example' }] }),
        ],
      },
    ],
    [
      'messages.content.detail',
      {
        messages: [
          user({
            type: 'image',
            source: { kind: 'url', url: 'https://a.example' },
            detail: 'high',
          }),
        ],
      },
    ],
    [
      'messages.content.filename',
      {
        messages: [
          user({ type: 'file', source: { kind: 'url', url: 'https://a.example' }, name: 'b.pdf' }),
        ],
      },
    ],
  ])('that are hints are dropped by name: %s', (name, asked, quirks = {}) => {
    const plain = tell({});
    expect(plain.dropped).toEqual([]);
    const request = { ...tellable(), ...asked };
    expect(interactions.encodeRequest(request, { ...QUIRKS, ...quirks }).dropped).toEqual([name]);
  });

  it.each<[string, Partial<ChatRequest>]>([
    ['max_tokens', { maxOutputTokens: 0 }],
    ['stop', { stop: ['1', '2', '3', '4', '5', '6'] }],
    ['n', { choices: 2 }],
    ['logprobs', { topLogprobs: 0 }],
    ['logit_bias', { logitBias: { 1: 1 } }],
    ['tools.type', { tools: [{ type: 'custom', name: 'f' }] }],
  ])('on which the answer depends are refused by name: %s', (name, asked) => {
    expect(refusal(() => tell(asked))).toBe(`unsupported_parameter ${name}`);
  });
});

function tellable(): ChatRequest {
  return {
    model: 'm',
    messages: [user(part('hi'))],
    tools: [],
    stream: false,
    includeUsage: true,
    dropped: [],
  };
}
