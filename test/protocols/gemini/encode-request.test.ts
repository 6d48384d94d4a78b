// The intermediate form as a body for Gemini: what Google demands of its contents, and what its
// models of either generation are told.

import { describe, expect, it } from 'vitest';
import type { ChatMessage, ChatRequest, Reasoning } from '../../../src/chat/request.ts';
import type { Quirks } from '../../../src/protocols/protocol.ts';
import { QUIRKS } from '../streams.ts';
import { refusal } from '../translation/requests.ts';
import { call, gemini, model, result, user } from './wire.ts';

type Thinking = Pick<Quirks, 'efforts' | 'thinkingBudget'>;

const THIRD: Thinking = { efforts: ['low', 'medium', 'high'] };
const SECOND: Thinking = { thinkingBudget: { stops: false, least: 128, most: 20_000 } };

function encode(request: Partial<ChatRequest>, thinking: Thinking = THIRD) {
  const quirks: Quirks = { ...QUIRKS, ...thinking };
  const base = { model: 'm', tools: [], stream: false, includeUsage: true, dropped: [] };
  const messages: ChatMessage[] = [{ role: 'user', content: [{ type: 'text', text: 'hi' }] }];
  return gemini.encodeRequest({ ...base, messages, ...request }, quirks);
}

const text = (words: string) => ({ type: 'text' as const, text: words });
const called = (id: string, name = 'f') => ({
  type: 'tool_call' as const,
  id,
  name,
  argumentsJson: '{"n":1}',
});
const signed = (signature: string, words = '', maker = 'gemini') => ({
  type: 'thinking' as const,
  text: words,
  signature,
  maker,
});
const answered = (callId: string) => ({ callId, content: [text(callId)], isError: false });

function contentsOf(messages: ChatMessage[], thinking?: Thinking): unknown {
  return encode({ messages }, thinking).body['contents'];
}

describe('contents for Gemini', () => {
  it('alternate, without empty parts, the system instruction apart', () => {
    const { body } = encode({
      messages: [
        { role: 'system', content: [text('Be brief.'), text('')] },
        { role: 'user', content: [text('a'), text('')] },
        { role: 'user', content: [text('b')] },
        { role: 'assistant', content: [text('')] },
        { role: 'system', content: [text('Now in French.')] },
        { role: 'assistant', content: [text('c')] },
        { role: 'assistant', content: [text('d')] },
      ],
    });
    expect(body).toEqual({
      systemInstruction: { parts: [{ text: 'Be brief.' }] },
      contents: [user('a', 'b', '<system>\nNow in French.\n</system>'), model('c', 'd')],
    });
  });

  it('are refused where nothing is left', () => {
    const messages: ChatMessage[] = [{ role: 'user', content: [text('')] }];
    expect(refusal(() => encode({ messages }))).toBe('invalid_request messages');
  });

  it('answer parallel calls in one turn, in their order, the text behind them', () => {
    const messages: ChatMessage[] = [
      { role: 'user', content: [text('go')] },
      { role: 'assistant', content: [signed('s'), called('a'), called('b', 'g')] },
      { role: 'tool', results: [answered('a'), { ...answered('b'), isError: true }] },
      { role: 'user', content: [text('and?')] },
    ];
    expect(contentsOf(messages)).toEqual([
      user('go'),
      model(
        { ...call('f', { n: 1 }, { id: 'a' }), thoughtSignature: 's' },
        call('g', { n: 1 }, { id: 'b' }),
      ),
      user(
        result('f', { output: 'a' }, { id: 'a' }),
        result('g', { error: 'b' }, { id: 'b' }),
        'and?',
      ),
    ]);
  });

  it('have media in the answers of functions, or behind them for the second generation', () => {
    const picture = { kind: 'base64' as const, mediaType: 'image/png', data: 'AAAA' };
    const messages: ChatMessage[] = [
      { role: 'assistant', content: [signed('s'), called('a'), called('b')] },
      {
        role: 'tool',
        results: [
          { callId: 'a', content: [{ type: 'image', source: picture }], isError: false },
          answered('b'),
        ],
      },
    ];
    const part = { inlineData: { mimeType: 'image/png', data: 'AAAA' } };
    const answersOf = (thinking: Thinking) =>
      (contentsOf(messages, thinking) as { parts: object[] }[])[1]?.parts;
    const second = result('f', { output: 'b' }, { id: 'b' });
    expect(answersOf(THIRD)).toEqual([
      result('f', { output: '' }, { id: 'a', parts: [part] }),
      second,
    ]);
    expect(answersOf(SECOND)).toEqual([result('f', { output: '' }, { id: 'a' }), second, part]);
  });

  it('carry files, audio and addresses', () => {
    const content = [
      { type: 'image' as const, source: { kind: 'url' as const, url: 'https://a.example/b?c=d' } },
      {
        type: 'file' as const,
        name: 'c.pdf',
        source: { kind: 'base64' as const, mediaType: 'application/pdf', data: 'BBBB' },
      },
      { type: 'audio' as const, mediaType: 'audio/wav', data: 'CCCC' },
    ];
    expect(contentsOf([{ role: 'user', content }])).toEqual([
      user(
        { fileData: { fileUri: 'https://a.example/b?c=d', mimeType: 'image/jpeg' } },
        { inlineData: { mimeType: 'application/pdf', data: 'BBBB', displayName: 'c.pdf' } },
        { inlineData: { mimeType: 'audio/wav', data: 'CCCC' } },
      ),
    ]);
  });

  it('return signatures to the parts that they were on, and thoughts with them', () => {
    const messages: ChatMessage[] = [
      { role: 'user', content: [text('go')] },
      {
        role: 'assistant',
        content: [signed('s1', 'hm'), text('a'), signed('s2'), called('x'), signed('s3')],
      },
    ];
    expect(contentsOf(messages)).toEqual([
      user('go'),
      model(
        { text: 'hm', thought: true },
        { text: 'a', thoughtSignature: 's1' },
        { ...call('f', { n: 1 }, { id: 'x' }), thoughtSignature: 's2' },
        { text: '', thoughtSignature: 's3' },
      ),
    ]);
  });

  it('sign the first call with what came before the text in clients that keep no order', () => {
    const messages: ChatMessage[] = [
      { role: 'user', content: [text('go')] },
      { role: 'assistant', content: [signed('s1'), signed('s2'), text('a'), called('x')] },
    ];
    const first = { ...call('f', { n: 1 }, { id: 'x' }), thoughtSignature: 's2' };
    const [, ...turns] = contentsOf(messages) as object[];
    expect(turns).toEqual([model({ text: 'a', thoughtSignature: 's1' }, first)]);
  });

  it('sign the first call of each step of the running turn, where Gemini did not make it', () => {
    const step = (id: string): ChatMessage[] => [
      {
        role: 'assistant',
        content: [signed('c', 'hm', 'anthropic-messages'), called(id), called(`${id}2`)],
      },
      { role: 'tool', results: [answered(id), answered(`${id}2`)] },
    ];
    const messages: ChatMessage[] = [
      { role: 'user', content: [text('one')] },
      ...step('old'),
      { role: 'user', content: [text('two')] },
      ...step('a'),
      ...step('b'),
    ];
    const signaturesOf = (thinking: Thinking) =>
      (contentsOf(messages, thinking) as { role: string; parts: { thoughtSignature?: string }[] }[])
        .filter(({ role }) => role === 'model')
        .map(({ parts }) => parts.map(({ thoughtSignature }) => thoughtSignature));
    const dummy = 'skip_thought_signature_validator';
    expect(signaturesOf(THIRD)).toEqual([
      [undefined, undefined],
      [dummy, undefined],
      [dummy, undefined],
    ]);
    expect(signaturesOf(SECOND).flat()).toEqual(Array.from({ length: 6 }, () => undefined));
    expect(encode({ messages }).dropped).toEqual(['messages.reasoning']);
  });

  it('need arguments that are an object', () => {
    const broken = { ...called('a'), argumentsJson: '[1' };
    expect(refusal(() => contentsOf([{ role: 'assistant', content: [broken] }]))).toBe(
      'invalid_request messages.tool_calls.function.arguments',
    );
  });
});

describe('the fields of a request for Gemini', () => {
  it('are told', () => {
    const { body, dropped } = encode({
      maxOutputTokens: 9,
      temperature: 2,
      topK: 3,
      stop: ['END'],
      choices: 2,
      topLogprobs: 0,
      metadata: { team: 'a_1' },
      serviceTier: 'flex',
      responseFormat: { type: 'json_schema', schema: { type: 'object' } },
      tools: [{ type: 'function', name: 'f', parameters: { type: 'object' } }],
      toolChoice: { type: 'allowed', mode: 'auto', names: ['f'] },
    });
    expect(body).toMatchObject({
      labels: { team: 'a_1' },
      serviceTier: 'flex',
      tools: [{ functionDeclarations: [{ name: 'f', parametersJsonSchema: { type: 'object' } }] }],
      toolConfig: { functionCallingConfig: { mode: 'VALIDATED', allowedFunctionNames: ['f'] } },
    });
    expect(body['generationConfig']).toEqual({
      maxOutputTokens: 9,
      temperature: 2,
      topK: 3,
      stopSequences: ['END'],
      candidateCount: 2,
      responseLogprobs: true,
      responseMimeType: 'application/json',
      responseJsonSchema: { type: 'object' },
    });
    expect(dropped).toEqual([]);
  });

  it('are named where they are dropped', () => {
    const { body, dropped } = encode({
      dropped: ['earlier'],
      parallelToolCalls: false,
      verbosity: 'low',
      endUser: 'u',
      promptCacheKey: 'k',
      metadata: { Team: 'a' },
      serviceTier: 'scale',
      tools: [{ type: 'function', name: 'f', parameters: {}, strict: true, cache: { ttl: '5m' } }],
    });
    expect(dropped).toEqual([
      'earlier',
      'parallel_tool_calls',
      'verbosity',
      'user',
      'prompt_cache_key',
      'cache_control',
      'tools.strict',
      'metadata',
      'service_tier',
    ]);
    expect(body).not.toHaveProperty('labels');
    expect(body).not.toHaveProperty('serviceTier');
  });

  it.each<[string, Partial<ChatRequest>]>([
    ['max_tokens', { maxOutputTokens: 0 }],
    ['stop', { stop: ['1', '2', '3', '4', '5', '6'] }],
    ['n', { choices: 9 }],
    ['logit_bias', { logitBias: { 1: 1 } }],
    ['tools.type', { tools: [{ type: 'custom', name: 'f' }] }],
  ])('are refused: %s', (param, request) => {
    expect(refusal(() => encode(request))).toBe(`unsupported_parameter ${param}`);
  });

  it.each<[Reasoning, object, object, string[]]>([
    [{ effort: 'none' }, { thinkingLevel: 'LOW' }, { thinkingBudget: 128 }, ['third', 'second']],
    [{ effort: 'minimal' }, { thinkingLevel: 'LOW' }, { thinkingBudget: 1024 }, ['third']],
    [{ effort: 'medium' }, { thinkingLevel: 'MEDIUM' }, { thinkingBudget: 8192 }, []],
    [{ effort: 'high' }, { thinkingLevel: 'HIGH' }, { thinkingBudget: 20_000 }, []],
    [{ effort: 'max' }, { thinkingLevel: 'HIGH' }, { thinkingBudget: 20_000 }, ['third']],
    [{ budgetTokens: 100 }, { thinkingLevel: 'LOW' }, { thinkingBudget: 128 }, []],
    [{ budgetTokens: 9000 }, { thinkingLevel: 'MEDIUM' }, { thinkingBudget: 9000 }, []],
    [{ budgetTokens: 90_000 }, { thinkingLevel: 'HIGH' }, { thinkingBudget: 20_000 }, []],
    [{}, {}, { thinkingBudget: -1 }, []],
  ])('tell %j in the words of either generation', (reasoning, level, budget, reported) => {
    const shown = reasoning.effort === 'none' ? {} : { includeThoughts: true };
    for (const [name, thinking, told] of [
      ['third', THIRD, level],
      ['second', SECOND, budget],
    ] as const) {
      const { body, dropped } = encode({ reasoning }, thinking);
      expect(body['generationConfig']).toEqual({ thinkingConfig: { ...told, ...shown } });
      expect(dropped).toEqual(reported.includes(name) ? ['reasoning_effort'] : []);
    }
  });

  it('switch thinking off where the model can', () => {
    const stopping: Thinking = { thinkingBudget: { stops: true, least: 1, most: 9 } };
    const { body, dropped } = encode({ reasoning: { effort: 'none' } }, stopping);
    expect(body['generationConfig']).toEqual({ thinkingConfig: { thinkingBudget: 0 } });
    expect(dropped).toEqual([]);
    expect(encode({}).body).not.toHaveProperty('generationConfig');
  });

  it('stand in the path where they are no field', () => {
    const path = (stream: boolean) => gemini.upstreamPath({ model: 'gemini-x', stream });
    expect(path(false)).toBe('/models/gemini-x:generateContent');
    expect(path(true)).toBe('/models/gemini-x:streamGenerateContent?alt=sse');
  });
});
