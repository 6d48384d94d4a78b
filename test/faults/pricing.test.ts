// Each token is priced once and at the right rate, whatever the provider's way of counting, the
// length of the prompt, the service tier, the protocol, and the model that really served. The sums
// are worked out from published dollars a million tokens.

import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { expectedChargeNanos } from '../clients/oracle.ts';
import { answerJson, answerStream, chatStream, messagesStream } from '../support/upstream.ts';
import { chatAnswer, chatChunk, messagesAnswer, messagesHead } from './answers.ts';
import { messagesTail, usageChunk } from './answers.ts';
import { signIn } from './console-session.ts';
import {
  CHAT,
  CLAUDE,
  type Customer,
  type World,
  ask,
  call,
  openWorld,
  receiptOf,
} from './world.ts';

const SOL = 'openai/gpt-6-sol';

let world: World;
let customer: Customer;
beforeAll(async () => {
  world = await openWorld();
  customer = await world.customer(50_000_000_000n);
});
afterAll(() => world.close());

async function send(model: string, more: Record<string, unknown> = {}, path?: string) {
  const body = ask(model, more);
  const response = await call(world.hub, customer.liveKey, body, path ? { path } : {});
  await response.text();
  return { response, receipt: await receiptOf(world.hub, customer.liveKey, response) };
}

/** The receipt's own arithmetic holds to the last digit. */
function expectExplained({ receipt }: Awaited<ReturnType<typeof send>>): void {
  const sum = receipt.lines.reduce((total, line) => {
    expect(BigInt(line.quantity) * BigInt(line.nanosPerMillion)).toBe(BigInt(line.amountFemtos));
    return total + BigInt(line.amountFemtos);
  }, 0n);
  expect(sum).toBe(BigInt(receipt.listFemtos));
  const markup = BigInt(receipt.markupZeptos);
  const rounding = BigInt(receipt.roundingZeptos);
  const cost = BigInt(receipt.costNanos);
  expect(sum * 10n ** 6n + markup + rounding).toBe(cost * 10n ** 12n);
  expect(rounding >= 0n && rounding < 10n ** 12n).toBe(true);
  const hold = BigInt(receipt.holdNanos);
  expect(BigInt(receipt.chargeNanos)).toBe(cost < hold ? cost : hold);
  expect(receipt.limitedByHold).toBe(cost > hold);
}

/** Answers in the provider's protocol, as a stream where one was asked for. */
function answerChat(usage: unknown, more: Record<string, unknown> = {}): void {
  const stream = chatStream(
    { ...chatChunk({ content: 'Hi there.' }), ...more },
    { ...chatChunk({}, 'stop'), ...more },
    { ...usageChunk(usage), ...more },
  );
  world.upstream.answer = (response, asked) =>
    (asked.body['stream'] === true
      ? answerStream(...stream)
      : answerJson({ ...chatAnswer(usage), ...more }))(response, asked);
}

function answerMessages(usage: object, more: Record<string, unknown> = {}): void {
  const [start, ...rest] = messagesHead(usage);
  const stream = messagesStream(
    { type: 'message_start', message: { ...(start?.['message'] as object), ...more } } as never,
    ...rest,
    ...messagesTail(usage),
  );
  world.upstream.answer = (response, asked) =>
    (asked.body['stream'] === true
      ? answerStream(...stream)
      : answerJson({ ...messagesAnswer(usage), ...more }))(response, asked);
}

const chatUsage = (prompt: number, completion: number, more: object = {}) => ({
  prompt_tokens: prompt,
  completion_tokens: completion,
  total_tokens: prompt + completion,
  ...more,
});

describe('cached tokens', () => {
  it('inside the prompt count (OpenAI) and on top of it (Anthropic) are priced once', async () => {
    answerChat(chatUsage(100, 7, { prompt_tokens_details: { cached_tokens: 60 } }));
    const chat = await send(CHAT);
    expect(BigInt(chat.receipt.chargeNanos)).toBe(40n * 2_500n + 60n * 1_250n + 7n * 10_000n);
    answerMessages({ input_tokens: 40, cache_read_input_tokens: 60, output_tokens: 7 });
    const claude = await send(CLAUDE);
    expect(BigInt(claude.receipt.chargeNanos)).toBe(40n * 2_000n + 60n * 200n + 7n * 10_000n);
    const quantities = ({ receipt }: typeof chat) =>
      receipt.lines.map((line) => [line.class, line.quantity]);
    expect(quantities(chat)).toEqual(quantities(claude));
    for (const each of [chat, claude]) expectExplained(each);
  });
});

describe('the rate', () => {
  const sides = [
    [272_000, '', 2_000n, 10_000n],
    [272_001, '+272000', 4_000n, 15_000n],
  ] as const;
  for (const [prompt, tier, inputNanos, outputNanos] of sides) {
    it(`of a prompt of ${prompt} tokens is that of its side of the cliff`, async () => {
      answerChat(chatUsage(prompt, 7));
      const answer = await send(SOL);
      expect(answer.receipt.priceId).toBe(`${SOL}@2026-11-23${tier}`);
      const costNanos = BigInt(prompt) * inputNanos + 7n * outputNanos;
      expect(BigInt(answer.receipt.costNanos)).toBe(costNanos);
      expectExplained(answer);
    });
  }

  it('counts cached and written tokens toward the cliff', async () => {
    const details = { cached_tokens: 200_000, cache_write_tokens: 72_000 };
    answerChat(chatUsage(272_001, 7, { prompt_tokens_details: details }));
    const { receipt } = await send(SOL);
    const cost = 1n * 4_000n + 200_000n * 400n + 72_000n * 5_000n + 7n * 15_000n;
    expect(BigInt(receipt.costNanos)).toBe(cost);
  });

  const tiers = [
    ['flex', 'flex', 1_000n, 5_000n],
    ['flex', 'default', 2_000n, 10_000n],
    ['priority', 'priority', 4_000n, 20_000n],
    ['auto', 'priority', 4_000n, 20_000n],
    [undefined, undefined, 2_000n, 10_000n],
  ] as const;
  for (const [asked, served, inputNanos, outputNanos] of tiers) {
    it(`for a tier asked as ${asked} is that of the tier served, ${served}`, async () => {
      for (const stream of [false, true]) {
        answerChat(chatUsage(100, 7), served === undefined ? {} : { service_tier: served });
        const tier = asked === undefined ? {} : { service_tier: asked };
        const answer = await send(SOL, { stream, ...tier });
        expect(BigInt(answer.receipt.chargeNanos)).toBe(100n * inputNanos + 7n * outputNanos);
        expect(answer.receipt).toMatchObject({
          serviceTier: served === 'default' ? null : (served ?? null),
          quarantined: false,
        });
        expectExplained(answer);
      }
    });
  }

  it('of a tier that the model does not sell is no guess: refused, and nothing sent', async () => {
    const before = world.upstream.asked.length;
    const { response } = await send(CHAT, { service_tier: 'flex' });
    expect(response.status).toBe(400);
    expect(world.upstream.asked).toHaveLength(before);
  });

  it('of a tier that the provider names and nobody sells waits for review', async () => {
    answerChat(chatUsage(100, 7), { service_tier: 'scale' });
    const { receipt } = await send(SOL);
    expect(receipt).toMatchObject({ quarantined: true, usageSource: 'unreadable' });
  });

  it('of a stream that breaks off is that of the tier that it had named', async () => {
    const chunk = { ...chatChunk({ content: 'Hi there.' }), service_tier: 'flex' };
    world.upstream.answer = answerStream(`data: ${JSON.stringify(chunk)}\n\n`);
    const { receipt } = await send(SOL, { stream: true, service_tier: 'flex' });
    expect(receipt).toMatchObject({ serviceTier: 'flex', usageSource: 'estimated' });
    expect(receipt.priceId).toMatch(/\/flex$/);
  });

  it('of cache writes follows their lifetime', async () => {
    const split = { ephemeral_5m_input_tokens: 30, ephemeral_1h_input_tokens: 50 };
    const usage = {
      input_tokens: 20,
      cache_creation_input_tokens: 80,
      cache_creation: split,
      output_tokens: 7,
    };
    for (const stream of [false, true]) {
      answerMessages(usage);
      const answer = await send(CLAUDE, { stream });
      const cost = 20n * 2_000n + 30n * 2_500n + 50n * 4_000n + 7n * 10_000n;
      expect(BigInt(answer.receipt.chargeNanos)).toBe(cost);
      expectExplained(answer);
    }
  });

  it('of a class without a price is no guess: it waits for review', async () => {
    answerChat(chatUsage(100, 7, { prompt_tokens_details: { cache_write_tokens: 50 } }));
    const { receipt } = await send(CHAT);
    expect(receipt).toMatchObject({ quarantined: true, usageSource: 'unreadable' });
  });
});

describe('the same call', () => {
  it.each([
    [
      'openai/gpt-4o',
      () => answerChat(chatUsage(90, 30, { prompt_tokens_details: { cached_tokens: 50 } })),
      { inUncached: 40, inCacheRead: 50, outText: 30 },
    ],
    [
      'anthropic/claude-sonnet-4-6',
      () => answerMessages({ input_tokens: 40, cache_read_input_tokens: 50, output_tokens: 30 }),
      { inUncached: 40, inCacheRead: 50, outText: 30 },
    ],
  ])('to %s costs the same by both protocols, streamed or not', async (model, answer, used) => {
    answer();
    for (const path of ['/v1/chat/completions', '/v1/messages']) {
      for (const stream of [false, true]) {
        const { receipt } = await send(model, { stream, max_tokens: 50 }, path);
        expect(receipt.usageSource).toBe('provider');
        expect(BigInt(receipt.chargeNanos)).toBe(expectedChargeNanos(model, used));
      }
    }
  });
});

describe('another model than the one asked for', () => {
  it.each(['gpt-4o', 'gpt-4o-2024-11-20', 'an-alias', ''])(
    'is not what an answer of "%s" means',
    async (name) => {
      answerChat(chatUsage(100, 7), { model: name });
      const { receipt } = await send(CHAT);
      expect(receipt).toMatchObject({ modelServed: CHAT, quarantined: false });
    },
  );

  it('is priced as the one that served, where the hub has it', async () => {
    for (const stream of [false, true]) {
      answerChat(chatUsage(100, 7), { model: 'gpt-4o-mini' });
      const answer = await send(CHAT, { stream });
      expect(answer.receipt).toMatchObject({ modelAsked: CHAT, modelServed: 'openai/gpt-4o-mini' });
      expect(BigInt(answer.receipt.chargeNanos)).toBe(100n * 150n + 7n * 600n);
      expectExplained(answer);
    }
  });

  it('to which a provider says that it fell back must be known, or waits for review', async () => {
    const usage = (model: string) => ({
      input_tokens: 100,
      output_tokens: 7,
      iterations: [{ type: 'fallback_message', model, input_tokens: 100, output_tokens: 7 }],
    });
    for (const stream of [false, true]) {
      answerMessages(usage('claude-haiku-4-5'));
      const known = await send(CLAUDE, { stream });
      expect(known.receipt.modelServed).toBe('anthropic/claude-haiku-4-5');
      expect(BigInt(known.receipt.chargeNanos)).toBe(100n * 1_000n + 7n * 5_000n);
      answerMessages(usage('claude-of-tomorrow'));
      const unknown = await send(CLAUDE, { stream });
      expect(unknown.receipt).toMatchObject({ modelServed: CLAUDE, quarantined: true });
    }
  });
});

describe('the tries of a request', () => {
  it('stand in the receipt with their ends, without what they cost the hub', async () => {
    let tries = 0;
    const busy = answerJson({ error: { message: 'busy' } }, 503);
    world.upstream.answer = (response, asked) =>
      (++tries === 1 ? busy : answerJson(chatAnswer()))(response, asked);
    const { receipt } = await send(CHAT);
    expect(receipt.attempts).toBe(2);
    expect(receipt.tries).toEqual([
      { provider: 'openai', status: 503, errorCode: 'upstream_overloaded' },
      { provider: 'openai', status: 200, errorCode: null },
    ]);
    expect(receipt.providerCostNanos).toBeUndefined();
  });

  it('stand in the operator’s receipt with their costs: nothing for a refusal', async () => {
    let tries = 0;
    world.upstream.answer = (response, asked) => {
      tries += 1;
      if (tries > 1) return answerJson(chatAnswer())(response, asked);
      // Accepted, and broken off before anything of the answer was there.
      response.writeHead(200, { 'content-type': 'application/json' });
      response.flushHeaders();
      response.destroy();
    };
    const { receipt } = await send(CHAT);
    const session = await signIn(world.hub, customer);
    const path = `/workspaces/${customer.workspaceId}/receipts/${receipt.id}`;
    const seen = (await (await session.request('GET', path)).json()) as typeof receipt;
    expect(seen.providerCostNanos).toBe('120000');
    const [broken, answered] = seen.tries;
    expect(broken).toMatchObject({ status: 200, errorCode: 'upstream_broke_off' });
    // The body of some seventy bytes, a token for four of them, at $2.50 a million.
    const promptTokens = BigInt(Math.ceil(JSON.stringify(ask(CHAT)).length / 4));
    expect(broken?.costNanos).toBe(String(promptTokens * 2_500n));
    expect(answered).toEqual({
      provider: 'openai',
      status: 200,
      errorCode: null,
      costNanos: '120000',
    });
    expect(receipt.tries.every((each) => each.costNanos === undefined)).toBe(true);
  });
});
