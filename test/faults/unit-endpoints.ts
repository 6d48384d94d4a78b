// What the suites of the endpoints that are not conversations share: one request of each, what the
// stand-in answers, and prices that the providers publish or, for the two that no provider here
// sells by the unit, that the operator does.

import { expect, vi } from 'vitest';
import { findRunningHub } from '../../src/host/control.ts';
import { wavOf } from '../support/audio.ts';
import { type World, balanceOf, receiptOf } from './world.ts';

export const IMAGE = 'vllm/painter';
export const RERANK = 'vllm/ranker';
export const TOKEN_IMAGE = 'openai/gpt-image-1-mini';
export const SPEECH = 'openai/tts-1';
export const TRANSCRIPTION = 'openai/whisper-1';
export const EMBEDDING = 'openai/text-embedding-3-small';

/** Nano-dollars a unit: $0.04 an image, $15 a million characters, $0.006 a minute, $0.002 a search. */
export const IMAGE_NANOS = 40_000_000n;
export const CHARACTER_NANOS = 15_000n;
export const SECOND_NANOS = 100_000n;
export const SEARCH_NANOS = 2_000_000n;
/** $0.02 a million tokens. */
export const EMBEDDED_NANOS = 20n;

export type Content = Record<string, unknown> | string | FormData;

export interface Asking {
  readonly path: string;
  readonly content: Content;
}

/** The operator's prices are there once a request is held by them. */
export async function publishUnitPrices(world: World): Promise<void> {
  const running = await findRunningHub(world.hub.dataDir);
  const { faults } = await running!.commands.publishPrices({
    list: {
      prices: [
        { model: IMAGE, rates: { image: '0.04' } },
        { model: RERANK, rates: { searchUnit: '0.002' } },
      ],
    },
    acceptJumps: [IMAGE, RERANK],
  });
  expect(faults).toEqual([]);
  const { liveKey } = await world.customer(0n);
  for (const asking of [askImages(1), askRerank(['a'])]) {
    await vi.waitFor(async () => expect((await post(world, liveKey, asking)).status).toBe(402), {
      timeout: 20_000,
      interval: 100,
    });
  }
}

export function askImages(n?: unknown, model = IMAGE): Asking {
  const more = n === undefined ? {} : { n };
  return { path: '/v1/images/generations', content: { model, prompt: 'a cat', ...more } };
}

export function askSpeech(input: unknown): Asking {
  return { path: '/v1/audio/speech', content: { model: SPEECH, input, voice: 'alloy' } };
}

export function askTranscription(file: Buffer, more: Record<string, string> = {}): Asking {
  const form = new FormData();
  form.set('model', TRANSCRIPTION);
  form.set('file', new Blob([Uint8Array.from(file)], { type: 'audio/wav' }), 'talk "1".wav');
  for (const [name, value] of Object.entries(more)) form.set(name, value);
  return { path: '/v1/audio/transcriptions', content: form };
}

export function askRerank(documents: unknown): Asking {
  return { path: '/v1/rerank', content: { model: RERANK, query: 'red', documents } };
}

export function askEmbedding(input: unknown): Asking {
  return { path: '/v1/embeddings', content: { model: EMBEDDING, input } };
}

/** 3.2 seconds, which are billed as 4. */
export const TALK = wavOf(51_200);

export function post(
  world: World,
  key: string,
  { path, content }: Asking,
  signal?: AbortSignal,
): Promise<Response> {
  const isForm = content instanceof FormData;
  return fetch(`${world.hub.baseUrl}${path}`, {
    method: 'POST',
    headers: {
      authorization: `Bearer ${key}`,
      ...(!isForm && { 'content-type': 'application/json' }),
    },
    body: isForm || typeof content === 'string' ? content : JSON.stringify(content),
    ...(signal && { signal }),
  });
}

/** Sends one request and reads its answer; the balance goes down by what the receipt charges. */
export async function bill(world: World, key: string, asking: Asking) {
  const before = await balanceOf(world.hub, key);
  const response = await post(world, key, asking);
  const bytes = Buffer.from(await response.arrayBuffer());
  const receipt = await receiptOf(world.hub, key, response);
  const chargeNanos = BigInt(receipt.chargeNanos);
  expect(before - (await balanceOf(world.hub, key))).toBe(chargeNanos);
  expect(chargeNanos).toBeLessThanOrEqual(BigInt(receipt.holdNanos));
  const lines = Object.fromEntries(receipt.lines.map((line) => [line.class, line.quantity]));
  return { response, bytes, receipt, chargeNanos, lines };
}

export function imagesReply(count: number, usage?: unknown): Record<string, unknown> {
  const data = Array.from({ length: count }, () => ({ b64_json: 'AAAA' }));
  return { created: 1, data, ...(usage !== undefined && { usage }) };
}

export function rerankReply(searchUnits?: unknown): Record<string, unknown> {
  const meta = searchUnits === undefined ? {} : { billed_units: { search_units: searchUnits } };
  return { id: 'r', results: [{ index: 0, relevance_score: 0.5 }], meta };
}

export function embeddingReply(usage?: unknown): Record<string, unknown> {
  return { object: 'list', data: [{ object: 'embedding', index: 0, embedding: [1] }], usage };
}
