// A journal that cannot be written (a file size limit stands for a full disk: a write then stops in
// the middle of a record): nothing new is sent upstream, nobody waits for long, nothing is lost.

import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { readFile, readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { TEST_DATABASES } from '../support/databases.ts';
import { answerJson } from '../support/upstream.ts';
import { chatAnswer } from './answers.ts';
import { CHAT, type Customer, type World, ask, call, openWorld, receiptOf } from './world.ts';

const QUICK_MS = 2_000;
/** Longer than a finished answer waits for the disk. */
const GIVEN_UP_MS = 14_000;
const READ = (): string => 'read to its end';
const CUT = (): string => 'cut';
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
    const response = await call(world.hub, customer.liveKey, ask(CHAT));
    const body = await response.text();
    return { response, body, elapsedMs: performance.now() - startedMs };
  }

  /** Until the hub knows that its journal fails: the first record that it could not write. */
  async function breakJournal() {
    world.upstream.answer = answerJson(chatAnswer());
    await limitFiles(1);
    const waiting = send();
    waiting.catch(() => undefined);
    await vi.waitFor(async () => expect((await send()).response.status).toBe(503), {
      timeout: 10_000,
      interval: 50,
    });
    return { waiting };
  }

  it('refuses at once and sends nothing, then serves again and has lost nothing', async () => {
    const journal = join(world.hub.dataDir, 'journal');
    const newest = (await readdir(journal)).filter((name) => name.endsWith('.journal')).at(-1);
    // A segment that stands there already must not keep the journal from coming back.
    const next = String(Number(newest?.slice(0, 12)) + 1).padStart(12, '0');
    await writeFile(join(journal, `${next}.journal`), '');
    const { waiting } = await breakJournal();
    const before = world.upstream.asked.length;
    const refused = await Promise.all(Array.from({ length: 20 }, send));
    for (const { response, body, elapsedMs } of refused) {
      expect(response.status).toBe(503);
      expect(response.headers.get('retry-after')).toBe('1');
      expect(JSON.parse(body)).toMatchObject({ error: { code: 'journal_unavailable' } });
      expect(elapsedMs).toBeLessThan(QUICK_MS);
    }
    expect(world.upstream.asked).toHaveLength(before);
    await limitFiles('unlimited');
    const finished = (await waiting).response;
    await vi.waitFor(async () => expect((await send()).response.status).toBe(200), {
      timeout: 5_000,
      interval: 100,
    });
    expect(finished.status).toBe(200);
    const receipt = await receiptOf(world.hub, customer.liveKey, finished);
    expect(BigInt(receipt.chargeNanos)).toBeGreaterThan(0n);
  });

  it('cuts off every answer that waits too long, and books them when the disk is back', async () => {
    const held: (() => void)[] = [];
    world.upstream.answer = (response, asked) =>
      void held.push(() => void answerJson(chatAnswer())(response, asked));
    // One of them ends while the journal fails already, behind the record that fails.
    const late = send().then(READ, CUT);
    await vi.waitFor(() => expect(held).toHaveLength(1));
    const first = (await breakJournal()).waiting.then(READ, CUT);
    const startedMs = performance.now();
    for (const answer of held) answer();
    expect(await Promise.all([first, late])).toEqual(['cut', 'cut']);
    expect(performance.now() - startedMs).toBeLessThan(GIVEN_UP_MS);
    await limitFiles('unlimited');
    await vi.waitFor(async () => expect((await send()).response.status).toBe(200), {
      timeout: 5_000,
      interval: 100,
    });
    const headers = { authorization: `Bearer ${customer.liveKey}` };
    const key = await fetch(`${world.hub.baseUrl}/v1/key`, { headers });
    const each = 20n * 2_500n + 7n * 10_000n;
    const served = world.upstream.asked.length;
    const dollars = Number(each * BigInt(served)) / 1e9;
    expect(((await key.json()) as { data: { usage: number } }).data.usage).toBeCloseTo(dollars, 9);
  });
});
