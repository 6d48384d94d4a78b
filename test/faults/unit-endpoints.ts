// What the suites of the endpoints that are not conversations share: one request of each, what the
// stand-in answers, and prices that the providers publish or, for those that no provider here
// sells by the unit, that the operator does.

import type { ServerResponse } from 'node:http';
import { expect, vi } from 'vitest';
import { findRunningHub } from '../../src/host/control.ts';
import { wavOf } from '../support/audio.ts';
import { signIn } from './console-session.ts';
import { type Customer, type World, balanceOf, receiptOf } from './world.ts';

export const IMAGE = 'vllm/painter';
export const RERANK = 'vllm/ranker';
/** By the token: speech and transcripts. */
export const TALKER = 'vllm/talker';
export const TOKEN_RERANK = 'voyage/rerank-2.5';
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
/** $0.05 a million tokens. */
export const RANKED_NANOS = 50n;
/** What the talker costs: $1 and $4 a million tokens. */
export const TALKER_NANOS = { input: 1_000n, output: 4_000n };

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
        {
          model: TALKER,
          rates: { input: '1', output: '4', audioInput: '1', audioOutput: '4' },
        },
      ],
    },
    acceptJumps: [IMAGE, RERANK, TALKER],
  });
  expect(faults).toEqual([]);
  const { liveKey } = await world.customer(0n);
  const { answer } = world.upstream;
  // Until then the provider refuses: an answer that is none would, repeated, break its circuit.
  world.upstream.answer = (response) => void response.writeHead(400).end('{}');
  const talk = askSpeech('a', { model: TALKER, stream_format: 'sse' });
  for (const asking of [askImages(1), askRerank(['a']), talk]) {
    await vi.waitFor(async () => expect((await post(world, liveKey, asking)).status).toBe(402), {
      timeout: 20_000,
      interval: 100,
    });
  }
  world.upstream.answer = answer;
}

export function askImages(n?: unknown, model = IMAGE): Asking {
  const more = n === undefined ? {} : { n };
  return { path: '/v1/images/generations', content: { model, prompt: 'a cat', ...more } };
}

export function askImageStream(model = IMAGE): Asking {
  const content = { model, prompt: 'a cat', stream: true, partial_images: 2 };
  return { path: '/v1/images/generations', content };
}

export function askEdit(model = IMAGE, more: Record<string, string> = {}): Asking {
  const form = new FormData();
  for (const [name, value] of Object.entries({ model, prompt: 'a cow', ...more })) {
    form.set(name, value);
  }
  for (const name of ['cat', 'dog']) form.append('image[]', new Blob([name]), `${name}.png`);
  return { path: '/v1/images/edits', content: form };
}

export function askSpeech(input: unknown, more: Record<string, unknown> = {}): Asking {
  const content = { model: SPEECH, input, voice: 'alloy', ...more };
  return { path: '/v1/audio/speech', content };
}

export function askTranscription(file: Buffer, more: Record<string, string> = {}): Asking {
  const form = new FormData();
  form.set('model', TRANSCRIPTION);
  form.set('file', new Blob([Uint8Array.from(file)], { type: 'audio/wav' }), 'talk "1".wav');
  for (const [name, value] of Object.entries(more)) form.set(name, value);
  return { path: '/v1/audio/transcriptions', content: form };
}

export function askRerank(documents: unknown, model = RERANK): Asking {
  return { path: '/v1/rerank', content: { model, query: 'red', documents } };
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

/** The provider has the request and has sent these bytes; the test does the rest. */
export function holdAnswer(
  world: World,
  contentType = '',
  bytes: Buffer | string = '',
): Promise<ServerResponse> {
  const asked = Promise.withResolvers<ServerResponse>();
  world.upstream.answer = (response) => {
    if (bytes.length > 0) {
      response.writeHead(200, { 'content-type': contentType });
      response.write(bytes);
    }
    asked.resolve(response);
  };
  return asked.promise;
}

/** The receipt of this customer's one request, once it is recorded. */
export async function onlyReceipt(world: World, customer: Customer, grantNanos: bigint) {
  const session = await signIn(world.hub, customer);
  const path = `/workspaces/${customer.workspaceId}/activity?limit=200`;
  const id = await vi.waitFor(
    async () => {
      const response = await session.request('GET', path);
      const { rows } = (await response.json()) as { rows: { id: string }[] };
      expect(rows).toHaveLength(1);
      return rows[0]?.id ?? '';
    },
    { timeout: 10_000, interval: 50 },
  );
  const receipt = await receiptOf(world.hub, customer.liveKey, id);
  const left = await balanceOf(world.hub, customer.liveKey);
  expect(grantNanos - left).toBe(BigInt(receipt.chargeNanos));
  return receipt;
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
