// Endpoints that are not priced by the token, over HTTP against a stand-in: charges are exactly units
// times price, holds cover the worst case, a short balance lowers the number of images and refuses
// the rest, and what a provider tells that cannot be true waits for review.

import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Answer, answerJson } from '../support/upstream.ts';
import {
  type Asking,
  CHARACTER_NANOS,
  EMBEDDED_NANOS,
  EMBEDDING,
  IMAGE,
  IMAGE_NANOS,
  RANKED_NANOS,
  SEARCH_NANOS,
  SECOND_NANOS,
  SPEECH,
  TALK,
  TOKEN_IMAGE,
  TOKEN_RERANK,
  TRANSCRIPTION,
  askEdit,
  askEmbedding,
  askImages,
  askRerank,
  askSpeech,
  askTranscription,
  bill,
  embeddingReply,
  imagesReply,
  post,
  publishUnitPrices,
  rerankReply,
} from './unit-endpoints.ts';
import { type Customer, type World, balanceOf, openWorld } from './world.ts';

const RICH_NANOS = 1_000_000_000_000n;

let world: World;
let rich: Customer;
beforeAll(async () => {
  world = await openWorld();
  await publishUnitPrices(world);
  rich = await world.customer(RICH_NANOS);
});
afterAll(() => world.close());

const AUDIO = Buffer.from('RIFF of a voice');
const answerAudio: Answer = (response) => {
  response.writeHead(200, { 'content-type': 'audio/mpeg' });
  response.end(AUDIO);
};
const answerText: Answer = (response) => {
  response.writeHead(200, { 'content-type': 'text/plain; charset=utf-8' });
  response.end('Hello there.\n');
};

interface Case {
  readonly what: string;
  readonly asking: () => Asking;
  readonly answer: Answer;
  readonly lines: Record<string, number>;
  readonly owedNanos: bigint;
  readonly heldNanos: bigint;
  readonly source: string;
}

const ONE_AND_A_HALF_KB = 'word '.repeat(300);

/** A token for each byte of the body, and 2 048 that providers may add. */
function promptBound({ content }: Asking): bigint {
  return BigInt(Buffer.byteLength(JSON.stringify(content)) + 2_048);
}

const CASES: readonly Case[] = [
  {
    what: 'images that were delivered, not those that were asked for',
    asking: () => askImages(3),
    answer: answerJson(imagesReply(2)),
    lines: { images: 2 },
    owedNanos: 2n * IMAGE_NANOS,
    heldNanos: 3n * IMAGE_NANOS,
    source: 'provider',
  },
  {
    what: 'an image of a model by the token: $2 and $8 a million',
    asking: () => askImages(undefined, TOKEN_IMAGE),
    answer: answerJson(
      imagesReply(1, { input_tokens: 50, output_tokens: 1_056, total_tokens: 1_106 }),
    ),
    lines: { inUncached: 50, outImage: 1_056 },
    owedNanos: 50n * 2_000n + 1_056n * 8_000n,
    // And the model's 8 192 tokens an image.
    heldNanos: promptBound(askImages(undefined, TOKEN_IMAGE)) * 2_000n + 8_192n * 8_000n,
    source: 'provider',
  },
  {
    what: 'characters, of which a hand that waves is one',
    asking: () => askSpeech('héllo 👋'),
    answer: answerAudio,
    lines: { characters: 7 },
    owedNanos: 7n * CHARACTER_NANOS,
    heldNanos: 7n * CHARACTER_NANOS,
    source: 'estimated',
  },
  {
    what: 'the seconds that the provider tells',
    asking: () => askTranscription(TALK),
    answer: answerJson({ text: 'Hello', usage: { type: 'duration', seconds: 3 } }),
    lines: { audioMs: 3_000 },
    owedNanos: 3n * SECOND_NANOS,
    heldNanos: 4n * SECOND_NANOS,
    source: 'provider',
  },
  {
    what: 'the measured seconds of a WAV file where the answer is plain text all the same',
    asking: () => askTranscription(TALK, { response_format: 'text' }),
    answer: answerText,
    lines: { audioMs: 4_000 },
    owedNanos: 4n * SECOND_NANOS,
    heldNanos: 4n * SECOND_NANOS,
    source: 'estimated',
  },
  {
    what: 'the seconds of another file, held by its bytes at 6 kbit/s',
    asking: () => askTranscription(Buffer.alloc(7_501, 1)),
    answer: answerJson({ text: 'Hello', usage: { type: 'duration', seconds: 5 } }),
    lines: { audioMs: 5_000 },
    owedNanos: 5n * SECOND_NANOS,
    heldNanos: 11n * SECOND_NANOS,
    source: 'provider',
  },
  {
    what: 'the search units that the provider tells, more of them where documents are long',
    asking: () => askRerank(Array.from({ length: 60 }, () => ONE_AND_A_HALF_KB)),
    answer: answerJson(rerankReply(2)),
    lines: { searchUnits: 2 },
    owedNanos: 2n * SEARCH_NANOS,
    // Four parts of 500 bytes each, the query in every one: 240 in all.
    heldNanos: 3n * SEARCH_NANOS,
    source: 'provider',
  },
  {
    what: 'a search unit for each begun hundred of documents where nothing is told',
    asking: () => askRerank(Array.from({ length: 201 }, (_, i) => `document ${i}`)),
    answer: answerJson(rerankReply()),
    lines: { searchUnits: 3 },
    owedNanos: 3n * SEARCH_NANOS,
    heldNanos: 3n * SEARCH_NANOS,
    source: 'estimated',
  },
  {
    what: 'the tokens of a rerank, held with the query once for each document',
    asking: () => askRerank(['a', 'b', 'c'], TOKEN_RERANK),
    answer: answerJson({ data: [], usage: { total_tokens: 12 } }),
    lines: { inUncached: 12 },
    owedNanos: 12n * RANKED_NANOS,
    heldNanos: (promptBound(askRerank(['a', 'b', 'c'], TOKEN_RERANK)) + 6n) * RANKED_NANOS,
    source: 'provider',
  },
  {
    what: 'images that were made of others',
    asking: () => askEdit(IMAGE, { n: '3' }),
    answer: answerJson(imagesReply(2, { input_tokens: 9, output_tokens: 9, total_tokens: 18 })),
    lines: { images: 2 },
    owedNanos: 2n * IMAGE_NANOS,
    heldNanos: 3n * IMAGE_NANOS,
    source: 'provider',
  },
  {
    what: 'subtitles of a recording that nobody here can measure',
    asking: () => askTranscription(Buffer.alloc(7_501, 1), { response_format: 'vtt' }),
    answer: answerJson({ duration: 4.5, text: 'a', segments: [{ start: 0, end: 1, text: 'a' }] }),
    lines: { audioMs: 4_500 },
    owedNanos: (9n * SECOND_NANOS) / 2n,
    heldNanos: 11n * SECOND_NANOS,
    source: 'provider',
  },
  {
    what: 'the tokens of an embedding',
    asking: () => askEmbedding(['one', 'two']),
    answer: answerJson(embeddingReply({ prompt_tokens: 9, total_tokens: 9 })),
    lines: { inUncached: 9 },
    owedNanos: 9n * EMBEDDED_NANOS,
    heldNanos: promptBound(askEmbedding(['one', 'two'])) * EMBEDDED_NANOS,
    source: 'provider',
  },
];

describe('the charge is exactly units times price', () => {
  it.each(CASES)('$what', async ({ asking, answer, lines, owedNanos, heldNanos, source }) => {
    world.upstream.answer = answer;
    const billed = await bill(world, rich.liveKey, asking());
    expect(billed.response.status).toBe(200);
    expect(billed.lines).toEqual(lines);
    expect(billed.chargeNanos).toBe(owedNanos);
    expect(billed.receipt).toMatchObject({
      usageSource: source,
      quarantined: false,
      holdNanos: heldNanos.toString(),
      outputCap: null,
    });
  });

  it('the bytes of the answer and its type pass through', async () => {
    world.upstream.answer = answerAudio;
    const { response, bytes } = await bill(world, rich.liveKey, askSpeech('Hello'));
    expect(bytes).toEqual(AUDIO);
    expect(response.headers.get('content-type')).toBe('audio/mpeg');
  });

  it('a form goes on with its file untouched and the model by its name there', async () => {
    world.upstream.answer = answerJson({ text: '', usage: { type: 'duration', seconds: 4 } });
    await bill(world, rich.liveKey, askTranscription(TALK, { language: 'de', temperature: '0.2' }));
    const { bytes, headers } = world.upstream.asked.at(-1)!;
    const sent = await new Response(Uint8Array.from(bytes), {
      headers: { 'content-type': headers['content-type']! },
    }).formData();
    expect([...sent.keys()]).toEqual(['model', 'file', 'language', 'temperature']);
    expect(sent.get('model')).toBe('whisper-1');
    expect(sent.get('language')).toBe('de');
    const file = sent.get('file') as File;
    expect([file.name, file.type]).toEqual(['talk "1".wav', 'audio/wav']);
    expect(Buffer.from(await file.arrayBuffer())).toEqual(TALK);
  });
});

describe('a balance that falls short', () => {
  it('lowers the number of images, and says so', async () => {
    const customer = await world.customer((5n * IMAGE_NANOS) / 2n);
    world.upstream.answer = (response, asked) =>
      answerJson(imagesReply(Number(asked.body['n'])))(response, asked);
    const billed = await bill(world, customer.liveKey, askImages(5));
    expect(billed.response.headers.get('x-inferencehub-images-cap')).toBe('2');
    expect(billed.response.headers.has('x-inferencehub-output-cap')).toBe(false);
    expect(world.upstream.asked.at(-1)?.body).toEqual({ model: 'painter', prompt: 'a cat', n: 2 });
    expect(billed.chargeNanos).toBe(2n * IMAGE_NANOS);
    expect(billed.receipt).toMatchObject({ outputCap: 2, outputCapLowered: true });
  });

  it('lowers the number of images in a form as well', async () => {
    const customer = await world.customer((5n * IMAGE_NANOS) / 2n);
    world.upstream.answer = answerJson(imagesReply(2));
    const billed = await bill(world, customer.liveKey, askEdit(IMAGE, { n: '5' }));
    expect(billed.response.headers.get('x-inferencehub-images-cap')).toBe('2');
    const { bytes, headers } = world.upstream.asked.at(-1)!;
    const type = { headers: { 'content-type': headers['content-type']! } };
    const sent = await new Response(Uint8Array.from(bytes), type).formData();
    expect([sent.get('n'), sent.getAll('image[]').length]).toEqual(['2', 2]);
    expect(billed.chargeNanos).toBe(2n * IMAGE_NANOS);
  });

  it('is used to the last nano-dollar', async () => {
    const customer = await world.customer(3n * IMAGE_NANOS);
    world.upstream.answer = answerJson(imagesReply(3));
    const billed = await bill(world, customer.liveKey, askImages(10));
    expect(billed.chargeNanos).toBe(3n * IMAGE_NANOS);
    expect(await balanceOf(world.hub, customer.liveKey)).toBe(0n);
  });

  const short: readonly (readonly [string, () => Asking, bigint])[] = [
    [IMAGE, () => askImages(4), IMAGE_NANOS],
    [TOKEN_IMAGE, () => askImages(2, TOKEN_IMAGE), 8_192n * 8_000n],
    [SPEECH, () => askSpeech('Hello'), 5n * CHARACTER_NANOS],
    [TRANSCRIPTION, () => askTranscription(TALK), 4n * SECOND_NANOS],
    ['rerank', () => askRerank(['a', 'b']), SEARCH_NANOS],
    [EMBEDDING, () => askEmbedding('Hello'), 2_100n * EMBEDDED_NANOS],
  ];
  it.each(short)('refuses %s with 402 and sends nothing', async (_, asking, neededNanos) => {
    const customer = await world.customer(neededNanos - 1n);
    const before = world.upstream.asked.length;
    const billed = await bill(world, customer.liveKey, asking());
    expect(billed.response.status).toBe(402);
    expect(billed.receipt).toMatchObject({ holdNanos: '0', chargeNanos: '0', attempts: 0 });
    expect(world.upstream.asked).toHaveLength(before);
  });

  it('of a hundred requests at once serves the ten that it covers', async () => {
    const customer = await world.customer(10n * IMAGE_NANOS);
    const before = world.upstream.asked.length;
    const gate = Promise.withResolvers<void>();
    let decided = 0;
    const decide = (): void => void (++decided === 100 && gate.resolve());
    world.upstream.answer = async (response, asked) => {
      decide();
      await gate.promise;
      await answerJson(imagesReply(1))(response, asked);
    };
    const statuses = await Promise.all(
      Array.from({ length: 100 }, async () => {
        const response = await post(world, customer.liveKey, askImages(1));
        await response.arrayBuffer();
        if (response.status !== 200) decide();
        return response.status;
      }),
    );
    expect(statuses.filter((status) => status === 200)).toHaveLength(10);
    expect(statuses.filter((status) => status === 402)).toHaveLength(90);
    expect(world.upstream.asked.length - before).toBe(10);
    expect(await balanceOf(world.hub, customer.liveKey)).toBe(0n);
  });
});

describe('usage that cannot be true', () => {
  const duration = (seconds: unknown) =>
    answerJson({ text: 'Hello', usage: { type: 'duration', seconds } });
  const absurd: readonly (readonly [string, () => Asking, Answer])[] = [
    ['more images than asked for', () => askImages(2), answerJson(imagesReply(3))],
    [
      'tokens of an image below zero',
      () => askImages(1, TOKEN_IMAGE),
      answerJson(imagesReply(1, { input_tokens: 5, output_tokens: -1, total_tokens: 4 })),
    ],
    [
      'no tokens of an image by the token',
      () => askImages(1, TOKEN_IMAGE),
      answerJson(imagesReply(1)),
    ],
    [
      'image tokens in a prompt of text',
      () => askImages(1, TOKEN_IMAGE),
      answerJson(
        imagesReply(1, {
          input_tokens: 5,
          input_tokens_details: { image_tokens: 3 },
          output_tokens: 9,
          total_tokens: 14,
        }),
      ),
    ],
    ['seconds below zero', () => askTranscription(TALK), duration(-1)],
    ['seconds as text', () => askTranscription(TALK), duration('4')],
    ['a recording of ages', () => askTranscription(TALK), duration(1e300)],
    ['a recording longer than it can be', () => askTranscription(TALK), duration(5)],
    [
      'no seconds of a file that nobody has measured',
      () => askTranscription(Buffer.alloc(9_000, 1)),
      answerJson({ text: 'Hello' }),
    ],
    ['search units below zero', () => askRerank(['a']), answerJson(rerankReply(-1))],
    ['more searches than there can be', () => askRerank(['a']), answerJson(rerankReply(2))],
    [
      'tokens as text',
      () => askEmbedding('a'),
      answerJson(embeddingReply({ prompt_tokens: 'NaN' })),
    ],
    [
      'a total that is another',
      () => askEmbedding('a'),
      answerJson(embeddingReply({ prompt_tokens: 3, total_tokens: 4 })),
    ],
  ];
  it.each(absurd)('%s is quarantined within the hold', async (_, asking, answer) => {
    world.upstream.answer = answer;
    const { response, receipt, chargeNanos } = await bill(world, rich.liveKey, asking());
    expect(response.status).toBe(200);
    expect(receipt).toMatchObject({ quarantined: true, usageSource: 'unreadable' });
    expect(chargeNanos).toBeGreaterThan(0n);
    expect(receipt.ledger?.kind).toBe('quarantine');
  });
});
