// OpenAI's own SDK at the endpoints that are not conversations: the sandbox, and a provider that
// answers as OpenAI documents. After each answer the receipt says units and price.

import OpenAI, { toFile } from 'openai';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { wavOf } from '../support/audio.ts';
import { answerJson } from '../support/upstream.ts';
import { PROVIDER_KEYS, type World, expectCharge, expectNoCharge, openWorld } from './world.ts';

let world: World;
let tester: OpenAI;
let client: OpenAI;
beforeAll(async () => {
  world = await openWorld();
  tester = connect(world.rich.testKey);
  client = connect(world.rich.liveKey);
});
afterAll(() => world.close());

function connect(apiKey: string): OpenAI {
  const baseURL = `${world.hub.baseUrl}/v1`;
  return new OpenAI({ apiKey, baseURL, maxRetries: 0, fetch: world.fetch });
}

/** 2.5 seconds. */
const TALK = wavOf(40_000);
const talk = () => toFile(TALK, 'talk.wav', { type: 'audio/wav' });
/** No container that anybody here can measure; 24 000 bytes. */
const song = () => toFile(Buffer.alloc(24_000, 1), 'song.mp3', { type: 'audio/mpeg' });
const picture = (name: string) => toFile(Buffer.from(name), `${name}.png`, { type: 'image/png' });

describe("OpenAI's SDK and the sandbox", () => {
  it('draws images', async () => {
    const { data } = await tester.images.generate({
      model: 'sandbox/image',
      prompt: 'a cat',
      n: 2,
    });
    const bytes = data?.map(({ b64_json }) => Buffer.from(b64_json ?? '', 'base64'));
    expect(bytes?.map((png) => png.toString('latin1', 1, 4))).toEqual(['PNG', 'PNG']);
    expectCharge(await world.lastReceipt(), 'sandbox/image', { images: 2 });
  });

  it('draws from images', async () => {
    const model = 'sandbox/image';
    const image = [await picture('cat'), await picture('dog')];
    const edited = await tester.images.edit({ model, image, prompt: 'a cow', n: 3 });
    expect(edited.data).toHaveLength(3);
    expectCharge(await world.lastReceipt(), model, { images: 3 });
    const varied = await tester.images.createVariation({ model, image: await picture('cat') });
    expect(varied.data).toHaveLength(1);
    expectCharge(await world.lastReceipt(), model, { images: 1 });
  });

  it('judges for nothing', async () => {
    const model = 'sandbox/moderate';
    const judge = (input: OpenAI.ModerationCreateParams['input']) =>
      tester.moderations.create({ model, input });
    const { results } = await judge(['graphic violence', 'a red cat']);
    expect(results.map(({ flagged }) => flagged)).toEqual([true, false]);
    expect(results[0]?.categories).toMatchObject({ violence: true, 'violence/graphic': true });
    const parts = [
      { type: 'text' as const, text: 'no hate' },
      { type: 'image_url' as const, image_url: { url: 'https://cats.example/red.png' } },
    ];
    const seen = (await judge(parts)).results[0];
    expect(seen?.categories.hate).toBe(true);
    expect(seen?.category_applied_input_types).toMatchObject({
      hate: ['text'],
      violence: ['text', 'image'],
    });
    const receipt = await world.lastReceipt();
    expect(receipt).toMatchObject({ chargeNanos: '0', holdNanos: '0', outcome: 'completed' });
  });

  it('speaks, and listens to what was spoken', async () => {
    const speech = await tester.audio.speech.create({
      model: 'sandbox/speech',
      voice: 'alloy',
      input: 'Guten Tag, schöne Welt!',
    });
    const wav = Buffer.from(await speech.arrayBuffer());
    expectCharge(await world.lastReceipt(), 'sandbox/speech', { characters: 23 });
    // A twentieth of a second for each character.
    const heard = await tester.audio.transcriptions.create({
      model: 'sandbox/transcribe',
      file: await toFile(wav, 'speech.wav'),
    });
    expect(heard.text).toBe('The sandbox listened for 2 seconds.');
    expectCharge(await world.lastReceipt(), 'sandbox/transcribe', { audioMs: 2_000 });
  });

  it('transcribes in every form that it can', async () => {
    const create = tester.audio.transcriptions.create.bind(tester.audio.transcriptions);
    const model = 'sandbox/transcribe';
    const verbose = await create({ model, file: await talk(), response_format: 'verbose_json' });
    expect(verbose.duration).toBe(3);
    expectCharge(await world.lastReceipt(), model, { audioMs: 3_000 });
    const text = await create({ model, file: await talk(), response_format: 'text' });
    expect(text).toBe('The sandbox listened for 3 seconds.\n');
    const receipt = await world.lastReceipt();
    expectCharge(receipt, model, { audioMs: 3_000 });
    expect(receipt.usageSource).toBe('provider');
    const told = { model, file: await talk(), response_format: 'diarized_json' as const };
    expect(await create(told)).toMatchObject({ segments: [{ speaker: 'A', end: 3 }] });
    expectCharge(await world.lastReceipt(), model, { audioMs: 3_000 });
  });

  it('transcribes and translates into subtitles what nobody here can measure', async () => {
    const model = 'sandbox/transcribe';
    const cue = '00:00:00,000 --> 00:00:03,000\nThe sandbox listened for 3 seconds.\n\n';
    const asked = { model, file: await song(), response_format: 'srt' as const };
    expect(await tester.audio.transcriptions.create(asked)).toBe(`1\n${cue}`);
    expectCharge(await world.lastReceipt(), model, { audioMs: 3_000 });
    expect(await tester.audio.translations.create(asked)).toBe(`1\n${cue}`);
    expectCharge(await world.lastReceipt(), model, { audioMs: 3_000 });
    const plain = await tester.audio.translations.create({ model, file: await song() });
    expect(plain).toEqual({ text: 'The sandbox listened for 3 seconds.' });
    expectCharge(await world.lastReceipt(), model, { audioMs: 3_000 });
  });

  it('embeds, in base64 behind its own back', async () => {
    const { data } = await tester.embeddings.create({
      model: 'sandbox/embed',
      input: ['the red cat', 'a red cat', 'forty-two'],
    });
    const vectors = data.map(({ embedding }) => embedding);
    const dot = (a = 0, b = 0) =>
      vectors[a]!.reduce((sum, value, i) => sum + value * vectors[b]![i]!, 0);
    expect(dot(0, 0)).toBeCloseTo(1);
    expect(dot(0, 1)).toBeGreaterThan(dot(0, 2));
    // Tokens of four bytes: 3 for each text.
    expectCharge(await world.lastReceipt(), 'sandbox/embed', { inUncached: 9 });
  });

  it('ranks', async () => {
    const body = { model: 'sandbox/rerank', query: 'red cat', documents: ['dog', 'a red cat'] };
    const answer = await tester.post<{ results: unknown[] }>('/rerank', { body });
    expect(answer.results).toEqual([
      { index: 1, relevance_score: 1 },
      { index: 0, relevance_score: 0 },
    ]);
    expectCharge(await world.lastReceipt(), 'sandbox/rerank', { searchUnits: 1 });
  });
});

describe("OpenAI's SDK and a provider that speaks OpenAI", () => {
  it('draws images that are priced by the token', async () => {
    const usage = {
      input_tokens: 11,
      input_tokens_details: { text_tokens: 11, image_tokens: 0 },
      output_tokens: 1_056,
      total_tokens: 1_067,
    };
    const reply = { created: 7, data: [{ b64_json: 'AAAA' }], quality: 'medium', usage };
    world.openai.answer = answerJson(reply);
    const model = 'openai/gpt-image-1-mini';
    const images = await client.images.generate({ model, prompt: 'a cat', quality: 'medium' });
    expect(images).toMatchObject(reply);
    expect(world.openai.asked.at(-1)).toMatchObject({
      path: '/v1/images/generations',
      body: { model: 'gpt-image-1-mini', prompt: 'a cat', quality: 'medium' },
      headers: { authorization: `Bearer ${PROVIDER_KEYS.openai}` },
    });
    expectCharge(await world.lastReceipt(), model, { inUncached: 11, outImage: 1_056 });
  });

  it('speaks', async () => {
    const audio = Buffer.from([0xff, 0xfb, 0x90, 0x00, 0x0a]);
    world.openai.answer = (response) => {
      response.writeHead(200, { 'content-type': 'audio/mpeg' });
      for (const byte of audio) response.write(Buffer.from([byte]));
      response.end();
    };
    const model = 'openai/tts-1';
    const speech = await client.audio.speech.create({ model, voice: 'nova', input: 'Hi' });
    expect(Buffer.from(await speech.arrayBuffer())).toEqual(audio);
    expectCharge(await world.lastReceipt(), model, { characters: 2 });
  });

  it('transcribes', async () => {
    const usage = { type: 'duration', seconds: 3 };
    world.openai.answer = answerJson({ text: 'Hello', usage });
    const model = 'openai/whisper-1';
    const heard = await client.audio.transcriptions.create({ model, file: await talk() });
    expect(heard).toMatchObject({ text: 'Hello', usage });
    expect(world.openai.asked.at(-1)?.path).toBe('/v1/audio/transcriptions');
    expect(world.openai.asked.at(-1)?.bytes.includes(TALK)).toBe(true);
    expectCharge(await world.lastReceipt(), model, { audioMs: 3_000 });
  });

  it('embeds', async () => {
    const embedding = Buffer.from(new Float32Array([0.6, 0.8]).buffer).toString('base64');
    world.openai.answer = answerJson({
      object: 'list',
      data: [{ object: 'embedding', index: 0, embedding }],
      usage: { prompt_tokens: 5, total_tokens: 5 },
    });
    const model = 'openai/text-embedding-3-small';
    const { data } = await client.embeddings.create({ model, input: 'Hello' });
    expect(data[0]?.embedding.map((value) => value.toFixed(1))).toEqual(['0.6', '0.8']);
    expectCharge(await world.lastReceipt(), model, { inUncached: 5 });
  });

  it('embeds where the provider sends numbers in the place of base64, in any order', async () => {
    world.openai.answer = answerJson({
      object: 'list',
      data: [
        { object: 'embedding', index: 1, embedding: [0.25] },
        { object: 'embedding', index: 0, embedding: [0.5, -1] },
      ],
      usage: { prompt_tokens: 5, total_tokens: 5 },
    });
    const model = 'openai/text-embedding-3-small';
    const { data } = await client.embeddings.create({ model, input: ['a', 'b'], dimensions: 2 });
    expect(data.map(({ embedding }) => [...embedding])).toEqual([[0.5, -1], [0.25]]);
    expect(world.openai.asked.at(-1)?.body).toMatchObject({
      encoding_format: 'base64',
      dimensions: 2,
    });
    expectCharge(await world.lastReceipt(), model, { inUncached: 5 });
  });

  it('judges for nothing, without a balance, by the model that needs no name', async () => {
    const results = [{ flagged: false, categories: {}, category_scores: {} }];
    world.openai.answer = answerJson({ id: 'modr-1', model: 'omni-moderation-latest', results });
    const poor = connect(world.poor.liveKey);
    expect((await poor.moderations.create({ input: 'Hello' })).results).toEqual(results);
    expect(world.openai.asked.at(-1)).toMatchObject({
      path: '/v1/moderations',
      body: { input: 'Hello', model: 'omni-moderation-latest' },
    });
    const receipt = await world.lastReceipt();
    expect(receipt).toMatchObject({ chargeNanos: '0', quarantined: false, outcome: 'completed' });
  });

  it('translates, by what the verbose answer tells', async () => {
    const verbose = { task: 'translate', language: 'english', duration: 2.5, text: 'Hello' };
    world.openai.answer = answerJson({ ...verbose, segments: [] });
    const model = 'openai/whisper-1';
    const heard = await client.audio.translations.create({ model, file: await song() });
    expect(heard).toEqual({ text: 'Hello' });
    const { path, bytes } = world.openai.asked.at(-1)!;
    expect(path).toBe('/v1/audio/translations');
    expect(bytes.toString('latin1')).toContain('name="response_format"\r\n\r\nverbose_json\r\n');
    expectCharge(await world.lastReceipt(), model, { audioMs: 2_500 });
  });

  it('edits by the token, of which those of the images that are read have a price of their own', async () => {
    const usage = {
      input_tokens: 211,
      input_tokens_details: { text_tokens: 11, image_tokens: 200 },
      output_tokens: 1_056,
      total_tokens: 1_267,
    };
    world.openai.answer = answerJson({ created: 7, data: [{ b64_json: 'AAAA' }], usage });
    const model = 'openai/gpt-image-1-mini';
    await client.images.edit({ model, image: await picture('cat'), prompt: 'a cow' });
    const counted = { inUncached: 11, inImage: 200, outImage: 1_056 };
    expectCharge(await world.lastReceipt(), model, counted);
  });

  it('speaks by the token, of which only events tell', async () => {
    world.openai.answer = (response) => {
      const usage = { input_tokens: 3, output_tokens: 40, total_tokens: 43 };
      const audio = Buffer.from('sound').toString('base64');
      response.writeHead(200, { 'content-type': 'text/event-stream' });
      response.write(`data: ${JSON.stringify({ type: 'speech.audio.delta', audio })}\n\n`);
      response.end(`data: ${JSON.stringify({ type: 'speech.audio.done', usage })}\n\n`);
    };
    const model = 'openai/gpt-4o-mini-tts';
    const asked = { model, voice: 'nova', input: 'Hi', response_format: 'wav' as const };
    const speech = await client.audio.speech.create(asked);
    expect(await speech.text()).toBe('sound');
    expect(speech.headers.get('content-type')).toBe('audio/wav');
    expect(world.openai.asked.at(-1)?.body).toMatchObject({ stream_format: 'sse' });
    expectCharge(await world.lastReceipt(), model, { inUncached: 3, outAudio: 40 });
  });

  it("is told the provider's own words of its own fault", async () => {
    const error = { message: 'voice: no such voice', type: 'invalid_request_error' };
    world.openai.answer = answerJson({ error }, 400);
    const call = client.audio.speech.create({ model: 'openai/tts-1', voice: 'x', input: 'Hi' });
    await expect(call).rejects.toMatchObject({ status: 400, error });
    expectNoCharge(await world.lastReceipt(), 'upstream_rejected');
  });
});
