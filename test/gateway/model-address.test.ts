// What Gemini's clients say in the address.

import { describe, expect, it } from 'vitest';
import { isInference } from '../../src/gateway/handle.ts';
import { readModelCall } from '../../src/gateway/model-address.ts';

function read(url: string) {
  return readModelCall(url.split('?')[0] ?? '', url);
}

describe("a model's address", () => {
  it.each([
    ['/v1beta/models/gemini-2.5-pro:generateContent', 'gemini-2.5-pro', 'generateContent'],
    ['/v1/models/gemini/gemini-2.5-pro:countTokens', 'gemini/gemini-2.5-pro', 'countTokens'],
    ['/v1beta/models/ollama/llama3:8b:generateContent', 'ollama/llama3:8b', 'generateContent'],
    ['/v1beta/models/gemini%2Fa%3Ab:embedContent', 'gemini/a:b', 'embedContent'],
    ['/v1beta/models/models/a:generateContent', 'a', 'generateContent'],
    ['/v1beta/tunedModels/a:generateContent', 'tunedModels/a', 'generateContent'],
    ['/v1beta/gemini/a:b:generateContent', 'gemini/a:b', 'generateContent'],
    ['/v1beta/gemini-2.5-pro:countTokens', 'gemini-2.5-pro', 'countTokens'],
  ])('%s names %s', (url, model, method) => {
    expect(read(url)).toEqual({ method, address: { model, stream: false, sse: false } });
  });

  it.each([
    ['?alt=sse', true],
    ['?key=x&alt=sse', true],
    ['?$alt=sse&x=y', true],
    ['?%24alt=sse', true],
    ['', false],
    ['?alt=json', false],
    ['?salt=sse', false],
    ['?alt=ssemi', false],
  ])('says with %j whether a stream is of events', (query, sse) => {
    const call = read(`/v1beta/models/a:streamGenerateContent${query}`);
    expect(call?.address).toEqual({ model: 'a', stream: true, sse });
  });

  it.each([
    '/v1beta/models/a',
    '/v1beta/models/:generateContent',
    '/v1/models/llama3:8b',
    '/v2/models/a:generateContent',
    '/v1/gemini/a:generateContent',
    '/v1beta/:generateContent',
    '/v1beta/interactions/v1_1',
    '/v1beta/models/%E0%A4%A:generateContent',
  ])('is none: %s', (url) => {
    expect(read(url)).toBeUndefined();
  });
});

describe('the hot path', () => {
  it('is every method of a model that is inference, and no other', () => {
    const paths = ['generateContent', 'streamGenerateContent', 'countTokens', 'batchEmbedContents'];
    for (const method of paths) {
      expect(isInference('POST', `/v1beta/models/gemini/a:${method}`)).toBe(true);
      expect(isInference('POST', `/v1/models/a:${method}`)).toBe(true);
      expect(isInference('POST', `/v1beta/gemini/a:${method}`)).toBe(true);
      expect(isInference('GET', `/v1/models/a:${method}`)).toBe(false);
      expect(isInference('POST', `/other/a:${method}`)).toBe(false);
    }
    for (const path of ['/v1/models/a:predict', '/v1/models/a', '/v1beta/models', '/v1/models/']) {
      expect(isInference('POST', path)).toBe(false);
    }
  });
});
