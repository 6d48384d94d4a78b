// Answers of the endpoints that are not conversations, cut by either side; and requests that are none.
// Input is due once the provider has had it, output once it is delivered.

import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  type Asking,
  CHARACTER_NANOS,
  EMBEDDED_NANOS,
  SEARCH_NANOS,
  SECOND_NANOS,
  TALK,
  TOKEN_IMAGE,
  TRANSCRIPTION,
  askEmbedding,
  askImages,
  askRerank,
  askSpeech,
  askTranscription,
  bill,
  holdAnswer,
  onlyReceipt,
  post,
  publishUnitPrices,
} from './unit-endpoints.ts';
import { type World, openWorld } from './world.ts';

const GRANT_NANOS = 10_000_000_000n;
const BEGINNING = Buffer.from('the beginning of a voice');

let world: World;
beforeAll(async () => {
  world = await openWorld();
  await publishUnitPrices(world);
});
afterAll(() => world.close());

/** Reads what has come until it is all of the beginning but its last byte, which is held back. */
async function readBeginning(response: Response) {
  const reader = response.body!.getReader();
  let bytes = Buffer.alloc(0);
  while (bytes.length < BEGINNING.length - 1) {
    const { value } = await reader.read();
    bytes = Buffer.concat([bytes, value ?? Buffer.alloc(0)]);
  }
  expect(bytes).toEqual(BEGINNING.subarray(0, -1));
  return reader;
}

describe('speech', () => {
  it('flows before its end, and is all due when the client leaves in the midst of it', async () => {
    const customer = await world.customer(GRANT_NANOS);
    void holdAnswer(world, 'audio/mpeg', BEGINNING);
    const leaving = new AbortController();
    const response = await post(world, customer.liveKey, askSpeech('Hello'), leaving.signal);
    await readBeginning(response);
    leaving.abort();
    await world.upstream.asked.at(-1)?.cancelled;
    const receipt = await onlyReceipt(world, customer, GRANT_NANOS);
    expect(receipt).toMatchObject({ outcome: 'client_closed', status: 200, quarantined: false });
    expect(receipt.lines.map((line) => [line.class, line.quantity])).toEqual([['characters', 5]]);
    expect(BigInt(receipt.chargeNanos)).toBe(5n * CHARACTER_NANOS);
  });

  it('costs nothing when the provider breaks off', async () => {
    const customer = await world.customer(GRANT_NANOS);
    const held = holdAnswer(world, 'audio/mpeg', BEGINNING);
    const response = await post(world, customer.liveKey, askSpeech('Hello'));
    const reader = await readBeginning(response);
    (await held).destroy();
    // An end that looked complete would pass for a whole voice.
    await expect(reader.read()).rejects.toThrow();
    const receipt = await onlyReceipt(world, customer, GRANT_NANOS);
    expect(receipt).toMatchObject({ outcome: 'upstream_broke_off', chargeNanos: '0', lines: [] });
  });
});

const CUTS: readonly (readonly [string, () => Asking, bigint])[] = [
  ['no speech', () => askSpeech('Hello'), 0n],
  ['no image', () => askImages(2), 0n],
  ['the recording', () => askTranscription(TALK), 4n * SECOND_NANOS],
  // 8 000 bytes a second, as speech usually has.
  ['a likely length', () => askTranscription(Buffer.alloc(8_001, 1)), 2n * SECOND_NANOS],
  ['the search', () => askRerank(['a', 'b']), SEARCH_NANOS],
  // The 57 bytes of the body are about 15 tokens.
  ['the text', () => askEmbedding('Hello'), 15n * EMBEDDED_NANOS],
];

describe('a client that leaves before the answer', () => {
  it.each(CUTS)('pays for %s', async (_, asking, owedNanos) => {
    const customer = await world.customer(GRANT_NANOS);
    const held = holdAnswer(world);
    const leaving = new AbortController();
    const gone = post(world, customer.liveKey, asking(), leaving.signal);
    await held;
    leaving.abort();
    await expect(gone).rejects.toThrow();
    await world.upstream.asked.at(-1)?.cancelled;
    const receipt = await onlyReceipt(world, customer, GRANT_NANOS);
    expect(receipt).toMatchObject({ outcome: 'client_closed', status: 499, quarantined: false });
    expect(BigInt(receipt.chargeNanos)).toBe(owedNanos);
  });
});

const withNumber = (n: string): Asking => ({
  path: '/v1/images/generations',
  content: `{"model":"${TOKEN_IMAGE}","prompt":"a cat","n":${n}}`,
});

const twice = (): Asking => {
  const asking = askTranscription(TALK);
  (asking.content as FormData).append('model', TRANSCRIPTION);
  return asking;
};

const without = (field: string): Asking => {
  const asking = askTranscription(TALK);
  (asking.content as FormData).delete(field);
  return asking;
};

const BAD: readonly (readonly [string, () => Asking, string | null])[] = [
  // 1e309 is no number that JSON.stringify would write.
  ...['0', '-1', '1e309', '"10"', '1.5', '11', 'true', '[]'].map(
    (n) => [`n of ${n}`, () => withNumber(n), 'n'] as const,
  ),
  ['an empty prompt', () => ({ ...askImages(), content: { model: TOKEN_IMAGE } }), 'prompt'],
  [
    'a stream of several images',
    () => ({ ...askImages(), content: { model: TOKEN_IMAGE, prompt: 'a', stream: true, n: 2 } }),
    'n',
  ],
  ['empty speech', () => askSpeech(''), 'input'],
  ['speech of a number', () => askSpeech(5), 'input'],
  ['an empty embedding', () => askEmbedding(''), 'input'],
  ['embeddings of nothing', () => askEmbedding([]), 'input'],
  ['an embedding of nothing among others', () => askEmbedding(['a', '']), 'input[1]'],
  ['a rerank of nothing', () => askRerank([]), 'documents'],
  ['a rerank of a number', () => askRerank(['a', 5]), 'documents[1]'],
  ['an empty recording', () => askTranscription(Buffer.alloc(0)), 'file'],
  ['no recording', () => without('file'), 'file'],
  ['no model', () => without('model'), 'model'],
  ['two models', twice, 'model'],
  ['JSON where a form belongs', () => ({ ...askTranscription(TALK), content: '{}' }), null],
];

describe('a request that is none', () => {
  it.each(BAD)('%s is refused before anything is held', async (_, asking, param) => {
    const customer = await world.customer(GRANT_NANOS);
    const before = world.upstream.asked.length;
    const { response, bytes, receipt } = await bill(world, customer.liveKey, asking());
    expect(response.status).toBe(400);
    expect(JSON.parse(bytes.toString('utf8'))).toMatchObject({ error: { param } });
    expect(receipt).toMatchObject({ holdNanos: '0', chargeNanos: '0', attempts: 0 });
    expect(world.upstream.asked).toHaveLength(before);
  });
});
