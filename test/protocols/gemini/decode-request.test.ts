// A Gemini client's body in the intermediate form: what is carried, dropped by name, and refused.

import { describe, expect, it } from 'vitest';
import type { ToolResult } from '../../../src/chat/request.ts';
import { refusal } from '../translation/requests.ts';
import { ADDRESS, ask, call, gemini, model, result, user } from './wire.ts';

function resultsOf(...contents: readonly object[]): readonly ToolResult[] {
  return ask({ contents }).messages.flatMap((message) =>
    message.role === 'tool' ? message.results : [],
  );
}

describe('the contents of a Gemini request', () => {
  it('are messages, the answers of functions first and in the order of the calls', () => {
    const { messages, dropped } = ask({
      systemInstruction: { parts: [{ text: 'Be brief.' }] },
      contents: [
        user('Weather?'),
        model('Let me ', 'see.', call('f', { n: 1 }), call('g', {}, { id: 'own' })),
        user(result('g', { output: 'b' }, { id: 'own' })),
        user('And?', result('f', { output: 'a' })),
      ],
    });
    expect(messages).toEqual([
      { role: 'system', content: [{ type: 'text', text: 'Be brief.' }] },
      { role: 'user', content: [{ type: 'text', text: 'Weather?' }] },
      {
        role: 'assistant',
        content: [
          { type: 'text', text: 'Let me see.' },
          { type: 'tool_call', id: 'call_1_0', name: 'f', argumentsJson: '{"n":1}' },
          { type: 'tool_call', id: 'own', name: 'g', argumentsJson: '{}' },
        ],
      },
      {
        role: 'tool',
        results: [
          { callId: 'call_1_0', content: [{ type: 'text', text: 'a' }], isError: false },
          { callId: 'own', content: [{ type: 'text', text: 'b' }], isError: false },
        ],
      },
      { role: 'user', content: [{ type: 'text', text: 'And?' }] },
    ]);
    expect(dropped).toEqual([]);
  });

  it('pair answers of one function by their order, and give calls the same ids each time', () => {
    const contents = [
      model(call('f', { n: 1 }), call('f', { n: 2 })),
      user(result('f', { output: '1' }), result('f', { output: '2' })),
    ];
    expect(resultsOf(...contents).map(({ callId, content }) => [callId, content])).toEqual([
      ['call_0_0', [{ type: 'text', text: '1' }]],
      ['call_0_1', [{ type: 'text', text: '2' }]],
    ]);
    const later = [...contents, model('ok'), user('more')];
    expect(resultsOf(...later)).toEqual(resultsOf(...contents));
  });

  it.each<[object, string, boolean]>([
    [{ output: 'x' }, 'x', false],
    [{ result: 'x' }, 'x', false],
    [{ output: { a: 1 } }, '{"a":1}', false],
    [{ error: 'x' }, 'x', true],
    [{ error: 'x', code: 1 }, '{"error":"x","code":1}', false],
    [{ a: 1 }, '{"a":1}', false],
    [{}, '', false],
  ])('read the answer %j of a function', (response, text, isError) => {
    expect(resultsOf(model(call('f')), user(result('f', response)))).toEqual([
      { callId: 'call_0_0', content: [{ type: 'text', text }], isError },
    ]);
  });

  it('carry media in either form, in either spelling', () => {
    const contents = [
      user(
        { inline_data: { mime_type: 'image/png', data: 'AAAA' } },
        { fileData: { fileUri: 'https://a.example/b.pdf' } },
        { inlineData: { mimeType: 'application/pdf', data: 'BBBB', displayName: 'c.pdf' } },
        { inlineData: { mimeType: 'audio/wav', data: 'CCCC' } },
      ),
      model(call('f')),
      user(result('f', {}, { parts: [{ inlineData: { mimeType: 'image/png', data: 'D' } }] })),
    ];
    const { messages } = ask({ contents });
    expect(messages[0]?.role === 'user' && messages[0].content).toEqual([
      { type: 'image', source: { kind: 'base64', mediaType: 'image/png', data: 'AAAA' } },
      { type: 'file', source: { kind: 'url', url: 'https://a.example/b.pdf' } },
      {
        type: 'file',
        name: 'c.pdf',
        source: { kind: 'base64', mediaType: 'application/pdf', data: 'BBBB' },
      },
      { type: 'audio', mediaType: 'audio/wav', data: 'CCCC' },
    ]);
    expect(messages[2]?.role === 'tool' && messages[2].results[0]?.content).toEqual([
      { type: 'image', source: { kind: 'base64', mediaType: 'image/png', data: 'D' } },
    ]);
  });

  it('are one turn where a client kept the chunks of a stream as so many contents', () => {
    const contents = [
      user('a'),
      model({ text: 'h', thought: true }),
      model({ text: 'm', thought: true }),
      model({ ...call('f'), thoughtSignature: 's' }),
      model(call('f')),
      model(''),
      user(result('f', { output: '1' }), result('f', { output: '2' })),
      model('b'),
      model('c'),
    ];
    const { messages } = ask({ contents });
    expect(messages.map(({ role }) => role)).toEqual(['user', 'assistant', 'tool', 'assistant']);
    expect(messages[1]).toMatchObject({
      content: [
        { type: 'thinking', text: 'hm', signature: 's' },
        { type: 'tool_call', id: 'call_3_0' },
        { type: 'tool_call', id: 'call_4_0' },
      ],
    });
    expect(messages[3]).toMatchObject({ content: [{ type: 'text', text: 'bc' }] });
  });

  it('skip turns without parts, which clients keep of empty answers', () => {
    const contents = [user('a'), model(), { role: 'user' }, user('b')];
    expect(ask({ contents }).messages.map(({ role }) => role)).toEqual(['user', 'user']);
  });

  it.each<[string, object[]]>([
    ['invalid_request contents', []],
    ['invalid_request contents[0].role', [{ role: 'bot', parts: [] }]],
    ['invalid_request contents[0].parts[0].functionResponse.name', [user(result('f', {}))]],
    [
      'unsupported_parameter contents[0].parts[0].executableCode',
      [model({ executableCode: { code: 'x' } })],
    ],
    [
      'unsupported_parameter contents[0].parts[0]',
      [user({ inlineData: { mimeType: 'video/mp4', data: 'A' } })],
    ],
    ['unsupported_parameter contents[0].parts[0]', [user({ partMetadata: {} })]],
  ])('are refused: %s', (expected, contents) => {
    expect(refusal(() => ask({ contents }))).toBe(expected);
  });
});

describe('the fields of a Gemini request', () => {
  it('are carried', () => {
    const request = gemini.decodeRequest(
      {
        contents: [user('hi')],
        labels: { team: 'a' },
        serviceTier: 'priority',
        generationConfig: {
          maxOutputTokens: 9,
          temperature: 0.5,
          topP: 0.9,
          topK: 3,
          candidateCount: 2,
          stopSequences: ['END'],
          seed: 7,
          presencePenalty: 1,
          frequencyPenalty: -1,
          responseLogprobs: true,
          logprobs: 2,
          responseMimeType: 'application/json',
          thinkingConfig: { thinkingLevel: 'LOW', includeThoughts: true },
        },
      },
      { model: 'm', stream: true, sse: true },
    );
    expect(request).toMatchObject({
      model: 'm',
      stream: true,
      metadata: { team: 'a' },
      serviceTier: 'priority',
      maxOutputTokens: 9,
      temperature: 0.5,
      topP: 0.9,
      topK: 3,
      choices: 2,
      stop: ['END'],
      seed: 7,
      presencePenalty: 1,
      frequencyPenalty: -1,
      topLogprobs: 2,
      responseFormat: { type: 'json_object' },
      reasoning: { effort: 'low', summary: 'auto' },
      dropped: [],
    });
  });

  it('are the same in snake case', () => {
    const camel = {
      systemInstruction: { parts: [{ text: 's' }] },
      generationConfig: { maxOutputTokens: 3, thinkingConfig: { thinkingBudget: 5 } },
      tools: [{ functionDeclarations: [{ name: 'f_g', parametersJsonSchema: { a_b: 1 } }] }],
      toolConfig: { functionCallingConfig: { mode: 'ANY', allowedFunctionNames: ['f_g'] } },
    };
    const snake = {
      system_instruction: { parts: [{ text: 's' }] },
      generation_config: { max_output_tokens: 3, thinking_config: { thinking_budget: 5 } },
      tools: [{ function_declarations: [{ name: 'f_g', parameters_json_schema: { a_b: 1 } }] }],
      tool_config: { function_calling_config: { mode: 'ANY', allowed_function_names: ['f_g'] } },
    };
    expect(ask(snake)).toEqual(ask(camel));
    expect(ask(camel)).toMatchObject({
      maxOutputTokens: 3,
      toolChoice: { type: 'tool', name: 'f_g' },
    });
  });

  it.each<[object, unknown]>([
    [{ thinkingBudget: 0 }, { effort: 'none' }],
    [{ thinkingBudget: -1 }, {}],
    [{ thinkingBudget: 512 }, { budgetTokens: 512 }],
    [{ thinkingLevel: 'high' }, { effort: 'high' }],
    [{ includeThoughts: false }, {}],
  ])('read the thinkingConfig %j', (thinkingConfig, reasoning) => {
    expect(ask({ generationConfig: { thinkingConfig } }).reasoning).toEqual(reasoning);
  });

  it.each<[object, unknown]>([
    [{ mode: 'AUTO' }, { type: 'auto' }],
    [{ mode: 'NONE' }, { type: 'none' }],
    [{ mode: 'ANY' }, { type: 'required' }],
    [
      { mode: 'ANY', allowedFunctionNames: ['f', 'g'] },
      { type: 'allowed', mode: 'required', names: ['f', 'g'] },
    ],
    [
      { mode: 'VALIDATED', allowedFunctionNames: ['f'] },
      { type: 'allowed', mode: 'auto', names: ['f'] },
    ],
    [{ mode: 'VALIDATED' }, { type: 'auto' }],
    [{ mode: 'MODE_UNSPECIFIED' }, undefined],
    [{}, undefined],
  ])('read the functionCallingConfig %j', (functionCallingConfig, choice) => {
    expect(ask({ toolConfig: { functionCallingConfig } }).toolChoice).toEqual(choice);
  });

  it("make JSON Schema of OpenAPI's, and leave JSON Schema as it is", () => {
    const parameters = {
      type: 'OBJECT',
      propertyOrdering: ['b', 'a'],
      required: ['a'],
      properties: {
        a: { type: 'ARRAY', minItems: '1', items: { type: 'STRING', nullable: true } },
        b: { type: 'STRING', format: 'enum', enum: ['x'], nullable: true, example: 'x' },
        c: { any_of: [{ type: 'INTEGER', format: 'int32' }, { type: 'BOOLEAN' }], nullable: true },
        type: { type: 'STRING' },
      },
    };
    const written = {
      type: 'object',
      required: ['a'],
      properties: {
        a: { type: 'array', minItems: 1, items: { type: ['string', 'null'] } },
        b: { type: ['string', 'null'], enum: ['x', null], examples: ['x'] },
        c: { anyOf: [{ type: 'integer' }, { type: 'boolean' }, { type: 'null' }] },
        type: { type: 'string' },
      },
    };
    const toolOf = (more: object) =>
      ask({ tools: [{ functionDeclarations: [{ name: 'f', ...more }] }] }).tools[0];
    const tool = toolOf({ parameters });
    expect(tool).toEqual({ type: 'function', name: 'f', parameters: written });
    const properties = tool?.type === 'function' ? tool.parameters['properties'] : {};
    expect(Object.keys(properties as object)).toEqual(['b', 'a', 'c', 'type']);
    expect(toolOf({ parameters: written })).toMatchObject({ parameters: written });
    expect(toolOf({})).toMatchObject({ parameters: { type: 'object', properties: {} } });
    const generationConfig = { responseMimeType: 'application/json', responseSchema: parameters };
    expect(ask({ generationConfig }).responseFormat).toEqual({
      type: 'json_schema',
      schema: written,
    });
  });

  it('are named where they are dropped', () => {
    const { dropped } = ask({
      safetySettings: [{ category: 'X', threshold: 'BLOCK_NONE' }],
      store: false,
      contents: [user({ text: 'hi', videoMetadata: { fps: 1 } })],
      generationConfig: { mediaResolution: 'MEDIA_RESOLUTION_LOW' },
      tools: [{ functionDeclarations: [{ name: 'f', behavior: 'BLOCKING' }] }],
      toolConfig: { retrievalConfig: {} },
    });
    expect(dropped).toEqual([
      'safetySettings',
      'store',
      'generationConfig.mediaResolution',
      'contents.parts.videoMetadata',
      'tools.functionDeclarations.behavior',
      'toolConfig.retrievalConfig',
    ]);
  });

  it.each<[string, object]>([
    ['unsupported_parameter cachedContent', { cachedContent: 'cachedContents/x' }],
    ['unsupported_parameter continuationToken', { continuationToken: 'x' }],
    ['unsupported_parameter tools[0].googleSearch', { tools: [{ googleSearch: {} }] }],
    [
      'unsupported_parameter generationConfig.responseFormat',
      { generationConfig: { responseFormat: [{ text: {} }] } },
    ],
    [
      'unsupported_parameter generationConfig.responseMimeType',
      { generationConfig: { responseMimeType: 'text/x.enum' } },
    ],
    [
      'invalid_request generationConfig.thinkingConfig.thinkingLevel',
      { generationConfig: { thinkingConfig: { thinkingLevel: 'SOME' } } },
    ],
    [
      'invalid_request toolConfig.functionCallingConfig.mode',
      { toolConfig: { functionCallingConfig: { mode: 'MAYBE' } } },
    ],
  ])('are refused by name: %s', (expected, body) => {
    expect(refusal(() => ask(body))).toBe(expected);
  });

  it('need a model in the address', () => {
    expect(refusal(() => gemini.decodeRequest({ contents: [user('hi')] }))).toBe(
      'invalid_request model',
    );
    expect(gemini.decodeRequest({ contents: [user('hi')], model: 'other' }, ADDRESS).model).toBe(
      'm',
    );
  });
});
