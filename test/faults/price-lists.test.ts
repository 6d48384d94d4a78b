// The operator's own prices and markups, published by the command line while hubs run: a poisoned
// list changes nothing, a good one holds on every node at its date, and a request that was admitted
// before keeps the price of its admission.

import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Database } from '../../src/db/database.ts';
import { TEST_DATABASES, createDatabaseUrl } from '../support/databases.ts';
import { type Hub, runCli, startHub } from '../support/hub.ts';
import { type Answer, type Upstream, answerJson, startUpstream } from '../support/upstream.ts';
import { CHAT_USAGE, chatAnswer } from './answers.ts';
import { CHAT, type Customer, ask, call, makeCustomer, providersAt, receiptOf } from './world.ts';

const BUILT_IN = { priceId: `${CHAT}@2026-11-23`, chargeNanos: '120000', markupBps: 0 };
const SOON_MS = 15_000;

for (const { name, available, label } of TEST_DATABASES) {
  describe.skipIf(!available)(`price lists on ${label}`, () => suite(name));
}

function suite(kind: Database['kind']): void {
  let folder: string;
  let upstream: Upstream;
  let hubs: Hub[];
  let env: Record<string, string>;
  let customer: Customer;
  let drop: (() => Promise<void>) | undefined;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'hub-prices-'));
    upstream = await startUpstream(answerJson(chatAnswer()));
    env = providersAt(upstream.baseUrl);
    const postgres = kind === 'postgres' ? await createDatabaseUrl() : undefined;
    drop = postgres?.drop;
    if (postgres) env['DATABASE_URL'] = postgres.url;
    // Only a database server can have two nodes.
    hubs = await Promise.all((postgres ? [1, 2] : [1]).map(() => startHub({ env })));
    customer = await makeCustomer(hubs[0]!, 10_000_000_000n);
  });
  afterAll(async () => {
    await Promise.all(hubs.map((hub) => hub.stop()));
    await upstream.close();
    await drop?.();
    await rm(folder, { recursive: true });
  });

  /** A command of the hub's operator. */
  const run = (...args: string[]) => runCli(args, { ...env, DATA_DIR: hubs[0]!.dataDir });
  async function publishAll(prices: readonly unknown[], ...args: string[]) {
    const path = join(folder, 'list.json');
    await writeFile(path, JSON.stringify({ prices }));
    return run('prices', 'publish', path, ...args);
  }
  const publish = (rates: object, ...args: string[]) =>
    publishAll([{ model: CHAT, rates }], ...args);
  async function receiptsOfAll() {
    const answers = hubs.map(async (hub) => {
      const answer = await call(hub, customer.liveKey, ask(CHAT));
      await answer.text();
      return receiptOf(hub, customer.liveKey, answer);
    });
    return Promise.all(answers);
  }
  async function expectEverywhere(receipt: object): Promise<void> {
    await expect
      .poll(receiptsOfAll, { timeout: SOON_MS })
      .toEqual(hubs.map(() => expect.objectContaining(receipt)));
  }

  it('a list with one poisoned price is refused, each fault by its name', async () => {
    const poisoned: [string, object, string][] = [
      ['openai/gpt-4o', { input: '2500', output: '10' }, 'jump'],
      ['openai/gpt-4.1', { input: '2', output: '0.008' }, 'jump'],
      ['openai/o3', { input: '0', output: '8' }, 'zero'],
      ['openai/gpt-5', { input: '1.25', output: '-10' }, 'negative'],
      ['openai/gpt-5-mini', { input: 'NaN', output: '2' }, 'not_a_decimal'],
    ];
    const prices = poisoned.map(([model, rates]) => ({ model, rates }));
    const { code, stdout, stderr } = await publishAll([
      ...prices,
      { model: 'openai/gpt-4o-mini', rates: { input: '0.3', output: '1.2' } },
    ]);
    expect([code, stdout]).toEqual([1, '']);
    expect(stderr).toMatch(/^The list was refused, and nothing has changed:\n/);
    for (const [i, [, , fault]] of poisoned.entries()) {
      expect(stderr).toMatch(new RegExp(`^  prices\\[${i}\\].*\\(${fault}\\)`, 'm'));
    }
    expect(stderr).not.toContain('prices[5]');
    for (const receipt of await receiptsOfAll()) expect(receipt).toMatchObject(BUILT_IN);
    const { stdout: shown } = await run('prices', 'show', 'openai/gpt-4o-mini', '--json');
    const { prices: kept } = JSON.parse(shown) as { prices: unknown[] };
    expect(kept).toEqual([expect.objectContaining({ id: 'openai/gpt-4o-mini@2026-11-23' })]);
  });

  it('a good list holds on every node; what was admitted before keeps its price', async () => {
    const end = Promise.withResolvers<void>();
    const late: Answer = async (response, asked) => {
      await end.promise;
      await answerJson(chatAnswer())(response, asked);
    };
    const sent = upstream.asked.length;
    upstream.answer = late;
    const running = call(hubs[0]!, customer.liveKey, ask(CHAT));
    await expect.poll(() => upstream.asked.length).toBe(sent + 1);
    upstream.answer = answerJson(chatAnswer());
    const { code, stdout } = await publish({ input: '5', output: '20' });
    expect([code, stdout]).toEqual([0, expect.stringContaining(`Published: ${CHAT}@`)]);
    await expectEverywhere({ chargeNanos: '240000' });
    end.resolve();
    const before = await running;
    await before.text();
    const receipt = await receiptOf(hubs[0]!, customer.liveKey, before);
    expect(receipt).toMatchObject(BUILT_IN);
    const [after] = await receiptsOfAll();
    expect(after?.price?.version).toMatch(/^openai\/gpt-4o@\d{4}-\d\d-\d\dT[\d:.]+Z\.own$/);
  });

  it('a markup holds on every node, is rounded once, and is held', async () => {
    const { code } = await run('markup', 'set', '--model', CHAT, '--percent', '5.55');
    expect(code).toBe(0);
    // 240 000 nano-dollars and 5.55 % of them.
    await expectEverywhere({ chargeNanos: '253320', markupBps: 555 });
    const [explained] = await receiptsOfAll();
    // $0.00024 is 240 000 000 000 femto-dollars; 5.55 % of it, in zepto-dollars.
    expect(explained).toMatchObject({
      listFemtos: '240000000000',
      markupZeptos: '13320000000000000',
      roundingZeptos: '0',
    });
    const listed = await fetch(`${hubs[0]!.baseUrl}/v1/models/${CHAT}`);
    expect(await listed.json()).toMatchObject({
      pricing: { prompt: '0.0000052775', completion: '0.00002111' },
    });
    upstream.answer = answerJson(
      chatAnswer({ ...CHAT_USAGE, prompt_tokens: 1e7, total_tokens: 1e7 + 7 }),
    );
    const [full] = await receiptsOfAll();
    expect(full).toMatchObject({ limitedByHold: true, chargeNanos: full?.holdNanos });
    upstream.answer = answerJson(chatAnswer());
    await run('markup', 'set', '--model', CHAT, '--percent', 'none');
    await expectEverywhere({ chargeNanos: '240000', markupBps: 0 });
    const { stdout } = await run('markup', 'show');
    expect(stdout).toMatch(/^model openai\/gpt-4o: 5\.55 %, from .*\nmodel .*: none, from .*\n$/);
  });

  it('a meant jump is let through, and free is free', async () => {
    const free = { input: 'free', output: 'free' };
    expect((await publish(free)).code).toBe(1);
    expect((await publish(free, '--accept-jump', CHAT)).code).toBe(0);
    await expectEverywhere({ costNanos: '0', chargeNanos: '0', usageSource: 'provider' });
  });
}
