// OpenAI's own SDK and the streams of images, speech and transcripts: the sandbox, and a provider that
// answers as OpenAI documents. After each answer the receipt says units and price.

import OpenAI, { toFile } from 'openai';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readSse } from '../../src/base/sse.ts';
import { wavOf } from '../support/audio.ts';
import { answerStream, messagesStream } from '../support/upstream.ts';
import { type World, expectCharge, openWorld } from './world.ts';

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

async function gather<T>(stream: AsyncIterable<T>): Promise<T[]> {
  const events: T[] = [];
  for await (const event of stream) events.push(event);
  return events;
}

/** 2.5 seconds. */
const talk = () => toFile(wavOf(40_000), 'talk.wav', { type: 'audio/wav' });
const picture = () => toFile(Buffer.from('a cat'), 'cat.png', { type: 'image/png' });

/** The SDK gives speech as bytes, so its events are read here. */
async function eventsOf(speech: Response): Promise<Record<string, unknown>[]> {
  const events = readSse().push(Buffer.from(await speech.arrayBuffer()));
  return events.map(({ data }) => JSON.parse(data) as Record<string, unknown>);
}

describe("OpenAI's SDK and the streams of the sandbox", () => {
  it('draws, and draws from an image', async () => {
    const model = 'sandbox/image';
    const asked = { model, prompt: 'a cat', stream: true as const, partial_images: 2 };
    const drawn = await gather(await tester.images.generate(asked));
    expect(drawn.map(({ type }) => type)).toEqual([
      'image_generation.partial_image',
      'image_generation.partial_image',
      'image_generation.completed',
    ]);
    const receipt = await world.lastReceipt();
    expectCharge(receipt, model, { images: 1 });
    expect(receipt.streamed).toBe(true);
    const edited = await tester.images.edit({ ...asked, image: await picture() });
    expect((await gather(edited)).at(-1)?.type).toBe('image_edit.completed');
    expectCharge(await world.lastReceipt(), model, { images: 1 });
  });

  it('speaks', async () => {
    const model = 'sandbox/speech';
    const input = 'Guten Tag, schöne Welt!';
    const speech = await tester.audio.speech.create({
      model,
      voice: 'alloy',
      input,
      stream_format: 'sse',
    });
    const events = await eventsOf(speech);
    const wav = Buffer.from(String(events[0]?.['audio']), 'base64');
    expect(wav.toString('latin1', 0, 4)).toBe('RIFF');
    expect(events.at(-1)).toMatchObject({ type: 'speech.audio.done' });
    expectCharge(await world.lastReceipt(), model, { characters: 23 });
  });

  it('transcribes', async () => {
    const model = 'sandbox/transcribe';
    const heard = await tester.audio.transcriptions.create({
      model,
      file: await talk(),
      stream: true,
    });
    const events = await gather(heard);
    const text = events.map((event) => ('delta' in event ? event.delta : '')).join('');
    expect(text).toBe('The sandbox listened for 3 seconds.');
    expect(events.at(-1)).toMatchObject({ type: 'transcript.text.done', text });
    expectCharge(await world.lastReceipt(), model, { audioMs: 3_000 });
  });
});

describe("OpenAI's SDK and the streams of a provider that speaks OpenAI", () => {
  it('draws images that are priced by the token', async () => {
    const usage = {
      input_tokens: 11,
      input_tokens_details: { text_tokens: 11, image_tokens: 0 },
      output_tokens: 1_156,
      total_tokens: 1_167,
    };
    const sent = [
      { type: 'image_generation.partial_image', b64_json: 'AAAA', partial_image_index: 0 },
      { type: 'image_generation.completed', b64_json: 'BBBB', usage },
    ];
    world.openai.answer = answerStream(...messagesStream(...sent));
    const model = 'openai/gpt-image-1-mini';
    const asked = { model, prompt: 'a cat', stream: true as const, partial_images: 1 };
    expect(await gather(await client.images.generate(asked))).toEqual(sent);
    expect(world.openai.asked.at(-1)?.body).toEqual({ ...asked, model: 'gpt-image-1-mini' });
    expectCharge(await world.lastReceipt(), model, { inUncached: 11, outImage: 1_156 });
  });

  it('speaks', async () => {
    const usage = { input_tokens: 2, output_tokens: 20, total_tokens: 22 };
    const sent = [
      { type: 'speech.audio.delta', audio: 'AAAA' },
      { type: 'speech.audio.done', usage },
    ];
    world.openai.answer = answerStream(...messagesStream(...sent));
    const model = 'openai/tts-1';
    const asked = { model, voice: 'nova', input: 'Hi', stream_format: 'sse' as const };
    expect(await eventsOf(await client.audio.speech.create(asked))).toEqual(sent);
    expectCharge(await world.lastReceipt(), model, { characters: 2 });
  });

  it('transcribes', async () => {
    const sent = [
      { type: 'transcript.text.delta', delta: 'Hello' },
      { type: 'transcript.text.done', text: 'Hello', usage: { type: 'duration', seconds: 3 } },
    ];
    world.openai.answer = answerStream(...messagesStream(...sent));
    const model = 'openai/whisper-1';
    const asked = { model, file: await talk(), stream: true as const };
    expect(await gather(await client.audio.transcriptions.create(asked))).toEqual(sent);
    expectCharge(await world.lastReceipt(), model, { audioMs: 3_000 });
  });

  it('reads the failure of a stream as an error', async () => {
    const partial = { type: 'image_generation.partial_image', b64_json: 'AAAA' };
    world.openai.answer = answerStream(...messagesStream(partial));
    const model = 'openai/gpt-image-1-mini';
    const stream = await client.images.generate({ model, prompt: 'a cat', stream: true });
    await expect(gather(stream)).rejects.toThrow(OpenAI.APIError);
    const receipt = await world.lastReceipt();
    expect(receipt).toMatchObject({ outcome: 'upstream_broke_off', chargeNanos: '0', lines: [] });
  });
});
