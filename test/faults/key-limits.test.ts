// What a key may ask, asked of a real hub as clients ask: refused before anything reaches a provider, in
// the words of the client's own protocol; and what a key is told of itself.

import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { ownCreditsReply, ownKeyReply } from '../../src/console/contract-keys.ts';
import { answerJson } from '../support/upstream.ts';
import { chatAnswer } from './answers.ts';
import { ANSWER, GRANT_NANOS, type LimitedKeys, openLimitedKeys, told } from './limited-keys.ts';
import { CHAT, CHEAPEST, CLAUDE, ask, call } from './world.ts';

vi.setConfig({ testTimeout: 60_000 });

const EMBEDDING = { model: 'openai/text-embedding-3-small', input: 'Hello' };
const HOME = '203.0.113.7';
const from = (ip: string) => ({ headers: { 'x-forwarded-for': ip } });

let keys: LimitedKeys;
beforeAll(async () => {
  keys = await openLimitedKeys();
});
afterAll(() => keys.world.close());
beforeEach(() => {
  keys.world.upstream.answer = ANSWER;
});

describe('scopes', () => {
  it('let a key without inference ask no model, count nothing, and know itself', async () => {
    const { secret } = await keys.make({ scopes: ['usage'] });
    const refused = { status: 403, code: 'key_not_allowed' };
    const asks = await keys.asksOf(async () => {
      expect(await told(call(keys.world.hub, secret, ask(CHAT)))).toEqual(refused);
      const embedding = call(keys.world.hub, secret, EMBEDDING, { path: '/v1/embeddings' });
      expect(await told(embedding)).toEqual(refused);
      const path = '/v1/responses/input_tokens';
      expect(
        await told(call(keys.world.hub, secret, { model: CHAT, input: 'x' }, { path })),
      ).toEqual(refused);
      expect(await told(call(keys.world.hub, secret, ask(CLAUDE)))).toEqual({
        status: 403,
        code: 'permission_error',
      });
    });
    expect(asks).toBe(0);
    expect((await keys.read('/v1/key', secret)).status).toBe(200);
  });

  it('let a key read its own receipts, and with usage those of its whole workspace', async () => {
    const [own, other, reader] = [
      await keys.make(),
      await keys.make(),
      await keys.make({ scopes: ['usage'] }),
    ];
    const answer = await call(keys.world.hub, own.secret, ask(CHAT));
    await answer.arrayBuffer();
    const path = answer.headers.get('x-inferencehub-receipt') ?? '';
    expect((await keys.read(path, own.secret)).status).toBe(200);
    expect((await keys.read(path, other.secret)).status).toBe(404);
    expect((await keys.read(path, reader.secret)).status).toBe(200);
  });
});

describe('addresses', () => {
  it('outside the ranges are refused before anything is read, those within are served', async () => {
    const { secret } = await keys.make({ ipRanges: ['203.0.113.0/24', '2001:db8:7::/48'] });
    for (const ip of [HOME, '::ffff:203.0.113.9', '2001:db8:7::1']) {
      expect((await call(keys.world.hub, secret, ask(CHAT), from(ip))).status).toBe(200);
    }
    const refused = { status: 403, code: 'key_not_allowed' };
    for (const ip of ['203.0.114.7', '2001:db8:8::1', '127.0.0.1']) {
      expect(await keys.asksOf(() => call(keys.world.hub, secret, ask(CHAT), from(ip)))).toBe(0);
      expect(await told(call(keys.world.hub, secret, 'no JSON at all', from(ip)))).toEqual(refused);
      expect(await told(keys.read('/v1/key', secret, from(ip).headers))).toEqual(refused);
    }
  });

  it('that a client writes itself are believed only of the proxy', async () => {
    const { secret } = await keys.make({ ipRanges: [HOME] });
    const forged = { headers: { 'x-forwarded-for': `${HOME}, 198.51.100.4` } };
    expect((await call(keys.world.hub, secret, ask(CHAT), forged)).status).toBe(403);
  });
});

describe('models', () => {
  it('are those of the list alone, asked for or as a fallback, under any of their names', async () => {
    const { secret } = await keys.make({ models: [CHAT, 'anthropic/*'] });
    for (const model of [CHAT, 'gpt-4o', `${CHAT}:floor`, CLAUDE]) {
      expect([model, (await call(keys.world.hub, secret, ask(model))).status]).toEqual([
        model,
        200,
      ]);
    }
    const asks = await keys.asksOf(async () => {
      const refused = { status: 403, code: 'key_not_allowed' };
      const asked = [
        ask(CHEAPEST),
        ask('gpt-6-luna'),
        ask(CHAT, { models: [CHEAPEST] }),
        ask(CHEAPEST, { models: [CHAT] }),
      ];
      for (const body of asked)
        expect(await told(call(keys.world.hub, secret, body))).toEqual(refused);
      const path = '/v1/embeddings';
      expect(await told(call(keys.world.hub, secret, EMBEDDING, { path }))).toEqual(refused);
      const headers = { 'x-inferencehub-routing': JSON.stringify({ models: [CHEAPEST] }) };
      expect(await told(call(keys.world.hub, secret, ask(CHAT), { headers }))).toEqual(refused);
    });
    expect(asks).toBe(0);
    expect(await told(call(keys.world.hub, secret, ask('no/such-model')))).toMatchObject({
      status: 404,
    });
  });

  it('that a key may not ask are not listed to it, nor shown', async () => {
    const { secret } = await keys.make({ models: [CHAT, 'anthropic/*'] });
    const idsOf = async (key?: string): Promise<string[]> => {
      const response = await (key === undefined
        ? fetch(`${keys.world.hub.baseUrl}/v1/models`)
        : keys.read('/v1/models', key));
      const { data } = (await response.json()) as { data: { id: string }[] };
      return data.map(({ id }) => id);
    };
    const listed = await idsOf(secret);
    const isOurs = (id: string): boolean => id === CHAT || id.startsWith('anthropic/');
    expect(listed.length).toBeGreaterThan(2);
    expect(listed).toEqual((await idsOf()).filter(isOurs));
    expect(await idsOf(keys.customer.liveKey)).toEqual(await idsOf());
    expect((await keys.read(`/v1/models/${CHAT}`, secret)).status).toBe(200);
    expect((await keys.read(`/v1/models/${CHEAPEST}`, secret)).status).toBe(404);
  });
});

describe('providers', () => {
  it('are those of the list alone, whatever the caller prefers', async () => {
    const { secret } = await keys.make({ providers: ['anthropic', 'deepseek'] });
    expect((await call(keys.world.hub, secret, ask(CLAUDE))).status).toBe(200);
    const refused = { status: 403, code: 'key_not_allowed' };
    const only = { provider: { only: ['openai'] } };
    for (const body of [
      ask(CHAT),
      ask(CHAT, only),
      ask(CHAT, { provider: { order: ['openai'] } }),
    ]) {
      expect(await keys.asksOf(() => call(keys.world.hub, secret, body))).toBe(0);
      expect(await told(call(keys.world.hub, secret, body))).toEqual(refused);
    }
    const both = ask(CLAUDE, only);
    expect((await call(keys.world.hub, secret, both)).status).toBe(404);
  });
});

describe('a change of limits', () => {
  it('takes effect within a second, as does disabling, which says so', async () => {
    const { id, secret } = await keys.make();
    const status = async () => (await call(keys.world.hub, secret, ask(CHAT))).status;
    expect(await status()).toBe(200);
    const soon = { timeout: 1_000, interval: 10 };
    await keys.ask('PATCH', id, { models: [CHEAPEST] });
    await expect.poll(status, soon).toBe(403);
    await keys.ask('PATCH', id, { models: null, disabled: true });
    await expect.poll(status, soon).toBe(401);
    const refused = (await (await call(keys.world.hub, secret, ask(CHAT))).json()) as {
      error: { message: string };
    };
    expect(refused.error.message).toContain('disabled');
    await keys.ask('PATCH', id, { disabled: false });
    await expect.poll(status, soon).toBe(200);
  });

  it('that revokes a key in use ends no answer that runs, and lets no other begin', async () => {
    const { id, secret } = await keys.make();
    const goOn = Promise.withResolvers<void>();
    keys.world.upstream.answer = async (response, asked) => {
      await goOn.promise;
      await answerJson(chatAnswer())(response, asked);
    };
    const before = keys.world.upstream.asked.length;
    const running = call(keys.world.hub, secret, ask(CHAT));
    await expect.poll(() => keys.world.upstream.asked.length).toBe(before + 1);
    await keys.ask('DELETE', id);
    await expect
      .poll(async () => (await keys.read('/v1/key', secret)).status, {
        timeout: 1_000,
        interval: 10,
      })
      .toBe(401);
    const others = Array.from({ length: 20 }, () => call(keys.world.hub, secret, ask(CHAT)));
    expect((await Promise.all(others)).map(({ status }) => status)).toEqual(Array(20).fill(401));
    goOn.resolve();
    expect((await running).status).toBe(200);
    expect(keys.world.upstream.asked.length).toBe(before + 1);
  });
});

describe('what a key is told of itself', () => {
  it('is all of its limits and its budgets, and the balance that it spends', async () => {
    const limits = {
      scopes: ['inference', 'keys'],
      models: [CHAT],
      providers: ['openai'],
      requestsPerMinute: 60,
      tokensPerMinute: 100_000,
      concurrency: 5,
      ipRanges: [`${HOME}/32`],
      expiresAt: new Date(Date.now() + 3_600_000).toISOString(),
    };
    const { id, secret } = await keys.make({
      ...limits,
      budget: { limitUsd: '2', span: 'weekly' },
    });
    const key = ownKeyReply.parse(
      await (await keys.read('/v1/key', secret, from(HOME).headers)).json(),
    );
    const { workspaceId } = keys.customer;
    expect(key).toMatchObject({ ...limits, id, workspaceId, name: 'limited', mode: 'live' });
    expect(key.hint).toBe(`ih_live_…${secret.slice(-4)}`);
    expect(key.budgets).toMatchObject([{ span: 'weekly', limitNanos: '2000000000' }]);
    const credits = ownCreditsReply.parse(
      await (await keys.read('/v1/credits', keys.customer.liveKey)).json(),
    );
    expect(credits.mode).toBe('live');
    expect(BigInt(credits.balanceNanos) + BigInt(credits.spentLastDayNanos)).toBe(GRANT_NANOS);
  });

  it('is refused in the words of the protocol that the client speaks', async () => {
    const spoken = { 'anthropic-version': '2023-06-01' };
    expect(await told(keys.read('/v1/key', 'ih_live_nonsense', spoken))).toEqual({
      status: 401,
      code: 'authentication_error',
    });
    expect(await told(keys.read('/v1/credits', 'ih_live_nonsense'))).toEqual({
      status: 401,
      code: 'invalid_api_key',
    });
  });
});
