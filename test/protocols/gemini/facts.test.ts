// What of a Gemini body concerns money and routing, and what is refused for want of a price.

import { describe, expect, it } from 'vitest';
import type { JsonObject } from '../../../src/base/json.ts';
import { scanJson } from '../../../src/base/json-scan.ts';
import { writeSilence } from '../../../src/base/wav.ts';
import { refusal } from '../translation/requests.ts';
import { ADDRESS, call, gemini, model, result, user } from './wire.ts';

function inspect(body: object, address = ADDRESS) {
  const given = { contents: [user('hi')], ...body } as JsonObject;
  return gemini.inspectRequest(given, undefined, address);
}

const image = (data: string) => ({ inlineData: { mimeType: 'image/png', data } });

describe('the facts of a Gemini request', () => {
  it('are the model and the stream of its address', () => {
    const address = { model: 'gemini/x', stream: true, sse: true };
    expect(inspect({}, address)).toMatchObject({
      model: 'gemini/x',
      stream: true,
      choices: 1,
      includeUsage: true,
      images: 0,
      unboundedInput: false,
    });
    expect(inspect({}).maxOutputTokens).toBeUndefined();
  });

  it.each([
    { generationConfig: { maxOutputTokens: 7, candidateCount: 2 }, serviceTier: 'FLEX' },
    { generation_config: { max_output_tokens: 7, candidate_count: 2 }, service_tier: 'flex' },
  ])('are read in either spelling', (body) => {
    expect(inspect(body)).toMatchObject({
      maxOutputTokens: 7,
      choices: 2,
      serviceTier: 'flex',
    });
  });

  it('count images, also in answers of functions, and know what has no bound', () => {
    const long = 'A'.repeat(500);
    const contents = [
      user('look', image(long), { file_data: { file_uri: 'https://a.example/b.jpg' } }),
      model(call('f')),
      user(result('f', {}, { parts: [image('BBBB')] })),
    ];
    const outline = JSON.parse(scanJson(JSON.stringify({ contents })).outline) as JsonObject;
    for (const body of [{ contents }, outline]) {
      expect(inspect(body)).toMatchObject({
        images: 3,
        imageBytes: 504,
        unboundedInput: false,
      });
    }
    const pdf = { inlineData: { mimeType: 'application/pdf', data: 'AAAA' } };
    expect(inspect({ contents: [user(pdf)] }).unboundedInput).toBe(true);
    expect(inspect({ continuationToken: 'x' }).unboundedInput).toBe(true);
  });

  it('know what is heard, and what is to be made of sound and pictures', () => {
    const data = writeSilence(7_456, 8_000).toString('base64');
    const sound = { inlineData: { mimeType: 'audio/wav', data } };
    const far = { fileData: { mimeType: 'audio/mpeg', fileUri: 'https://a.example/b.mp3' } };
    const body = { contents: [user(sound, far)] };
    const at = (i: number, holder: string) => `contents[0].parts[${i}].${holder}.mimeType`;
    for (const each of [body, JSON.parse(scanJson(JSON.stringify(body)).outline) as JsonObject]) {
      expect(inspect(each).media).toEqual([
        { class: 'inAudio', param: at(0, 'inlineData'), bytes: 10_000, most: 320, likely: 10 },
        { class: 'inAudio', param: at(1, 'fileData') },
      ]);
    }
    const ordered = (generationConfig: object) => inspect({ generationConfig }).media;
    const of = (name: string, key: string) => ({ class: name, param: `generationConfig.${key}` });
    expect(ordered({ responseModalities: ['TEXT', 'IMAGE'], imageConfig: {} })).toEqual([
      of('outImage', 'responseModalities'),
      of('outImage', 'imageConfig'),
    ]);
    expect(ordered({ response_modalities: ['AUDIO'], speech_config: {} })).toEqual([
      of('outAudio', 'responseModalities'),
      of('outAudio', 'speechConfig'),
    ]);
    expect(ordered({ responseModalities: ['TEXT'] })).toBeUndefined();
    expect(inspect({ continuationToken: 'x' }).media).toEqual([{ class: 'inAudio' }]);
  });

  it.each<[string, object]>([
    ['tools[1].googleSearch', { tools: [{ functionDeclarations: [] }, { googleSearch: {} }] }],
    ['tools[0].codeExecution', { tools: [{ code_execution: {} }] }],
    ['tools[0].urlContext', { tools: [{ urlContext: {} }] }],
    ['tools[0].fileSearch', { tools: [{ fileSearch: { fileSearchStoreNames: ['x'] } }] }],
    ['tools[0].mcpServers', { tools: [{ mcpServers: [{ name: 'x' }] }] }],
    [
      'generationConfig.responseModalities',
      { generationConfig: { responseModalities: ['VIDEO'] } },
    ],
    ['generationConfig.routingConfig', { generationConfig: { routingConfig: {} } }],
    [
      'generationConfig.responseFormat[0]',
      { generationConfig: { responseFormat: [{ audio: {} }] } },
    ],
    ['serviceTier', { serviceTier: 'a tier!' }],
    ['cachedContent', { cachedContent: 'cachedContents/x' }],
    ['generationOutputConfig', { generationOutputConfig: {} }],
    [
      'contents[0].parts[0].inlineData.mimeType',
      { contents: [user({ inlineData: { mimeType: 'video/mp4', data: 'AAAA' } })] },
    ],
    [
      'contents[0].parts[0].fileData.mimeType',
      { contents: [user({ fileData: { fileUri: 'https://video.example/watch?v=x' } })] },
    ],
    [
      'contents[0].parts[0].fileData.fileUri',
      { contents: [user({ fileData: { fileUri: 'gs://bucket/a.png' } })] },
    ],
    [
      'contents[0].parts[0].fileData.fileUri',
      {
        contents: [
          user({
            fileData: {
              mimeType: 'image/png',
              fileUri: 'https://generativelanguage.googleapis.com/v1beta/files/x',
            },
          }),
        ],
      },
    ],
  ])('refuse %s', (param, body) => {
    expect(refusal(() => inspect(body))).toBe(`unsupported_parameter ${param}`);
  });

  it.each<[string, object]>([
    ['contents', { contents: 'hi' }],
    ['generationConfig', { generationConfig: 7 }],
    ['generationConfig.maxOutputTokens', { generationConfig: { maxOutputTokens: '7' } }],
    ['generationConfig.candidateCount', { generationConfig: { candidateCount: 9 } }],
    ['api_key', { api_key: 'x' }],
    ['generation_config', { generationConfig: {}, generation_config: {} }],
    [
      'generationConfig.max_output_tokens',
      { generationConfig: { maxOutputTokens: 1, max_output_tokens: 2 } },
    ],
    ['contents[0].parts[0]', { contents: [user({ ...image(''), fileData: { fileUri: 'x' } })] }],
  ])('find a wrong %s', (param, body) => {
    expect(refusal(() => inspect(body))).toBe(`invalid_request ${param}`);
  });

  it('let pass what costs nothing more', () => {
    const tools = [{ functionDeclarations: [{ name: 'f' }], codeExecution: null, mcpServers: [] }];
    const generationConfig = { responseModalities: ['TEXT'], speechConfig: null };
    expect(() => inspect({ tools, generationConfig, safetySettings: [] })).not.toThrow();
  });

  it('are those of the wrapped request where tokens are counted', () => {
    const counting = gemini.tokenCounting!;
    const wrapped = { generateContentRequest: { contents: [user(image('AAAA'))] } };
    expect(counting.inspect(wrapped, ADDRESS)).toMatchObject({ model: 'm', images: 1 });
    expect(counting.inspect({ contents: [user('hi')] }, ADDRESS).images).toBe(0);
    expect(counting.read({ totalTokens: 7 })).toBe(7);
    expect(counting.write(7)).toEqual({ totalTokens: 7 });
  });
});

describe('the edits of a Gemini body', () => {
  const quirks = { outputCapField: 'max_tokens', streamUsageOption: false } as const;
  const edited = (body: object, edits: object = {}, more: object = {}) =>
    Object.fromEntries(
      gemini
        .editRequest(body as JsonObject, { model: 'up', ...edits }, { ...quirks, ...more })
        .map(({ key, json }) => [key, JSON.parse(json ?? 'null')]),
    );

  it('are none where nothing has to change', () => {
    expect(edited({ contents: [user('hi')] })).toEqual({});
    const config = { generationConfig: { maxOutputTokens: 5 } };
    expect(edited(config, { outputCap: 5 })).toEqual({});
  });

  it('lower the cap where it stands, in its own spelling', () => {
    const cap = { outputCap: 5 };
    const config = { topP: 1, maxOutputTokens: 9 };
    expect(edited({ generationConfig: config }, cap)).toEqual({
      generationConfig: { topP: 1, maxOutputTokens: 5 },
    });
    expect(edited({ generation_config: { max_output_tokens: 9 } }, cap)).toEqual({
      generation_config: { max_output_tokens: 5 },
    });
    expect(edited({}, cap)).toEqual({ generationConfig: { maxOutputTokens: 5 } });
  });

  it('name the model wherever the body does', () => {
    expect(edited({ model: 'models/other' })).toEqual({ model: 'models/up' });
    const wrapped = { generateContentRequest: { contents: [] } };
    expect(edited(wrapped)).toEqual({
      generateContentRequest: { contents: [], model: 'models/up' },
    });
  });

  it('take out the signatures of other makers, and what was there for them alone', () => {
    const seal = 'hub:anthropic-messages:c2ln';
    const foreign = [
      user('hi'),
      model({ text: '', thought: true, thoughtSignature: seal }),
      model({ text: 'a', thoughtSignature: 'own' }, { ...call('f'), thoughtSignature: seal }),
    ];
    const calls = (more: object) => [
      user('hi'),
      model({ text: 'a', thoughtSignature: 'own' }, { ...call('f'), ...more }),
    ];
    expect(edited({ contents: foreign })).toEqual({
      contents: calls({ thoughtSignature: 'skip_thought_signature_validator' }),
    });
    const second = { thinkingBudget: { stops: true, least: 1, most: 9 } };
    expect(edited({ contents: foreign }, {}, second)).toEqual({ contents: calls({}) });
  });
});
