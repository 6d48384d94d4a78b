// What a provider reports as used is metered once, wherever and however often it stands in the
// answer; what cannot be true waits for review, charged within its hold.

import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Upstream, answerJson, answerStream, chatStream } from '../support/upstream.ts';
import { messagesStream } from '../support/upstream.ts';
import {
  ANSWER_TOKENS,
  CHAT_USAGE,
  PROMPT_TOKENS,
  chatAnswer,
  chatChunk,
  messagesAnswer,
  messagesHead,
  messagesTail,
  usageChunk,
} from './answers.ts';
import { CHAT, CHEAPEST, CLAUDE, type Customer, type World } from './world.ts';
import { ask, balanceOf, call, openWorld, receiptOf } from './world.ts';

/** Twenty prompt tokens at $2.50 and seven answer tokens at $10 a million, in nano-dollars. */
const CHAT_NANOS = 20n * 2_500n + 7n * 10_000n;
/** The same at $2 and $10 a million. */
const CLAUDE_NANOS = 20n * 2_000n + 7n * 10_000n;
const MESSAGES_USAGE = { input_tokens: PROMPT_TOKENS, output_tokens: ANSWER_TOKENS };

let world: World;
let upstream: Upstream;
let customer: Customer;
beforeAll(async () => {
  world = await openWorld();
  upstream = world.upstream;
  customer = await world.customer(10_000_000_000n);
});
afterAll(() => world.close());

/** Sends one request and reads its answer to the end; what the books say of it then. */
async function meter(model: string, stream: boolean) {
  const before = await balanceOf(world.hub, customer.liveKey);
  const response = await call(world.hub, customer.liveKey, ask(model, { stream }));
  const text = await response.text();
  const receipt = await receiptOf(world.hub, customer.liveKey, response);
  const chargeNanos = BigInt(receipt.chargeNanos);
  expect(before - (await balanceOf(world.hub, customer.liveKey))).toBe(chargeNanos);
  return { response, text, receipt, chargeNanos };
}

const IMPOSSIBLE_CHAT: Readonly<Record<string, unknown>> = {
  'a negative count': { ...CHAT_USAGE, completion_tokens: -7 },
  'NaN, as text': { ...CHAT_USAGE, prompt_tokens: 'NaN' },
  'a null count': { ...CHAT_USAGE, completion_tokens: null },
  'a fraction': { ...CHAT_USAGE, prompt_tokens: 20.5 },
  'more than 2^53': { ...CHAT_USAGE, prompt_tokens: 1e300 },
  'more cached than sent': { ...CHAT_USAGE, prompt_tokens_details: { cached_tokens: 21 } },
};

const IMPOSSIBLE_MESSAGES: Readonly<Record<string, unknown>> = {
  'a negative count': { ...MESSAGES_USAGE, output_tokens: -7 },
  'NaN, as text': { ...MESSAGES_USAGE, input_tokens: 'NaN' },
  'a null count': { input_tokens: null, output_tokens: null },
  'more thinking than answer': {
    ...MESSAGES_USAGE,
    output_tokens_details: { thinking_tokens: ANSWER_TOKENS + 1 },
  },
};

describe('usage that cannot be true is quarantined, charged within the hold', () => {
  const expectQuarantine = async (model: string, stream: boolean): Promise<void> => {
    const { response, receipt, chargeNanos } = await meter(model, stream);
    expect(response.status).toBe(200);
    expect(receipt).toMatchObject({ quarantined: true, usageSource: 'unreadable' });
    expect(chargeNanos).toBeGreaterThanOrEqual(0n);
    expect(chargeNanos).toBeLessThanOrEqual(BigInt(receipt.holdNanos));
    if (chargeNanos > 0n) expect(receipt.ledger?.kind).toBe('quarantine');
    else expect(receipt.ledger).toBeNull();
  };

  for (const [what, usage] of Object.entries(IMPOSSIBLE_CHAT)) {
    it(`chat: ${what}`, async () => {
      upstream.answer = answerJson(chatAnswer(usage));
      await expectQuarantine(CHAT, false);
      upstream.answer = answerStream(
        ...chatStream(chatChunk({ content: 'Hi' }), chatChunk({}, 'stop'), usageChunk(usage)),
      );
      await expectQuarantine(CHAT, true);
    });
  }

  for (const [what, usage] of Object.entries(IMPOSSIBLE_MESSAGES)) {
    it(`messages: ${what}`, async () => {
      upstream.answer = answerJson(messagesAnswer(usage));
      await expectQuarantine(CLAUDE, false);
      upstream.answer = answerStream(
        ...messagesStream(...messagesHead(usage), ...messagesTail(usage)),
      );
      await expectQuarantine(CLAUDE, true);
    });
  }

  it('a cost beyond the hold is charged as the hold, never more', async () => {
    upstream.answer = answerJson(
      chatAnswer({ prompt_tokens: 10_000_000, completion_tokens: 10_000_000 }),
    );
    const { receipt, chargeNanos } = await meter(CHAT, false);
    expect(chargeNanos).toBe(BigInt(receipt.holdNanos));
    expect(BigInt(receipt.costNanos)).toBeGreaterThan(chargeNanos);
  });
});

const CONTENT = chatChunk({ content: 'Hi there.' });
const STOP = chatChunk({}, 'stop');
const RUNNING = (completion_tokens: number): unknown => ({
  ...CHAT_USAGE,
  completion_tokens,
  total_tokens: PROMPT_TOKENS + completion_tokens,
});

const CHAT_STREAMS: Readonly<Record<string, readonly object[]>> = {
  'on the empty-choices chunk': [CONTENT, STOP, usageChunk()],
  'on the finish chunk': [CONTENT, chatChunk({}, 'stop', CHAT_USAGE)],
  'twice, on the finish chunk and after it': [
    CONTENT,
    chatChunk({}, 'stop', CHAT_USAGE),
    usageChunk(),
  ],
  'as a running total on every chunk': [
    chatChunk({ content: 'Hi ' }, null, RUNNING(2)),
    chatChunk({ content: 'there.' }, null, RUNNING(5)),
    chatChunk({}, 'stop', RUNNING(7)),
  ],
  'with the whole report repeated on every chunk': [
    chatChunk({ content: 'Hi ' }, null, CHAT_USAGE),
    chatChunk({ content: 'there.' }, null, CHAT_USAGE),
    chatChunk({}, 'stop', CHAT_USAGE),
    usageChunk(),
    usageChunk(),
  ],
  'after null usages': [chatChunk({ content: 'Hi' }, null, null), STOP, usageChunk()],
};

describe('a stream is charged once and right, wherever its usage stands', () => {
  for (const [where, chunks] of Object.entries(CHAT_STREAMS)) {
    it(`chat: ${where}`, async () => {
      upstream.answer = answerStream(...chatStream(...chunks));
      const { receipt, chargeNanos, text } = await meter(CHAT, true);
      expect(receipt).toMatchObject({ usageSource: 'provider', quarantined: false });
      expect(chargeNanos).toBe(CHAT_NANOS);
      expect(text).toMatch(/data: \[DONE\]\n\n$/);
    });
  }

  it('messages: repeated on the start and on several deltas', async () => {
    const running = [{ output_tokens: 3 }, MESSAGES_USAGE, MESSAGES_USAGE];
    upstream.answer = answerStream(
      ...messagesStream(
        ...messagesHead({ ...MESSAGES_USAGE, output_tokens: 1 }),
        ...messagesTail(...running),
      ),
    );
    const { receipt, chargeNanos } = await meter(CLAUDE, true);
    expect(receipt).toMatchObject({ usageSource: 'provider', quarantined: false });
    expect(chargeNanos).toBe(CLAUDE_NANOS);
  });

  it('missing: an estimate of what was sent and delivered, and the receipt says so', async () => {
    upstream.answer = answerStream(...chatStream(CONTENT, STOP));
    const chat = await meter(CHAT, true);
    const { usage: _, ...unmetered } = chatAnswer();
    upstream.answer = answerJson(unmetered);
    const whole = await meter(CHAT, false);
    for (const { receipt, chargeNanos } of [chat, whole]) {
      expect(receipt).toMatchObject({ usageSource: 'estimated', quarantined: false });
      expect(chargeNanos).toBeGreaterThan(0n);
      expect(chargeNanos).toBeLessThan(BigInt(receipt.holdNanos));
      // "Hi there." is nine bytes, four of which count as a token.
      expect(receipt.lines.find((line) => line.class === 'outText')?.quantity).toBe(3);
    }
  });
});

describe('small and zero', () => {
  it('an explicit zero usage is charged as zero, not by an estimate', async () => {
    const zero = { prompt_tokens: 0, completion_tokens: 0, total_tokens: 0 };
    upstream.answer = answerJson(chatAnswer(zero));
    const whole = await meter(CHAT, false);
    upstream.answer = answerStream(...chatStream(CONTENT, STOP, usageChunk(zero)));
    const streamed = await meter(CHAT, true);
    for (const { receipt, chargeNanos } of [whole, streamed]) {
      expect(chargeNanos).toBe(0n);
      expect(receipt).toMatchObject({ usageSource: 'provider', ledger: null });
    }
  });

  it('one cached token on the cheapest model is not free by rounding', async () => {
    const usage = {
      prompt_tokens: 1,
      completion_tokens: 0,
      total_tokens: 1,
      prompt_tokens_details: { cached_tokens: 1 },
    };
    upstream.answer = answerJson(chatAnswer(usage));
    const { chargeNanos } = await meter(CHEAPEST, false);
    // $0.01 a million tokens: ten nano-dollars a token.
    expect(chargeNanos).toBe(10n);
  });
});
