// Streams of the endpoints that are not conversations, to their end and cut by either side. What the
// provider makes is due once a part of it is there, the text of a transcript as far as it came.

import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { answerStream, messagesStream } from '../support/upstream.ts';
import {
  type Asking,
  CHARACTER_NANOS,
  IMAGE_NANOS,
  SECOND_NANOS,
  TALK,
  TALKER,
  TALKER_NANOS,
  TOKEN_IMAGE,
  askImageStream,
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
const EVENTS = 'text/event-stream';

let world: World;
beforeAll(async () => {
  world = await openWorld();
  await publishUnitPrices(world);
});
afterAll(() => world.close());

const PREVIEW = { type: 'image_generation.partial_image', b64_json: 'AAAA' };
const SOUND = { type: 'speech.audio.delta', audio: 'AAAA' };
/** Nine bytes, which are about three tokens. */
const WORDS = { type: 'transcript.text.delta', delta: 'Good day!' };
const USAGE = { input_tokens: 7, output_tokens: 20, total_tokens: 27 };

const askTalker = () => askSpeech('Hello', { model: TALKER, stream_format: 'sse' });
const askWords = (more: Record<string, string> = {}) =>
  askTranscription(TALK, { stream: 'true', ...more });

function textOf(bytes: Uint8Array | undefined): string {
  return Buffer.from(bytes ?? []).toString();
}

interface Case {
  readonly what: string;
  readonly asking: () => Asking;
  readonly event: { readonly type: string };
  readonly last: { readonly type: string; readonly usage?: object };
  readonly whole: bigint;
  /** What is due when the client leaves after the first event. */
  readonly left: bigint;
  readonly quarantined?: true;
}

/** One token for four bytes of the request. */
function estimateOf({ content }: Asking): bigint {
  return BigInt(Math.ceil(Buffer.byteLength(JSON.stringify(content)) / 4));
}

const CASES: readonly Case[] = [
  {
    what: 'an image by the image',
    asking: () => askImageStream(),
    event: PREVIEW,
    last: { type: 'image_generation.completed' },
    whole: IMAGE_NANOS,
    left: IMAGE_NANOS,
  },
  {
    what: 'an image by the token, of which nobody knows how many a begun one has',
    asking: () => askImageStream(TOKEN_IMAGE),
    event: PREVIEW,
    last: { type: 'image_generation.completed', usage: USAGE },
    whole: 7n * 2_000n + 20n * 8_000n,
    left: estimateOf(askImageStream(TOKEN_IMAGE)) * 2_000n + 8_192n * 8_000n,
    quarantined: true,
  },
  {
    what: 'speech by the character',
    asking: () => askSpeech('Hello', { stream_format: 'sse' }),
    event: SOUND,
    last: { type: 'speech.audio.done', usage: USAGE },
    whole: 5n * CHARACTER_NANOS,
    left: 5n * CHARACTER_NANOS,
  },
  {
    what: 'speech by the token',
    asking: askTalker,
    event: SOUND,
    last: { type: 'speech.audio.done', usage: USAGE },
    whole: 7n * TALKER_NANOS.input + 20n * TALKER_NANOS.output,
    left: estimateOf(askTalker()) * TALKER_NANOS.input + 128_000n * TALKER_NANOS.output,
    quarantined: true,
  },
  {
    what: 'a transcript by the second',
    asking: () => askWords(),
    event: WORDS,
    last: { type: 'transcript.text.done', usage: { type: 'duration', seconds: 3 } },
    whole: 3n * SECOND_NANOS,
    left: 4n * SECOND_NANOS,
  },
];

describe.each(CASES)('a stream of $what', ({ asking, event, last, whole, left, quarantined }) => {
  it('costs what its last event reports', async () => {
    const { liveKey } = await world.customer(GRANT_NANOS);
    const sent = messagesStream(event, last);
    world.upstream.answer = answerStream(...sent);
    const { bytes, chargeNanos, receipt } = await bill(world, liveKey, asking());
    expect(bytes.toString()).toBe(sent.join(''));
    expect(chargeNanos).toBe(whole);
    expect(receipt).toMatchObject({ quarantined: false, streamed: true, outcome: 'completed' });
  });

  it('costs what was begun when its client leaves', async () => {
    const customer = await world.customer(GRANT_NANOS);
    const [begun = ''] = messagesStream(event);
    void holdAnswer(world, EVENTS, begun);
    const leaving = new AbortController();
    const response = await post(world, customer.liveKey, asking(), leaving.signal);
    const { value } = await response.body!.getReader().read();
    expect(textOf(value)).toBe(begun);
    leaving.abort();
    await world.upstream.asked.at(-1)?.cancelled;
    const receipt = await onlyReceipt(world, customer, GRANT_NANOS);
    expect(receipt).toMatchObject({ outcome: 'client_closed', quarantined: quarantined ?? false });
    expect(BigInt(receipt.chargeNanos)).toBe(left);
  });

  it('costs nothing when the provider breaks off, and its client reads an error', async () => {
    const customer = await world.customer(GRANT_NANOS);
    const [begun = ''] = messagesStream(event);
    const held = holdAnswer(world, EVENTS, begun);
    const response = await post(world, customer.liveKey, asking());
    const reader = response.body!.getReader();
    const first = await reader.read();
    expect(textOf(first.value)).toBe(begun);
    (await held).destroy();
    const next = await reader.read();
    expect(textOf(next.value)).toMatch(/^data: \{"error":\{/);
    const receipt = await onlyReceipt(world, customer, GRANT_NANOS);
    expect(receipt).toMatchObject({ outcome: 'upstream_broke_off', chargeNanos: '0', lines: [] });
  });
});

describe('a stream of a transcript by the token', () => {
  it('costs the text as far as it came when its client leaves', async () => {
    const customer = await world.customer(GRANT_NANOS);
    const [begun = ''] = messagesStream(WORDS);
    void holdAnswer(world, EVENTS, begun);
    const leaving = new AbortController();
    const asking = askWords();
    (asking.content as FormData).set('model', TALKER);
    const response = await post(world, customer.liveKey, asking, leaving.signal);
    await response.body!.getReader().read();
    leaving.abort();
    await world.upstream.asked.at(-1)?.cancelled;
    const receipt = await onlyReceipt(world, customer, GRANT_NANOS);
    const lines = Object.fromEntries(receipt.lines.map((line) => [line.class, line.quantity]));
    expect(lines['outText']).toBe(3);
    expect(receipt).toMatchObject({ outcome: 'client_closed', quarantined: false });
  });
});

describe('a provider that does not stream', () => {
  it('may answer as a whole, in the form asked for', async () => {
    const { liveKey } = await world.customer(GRANT_NANOS);
    world.upstream.answer = (response) => {
      response.writeHead(200, { 'content-type': 'application/json' });
      response.end(JSON.stringify({ text: 'Hello', usage: { type: 'duration', seconds: 2 } }));
    };
    const asking = askWords({ response_format: 'text' });
    const { response, bytes, chargeNanos } = await bill(world, liveKey, asking);
    expect(response.headers.get('content-type')).toBe('text/plain; charset=utf-8');
    expect(bytes.toString()).toBe('Hello\n');
    expect(chargeNanos).toBe(2n * SECOND_NANOS);
  });
});
