// The program's own prices when a newer version of it joins an older one on the same database: a
// request keeps the price of its admission, a sound list holds for both, a poisoned one for neither.

import { cp, mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { describe, expect, it } from 'vitest';
import { createDatabaseUrl, TEST_DATABASES } from '../support/databases.ts';
import { startHub } from '../support/hub.ts';
import { type Answer, answerJson, chatStream, startUpstream } from '../support/upstream.ts';
import { chatAnswer, chatChunk, usageChunk } from './answers.ts';
import { CHAT, ask, call, expectExactBooks, makeCustomer, providersAt } from './world.ts';
import { receiptOf, withDatabase } from './world.ts';

const ROOT = fileURLToPath(new URL('../../', import.meta.url));
const NEW_DATE = new Date(Date.now() - 1_000).toISOString().replace(/\.\d+/, '');
const { available, label } = TEST_DATABASES.find(({ name }) => name === 'postgres')!;

type Offer = { readonly id: string; readonly prices: unknown[] };

/** A copy of the program in which the model's answers cost so many dollars from a new date on. */
async function copyWithNewPrice(output: string): Promise<string> {
  const copy = await mkdtemp(join(tmpdir(), 'hub-version-'));
  for (const name of ['src', 'sql', 'scripts/lib', 'test/support', 'package.json']) {
    await cp(join(ROOT, name), join(copy, name), { recursive: true });
  }
  await symlink(join(ROOT, 'node_modules'), join(copy, 'node_modules'));
  const path = join(copy, 'src/catalog/offers/openai.json');
  const file = JSON.parse(await readFile(path, 'utf8')) as { offers: Offer[] };
  const dearer = { effectiveFrom: NEW_DATE, rates: { input: '25', cacheRead: '1.25', output } };
  file.offers.find(({ id }) => id === CHAT)!.prices.push(dearer);
  await writeFile(path, JSON.stringify(file));
  return copy;
}

async function importHub(copy: string): Promise<typeof import('../support/hub.ts')> {
  return (await import(pathToFileURL(join(copy, 'test/support/hub.ts')).href)) as never;
}

describe.skipIf(!available)(`a price that changes while a request runs: ${label}`, () => {
  it('does not touch the request; the next one on the new version pays it', async () => {
    const end = Promise.withResolvers<void>();
    const answerInParts: Answer = async (response) => {
      const [first, ...rest] = chatStream(
        chatChunk({ content: 'Hi there.' }),
        chatChunk({}, 'stop'),
        usageChunk(),
      );
      response.writeHead(200, { 'content-type': 'text/event-stream' });
      response.write(first);
      await end.promise;
      response.end(rest.join(''));
    };
    const upstream = await startUpstream(answerInParts);
    const { url, drop } = await createDatabaseUrl();
    const env = { ...providersAt(upstream.baseUrl), DATABASE_URL: url };
    const copy = await copyWithNewPrice('100');
    const hub = await startHub({ env });
    const newVersion = await importHub(copy);
    const hubs = [hub];
    try {
      const { liveKey } = await makeCustomer(hub, 10_000_000_000n);
      const body = ask(CHAT, { stream: true });
      const running = await call(hub, liveKey, body);
      const newHub = await newVersion.startHub({ env });
      hubs.push(newHub);
      end.resolve();
      await running.text();
      const later = await call(newHub, liveKey, body);
      await later.text();
      const before = await receiptOf(hub, liveKey, running);
      expect(before.priceId).not.toContain(NEW_DATE);
      expect(before.chargeNanos).toBe('120000');
      // The new version reads the old receipt as it was written.
      expect(await receiptOf(newHub, liveKey, before.id)).toEqual(before);
      const after = await receiptOf(newHub, liveKey, later);
      expect(after).toMatchObject({ priceId: `${CHAT}@${NEW_DATE}`, chargeNanos: '1200000' });
      expect(await Promise.all(hubs.map((each) => each.terminate()))).toEqual([0, 0]);
      await withDatabase('', url, expectExactBooks);
    } finally {
      await Promise.all(hubs.map((each) => each.stop()));
      await upstream.close();
      await drop();
      await rm(copy, { recursive: true, force: true });
    }
  });
});

describe.skipIf(!available)(`a newer version whose own list is poisoned: ${label}`, () => {
  it('says so by codes, and both versions go on at the last good prices', async () => {
    const upstream = await startUpstream(answerJson(chatAnswer()));
    const { url, drop } = await createDatabaseUrl();
    const env = { ...providersAt(upstream.baseUrl), DATABASE_URL: url };
    const copy = await copyWithNewPrice('10000');
    const hubs = [await startHub({ env })];
    try {
      const [hub] = hubs;
      const { liveKey } = await makeCustomer(hub!, 10_000_000_000n);
      const newHub = await (await importHub(copy)).startHub({ env });
      hubs.push(newHub);
      expect(newHub.output()).toMatch(/"code":"jump".*prices_refused/);
      for (const each of hubs) {
        const answer = await call(each, liveKey, ask(CHAT));
        expect(await receiptOf(each, liveKey, answer)).toMatchObject({
          priceId: `${CHAT}@2026-11-23`,
          chargeNanos: '120000',
        });
      }
    } finally {
      await Promise.all(hubs.map((each) => each.stop()));
      await upstream.close();
      await drop();
      await rm(copy, { recursive: true, force: true });
    }
  });
});
