// Completions requests on the translated way: what is carried, dropped by name, and refused.

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { JsonObject } from '../../../src/base/json.ts';
import type { ChatRequest } from '../../../src/chat/request.ts';
import { PROTOCOLS } from '../../../src/protocols/list.ts';
import { QUIRKS } from '../streams.ts';
import { refusal } from '../translation/requests.ts';

const completions = PROTOCOLS['openai-completions'];
const BODY = { model: 'm', prompt: 'Once upon a time' };

const decode = (fields: JsonObject): ChatRequest =>
  completions.decodeRequest({ ...BODY, ...fields });

describe('a Completions request', () => {
  it.each([['Once'], [['Once']]])('with the prompt %j is one message', (prompt) => {
    expect(decode({ prompt })).toEqual({
      model: 'm',
      messages: [{ role: 'user', content: [{ type: 'text', text: 'Once' }] }],
      tools: [],
      stream: false,
      includeUsage: false,
      dropped: [],
    });
  });

  it('carries every number, and what follows from it', () => {
    const request = decode({
      max_tokens: 5,
      temperature: 0.1,
      top_p: 0.2,
      top_k: 3,
      stop: 'END',
      seed: 4,
      frequency_penalty: 0.5,
      presence_penalty: 0.6,
      logit_bias: { '50256': -100 },
      logprobs: 2,
      n: 3,
      best_of: 3,
      user: 'u',
      service_tier: 'flex',
      stream: true,
      stream_options: { include_usage: true },
    });
    expect(request).toMatchObject({
      maxOutputTokens: 5,
      temperature: 0.1,
      topP: 0.2,
      topK: 3,
      stop: ['END'],
      seed: 4,
      frequencyPenalty: 0.5,
      presencePenalty: 0.6,
      logitBias: { '50256': -100 },
      topLogprobs: 2,
      choices: 3,
      endUser: 'u',
      serviceTier: 'flex',
      stream: true,
      includeUsage: true,
      dropped: [],
    });
  });

  it('takes what is off or empty for not set', () => {
    const plain = { echo: false, suffix: '', best_of: 1, n: 1, logit_bias: {}, logprobs: null };
    expect(decode(plain)).toEqual(decode({}));
    expect(decode({ logprobs: 0 }).topLogprobs).toBe(0);
  });

  it('names the hints that the form has not', () => {
    const { dropped } = decode({ metadata: {}, stream_options: { include_obfuscation: false } });
    expect(dropped).toEqual(['metadata', 'stream_options.include_obfuscation']);
  });

  it.each<[JsonObject, string]>([
    [{ prompt: ['a', 'b'] }, 'unsupported_parameter prompt'],
    [{ prompt: [1, 2] }, 'unsupported_parameter prompt'],
    [{ prompt: [[1, 2]] }, 'unsupported_parameter prompt'],
    [{ prompt: [] }, 'unsupported_parameter prompt'],
    [{ prompt: null }, 'invalid_request prompt'],
    [{ prompt: 7 }, 'invalid_request prompt'],
    [{ suffix: 'x' }, 'unsupported_parameter suffix'],
    [{ echo: true }, 'unsupported_parameter echo'],
    [{ best_of: 2 }, 'unsupported_parameter best_of'],
    [{ n: 2, best_of: 3 }, 'unsupported_parameter best_of'],
    [{ logprobs: -1 }, 'invalid_request logprobs'],
    [{ guided_json: {} }, 'unsupported_parameter guided_json'],
    [{ min_p: 0.1 }, 'unsupported_parameter min_p'],
  ])('with %j is refused with %s', (fields, said) => {
    expect(refusal(() => decode(fields))).toBe(said);
  });

  it.each(['openai-chat', 'anthropic-messages', 'cohere-chat', 'ollama-chat'] as const)(
    'becomes a conversation of %s',
    (id) => {
      const request = decode({ max_tokens: 5 });
      const { body } = PROTOCOLS[id].encodeRequest(request, QUIRKS);
      expect(JSON.stringify(body['messages'])).toContain(BODY.prompt);
    },
  );
});

describe('a request for a model that only completes', () => {
  const words = fc.string({ minLength: 1, maxLength: 12 });
  const fraction = fc.double({ min: 0, max: 1, noNaN: true });
  const requests = fc
    .record(
      {
        maxOutputTokens: fc.integer({ min: 1, max: 1000 }),
        temperature: fraction,
        topP: fraction,
        seed: fc.nat(),
        stop: fc.array(words, { minLength: 1, maxLength: 3 }),
        frequencyPenalty: fraction,
        presencePenalty: fraction,
        topLogprobs: fc.integer({ min: 0, max: 5 }),
        choices: fc.integer({ min: 2, max: 9 }),
        logitBias: fc.constant({ '1': 5 }),
        endUser: words,
        serviceTier: fc.constant('flex'),
      },
      { requiredKeys: [] },
    )
    .chain((fields) =>
      fc.tuple(words, fc.boolean()).map(
        ([prompt, stream]): ChatRequest => ({
          model: 'm',
          messages: [{ role: 'user', content: [{ type: 'text', text: prompt }] }],
          tools: [],
          stream,
          // Where one may ask for usage, the hub does.
          includeUsage: stream,
          dropped: [],
          ...fields,
        }),
      ),
    );

  it('comes back as it went', () => {
    fc.assert(
      fc.property(requests, (request) => {
        const { body, dropped } = completions.encodeRequest(request, QUIRKS);
        const wire = JSON.parse(JSON.stringify(body)) as JsonObject;
        expect(completions.decodeRequest(wire)).toEqual(request);
        expect(dropped).toEqual([]);
      }),
    );
  });

  const chat = (body: object): (() => unknown) => {
    const base = { model: 'm', messages: [{ role: 'user', content: 'hi' }] };
    const request = PROTOCOLS['openai-chat'].decodeRequest({ ...base, ...body });
    return () => completions.encodeRequest(request, QUIRKS);
  };
  const turns = [
    { role: 'user', content: 'a' },
    { role: 'assistant', content: 'b' },
  ];
  const image = { type: 'image_url', image_url: { url: 'https://images.example/a.png' } };
  const tool = { type: 'function', function: { name: 'f' } };

  it.each<[string, object]>([
    ['messages', { messages: turns }],
    ['messages', { messages: [{ role: 'system', content: 'a' }] }],
    ['messages.content', { messages: [{ role: 'user', content: [image] }] }],
    ['tools', { tools: [tool] }],
    ['response_format', { response_format: { type: 'json_object' } }],
  ])('is refused by the name of %s', (param, body) => {
    expect(refusal(chat(body))).toBe(`unsupported_parameter ${param}`);
  });

  it('names what it drops', () => {
    const encoded = chat({ reasoning_effort: 'low', top_k: 3 })() as { dropped: string[] };
    expect(encoded.dropped).toEqual(['top_k', 'reasoning']);
  });
});
