// What the gateway learns of a Completions body, and the edits of one that passes.

import { describe, expect, it } from 'vitest';
import { scanJson } from '../../../src/base/json-scan.ts';
import type { JsonObject } from '../../../src/base/json.ts';
import { PROTOCOLS } from '../../../src/protocols/list.ts';
import { QUIRKS } from '../streams.ts';
import { refusal } from '../translation/requests.ts';

const completions = PROTOCOLS['openai-completions'];
const BODY = { model: 'm', prompt: 'Once' };

describe('the facts of a Completions body', () => {
  it('are the model, the cap, the stream and its usage', () => {
    expect(completions.inspectRequest(BODY)).toEqual({
      model: 'm',
      stream: false,
      choices: 1,
      includeUsage: false,
      images: 0,
      imageBytes: 0,
      unboundedInput: false,
    });
    const options = { stream: true, stream_options: { include_usage: true }, max_tokens: 0 };
    const facts = completions.inspectRequest({ ...BODY, ...options, service_tier: 'flex' });
    expect(facts).toMatchObject({
      stream: true,
      includeUsage: true,
      maxOutputTokens: 0,
      serviceTier: 'flex',
    });
  });

  it.each<[JsonObject, number]>([
    [{ n: 3 }, 3],
    [{ n: 2, best_of: 5 }, 5],
    [{ prompt: ['a', 'b', 'c'] }, 3],
    [{ prompt: ['a', 'b'], n: 4 }, 8],
    [{ prompt: [1, 2, 3] }, 1],
    [{ prompt: [[1, 2], [3]], best_of: 2 }, 4],
    [{ prompt: [1, 'a'] }, 2],
    [{ prompt: [] }, 1],
    [{ prompt: null }, 1],
  ])('of %j count %i answers', (fields, choices) => {
    expect(completions.inspectRequest({ ...BODY, ...fields }).choices).toBe(choices);
  });

  it('count the answers to prompts of which only the outline is read', () => {
    const prompt = ['a'.repeat(5000), 'b'.repeat(5000)];
    const { outline } = scanJson(JSON.stringify({ model: 'm', prompt }));
    expect(completions.inspectRequest(JSON.parse(outline) as JsonObject).choices).toBe(2);
  });

  it.each<[JsonObject, string]>([
    [{ model: '' }, 'invalid_request model'],
    [{ n: 0 }, 'invalid_request n'],
    [{ n: 129 }, 'invalid_request n'],
    [{ best_of: 'x' }, 'invalid_request best_of'],
    [{ max_tokens: -1 }, 'invalid_request max_tokens'],
    [{ stream: 1 }, 'invalid_request stream'],
    [{ api_base: 'http://10.0.0.1' }, 'invalid_request api_base'],
    [{ prompt_embeds: 'AAAA' }, 'unsupported_parameter prompt_embeds'],
    [{ service_tier: 'No Such' }, 'unsupported_parameter service_tier'],
  ])('refuse %j with %s', (fields, said) => {
    expect(refusal(() => completions.inspectRequest({ ...BODY, ...fields }))).toBe(said);
  });
});

describe('a Completions body that passes', () => {
  const edit = (body: JsonObject, outputCap?: number) =>
    completions.editRequest(
      body,
      { model: 'up', ...(outputCap !== undefined && { outputCap }) },
      QUIRKS,
    );

  it('gets the model, a lowered cap in the one field that there is, and the order for usage', () => {
    expect(edit({ ...BODY, suffix: 'x', stream: true }, 16)).toEqual([
      { key: 'model', json: '"up"' },
      { key: 'max_tokens', json: '16' },
      { key: 'stream_options', json: '{"include_usage":true}' },
    ]);
    expect(edit({ model: 'up', prompt: 'a', max_tokens: 8 }, 16)).toEqual([]);
  });
});
