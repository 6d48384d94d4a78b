// An operator's look at the books, in a real browser against a real hub process: proofs on demand, a
// drift that shows on every page, a doubtful charge that is decided, and a refund.

import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Bootstrapped, type Hub, runCli, startHub } from '../support/hub.ts';
import { HAS_BROWSER, REASON, accessibilityFaults, launchBrowser } from './browser.ts';

describe.skipIf(!HAS_BROWSER)(`an operator's pages${REASON}`, () => {
  let hub: Hub;
  let browser: Browser;
  let page: Page;
  let made: Bootstrapped;
  let charged: string;

  beforeAll(async () => {
    hub = await startHub();
    made = await hub.bootstrap('5');
    browser = await launchBrowser();
    const context = await browser.newContext({ colorScheme: 'light' });
    context.setDefaultTimeout(15_000);
    page = await context.newPage();
    const { stdout, stderr } = await runCli(['link', '--email', made.email], {
      DATA_DIR: hub.dataDir,
    });
    const link = /http\S+#\S+/.exec(stdout)?.[0];
    if (link === undefined) throw new Error(`there is no sign-in link: ${stdout}${stderr}`);
    await page.goto(link);
    await page.getByRole('button', { name: /sign in|continue/i }).click();
    await page.waitForURL('**/console?workspace=*');
    charged = await ask('sandbox/echo');
    await ask('sandbox/fail-bad-usage');
  });

  afterAll(async () => {
    await browser?.close();
    await hub?.stop();
  });

  async function ask(model: string): Promise<string> {
    const response = await fetch(`${hub.baseUrl}/v1/chat/completions`, {
      method: 'POST',
      headers: { authorization: `Bearer ${made.liveKey}`, 'content-type': 'application/json' },
      body: JSON.stringify({ model, messages: [{ role: 'user', content: 'Hello' }] }),
    });
    await response.arrayBuffer();
    expect(response.status).toBe(200);
    return response.headers.get('x-request-id') ?? '';
  }

  it('run the proofs from the page of the rail', async () => {
    const group = page.getByRole('group', { name: 'Operator' });
    await group.getByRole('link', { name: 'Reconciliation' }).click();
    await page.getByText('Nothing has been proven yet').waitFor();
    await page.getByRole('button', { name: 'Run now' }).click();
    await page.getByRole('heading', { name: 'The books agree' }).waitFor();
    expect(await page.locator('.status-good', { hasText: 'Proven' }).count()).toBe(3);
    await page.getByText('Not yet: no payment processor is connected').waitFor();
    await page.getByRole('row', { name: /^node_/ }).waitFor();
  });

  it('show a drift on every page until an invoice is corrected', async () => {
    const enter = async (amount: string) => {
      await page.getByRole('textbox', { name: 'Provider' }).fill('openai');
      await page.getByRole('textbox', { name: 'Month' }).fill('2026-01');
      await page.getByLabel('Invoiced dollars').fill(amount);
      await page.getByRole('button', { name: 'Enter invoice' }).click();
      await page.getByText(`$${amount} entered for openai in 2026-01.`).waitFor();
      await page.getByRole('button', { name: 'Run now' }).click();
    };
    await enter('12.50');
    await page.getByRole('heading', { name: '1 of 5 proofs found a drift' }).waitFor();
    await page.getByRole('rowheader', { name: 'openai:2026-01' }).waitFor();
    expect(await accessibilityFaults(page)).toEqual([]);
    await page.goto(`${hub.baseUrl}/console/keys`);
    await page.getByText('The books do not agree').waitFor();
    await page.getByRole('link', { name: 'See what is off' }).click();
    await page.getByRole('heading', { name: '1 of 5 proofs found a drift' }).waitFor();
    await enter('0');
    await page.getByRole('heading', { name: 'The books agree' }).waitFor();
    await page.getByText('The books do not agree').waitFor({ state: 'detached' });
  });

  it('decide a charge in quarantine', async () => {
    await page.getByRole('link', { name: 'Reviews', exact: true }).click();
    await page.getByText('usage unreadable').waitFor();
    await page.getByRole('button', { name: /^Decide req_/ }).click();
    const dialog = page.getByRole('dialog');
    await dialog.getByLabel(/^Give it back/).check();
    expect(await accessibilityFaults(page)).toEqual([]);
    await dialog.getByRole('button', { name: 'Give it back' }).click();
    await page.getByText(/^\$0\.00 kept, \$0\.\d+ given back\.$/).waitFor();
    await page.getByText('Nothing waits for review').waitFor();
  });

  it('refund a charge wholly, and see that nothing is left of it', async () => {
    await page.getByLabel('Request id').fill(charged);
    await page.getByRole('button', { name: 'Look up' }).click();
    await page.waitForURL(({ searchParams }) => searchParams.get('request') === charged);
    const left = page
      .locator('dd', { has: page.locator('data') })
      .last()
      .locator('data');
    await page.getByText('Can be refunded').waitFor();
    const dollars = (await left.textContent())?.replace('$', '') ?? '';
    await page.getByLabel('Dollars to refund').fill('9');
    await page.getByRole('button', { name: /^Refund \$9 to/ }).click();
    await page.getByText(`At most $${dollars} of this charge can be given back.`).waitFor();
    expect(await page.getByLabel('Dollars to refund').inputValue()).toBe('9');
    await page.getByLabel('Dollars to refund').fill(dollars);
    await page.getByRole('button', { name: `Refund $${dollars} to` }).click();
    await page.getByText('All of this charge has been given back.').waitFor();
    expect(await left.getAttribute('value')).toBe('0');
  });

  it('decide a price that a file of price data proposes', async () => {
    const prices = (output_mtok: number) => ({ input_mtok: 2, cache_read_mtok: 0.5, output_mtok });
    const models = [
      { id: 'o3', prices: prices(9) },
      { id: 'gpt-4.1', prices: prices(800) },
    ];
    const path = join(hub.dataDir, 'data.json');
    await writeFile(path, JSON.stringify([{ id: 'openai', models }]));
    const { stdout } = await runCli(['prices', 'propose', path], { DATA_DIR: hub.dataDir });
    // Azure sells at OpenAI's price.
    expect(stdout).toMatch(/^Proposed: 3, /);
    await page.getByRole('link', { name: 'Prices', exact: true }).click();
    const jumping = page.getByRole('region', { name: 'openai/gpt-4.1' });
    const approve = jumping.getByRole('button', { name: /^Approve/ });
    await jumping.getByText('The checks of prices refuse it: jump.').waitFor();
    expect(await approve.isDisabled()).toBe(true);
    await jumping.getByLabel('A change by more than ten times is meant').check();
    expect(await approve.isDisabled()).toBe(false);
    expect(await accessibilityFaults(page)).toEqual([]);
    await jumping.getByRole('button', { name: /^Reject/ }).click();
    await jumping.waitFor({ state: 'detached' });
    const resold = page.getByRole('region', { name: 'azure/gpt-4.1' });
    await resold.getByRole('button', { name: /^Reject/ }).click();
    await resold.waitFor({ state: 'detached' });
    await page.getByRole('button', { name: 'Approve the price of openai/o3' }).click();
    await page.getByText(/^openai\/o3@\S+\.own is published\.$/).waitFor();
    await page.getByText('No price waits for a decision').waitFor();
  });

  it.each(['light', 'dark'] as const)(
    'have no accessibility fault in the %s theme',
    async (scheme) => {
      await page.emulateMedia({ colorScheme: scheme });
      for (const [path, ready] of [
        ['/console/operator/reconciliation', 'The books agree'],
        ['/console/operator/prices', 'No price waits for a decision'],
        [`/console/operator/reviews?request=${charged}`, 'All of this charge has been given back'],
      ] as const) {
        await page.goto(hub.baseUrl + path);
        await page.getByText(ready).waitFor();
        expect(await accessibilityFaults(page), path).toEqual([]);
      }
    },
  );

  it('keep the proofs true after all of it', async () => {
    await page.goto(`${hub.baseUrl}/console/operator/reconciliation`);
    await page.getByRole('heading', { name: 'The books agree' }).waitFor();
    const runs = page.getByRole('table', { name: /^The last runs/ }).getByRole('row');
    const before = await runs.count();
    await page.getByRole('button', { name: 'Run now' }).click();
    await page.getByText('The reconciliation is done.').waitFor();
    await expect.poll(() => runs.count()).toBeGreaterThan(before);
    await page.getByRole('heading', { name: 'The books agree' }).waitFor();
  });
});
