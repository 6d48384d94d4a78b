// The instruments themselves: what the upstream answers, what the clients count, and the rule that
// half of an answer is a fault. Their sources are compiled, so a machine needs a C compiler.

import { spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { type AddressInfo, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { writeBodies, writeHeaders } from '../../bench/bodies.ts';
import { runClients } from '../../bench/clients.ts';
import { readProcessTimes, readSystemCalls } from '../../bench/machine.ts';
import { type Upstream, startUpstream } from '../../bench/upstreams.ts';

const able = process.platform === 'linux' && spawnSync('cc', ['--version']).status === 0;

describe.skipIf(!able)('the instruments of the bench', () => {
  let folder: string;
  let upstream: Upstream;
  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'bench-test-'));
    upstream = await startUpstream('http', folder, undefined);
  });
  afterAll(async () => {
    await upstream.stop();
    rmSync(folder, { recursive: true, force: true });
  });

  function load(answer: string, protocol: 'chat' | 'messages', port = upstream.port, bytes = 900) {
    const place = join(folder, `${answer.replaceAll(':', '-')}-${protocol}-${bytes}`);
    return {
      port,
      path: protocol === 'chat' ? '/v1/chat/completions' : '/v1/messages',
      headers: writeHeaders(place, ['authorization: Bearer key']),
      bodies: writeBodies(place, { protocol, model: 'm', answer, bytes }),
      clients: 3,
      requests: 30,
      seconds: 20,
    };
  }

  it.each(['chat', 'messages'] as const)(
    'count every event of %s streams once',
    async (protocol) => {
      const canned = await runClients(load('canned', protocol), 'canned');
      expect(canned).toMatchObject({ requests: 30, texts: 30 * 98, statuses: { '200': 30 } });
      const paced = await runClients(load('paced:4:1', protocol), 'paced:4:1');
      expect(paced).toMatchObject({ requests: 30, texts: 120 });
      // The stamps are of the same clock: an event arrives after it was sent, and soon.
      expect(paced.eventDelayMicros.count).toBe(120);
      expect(paced.eventDelayMicros.p50).toBeGreaterThan(0);
      expect(paced.eventDelayMicros.p50).toBeLessThan(1_000_000);
    },
  );

  it.each(['chat', 'messages'] as const)('get JSON of %s that says its usage', async (protocol) => {
    const { path, bodies } = load('json', protocol);
    const { default: body } = await import(bodies[0] ?? '', { with: { type: 'json' } });
    const answer = await fetch(`http://127.0.0.1:${upstream.port}${path}`, {
      method: 'POST',
      body: JSON.stringify(body),
    });
    const { usage } = (await answer.json()) as { usage: Record<string, unknown> };
    const counts = [usage['prompt_tokens'] ?? usage['input_tokens']];
    expect([...counts, usage['completion_tokens'] ?? usage['output_tokens']]).toEqual([412, 50]);
  });

  it('take large bodies, with a length and in chunks', async () => {
    const body = Buffer.alloc(20_000_000, ' ');
    const chunks = new ReadableStream({
      start(controller) {
        for (let at = 0; at < body.length; at += 1_000_000) {
          controller.enqueue(body.subarray(at, at + 1_000_000));
        }
        controller.close();
      },
    });
    const url = `http://127.0.0.1:${upstream.port}/v1/chat/completions`;
    const whole = await fetch(url, { method: 'POST', body });
    const cut = await fetch(url, { method: 'POST', body: chunks, duplex: 'half' });
    expect(await whole.text()).toBe(await cut.text());
  });

  it('send bodies of the size that is asked for, no two of a kind alike', () => {
    const { bodies } = load('json', 'chat', upstream.port, 102_400);
    const sizes = bodies.map((file) =>
      Number(spawnSync('wc', ['-c', file]).stdout.toString().split(' ')[0]),
    );
    expect(new Set(sizes).size).toBe(sizes.length);
    for (const size of sizes) expect(Math.abs(size - 102_400)).toBeLessThan(400);
  });

  it('count a request from when it was due, not from when a client was free', async () => {
    // One client, answers that take 50 ms, ten due at once: the last one waits for nine others.
    const late = { ...load('paced:1:50', 'chat'), clients: 1, requests: 10, rate: 10_000 };
    const { latencyMicros } = await runClients(late, 'paced:1:50');
    expect(latencyMicros.max).toBeGreaterThan(10 * 50_000);
  });

  it.each([
    ['an answer that breaks off', 'HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\nhalf'],
    ['a refusal', 'HTTP/1.1 500 Oops\r\ncontent-length: 4\r\nconnection: close\r\n\r\noops'],
  ])('do not count %s as an answer', async (_, bytes) => {
    const server = createServer((socket) => {
      socket.on('error', () => {});
      socket.once('data', () => socket.end(bytes));
    }).listen(0, '127.0.0.1');
    await once(server, 'listening');
    const { port } = server.address() as AddressInfo;
    try {
      await expect(runClients(load('json', 'chat', port), 'json')).rejects.toThrow(
        'Not all requests were answered',
      );
    } finally {
      server.close();
    }
  });

  it('read the processor time and the system calls of a process', () => {
    const before = readProcessTimes([process.pid]).find(({ pid }) => pid === process.pid);
    const calls = readSystemCalls(process.pid);
    const startedMs = process.cpuUsage().user;
    while (process.cpuUsage().user - startedMs < 50_000);
    const after = readProcessTimes([process.pid]).find(({ pid }) => pid === process.pid);
    const spentNanos = (after?.nanos ?? 0) - (before?.nanos ?? 0);
    expect(spentNanos).toBeGreaterThan(50_000_000);
    expect(spentNanos).toBeLessThan(5_000_000_000);
    expect(readSystemCalls(process.pid).reads).toBeGreaterThan(calls.reads);
  });
});
