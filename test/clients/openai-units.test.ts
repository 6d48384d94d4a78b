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
    expect(receipt.usageSource).toBe('estimated');
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
    expectCharge(await world.lastReceipt(), model, { inUncached: 11, outText: 1_056 });
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

  it("is told the provider's own words of its own fault", async () => {
    const error = { message: 'voice: no such voice', type: 'invalid_request_error' };
    world.openai.answer = answerJson({ error }, 400);
    const call = client.audio.speech.create({ model: 'openai/tts-1', voice: 'x', input: 'Hi' });
    await expect(call).rejects.toMatchObject({ status: 400, error });
    expectNoCharge(await world.lastReceipt(), 'upstream_rejected');
  });
});
