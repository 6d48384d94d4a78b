// What the gateway admits of a Chat body, what it refuses, and what it edits.

import { describe, expect, it } from 'vitest';
import type { JsonObject } from '../../../src/base/json.ts';
import { scanJson } from '../../../src/base/json-scan.ts';
import { writeSilence } from '../../../src/base/wav.ts';
import { PROTOCOLS } from '../../../src/protocols/list.ts';
import { QUIRKS } from '../streams.ts';

const chat = PROTOCOLS['openai-chat'];
const BODY = { model: 'gpt-x', messages: [{ role: 'user', content: 'hi' }] };

function refusal(more: object): unknown {
  try {
    chat.inspectRequest({ ...BODY, ...more });
    return undefined;
  } catch (error) {
    const { code, param } = error as { code?: string; param?: string };
    return { code, param };
  }
}

describe('inspecting a Chat body', () => {
  it('finds the facts of a plain request', () => {
    expect(chat.inspectRequest(BODY)).toEqual({
      model: 'gpt-x',
      stream: false,
      choices: 1,
      includeUsage: false,
      images: 0,
      imageBytes: 0,
      unboundedInput: false,
    });
  });

  it('takes the larger of two output caps', () => {
    const facts = chat.inspectRequest({ ...BODY, max_tokens: 10, max_completion_tokens: 30 });
    expect(facts.maxOutputTokens).toBe(30);
  });

  it('tells image data from text, and an address of an image from its data', () => {
    const imageBytes = (url: string) =>
      chat.inspectRequest({
        ...BODY,
        messages: [{ role: 'user', content: [{ type: 'image_url', image_url: { url } }] }],
      }).imageBytes;
    expect(imageBytes(`data:image/png;base64,${'QUJD'.repeat(100)}`)).toBe(422);
    expect(imageBytes('https://example.com/a.png')).toBe(0);
    expect(imageBytes('data:text/plain;base64,QUJD')).toBe(0);
  });

  it('counts images and sees input of unbounded cost', () => {
    const image = { type: 'image_url', image_url: { url: 'https://example.com/a.png' } };
    const file = { type: 'file', file: { file_data: 'data:application/pdf;base64,AA==' } };
    const facts = (content: object[]) =>
      chat.inspectRequest({ ...BODY, messages: [{ role: 'user', content }] as never });
    expect(facts([image, image])).toMatchObject({ images: 2, unboundedInput: false });
    expect(facts([file])).toMatchObject({ images: 0, unboundedInput: true });
    expect(facts([{ type: 'hologram' }])).toMatchObject({ unboundedInput: true });
  });

  it.each([0, -1, 2 ** 31, 1.5, '10', Number.POSITIVE_INFINITY, Number.NaN, true, [5]])(
    'refuses %j as a number of tokens or choices',
    (value) => {
      for (const param of ['max_tokens', 'max_completion_tokens', 'n']) {
        expect(refusal({ [param]: value })).toEqual({ code: 'invalid_request', param });
      }
    },
  );

  it('takes null for not set', () => {
    expect(refusal({ max_tokens: null, n: null, stream: null, tools: null })).toBeUndefined();
  });

  it.each(['', 7, null, undefined, 'x'.repeat(257)])('refuses %j as a model', (model) => {
    expect(refusal({ model })).toEqual({ code: 'invalid_request', param: 'model' });
  });

  it.each(['api_base', 'base_url', 'api_key', 'extra_headers'])(
    'refuses %s at the top and allows it inside a tool schema',
    (param) => {
      expect(refusal({ [param]: null })).toEqual({ code: 'invalid_request', param });
      const parameters = { type: 'object', properties: { [param]: { type: 'string' } } };
      const tool = { type: 'function', function: { name: 'f', parameters } };
      expect(refusal({ tools: [tool] })).toBeUndefined();
    },
  );

  it.each([
    ['web_search_options', {}, 'web_search_options'],
    ['modalities', ['text', 'image'], 'modalities'],
    ['service_tier', 5, 'service_tier'],
    ['service_tier', 'FLEX;', 'service_tier'],
    ['tools', [{ type: 'web_search' }], 'tools[0].type'],
    ['fallbacks', ['dearer-model'], 'fallbacks'],
  ])('refuses %s = %j, which has no price', (key, value, param) => {
    expect(refusal({ [key]: value })).toEqual({ code: 'unsupported_parameter', param });
  });

  it.each([
    ['flex', 'flex'],
    ['auto', 'auto'],
    ['default', undefined],
    [null, undefined],
  ])('reads the service tier %j as %j', (tier, read) => {
    expect(chat.inspectRequest({ ...BODY, service_tier: tier }).serviceTier).toBe(read);
  });

  const hear = (data: string) => ({ type: 'input_audio', input_audio: { data, format: 'wav' } });
  const say = (...content: unknown[]) => ({ ...BODY, messages: [{ role: 'user', content }] });
  const mediaOf = (body: object) => chat.inspectRequest(body as JsonObject).media;

  it('knows what is heard, also of an outline, and that it is no text', () => {
    const data = writeSilence(7_456, 8_000).toString('base64');
    // 10 000 letters are 7 500 bytes, ten seconds at the most and about one.
    const param = 'messages[0].content[1].type';
    const heard = { class: 'inAudio', param, bytes: 10_000, most: 320, likely: 10 };
    const body = say({ type: 'text', text: 'a' }, hear(data));
    for (const each of [body, JSON.parse(scanJson(JSON.stringify(body)).outline)]) {
      expect(chat.inspectRequest(each)).toMatchObject({ unboundedInput: false, media: [heard] });
    }
    expect(mediaOf(say(hear('AAAA'), hear('AAAA')))).toHaveLength(2);
    expect(mediaOf(say({ type: 'text', text: 'a' }))).toBeUndefined();
  });

  it('takes parts that it does not know for sound that may be as long as the window', () => {
    expect(mediaOf(say({ type: 'audio_url' }))).toEqual([{ class: 'inAudio' }]);
  });

  it('knows that an answer is to be heard', () => {
    const spoken = (param: string) => ({ class: 'outAudio', param });
    expect(mediaOf({ ...BODY, modalities: ['text', 'audio'] })).toEqual([spoken('modalities')]);
    expect(mediaOf({ ...BODY, audio: { voice: 'x' } })).toEqual([spoken('audio')]);
    expect(mediaOf({ ...BODY, modalities: ['text'], audio: null })).toBeUndefined();
  });

  it('refuses an earlier spoken answer, which lies at the provider', () => {
    const message = { role: 'assistant', audio: { id: 'audio_x' } };
    expect(refusal({ messages: [message] })).toEqual({
      code: 'unsupported_parameter',
      param: 'messages[0].audio',
    });
  });

  it('outlives prototype keys, deep nesting and odd messages', () => {
    const deep = `${'['.repeat(50_000)}${']'.repeat(50_000)}`;
    const odd = `[null,7,{"role":"user","content":[${deep},null,"x"]}]`;
    const body = JSON.parse(`{"model":"m","__proto__":{"n":5},"x":${deep},"messages":${odd}}`);
    expect(chat.inspectRequest(body)).toMatchObject({ choices: 1, unboundedInput: true });
  });
});

describe('editing a Chat body', () => {
  it('changes nothing that need not change', () => {
    expect(chat.editRequest(BODY, { model: 'gpt-x' }, QUIRKS)).toEqual([]);
  });

  it('writes the model and lowers both caps', () => {
    const body = { ...BODY, max_tokens: 500, max_completion_tokens: 900 };
    expect(chat.editRequest(body, { model: 'up', outputCap: 200 }, QUIRKS)).toEqual([
      { key: 'model', json: '"up"' },
      { key: 'max_tokens', json: '200' },
      { key: 'max_completion_tokens', json: '200' },
    ]);
  });

  it('never raises a cap, and sets the one that the provider reads where there is none', () => {
    const low = { ...BODY, max_tokens: 50, max_completion_tokens: null };
    expect(chat.editRequest(low, { model: 'gpt-x', outputCap: 200 }, QUIRKS)).toEqual([]);
    expect(chat.editRequest(BODY, { model: 'gpt-x', outputCap: 200 }, QUIRKS)).toEqual([
      { key: 'max_completion_tokens', json: '200' },
    ]);
  });

  it('asks for usage in a stream beside what the client asked for', () => {
    const body = { ...BODY, stream: true, stream_options: { include_obfuscation: false } };
    const [edit] = chat.editRequest(body, { model: 'gpt-x' }, QUIRKS);
    expect(edit?.key).toBe('stream_options');
    expect(JSON.parse(edit?.json ?? '')).toEqual({
      include_obfuscation: false,
      include_usage: true,
    });
    const asked = { ...body, stream_options: { include_usage: true } };
    expect(chat.editRequest(asked, { model: 'gpt-x' }, QUIRKS)).toEqual([]);
    const without = { ...QUIRKS, streamUsageOption: false };
    expect(chat.editRequest(body, { model: 'gpt-x' }, without)).toEqual([]);
  });

  it('refuses to rewrite what is nested too deeply', () => {
    const deep = JSON.parse(`${'{"0":'.repeat(20_000)}1${'}'.repeat(20_000)}`) as JsonObject;
    const body = { ...BODY, stream: true, stream_options: deep };
    expect(() => chat.editRequest(body, { model: 'gpt-x' }, QUIRKS)).toThrowError(
      expect.objectContaining({ code: 'invalid_request' }),
    );
  });
});
