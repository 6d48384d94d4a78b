// Answers of the endpoints that are not conversations which are none, and models at the address of
// another: nothing is charged.

import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Answer, answerJson, answerStream } from '../support/upstream.ts';
import {
  type Asking,
  SPEECH,
  TALK,
  TOKEN_IMAGE,
  TOKEN_RERANK,
  askEmbedding,
  askImageStream,
  askImages,
  askRerank,
  askSpeech,
  askTranscription,
  bill,
  post,
  publishUnitPrices,
} from './unit-endpoints.ts';
import { type Customer, type World, openWorld, receiptOf } from './world.ts';

let world: World;
let rich: Customer;
beforeAll(async () => {
  world = await openWorld();
  await publishUnitPrices(world);
  rich = await world.customer(1_000_000_000_000n);
});
afterAll(() => world.close());

const answerText: Answer = (response) => {
  response.writeHead(200, { 'content-type': 'text/plain; charset=utf-8' });
  response.end('Hello there.\n');
};

describe('what is no answer costs nothing', () => {
  const none: readonly (readonly [string, () => Asking, Answer, number])[] = [
    ['an error under status 200', () => askImages(1), answerJson({ error: { code: 429 } }), 429],
    ['a reply without images', () => askImages(1), answerJson({ created: 1 }), 502],
    ['a page in the place of a reply', () => askTranscription(TALK), answerPage, 502],
    ['a rerank without results', () => askRerank(['a'], TOKEN_RERANK), answerJson({}), 502],
    ['a stream that begins with an error', () => askImageStream(), answerStream(FAILED), 429],
    [
      'a transcript without cues',
      () => askTranscription(TALK, SRT),
      answerJson({ text: 'a' }),
      502,
    ],
    ['text in the place of vectors', () => askEmbedding('a'), answerText, 502],
    ['JSON in the place of audio', () => askSpeech('a'), answerJson({ fine: true }), 502],
    ['a page in the place of audio', () => askSpeech('a'), answerPage, 502],
    ['no audio at all', () => askSpeech('a'), answerNothing, 502],
    ['a refusal', () => askRerank(['a']), answerJson({ message: 'no' }, 422), 422],
  ];
  it.each(none)('%s', async (_, asking, answer, status) => {
    world.upstream.answer = answer;
    const { response, receipt } = await bill(world, rich.liveKey, asking());
    expect(response.status).toBe(status);
    expect(receipt).toMatchObject({ chargeNanos: '0', ledger: null });
  });
});

const FAILED = 'data: {"error":{"code":"rate_limit_exceeded"}}\n\n';
const SRT = { response_format: 'srt' };

function answerPage(response: Parameters<Answer>[0]): void {
  response.writeHead(200, { 'content-type': 'text/html' });
  response.end('<p>Welcome</p>');
}

function answerNothing(response: Parameters<Answer>[0]): void {
  response.writeHead(200, { 'content-type': 'audio/mpeg' });
  response.end();
}

describe('a model at an address that is not its own', () => {
  it.each([
    { model: SPEECH, path: '/v1/embeddings', right: '/v1/audio/speech' },
    { model: TOKEN_IMAGE, path: '/v1/chat/completions', right: '/v1/images/generations' },
    { model: 'openai/gpt-4o', path: '/v1/rerank', right: '/v1/chat/completions' },
  ])('is refused by name: $model at $path', async ({ model, path, right }) => {
    const content = { model, input: 'a', messages: [], query: 'a', documents: ['b'] };
    const response = await post(world, rich.liveKey, { path, content });
    expect(response.status).toBe(400);
    const { error } = (await response.json()) as { error: { message: string; param: string } };
    expect(error.param).toBe('model');
    expect(error.message).toContain(model);
    expect(error.message).toContain(right);
    expect(await receiptOf(world.hub, rich.liveKey, response)).toMatchObject({ attempts: 0 });
  });
});
