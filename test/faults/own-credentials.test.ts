// A customer's own credential at a provider: who is asked with which, what it costs to the nano-dollar,
// and what is left of it anywhere. With both clients to providers.

import { readFile, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { ReceiptReply } from '../../src/console/contract.ts';
import { type Answer, answerJson, answerStream } from '../support/upstream.ts';
import { chatStream, messagesStream } from '../support/upstream.ts';
import { chatAnswer, chatChunk, messagesHead, messagesTail, usageChunk } from './answers.ts';
import { type ConsoleSession, signIn } from './console-session.ts';
import { HUBS, SEALING, addOwn, credentialOf } from './own-credentials.ts';
import { CHAT, CLAUDE, type Customer, type World } from './world.ts';
import { ask, balanceOf, call, openWorld, receiptOf } from './world.ts';

/** 20 tokens of prompt and 7 of answer at the list price of CHAT, and a twentieth of it. */
const LIST_NANOS = 20n * 2_500n + 7n * 10_000n;
const FEE_NANOS = LIST_NANOS / 20n;
const OWN = 'sk-own-0123456789-first';
const ONLY = 'sk-own-0123456789-only';
const CLAUDE_ONLY = 'sk-ant-own-0123456789';
const STREAMED = [false, true];
const REFUSALS = [401, 402, 403];
const MESSAGES_USAGE = { input_tokens: 20, output_tokens: 7 };
const STREAM = chatStream(chatChunk({ content: 'Hi there.' }), chatChunk({}, 'stop'), usageChunk());

/** The stand-in refuses these and answers all others. */
function answerBut(refused: readonly string[], status: number): Answer {
  return (response, asked) => {
    const isStream = asked.body['stream'] === true;
    const isClaude = asked.path.endsWith('/messages');
    if (refused.includes(credentialOf(asked))) {
      return answerJson({ error: { message: 'No.', type: 'authentication_error' } }, status)(
        response,
        asked,
      );
    }
    if (isClaude) {
      const events = [...messagesHead(MESSAGES_USAGE), ...messagesTail(MESSAGES_USAGE)];
      return answerStream(...messagesStream(...events))(response, asked);
    }
    return (isStream ? answerStream(...STREAM) : answerJson(chatAnswer()))(response, asked);
  };
}

for (const client of ['raw', 'standard']) {
  describe(`an own credential, with the ${client} client`, () => {
    let world: World;
    let first: Customer;
    let only: Customer;
    let plain: Customer;
    let session: ConsoleSession;
    let firstId: string;
    beforeAll(async () => {
      world = await openWorld('pglite', { ...SEALING, UPSTREAM_CLIENT: client });
      [first, only, plain] = [
        await world.customer(10_000_000_000n),
        await world.customer(10_000_000_000n),
        await world.customer(10_000_000_000n),
      ];
      session = await signIn(world.hub, first);
      firstId = await addOwn(session, first, OWN, 'first');
      const others = await signIn(world.hub, only);
      await addOwn(others, only, ONLY, 'only');
      await addOwn(others, only, CLAUDE_ONLY, 'only', 'anthropic');
      world.upstream.answer = answerBut([], 401);
      await untilUsed(first, OWN);
      await untilUsed(only, ONLY);
    });
    afterAll(() => world.close());

    /** Asks as a customer; returns with what the provider was asked. */
    async function askAs(customer: Customer, model = CHAT, more: Record<string, unknown> = {}) {
      const before = world.upstream.asked.length;
      const response = await call(world.hub, customer.liveKey, ask(model, more));
      const text = await response.text();
      return { response, text, used: world.upstream.asked.slice(before).map(credentialOf) };
    }

    async function untilUsed(customer: Customer, secret: string): Promise<void> {
      while (!(await askAs(customer)).used.includes(secret)) await sleep(20);
    }

    async function expectCharge(
      customer: Customer,
      work: () => ReturnType<typeof askAs>,
      chargeNanos: bigint,
    ): Promise<ReceiptReply> {
      const before = await balanceOf(world.hub, customer.liveKey);
      const { response } = await work();
      const receipt = await receiptOf(world.hub, customer.liveKey, response);
      expect(BigInt(receipt.chargeNanos)).toBe(chargeNanos);
      expect(before - (await balanceOf(world.hub, customer.liveKey))).toBe(chargeNanos);
      return receipt;
    }

    it.each(STREAMED)(
      'pays the fee alone, and the receipt adds up: streamed %s',
      async (stream) => {
        world.upstream.answer = answerBut([], 401);
        const used: string[] = [];
        const receipt = await expectCharge(
          first,
          async () => {
            const asked = await askAs(first, CHAT, { stream });
            used.push(...asked.used);
            return asked;
          },
          FEE_NANOS,
        );
        expect(used).toEqual([OWN]);
        expect(receipt).toMatchObject({
          outcome: 'completed',
          listFemtos: `${LIST_NANOS}000000`,
          markupBps: 0,
          own: { credentialId: firstId, feeBps: 500, feeZeptos: `${FEE_NANOS}000000000000` },
          roundingZeptos: '0',
          costNanos: FEE_NANOS.toString(),
        });
        const path = `/workspaces/${first.workspaceId}`;
        const seen = await session.request('GET', `${path}/receipts/${receipt.id}`);
        expect(await seen.json()).toMatchObject({ providerCostNanos: '0' });
        const activity = await session.request('GET', `${path}/activity?limit=1`);
        expect(await activity.json()).toMatchObject({ rows: [{ isOwnCredential: true }] });
      },
    );

    it.each(REFUSALS)(
      "that is refused with %i is followed by the hub's, which is charged in full",
      async (status) => {
        world.upstream.answer = answerBut([OWN], status);
        const receipt = await expectCharge(
          first,
          async () => {
            const asked = await askAs(first);
            expect(asked.used).toEqual([OWN, HUBS[0]]);
            return asked;
          },
          LIST_NANOS,
        );
        expect(receipt).toMatchObject({ attempts: 2, own: null, outcome: 'completed' });
        expect(receipt.tries).toMatchObject([
          { errorCode: 'own_credential_refused', status },
          { errorCode: null },
        ]);
      },
    );

    it('that fails otherwise is followed by the hub’s as well', async () => {
      world.upstream.answer = answerBut([OWN], 503);
      const { used, response } = await askAs(first);
      expect(response.status).toBe(200);
      expect(used).toEqual([OWN, HUBS[0]]);
    });

    it('is not cut short for the sake of the hub’s, which the balance does not cover', async () => {
      // Some fifteen million nano-dollars at the list price, of which this covers a part; by fee, all of it.
      const poor = await world.customer(10_000_000n);
      const theirs = await signIn(world.hub, poor);
      await addOwn(theirs, poor, 'sk-own-0123456789-poor', 'first');
      world.upstream.answer = answerBut([], 401);
      await untilUsed(poor, 'sk-own-0123456789-poor');
      const { response } = await askAs(poor, CHAT, { max_tokens: 1_000 });
      expect(response.headers.get('x-inferencehub-output-cap')).toBeNull();
      expect(world.upstream.asked.at(-1)?.body['max_tokens']).toBe(1_000);
      const { holdNanos } = await receiptOf(world.hub, poor.liveKey, response);
      expect(BigInt(holdNanos)).toBeLessThan(1_000_000n);
    });

    it('that is refused is not followed where no other may serve: the client is told', async () => {
      world.upstream.answer = answerBut([ONLY, CLAUDE_ONLY], 401);
      const chat = await askAs(only);
      expect(chat.used).toEqual([ONLY]);
      expect(chat.response.status).toBe(400);
      expect(chat.response.headers.get('x-should-retry')).toBe('false');
      expect(JSON.parse(chat.text)).toMatchObject({
        error: { code: 'own_credential_refused', type: 'invalid_request_error' },
      });
      const claude = await askAs(only, CLAUDE);
      expect(claude.used).toEqual([CLAUDE_ONLY]);
      expect(claude.response.status).toBe(400);
      expect(JSON.parse(claude.text)).toMatchObject({
        type: 'error',
        error: {
          type: 'invalid_request_error',
          message: expect.stringContaining('own credential'),
        },
      });
      const receipt = await receiptOf(world.hub, only.liveKey, chat.response);
      expect(receipt).toMatchObject({
        chargeNanos: '0',
        outcome: 'refused',
        errorCode: 'own_credential_refused',
      });
    });

    it('goes with no request of another customer, whatever fails and whoever asks at once', async () => {
      let turn = 0;
      const refusing = answerBut([OWN], 401);
      const failing = answerBut([OWN, ONLY, CLAUDE_ONLY, ...HUBS], 503);
      const answering = answerBut([], 401);
      // By turns refused, failed and answered, so that all ways of going on are taken.
      world.upstream.answer = (response, asked) =>
        [refusing, answering, failing, answering][turn++ % 4]?.(response, asked);
      const before = world.upstream.asked.length;
      const allowed: readonly (readonly [Customer, string, readonly string[]])[] = [
        [first, 'first', [OWN, ...HUBS]],
        [only, 'only', [ONLY, CLAUDE_ONLY]],
        [plain, 'plain', HUBS],
      ];
      await Promise.all(
        Array.from({ length: 20 }, async (_, i) => {
          for (const [customer, name] of allowed) {
            const messages = [{ role: 'user', content: `from ${name}` }];
            const model = i % 4 === 3 ? CLAUDE : CHAT;
            await askAs(customer, model, { messages, stream: i % 2 === 0 });
          }
        }),
      );
      const seen = new Set<string>();
      for (const asked of world.upstream.asked.slice(before)) {
        const [, name] = /from (\w+)/.exec(asked.bytes.toString('utf8')) ?? [];
        const [, , credentials] = allowed.find(([, each]) => each === name) ?? [];
        expect(credentials).toContain(credentialOf(asked));
        seen.add(`${name} ${credentialOf(asked)}`);
      }
      expect([...seen].sort()).toEqual(
        [
          `first ${OWN}`,
          ...HUBS.map((each) => `first ${each}`),
          `only ${CLAUDE_ONLY}`,
          `only ${ONLY}`,
          ...HUBS.map((each) => `plain ${each}`),
        ].sort(),
      );
    });

    it('counts tokens with the same credential, and with the hub’s where it is refused', async () => {
      const id = await addOwn(session, first, 'sk-ant-own-of-the-first', 'first', 'anthropic');
      const path = '/v1/messages/count_tokens';
      const counting = async (refused: readonly string[]) => {
        const before = world.upstream.asked.length;
        world.upstream.answer = (response, asked) =>
          answerJson(
            refused.includes(credentialOf(asked)) ? { error: {} } : { input_tokens: 9 },
            refused.includes(credentialOf(asked)) ? 401 : 200,
          )(response, asked);
        const response = await call(world.hub, first.liveKey, ask(CLAUDE), { path });
        expect(await response.json()).toEqual({ input_tokens: 9 });
        return world.upstream.asked.slice(before).map(credentialOf);
      };
      await expect.poll(() => counting([])).toEqual(['sk-ant-own-of-the-first']);
      expect(await counting(['sk-ant-own-of-the-first'])).toEqual([
        'sk-ant-own-of-the-first',
        HUBS[1],
      ]);
      const own = `/workspaces/${first.workspaceId}/credentials/${id}`;
      expect((await session.request('DELETE', own)).status).toBe(200);
    });

    it('stands in no file and no line that the hub has written', async () => {
      const written = [world.hub.output()];
      const entries = await readdir(world.hub.dataDir, { recursive: true, withFileTypes: true });
      for (const entry of entries) {
        if (entry.isFile())
          written.push(await readFile(join(entry.parentPath, entry.name), 'latin1'));
      }
      expect(written.length).toBeGreaterThan(10);
      for (const text of written) {
        for (const secret of [OWN, ONLY, CLAUDE_ONLY]) expect(text.includes(secret)).toBe(false);
      }
    });
  });
}
