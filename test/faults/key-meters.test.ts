// How much a key may ask, asked of a real hub: told in the headers of the client's own protocol, refused
// with the time to wait, and every place that a request took is free again however the request ended.

import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { type Answer, answerJson } from '../support/upstream.ts';
import { chatAnswer, chatChunk } from './answers.ts';
import { ANSWER, type LimitedKeys, type Made, openLimitedKeys, told } from './limited-keys.ts';
import { CHAT, CLAUDE, ask, call } from './world.ts';

vi.setConfig({ testTimeout: 60_000 });

let keys: LimitedKeys;
beforeAll(async () => {
  keys = await openLimitedKeys();
});
afterAll(() => keys.world.close());
beforeEach(() => {
  keys.world.upstream.answer = ANSWER;
});

describe('requests a minute', () => {
  it('are told in headers and refused with the time to wait, in both dialects', async () => {
    const { secret } = await keys.make({ requestsPerMinute: 3 });
    const first = await call(keys.world.hub, secret, ask(CHAT));
    expect(first.headers.get('x-ratelimit-limit-requests')).toBe('3');
    expect(first.headers.get('x-ratelimit-remaining-requests')).toBe('2');
    expect(first.headers.get('x-ratelimit-reset-requests')).toMatch(/^(1m\ds|\d\ds)$/);
    expect(first.headers.get('x-ratelimit-limit-tokens')).toBeNull();
    const second = await call(keys.world.hub, secret, ask(CLAUDE));
    expect(second.headers.get('anthropic-ratelimit-requests-limit')).toBe('3');
    expect(second.headers.get('anthropic-ratelimit-requests-remaining')).toBe('1');
    const reset = Date.parse(second.headers.get('anthropic-ratelimit-requests-reset') ?? '');
    expect(reset).toBeGreaterThan(Date.now());
    expect((await call(keys.world.hub, secret, ask(CHAT))).status).toBe(200);
    expect(await keys.asksOf(() => call(keys.world.hub, secret, ask(CHAT)))).toBe(0);
    const refused = await call(keys.world.hub, secret, ask(CHAT));
    expect(Number(refused.headers.get('retry-after'))).toBeGreaterThan(0);
    expect(refused.headers.get('x-ratelimit-remaining-requests')).toBe('0');
    expect(await told(refused)).toEqual({ status: 429, code: 'rate_limit_exceeded' });
    const claude = await call(keys.world.hub, secret, ask(CLAUDE));
    expect(claude.headers.get('anthropic-ratelimit-requests-remaining')).toBe('0');
    expect(await told(claude)).toEqual({ status: 429, code: 'rate_limit_error' });
    // What is no request to a model is not counted, and not refused.
    expect((await keys.read('/v1/key', secret)).status).toBe(200);
  });

  it('hold for a key under both of its texts together', async () => {
    const { id, secret } = await keys.make({ requestsPerMinute: 2 });
    const answer = await keys.ask('POST', id, {}, '/rotate');
    const rotated = (await answer.json()) as Made;
    const statuses: number[] = [];
    for (const text of [secret, rotated.secret, secret, rotated.secret]) {
      statuses.push((await call(keys.world.hub, text, ask(CHAT))).status);
    }
    expect(statuses).toEqual([200, 200, 429, 429]);
  });

  it('are none of a key without limits, which is told nothing of them', async () => {
    const answer = await call(keys.world.hub, keys.customer.liveKey, ask(CHAT));
    expect([...answer.headers.keys()].filter((name) => /ratelimit/.test(name))).toEqual([]);
  });
});

describe('tokens a minute', () => {
  it('are counted as they are used, prompt and answer, and refused once they are', async () => {
    // The stand-in says 20 and 7 for each answer.
    const { secret } = await keys.make({ tokensPerMinute: 50 });
    const first = await call(keys.world.hub, secret, ask(CHAT));
    await first.arrayBuffer();
    expect(first.headers.get('x-ratelimit-limit-tokens')).toBe('50');
    const second = await call(keys.world.hub, secret, ask(CHAT));
    await second.arrayBuffer();
    expect(second.status).toBe(200);
    const refused = await call(keys.world.hub, secret, ask(CHAT));
    expect(refused.headers.get('x-ratelimit-remaining-tokens')).toBe('0');
    expect(Number(refused.headers.get('retry-after'))).toBeGreaterThan(0);
    expect((await told(refused)).status).toBe(429);
  });
});

describe('requests at once', () => {
  /** Begins a stream and goes on when it is told to. */
  const streaming = () => {
    const goOn = Promise.withResolvers<void>();
    const answer: Answer = async (response) => {
      response.writeHead(200, { 'content-type': 'text/event-stream' });
      response.write(`data: ${JSON.stringify(chatChunk({ content: 'Hi' }))}\n\n`);
      await goOn.promise;
      response.end();
    };
    return { answer, goOn: () => goOn.resolve() };
  };
  const stream = ask(CHAT, { stream: true });

  it('are refused beyond the limit and free again when one has ended', async () => {
    const { secret } = await keys.make({ concurrency: 2 });
    const { answer, goOn } = streaming();
    keys.world.upstream.answer = answer;
    const running = [
      await call(keys.world.hub, secret, stream),
      await call(keys.world.hub, secret, stream),
    ];
    expect(await told(call(keys.world.hub, secret, stream))).toMatchObject({ status: 429 });
    goOn();
    for (const each of running) await each.text().catch(() => undefined);
    expect((await call(keys.world.hub, secret, stream)).status).toBe(200);
  });

  it('are free again when the client leaves, at any moment of its request', async () => {
    const { secret } = await keys.make({ concurrency: 2 });
    for (let round = 0; round < 12; round++) {
      const { answer, goOn } = streaming();
      keys.world.upstream.answer = answer;
      const leaving = [new AbortController(), new AbortController()];
      const calls = leaving.map(({ signal }) => call(keys.world.hub, secret, stream, { signal }));
      // One leaves in the middle of its answer, one perhaps before its request was even read.
      if (round % 2 === 0) await Promise.all(calls);
      for (const each of leaving) each.abort();
      await Promise.allSettled(calls);
      goOn();
      keys.world.upstream.answer = answerJson(chatAnswer());
      await expect
        .poll(async () => (await call(keys.world.hub, secret, ask(CHAT))).status, {
          timeout: 5_000,
        })
        .toBe(200);
    }
  });

  it.each<[string, Answer]>([
    ['refused by the provider', answerJson({ error: { message: 'no' } }, 400)],
    ['failed by the provider', answerJson({}, 500)],
    ['cut by the provider', (response) => void response.socket?.destroy()],
    [
      'cut in the middle of its answer',
      (response) => {
        response.writeHead(200, { 'content-type': 'text/event-stream' });
        response.write(`data: ${JSON.stringify(chatChunk({ content: 'Hi' }))}\n\n`);
        response.socket?.end();
      },
    ],
  ])('are free again when a request is %s', async (_, answer) => {
    const { secret } = await keys.make({ concurrency: 1 });
    keys.world.upstream.answer = answer;
    for (let i = 0; i < 3; i++) {
      const response = await call(keys.world.hub, secret, stream);
      await response.text().catch(() => undefined);
      expect(response.status).not.toBe(429);
    }
    expect(await told(call(keys.world.hub, secret, 'no JSON'))).toMatchObject({ status: 400 });
    keys.world.upstream.answer = answerJson(chatAnswer());
    expect((await call(keys.world.hub, secret, ask(CHAT))).status).toBe(200);
  });

  it('are as many as the limit however many come together', async () => {
    const { secret } = await keys.make({ concurrency: 3 });
    const { answer, goOn } = streaming();
    keys.world.upstream.answer = answer;
    const calls = Array.from({ length: 20 }, () => call(keys.world.hub, secret, stream));
    const answers = await Promise.all(calls);
    expect(answers.filter(({ status }) => status === 200)).toHaveLength(3);
    expect(answers.filter(({ status }) => status === 429)).toHaveLength(17);
    goOn();
    await Promise.allSettled(answers.map((each) => each.text()));
  });
});
