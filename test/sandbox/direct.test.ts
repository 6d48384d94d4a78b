// The sandbox's endpoints that are not conversations, by the rules of docs/sandbox.md.

import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { stringOf } from '../../src/base/json.ts';
import { readSse } from '../../src/base/sse.ts';
import { readWavSeconds } from '../../src/base/wav.ts';
import { type Sandbox, startSandbox } from '../../src/sandbox/server.ts';
import { wavOf } from '../support/audio.ts';

let sandbox: Sandbox;
beforeAll(async () => {
  sandbox = await startSandbox();
});
afterAll(() => sandbox.close());

function post(path: string, body: unknown): Promise<Response> {
  return fetch(`${sandbox.baseUrl}${path}`, {
    method: 'POST',
    body: body instanceof FormData ? body : JSON.stringify(body),
  });
}

async function reply(path: string, body: unknown): Promise<Record<string, unknown>> {
  const response = await post(path, body);
  expect(response.status).toBe(200);
  return (await response.json()) as Record<string, unknown>;
}

function formOf(file: Buffer, format?: string): FormData {
  const form = new FormData();
  form.set('model', 'transcribe');
  form.set('file', new Blob([Uint8Array.from(file)]), 'talk');
  if (format) form.set('response_format', format);
  return form;
}

function imageForm(more: Record<string, string> = {}, name = 'image[]'): FormData {
  const form = new FormData();
  for (const [key, value] of Object.entries({ model: 'image', ...more })) form.set(key, value);
  form.append(name, new Blob(['a cat']), 'cat.png');
  return form;
}

async function events(path: string, body: unknown): Promise<Record<string, unknown>[]> {
  const response = await post(path, body);
  expect(response.headers.get('content-type')).toBe('text/event-stream');
  const read = readSse().push(Buffer.from(await response.arrayBuffer()));
  return read.map(({ name, data }) => {
    const event = JSON.parse(data) as Record<string, unknown>;
    expect(event['type']).toBe(name);
    return event;
  });
}

describe('the sandbox', () => {
  it('makes unit vectors, the same for the same words in any order', async () => {
    const input = ['the red cat', 'Cat: red, the!', ''];
    const { data, usage } = (await reply('/embeddings', { model: 'embed', input })) as {
      data: { embedding: number[] }[];
      usage: unknown;
    };
    const [first, second] = data.map(({ embedding }) => embedding);
    expect(first).toHaveLength(64);
    expect(Math.hypot(...first!)).toBeCloseTo(1);
    expect(second).toEqual(first);
    expect(usage).toEqual({ prompt_tokens: 7, total_tokens: 7 });
  });

  it('makes vectors of tokens and of any length, as base64 where that is asked', async () => {
    const body = { model: 'embed', input: [[1, 2], [3]], dimensions: 7, encoding_format: 'base64' };
    const { data } = (await reply('/embeddings', body)) as { data: { embedding: string }[] };
    expect(data.map(({ embedding }) => Buffer.from(embedding, 'base64').length)).toEqual([28, 28]);
  });

  it('speaks a twentieth of a second for each character', async () => {
    const response = await post('/audio/speech', { model: 'speech', input: 'ten  👋 ms!' });
    const wav = Buffer.from(await response.arrayBuffer());
    expect(response.headers.get('content-type')).toBe('audio/wav');
    expect(readWavSeconds(wav)).toBe(0.5);
  });

  it('listens as long as the recording is, by its bytes where it is no WAV file', async () => {
    for (const [file, seconds] of [
      [wavOf(16_000), 1],
      [wavOf(16_001), 2],
      [Buffer.alloc(24_000), 3],
    ] as const) {
      const answer = await reply('/audio/transcriptions', formOf(file));
      expect(answer['usage']).toEqual({ type: 'duration', seconds });
      expect(answer['text']).toBe(`The sandbox listened for ${seconds} seconds.`);
    }
  });

  it('ranks by shared words, the earlier first where they share as many', async () => {
    const documents = ['a dog', 'cat', { text: 'The CAT is red' }, 'red'];
    const body = { model: 'rerank', query: 'red cat', documents, top_n: 3 };
    const { results, meta } = await reply('/rerank', { ...body, return_documents: true });
    expect(results).toEqual([
      { index: 2, relevance_score: 1, document: { text: 'The CAT is red' } },
      { index: 1, relevance_score: 0.5, document: { text: 'cat' } },
      { index: 3, relevance_score: 0.5, document: { text: 'red' } },
    ]);
    expect(meta).toEqual({ billed_units: { search_units: 1 } });
  });

  it('flags what is named in a text, of each text or of all parts', async () => {
    const judge = async (input: unknown) => {
      const { results } = (await reply('/moderations', { model: 'moderate', input })) as {
        results: { flagged: boolean; categories: Record<string, boolean> }[];
      };
      return results.map(({ flagged, categories }) => [
        flagged,
        Object.keys(categories).filter((name) => categories[name]),
      ]);
    };
    expect(await judge('Self-harm? No intent.')).toEqual([
      [true, ['self-harm', 'self-harm/intent']],
    ]);
    expect(await judge(['a cat', 'hate'])).toEqual([
      [false, []],
      [true, ['hate']],
    ]);
    const image = { type: 'image_url', image_url: { url: 'https://violence.example' } };
    expect(await judge([{ type: 'text', text: 'a cat' }, image])).toEqual([[false, []]]);
  });

  it('makes images from an image, whatever it shows', async () => {
    const { data } = await reply('/images/edits', imageForm({ n: '2' }));
    expect(data).toHaveLength(2);
    expect((await reply('/images/variations', imageForm({}, 'image')))['data']).toHaveLength(1);
  });

  it('streams an image with its previews', async () => {
    const body = { model: 'image', prompt: 'a', stream: true };
    const types = async (path: string, more: unknown) =>
      (await events(path, more)).map(({ type }) => type);
    expect(await types('/images/generations', body)).toEqual(['image_generation.completed']);
    expect(await types('/images/generations', { ...body, partial_images: 1 })).toEqual([
      'image_generation.partial_image',
      'image_generation.completed',
    ]);
    expect(await types('/images/edits', imageForm({ stream: 'true' }))).toEqual([
      'image_edit.completed',
    ]);
  });

  it('streams speech in pieces', async () => {
    const body = { model: 'speech', input: 'word'.repeat(100), stream_format: 'sse' };
    const list = await events('/audio/speech', body);
    const pieces = list.map(({ audio }) => Buffer.from(stringOf(audio) ?? '', 'base64'));
    expect(pieces).toHaveLength(6);
    expect(readWavSeconds(Buffer.concat(pieces))).toBe(20);
    expect(list.at(-1)?.['usage']).toEqual({
      input_tokens: 100,
      output_tokens: 400,
      total_tokens: 500,
    });
  });

  it('streams a transcript word by word', async () => {
    const form = formOf(wavOf(16_000));
    form.set('stream', 'true');
    const list = await events('/audio/transcriptions', form);
    const text = 'The sandbox listened for 1 seconds.';
    expect(list.map(({ delta }) => stringOf(delta) ?? '').join('')).toBe(text);
    const usage = { type: 'duration', seconds: 1 };
    expect(list.at(-1)).toEqual({ type: 'transcript.text.done', text, usage });
  });

  it('translates as it transcribes, and tells its seconds in the verbose form alone', async () => {
    const text = 'The sandbox listened for 1 seconds.';
    expect(await reply('/audio/translations', formOf(wavOf(1)))).toEqual({ text });
    const verbose = await reply('/audio/translations', formOf(wavOf(1), 'verbose_json'));
    expect(verbose).toMatchObject({ task: 'translate', duration: 1, segments: [{ end: 1, text }] });
  });

  it.each([
    ['/images/generations', { model: 'image', prompt: 'a', stream: true, n: 2 }, 400],
    ['/images/edits', imageForm({}, 'picture'), 400],
    ['/moderations', { model: 'moderate', input: [{ type: 'audio' }] }, 400],
    ['/moderations', { model: 'moderate' }, 400],
    ['/images/generations', { model: 'image', prompt: 'a', n: 11 }, 400],
    ['/images/generations', { model: 'echo', prompt: 'a' }, 404],
    ['/audio/speech', { model: 'speech', input: 'a'.repeat(4_097) }, 400],
    ['/audio/transcriptions', formOf(wavOf(1), 'srt'), 400],
    ['/audio/transcriptions', { model: 'transcribe' }, 400],
    ['/embeddings', [], 400],
  ])('refuses at %s what it cannot do: %#', async (path, body, status) => {
    expect((await post(path, body)).status).toBe(status);
  });
});
