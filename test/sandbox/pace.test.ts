// How fast answers come, and what becomes of one whose reader is slow or has gone.

import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import { once } from 'node:events';
import type { ClientRequest, IncomingMessage, ServerResponse } from 'node:http';
import { request } from 'node:http';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import type { Sandbox } from '../../src/sandbox/server.ts';
import { startSandbox } from '../../src/sandbox/server.ts';
import type { Body } from './client.ts';
import { ask, complete, fold, stream } from './client.ts';

let sandbox: Sandbox;
beforeAll(async () => {
  sandbox = await startSandbox();
});
afterAll(() => sandbox.close());

async function timed(work: () => Promise<unknown>): Promise<number> {
  const startMs = performance.now();
  await work();
  return performance.now() - startMs;
}

/** Sends a body on a connection of its own and hands over the answer unread. */
async function open(body: Body): Promise<{ asking: ClientRequest; answer: IncomingMessage }> {
  const { hostname, port } = new URL(sandbox.baseUrl);
  const path = '/v1/chat/completions';
  const asking = request({ hostname, port, path, method: 'POST', agent: false });
  asking.end(JSON.stringify(body));
  const [answer] = (await once(asking, 'response')) as [IncomingMessage];
  asking.on('error', () => undefined);
  answer.on('error', () => undefined);
  return { asking, answer };
}

describe('pace', () => {
  it('is brisk by itself', async () => {
    const body = ask('lorem', '120 tokens');
    const runs: number[] = [];
    for (let i = 0; i < 5; i++) runs.push(await timed(() => stream(sandbox, body)));
    // The best of five, because other work on the machine only ever adds to it.
    expect(Math.min(...runs)).toBeLessThan(400);
    expect(Math.min(...runs)).toBeGreaterThanOrEqual(120);
  });

  it('is what the user asks for, streamed and whole', async () => {
    const body = ask('lorem', '10 tokens [pace 30]');
    expect(await timed(() => stream(sandbox, body))).toBeGreaterThanOrEqual(10 * 30);
    expect(await timed(() => complete(sandbox, body))).toBeGreaterThanOrEqual(10 * 30);
  });

  it('spreads the tokens over the time', async () => {
    const { answer } = await open(ask('lorem', '20 tokens [pace 40]', { stream: true }));
    const timesMs: number[] = [];
    for await (const _ of answer) timesMs.push(performance.now());
    // A busy machine may read several at once; never all of them.
    expect(timesMs.length).toBeGreaterThanOrEqual(5);
    expect((timesMs.at(-1) ?? 0) - (timesMs[0] ?? 0)).toBeGreaterThanOrEqual(10 * 40);
  });

  it('of 0 sends all at once, and is at most 1000', async () => {
    const body = ask('lorem', '2000 tokens [pace 0]');
    expect(await timed(() => stream(sandbox, body))).toBeLessThan(2_000);
    const slowest = ask('lorem', '1 tokens [pace 999999]');
    expect(await timed(() => complete(sandbox, slowest))).toBeLessThan(2_000);
  });

  it('ignores what an earlier message asked for', async () => {
    const messages = [
      { role: 'user', content: '[pace 1000]' },
      { role: 'user', content: '8 tokens' },
    ];
    expect(await timed(() => stream(sandbox, { model: 'lorem', messages }))).toBeLessThan(4_000);
  });
});

describe('a client that is not there to read', () => {
  const responses: ServerResponse[] = [];
  const note = (message: unknown) => {
    responses.push((message as { response: ServerResponse }).response);
  };
  beforeEach(() => {
    responses.length = 0;
    subscribe('http.server.request.start', note);
  });
  afterEach(() => {
    unsubscribe('http.server.request.start', note);
  });

  it('holds the writing up instead of filling memory, and loses nothing', async () => {
    const body = ask('lorem', '20000 tokens [pace 0]', { n: 8, stream: true });
    const { answer } = await open(body);
    const response = responses[0];
    await vi.waitUntil(() => response?.writableNeedDrain, { timeout: 10_000, interval: 5 });
    expect(response?.writableLength).toBeLessThan(2 * 1024 * 1024);
    let bytes = 0;
    let end = '';
    for await (const chunk of answer as AsyncIterable<Buffer>) {
      bytes += chunk.length;
      end = (end + chunk.toString('latin1')).slice(-20);
    }
    expect(bytes).toBeGreaterThan(8 * 20_000 * 100);
    expect(end.endsWith('data: [DONE]\n\n')).toBe(true);
  });

  const timers = () => process.getActiveResourcesInfo().filter((kind) => kind === 'Timeout').length;

  it('ends the stream when it leaves', async () => {
    const before = timers();
    const body = ask('lorem', '1000 tokens [pace 100]', { stream: true });
    const opened = await Promise.all(Array.from({ length: 20 }, () => open(body)));
    // A stream has no timer while it writes, and on a busy machine several of them write at once.
    await vi.waitUntil(() => timers() >= before + 20, { timeout: 10_000, interval: 5 });
    for (const { asking } of opened) asking.destroy();
    await vi.waitUntil(() => timers() < before + 10, { timeout: 10_000, interval: 20 });
    expect(responses.filter((response) => response.writableFinished)).toEqual([]);
  });

  it('ends the wait for a whole answer when it leaves', async () => {
    const before = timers();
    const leaving = new AbortController();
    const body = JSON.stringify(ask('lorem', '1000 tokens [pace 1000]'));
    const asked = Array.from({ length: 20 }, () =>
      fetch(`${sandbox.baseUrl}/chat/completions`, {
        method: 'POST',
        body,
        signal: leaving.signal,
      }).catch(() => 'left'),
    );
    await vi.waitUntil(() => timers() >= before + 20, { timeout: 5_000, interval: 5 });
    leaving.abort();
    expect(new Set(await Promise.all(asked))).toEqual(new Set(['left']));
    // Each answer would take 1000 seconds, so a wait that is not ended would outlast this one.
    await vi.waitUntil(() => timers() < before + 10, { timeout: 5_000, interval: 20 });
    expect(responses.filter((response) => response.headersSent)).toEqual([]);
  });

  it('leaves the others undisturbed', async () => {
    const body = ask('lorem', '100 tokens [pace 3]', { stream: true });
    const staying = stream(sandbox, body);
    const { asking } = await open(body);
    asking.destroy();
    const { content, finish } = fold((await staying).chunks);
    expect(Buffer.byteLength(content ?? '')).toBe(400);
    expect(finish).toEqual(['stop']);
  });
});
