// A request that is sent again under the same Idempotency-Key is charged once; one that was not
// charged may be sent again. Requests without the header are nobody's repeats.

import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Answer, answerJson } from '../support/upstream.ts';
import { chatAnswer } from './answers.ts';
import { ONE_OF_TWENTY, freshKey, holdBack, read, send, sendTwenty } from './repeats.ts';
import { CHAT, CLAUDE, type Customer, type World, ask, balanceOf, call } from './world.ts';
import { openWorld, receiptOf } from './world.ts';

const GRANT_NANOS = 100_000_000_000n;
/** Covers the prompt and a short answer, once. */
const LITTLE_NANOS = 8_000_000n;
const CHAT_NANOS = 20n * 2_500n + 7n * 10_000n;

let world: World;
let customer: Customer;
beforeAll(async () => {
  world = await openWorld();
  customer = await world.customer(GRANT_NANOS);
});
afterAll(() => world.close());

const once = (key: string, model = CHAT) => send(world.hub, customer.liveKey, key, model);
const balance = (): Promise<bigint> => balanceOf(world.hub, customer.liveKey);

/** How often the provider is asked and what is charged while `work` runs. */
async function measure(work: () => Promise<void>) {
  const asked = world.upstream.asked.length;
  const before = await balance();
  await work();
  return { asked: world.upstream.asked.length - asked, chargedNanos: before - (await balance()) };
}

describe('an Idempotency-Key', () => {
  it('that was charged is refused for good, with the receipt of what was paid', async () => {
    world.upstream.answer = answerJson(chatAnswer());
    const key = freshKey();
    const { asked, chargedNanos } = await measure(async () => {
      const first = await once(key);
      expect(first.status).toBe(200);
      const receipt = first.headers.get('x-inferencehub-receipt');
      for (const model of [CHAT, CLAUDE]) {
        const again = await once(key, model);
        expect(again.status).toBe(409);
        expect(again.headers.get('x-should-retry')).toBe('false');
        expect(again.headers.get('retry-after')).toBeNull();
        const { type, error } = await read(again);
        expect(error.message).toContain(receipt);
        if (model === CHAT) expect(error.code).toBe('idempotency_key_used');
        else expect([type, error.type]).toEqual(['error', 'conflict_error']);
        expect(await receiptOf(world.hub, customer.liveKey, again)).toMatchObject({
          outcome: 'refused',
          chargeNanos: '0',
          attempts: 0,
        });
      }
    });
    expect({ asked, chargedNanos }).toEqual({ asked: 1, chargedNanos: CHAT_NANOS });
  });

  it('of a request that still runs is refused for the moment, with the id of that request', async () => {
    const held = holdBack(world.upstream);
    const key = freshKey();
    const running = once(key);
    await held.asked;
    const named: string[] = [];
    for (const model of [CHAT, CLAUDE]) {
      const again = await once(key, model);
      expect(again.status).toBe(409);
      expect(again.headers.get('x-should-retry')).toBeNull();
      expect(Number(again.headers.get('retry-after'))).toBeGreaterThan(0);
      const { error } = await read(again);
      named.push(/req_[0-9a-z]{26}/.exec(error.message)?.[0] ?? '');
      if (model === CHAT) expect(error.code).toBe('idempotency_in_progress');
    }
    held.release();
    const first = (await running).headers.get('x-request-id');
    expect(named).toEqual([first, first]);
    expect((await read(await once(key))).error.code).toBe('idempotency_key_used');
  });

  it('of a request that still runs counts even where it holds all the money that there is', async () => {
    const held = holdBack(world.upstream);
    const poor = await world.customer(LITTLE_NANOS);
    const key = freshKey();
    const running = send(world.hub, poor.liveKey, key);
    await held.asked;
    const again = await read(await send(world.hub, poor.liveKey, key));
    expect(again.error.code).toBe('idempotency_in_progress');
    const other = await read(await send(world.hub, poor.liveKey, freshKey()));
    expect(other.error.code).toBe('insufficient_balance');
    held.release();
    expect((await running).status).toBe(200);
  });

  it('of a request that was not charged may be used again at once', async () => {
    const failures: Readonly<Record<string, Answer>> = {
      'the provider refused': answerJson({ error: { message: 'bad', param: 'top_p' } }, 400),
      'the provider failed': answerJson({ error: { message: 'failed' } }, 500),
      'the provider wants nothing': answerJson(
        chatAnswer({ prompt_tokens: 0, completion_tokens: 0, total_tokens: 0 }),
      ),
    };
    for (const [why, failure] of Object.entries(failures)) {
      const key = freshKey();
      world.upstream.answer = failure;
      await (await once(key)).arrayBuffer();
      world.upstream.answer = answerJson(chatAnswer());
      const second = await once(key);
      expect([why, second.status]).toEqual([why, 200]);
      expect(await receiptOf(world.hub, customer.liveKey, second)).toMatchObject({
        chargeNanos: CHAT_NANOS.toString(),
      });
      expect([why, (await once(key)).status]).toEqual([why, 409]);
    }
  });

  it('is not used up by a request that is refused before anything is sent', async () => {
    world.upstream.answer = answerJson(chatAnswer());
    const poor = await world.customer(1n);
    const key = freshKey();
    expect((await send(world.hub, poor.liveKey, key)).status).toBe(402);
    expect((await send(world.hub, poor.liveKey, key)).status).toBe(402);
    const headers = { 'idempotency-key': key };
    const wrong = ask(CHAT, { max_tokens: -1 });
    expect((await call(world.hub, customer.liveKey, wrong, { headers })).status).toBe(400);
    expect((await once(key)).status).toBe(200);
  });

  it('is taken by one of twenty that come at once', async () => {
    const held = holdBack(world.upstream);
    const key = freshKey();
    const { asked, chargedNanos } = await measure(async () => {
      expect(await sendTwenty(() => once(key), held.release)).toEqual(ONE_OF_TWENTY);
    });
    expect({ asked, chargedNanos }).toEqual({ asked: 1, chargedNanos: CHAT_NANOS });
  });

  it('belongs to one API key: the same text under another is another', async () => {
    world.upstream.answer = answerJson(chatAnswer());
    const other = await world.customer(GRANT_NANOS);
    const key = freshKey();
    expect((await once(key)).status).toBe(200);
    expect((await send(world.hub, other.liveKey, key)).status).toBe(200);
    expect((await once(`${key}0`)).status).toBe(200);
  });

  it('is 1 to 255 printable ASCII characters, or the request is refused and nothing sent', async () => {
    world.upstream.answer = answerJson(chatAnswer());
    const { asked } = await measure(async () => {
      for (const key of ['', 'x'.repeat(256), 'caf\u00e9', 'a\tb']) {
        const response = await once(key);
        expect([key.length, response.status]).toEqual([key.length, 400]);
        expect((await read(response)).error.message).toContain('Idempotency-Key');
      }
      expect((await once('x'.repeat(255))).status).toBe(200);
    });
    expect(asked).toBe(1);
  });

  it('that is absent makes no request the repeat of another', async () => {
    world.upstream.answer = answerJson(chatAnswer());
    const { chargedNanos } = await measure(async () => {
      for (let i = 0; i < 2; i++) {
        expect((await call(world.hub, customer.liveKey, ask(CHAT))).status).toBe(200);
      }
    });
    expect(chargedNanos).toBe(2n * CHAT_NANOS);
  });
});
