// A journal that cannot be written (a file size limit stands for a full disk: a write then stops in
// the middle of a record): nothing new is sent upstream, nobody waits for long, nothing is lost.

import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { readFile, readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { TEST_DATABASES } from '../support/databases.ts';
import { type Answer, answerStream, chatStream } from '../support/upstream.ts';
import { chatChunk, usageChunk } from './answers.ts';
import { CHAT, type Customer, type World, ask, call, openWorld, receiptOf } from './world.ts';

const QUICK_MS = 2_000;
/** Longer than a finished answer waits for the disk. */
const GIVEN_UP_MS = 14_000;
const ANSWER = chatStream(
  chatChunk({ content: 'Hi there.' }),
  chatChunk({}, 'stop'),
  usageChunk(),
) as [string, ...string[]];
const { available, label } = TEST_DATABASES.find(({ name }) => name === 'postgres')!;
// The embedded database writes files too, so the limit would hit more than the journal there.
const canLimit = available && existsSync('/usr/bin/prlimit');

describe.skipIf(!canLimit)(`a hub whose journal cannot be written: ${label}`, () => {
  let world: World;
  let customer: Customer;
  beforeAll(async () => {
    world = await openWorld('postgres');
    customer = await world.customer(10_000_000_000n);
  });
  afterAll(() => world.close());

  /** The most bytes that the hub may write to any file from now on. */
  async function limitFiles(bytes: number | 'unlimited'): Promise<void> {
    const pid = (await readFile(join(world.hub.dataDir, 'lock.pid'), 'utf8')).trim();
    await promisify(execFile)('/usr/bin/prlimit', ['--pid', pid, `--fsize=${bytes}:unlimited`]);
  }

  async function send() {
    const startedMs = performance.now();
    const response = await call(world.hub, customer.liveKey, ask(CHAT, { stream: true }));
    const elapsedMs = performance.now() - startedMs;
    // The head and the text of a stream come at once, its end mark only with the record on disk.
    const end = response.text().then(
      (body) => body,
      () => 'cut',
    );
    return { response, end, elapsedMs };
  }

  /** Sends until the hub knows that its journal fails; the streams that began meanwhile wait. */
  async function breakJournal() {
    world.upstream.answer = answerStream(...ANSWER);
    await limitFiles(1);
    const waiting: Awaited<ReturnType<typeof send>>[] = [];
    for (;;) {
      const sent = await send();
      if (sent.response.status === 503) return waiting;
      waiting.push(sent);
      await sleep(20);
    }
  }

  async function repairJournal(): Promise<void> {
    await limitFiles('unlimited');
    await vi.waitFor(async () => expect((await send()).response.status).toBe(200), {
      timeout: 5_000,
      interval: 100,
    });
  }

  async function expectCharged(response: Response): Promise<void> {
    const receipt = await receiptOf(world.hub, customer.liveKey, response);
    expect(receipt).toMatchObject({ outcome: 'completed', chargeNanos: '120000' });
  }

  it('refuses at once and sends nothing, then serves again and has lost nothing', async () => {
    const journal = join(world.hub.dataDir, 'journal');
    const newest = (await readdir(journal)).filter((name) => name.endsWith('.journal')).at(-1);
    // A segment that stands there already must not keep the journal from coming back.
    const next = String(Number(newest?.slice(0, 12)) + 1).padStart(12, '0');
    await writeFile(join(journal, `${next}.journal`), '');
    const waiting = await breakJournal();
    const before = world.upstream.asked.length;
    for (const { response, end, elapsedMs } of await Promise.all(
      Array.from({ length: 20 }, send),
    )) {
      expect(response.status).toBe(503);
      expect(response.headers.get('retry-after')).toBe('1');
      expect(JSON.parse(await end)).toMatchObject({ error: { code: 'journal_unavailable' } });
      expect(elapsedMs).toBeLessThan(QUICK_MS);
    }
    expect(world.upstream.asked).toHaveLength(before);
    await repairJournal();
    expect(waiting.length).toBeGreaterThan(0);
    for (const { response, end } of waiting) {
      expect(await end).toMatch(/\[DONE\]\n\n$/);
      await expectCharged(response);
    }
  });

  it('cuts off every answer that waits too long, and books them when the disk is back', async () => {
    const gate = Promise.withResolvers<void>();
    world.upstream.answer = async (response, asked) => {
      response.writeHead(200, { 'content-type': 'text/event-stream' });
      response.write(ANSWER[0]);
      await gate.promise;
      await answerRest(response, asked);
    };
    // It ends while the journal fails already, behind the record that cannot be written.
    const late = await send();
    const waiting = [...(await breakJournal()), late];
    expect(waiting.length).toBeGreaterThan(1);
    const startedMs = performance.now();
    gate.resolve();
    for (const { end } of waiting) expect(await end).toBe('cut');
    expect(performance.now() - startedMs).toBeLessThan(GIVEN_UP_MS);
    await repairJournal();
    for (const { response } of waiting) await expectCharged(response);
  });
});

const answerRest: Answer = (response) => {
  for (const event of ANSWER.slice(1)) response.write(event);
  response.end();
};
