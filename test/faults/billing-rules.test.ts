// The published billing rules (docs/billing-rules.md) where no other suite of faults tries them:
// answers that are cut behind the provider's last word, refusals and empty answers, cached prompts,
// estimates to the token. Prices are Anthropic's and OpenAI's published ones.

import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { type Answer, answerJson, answerStream, chatStream } from '../support/upstream.ts';
import { messagesStream } from '../support/upstream.ts';
import {
  CHAT_USAGE,
  chatAnswer,
  chatChunk,
  messagesAnswer,
  messagesHead,
  messagesTail,
  usageChunk,
} from './answers.ts';
import { CHAT, CLAUDE, type Customer, type World, ask, balanceOf, call } from './world.ts';
import { openWorld, receiptOf } from './world.ts';

const MESSAGES_USAGE = { input_tokens: 20, output_tokens: 7 };
/** $2.50, cached $1.25, out $10; $2 and $10; in nano-dollars for 20 tokens in and 7 out. */
const CHAT_NANOS = 20n * 2_500n + 7n * 10_000n;
const CLAUDE_NANOS = 20n * 2_000n + 7n * 10_000n;
const PATHS = { chat: '/v1/chat/completions', messages: '/v1/messages' } as const;

let world: World;
let customer: Customer;
beforeAll(async () => {
  world = await openWorld();
  customer = await world.customer(10_000_000_000n);
});
afterAll(() => world.close());

interface Sent {
  readonly path?: string;
  readonly more?: Record<string, unknown>;
}

/** Sends one request, reads its answer to the end; the balance goes down by the receipt's charge. */
async function charge(model: string, { path, more }: Sent = {}) {
  const before = await balanceOf(world.hub, customer.liveKey);
  const body = ask(model, { max_tokens: 100, ...more });
  const response = await call(world.hub, customer.liveKey, body, path ? { path } : {});
  const text = await response.text();
  const receipt = await receiptOf(world.hub, customer.liveKey, response);
  const chargeNanos = BigInt(receipt.chargeNanos);
  expect(before - (await balanceOf(world.hub, customer.liveKey))).toBe(chargeNanos);
  return { status: response.status, text, receipt, chargeNanos };
}

describe('an answer that is cut behind its final usage is charged exactly by it', () => {
  const last = messagesTail({ output_tokens: 7 }).slice(0, -1);
  const ways = [
    {
      model: CHAT,
      events: chatStream(chatChunk({ content: 'Hi' }), chatChunk({}, 'stop'), usageChunk()),
      owedNanos: CHAT_NANOS,
    },
    {
      model: CLAUDE,
      events: [
        ...messagesStream(...messagesHead({ ...MESSAGES_USAGE, output_tokens: 1 }), ...last),
      ],
      owedNanos: CLAUDE_NANOS,
    },
  ];
  for (const { model, events, owedNanos } of ways) {
    const unended = events.filter((event) => !event.includes('[DONE]'));

    it(`where the client leaves: ${model}`, async () => {
      world.upstream.answer = (response) => {
        response.writeHead(200, { 'content-type': 'text/event-stream' });
        response.write(unended.join(''));
      };
      const before = await balanceOf(world.hub, customer.liveKey);
      const leaving = new AbortController();
      const body = ask(model, { stream: true, stream_options: { include_usage: true } });
      if (model === CLAUDE) delete body['stream_options'];
      const response = await call(world.hub, customer.liveKey, body, { signal: leaving.signal });
      const reader = response.body!.pipeThrough(new TextDecoderStream()).getReader();
      let text = '';
      while (!/"(completion_tokens|output_tokens)":7\b/.test(text)) {
        text += (await reader.read()).value ?? '';
      }
      leaving.abort();
      const receipt = await vi.waitFor(() => receiptOf(world.hub, customer.liveKey, response), {
        timeout: 10_000,
        interval: 50,
      });
      expect(receipt).toMatchObject({ outcome: 'client_closed', usageSource: 'provider' });
      expect(BigInt(receipt.chargeNanos)).toBe(owedNanos);
      expect(before - (await balanceOf(world.hub, customer.liveKey))).toBe(owedNanos);
    });

    it(`where the provider breaks off: ${model}`, async () => {
      world.upstream.answer = (response) => {
        response.writeHead(200, { 'content-type': 'text/event-stream' });
        response.write(unended.join(''), () => setImmediate(() => response.destroy()));
      };
      const { receipt, chargeNanos } = await charge(model, { more: { stream: true } });
      expect(receipt).toMatchObject({ outcome: 'upstream_broke_off', usageSource: 'provider' });
      expect(chargeNanos).toBe(owedNanos);
    });
  }
});

describe('an answer is charged as reported', () => {
  const refusal = { role: 'assistant', content: null, refusal: 'I will not.' };
  const refusedEnd = {
    type: 'message_delta',
    delta: { stop_reason: 'refusal', stop_sequence: null },
    usage: { output_tokens: 7 },
  };
  const refusals: Readonly<Record<string, readonly [string, boolean, Answer]>> = {
    'chat, whole': [CHAT, false, answerJson(withMessage(refusal))],
    'chat, streamed': [
      CHAT,
      true,
      answerStream(
        ...chatStream(chatChunk({ refusal: 'I will not.' }), chatChunk({}, 'stop'), usageChunk()),
      ),
    ],
    'messages, whole': [
      CLAUDE,
      false,
      answerJson({ ...messagesAnswer(MESSAGES_USAGE), stop_reason: 'refusal', content: [] }),
    ],
    'messages, streamed': [
      CLAUDE,
      true,
      answerStream(
        ...messagesStream(
          ...messagesHead({ ...MESSAGES_USAGE, output_tokens: 1 }).slice(0, 1),
          refusedEnd,
          { type: 'message_stop' },
        ),
      ),
    ],
  };
  const empties: Readonly<Record<string, readonly [string, boolean, Answer]>> = {
    'chat, whole': [CHAT, false, answerJson(withMessage({ role: 'assistant', content: '' }))],
    'chat, streamed': [
      CHAT,
      true,
      answerStream(...chatStream(chatChunk({}, 'stop'), usageChunk())),
    ],
    'messages, whole': [
      CLAUDE,
      false,
      answerJson({ ...messagesAnswer(MESSAGES_USAGE), content: [] }),
    ],
    'messages, streamed': [
      CLAUDE,
      true,
      answerStream(
        ...messagesStream(
          ...messagesHead({ ...MESSAGES_USAGE, output_tokens: 1 }).slice(0, 1),
          ...messagesTail({ output_tokens: 7 }).slice(1),
        ),
      ),
    ],
  };
  for (const [what, answers] of Object.entries({ "model's refusal": refusals, empty: empties })) {
    for (const [name, [model, stream, answer]] of Object.entries(answers)) {
      for (const path of Object.values(PATHS)) {
        it(`though it is ${what}: ${name}, by ${path}`, async () => {
          world.upstream.answer = answer;
          const { status, receipt, chargeNanos } = await charge(model, { path, more: { stream } });
          expect(status).toBe(200);
          expect(receipt).toMatchObject({ outcome: 'completed', usageSource: 'provider' });
          expect(chargeNanos).toBe(model === CHAT ? CHAT_NANOS : CLAUDE_NANOS);
        });
      }
    }
  }
});

describe('a cached prompt is priced once', () => {
  // OpenAI counts cached tokens within the prompt's, Anthropic on top of it.
  const within = {
    prompt_tokens: 1_000,
    completion_tokens: 7,
    total_tokens: 1_007,
    prompt_tokens_details: { cached_tokens: 900 },
  };
  const onTop = {
    input_tokens: 100,
    cache_read_input_tokens: 700,
    cache_creation_input_tokens: 200,
    cache_creation: { ephemeral_5m_input_tokens: 150, ephemeral_1h_input_tokens: 50 },
    output_tokens: 7,
  };
  const WITHIN_NANOS = 100n * 2_500n + 900n * 1_250n + 7n * 10_000n;
  const ON_TOP_NANOS = 100n * 2_000n + 700n * 200n + 150n * 2_500n + 50n * 4_000n + 7n * 10_000n;

  for (const path of Object.values(PATHS)) {
    for (const stream of [false, true]) {
      const how = `${stream ? 'streamed' : 'whole'}, by ${path}`;

      it(`where it is within the input: ${how}`, async () => {
        const chunks = [chatChunk({ content: 'Hi' }), chatChunk({}, 'stop'), usageChunk(within)];
        world.upstream.answer = stream
          ? answerStream(...chatStream(...chunks))
          : answerJson(chatAnswer(within));
        const { receipt, chargeNanos } = await charge(CHAT, { path, more: { stream } });
        expect(receipt.lines.map((line) => [line.class, line.quantity])).toEqual([
          ['inUncached', 100],
          ['inCacheRead', 900],
          ['outText', 7],
        ]);
        expect(chargeNanos).toBe(WITHIN_NANOS);
      });

      it(`where it stands on top of the input: ${how}`, async () => {
        const head = messagesHead({ ...onTop, output_tokens: 1 });
        const { cache_creation: _, ...repeated } = onTop;
        world.upstream.answer = stream
          ? answerStream(...messagesStream(...head, ...messagesTail(repeated)))
          : answerJson(messagesAnswer(onTop));
        const { receipt, chargeNanos } = await charge(CLAUDE, { path, more: { stream } });
        expect(receipt.lines.map((line) => [line.class, line.quantity])).toEqual([
          ['inUncached', 100],
          ['inCacheRead', 700],
          ['inCacheWrite5m', 150],
          ['inCacheWrite1h', 50],
          ['outText', 7],
        ]);
        expect(chargeNanos).toBe(ON_TOP_NANOS);
      });
    }
  }
});

describe('an estimate', () => {
  it('takes a thousand tokens for an image, and the bytes of the rest', async () => {
    const url = `data:image/png;base64,${Buffer.alloc(30_000, 7).toString('base64')}`;
    const content = [
      { type: 'text', text: 'What is this?' },
      { type: 'image_url', image_url: { url } },
    ];
    const { usage: _, ...unmetered } = chatAnswer();
    world.upstream.answer = answerJson(unmetered);
    const more = { messages: [{ role: 'user', content }] };
    const { receipt } = await charge(CHAT, { more });
    const textBytes = JSON.stringify(ask(CHAT, { max_tokens: 100, ...more })).length - url.length;
    expect(receipt.lines.find((line) => line.class === 'inUncached')?.quantity).toBe(
      Math.ceil(textBytes / 4) + 1_000,
    );
    expect(receipt.usageSource).toBe('estimated');
  });

  it('is what a report that cannot be true is charged by, set aside', async () => {
    world.upstream.answer = answerJson(chatAnswer({ ...CHAT_USAGE, completion_tokens: -7 }));
    const { receipt, chargeNanos } = await charge(CHAT);
    const promptTokens = Math.ceil(JSON.stringify(ask(CHAT, { max_tokens: 100 })).length / 4);
    expect(chargeNanos).toBe(BigInt(promptTokens) * 2_500n + 3n * 10_000n);
    expect(receipt).toMatchObject({ quarantined: true, ledger: { kind: 'quarantine' } });
  });
});

describe('what has no price', () => {
  const unpriced: Readonly<Record<string, readonly [string, Record<string, unknown>]>> = {
    'an audio answer': [
      CHAT,
      { modalities: ['text', 'audio'], audio: { voice: 'alloy', format: 'wav' } },
    ],
    "a hosted tool of OpenAI's": [CHAT, { web_search_options: {} }],
    "a hosted tool of Anthropic's": [
      CLAUDE,
      { tools: [{ type: 'code_execution_20250825', name: 'code_execution' }] },
    ],
    'another model on the side': [CLAUDE, { fallbacks: [{ model: 'claude-opus-5' }] }],
  };
  for (const [what, [model, more]] of Object.entries(unpriced)) {
    it(`is refused by name, and nothing is sent: ${what}`, async () => {
      const before = world.upstream.asked.length;
      const { status, text, receipt, chargeNanos } = await charge(model, { more });
      expect(status).toBe(400);
      expect(text).toContain(Object.keys(more)[0]);
      expect(receipt).toMatchObject({ errorCode: 'unsupported_parameter', holdNanos: '0' });
      expect(chargeNanos).toBe(0n);
      expect(world.upstream.asked).toHaveLength(before);
    });
  }
});

function withMessage(message: Record<string, unknown>): Record<string, unknown> {
  return { ...chatAnswer(), choices: [{ index: 0, message, finish_reason: 'stop' }] };
}
