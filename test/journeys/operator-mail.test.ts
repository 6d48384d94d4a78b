// The operator's page of mail in a real browser: a hub without a mail server, whose messages can be
// read, and one that was given up and is tried again.

import type { Browser, Page } from 'playwright-core';
import { rm } from 'node:fs/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { migrate } from '../../src/db/migrate.ts';
import { openPglite } from '../../src/db/pglite.ts';
import { embeddedDatabaseDir } from '../../src/host/data-dir.ts';
import { queue } from '../mail/world.ts';
import { type Hub, makeDataDir, runCli, startHub } from '../support/hub.ts';
import { HAS_BROWSER, REASON, accessibilityFaults, launchBrowser } from './browser.ts';

describe.skipIf(!HAS_BROWSER)(`an operator's page of mail${REASON}`, () => {
  let dataDir: string;
  let hub: Hub;
  let browser: Browser;
  let page: Page;

  beforeAll(async () => {
    dataDir = await makeDataDir();
    const database = await openPglite(embeddedDatabaseDir(dataDir));
    await migrate(database.sql);
    const facts = { document: 'terms', version: '2', effective: '2027-01-01' };
    await queue(database.sql, { kind: 'policy_change', address: 'grace@example.com', facts });
    const lost = await queue(database.sql, {
      kind: 'top_up_receipt',
      facts: {
        workspaceName: '<b>Looms</b>',
        amountUsd: '20',
        balanceUsd: '24.5',
        method: 'Card',
        at: '2026-11-27T18:05:00.000Z',
      },
    });
    const givenUp = { given_up_at: new Date(), attempts: 1, failure: 'smtp_550' };
    await database.sql.updateTable('mails').set(givenUp).where('id', '=', lost).execute();
    await database.close();
    hub = await startHub({ dataDir });
    const made = await hub.bootstrap('5');
    browser = await launchBrowser();
    const context = await browser.newContext({ colorScheme: 'light' });
    context.setDefaultTimeout(15_000);
    page = await context.newPage();
    const { stdout } = await runCli(['link', '--email', made.email], { DATA_DIR: dataDir });
    await page.goto(/http\S+#\S+/.exec(stdout)?.[0] ?? '');
    await page.getByRole('button', { name: /sign in|continue/i }).click();
    await page.waitForURL('**/console?workspace=*');
  });

  afterAll(async () => {
    await browser?.close();
    await hub?.stop();
    await rm(dataDir, { recursive: true, force: true });
  });

  it('shows what became of each message', async () => {
    await page.getByRole('group', { name: 'Operator' }).getByRole('link', { name: 'Mail' }).click();
    const row = (address: string) => page.getByRole('row').filter({ hasText: address });
    await row('grace@example.com').getByText('Sent').waitFor();
    await row('ada@example.com').getByText('Given up').waitFor();
    await row('ada@example.com').getByText('smtp_550').waitFor();
    for (const colorScheme of ['light', 'dark'] as const) {
      await page.emulateMedia({ colorScheme });
      expect(await accessibilityFaults(page)).toEqual([]);
    }
  });

  it('tries again what was given up, and shows it as its reader sees it', async () => {
    await page.getByRole('button', { name: 'Try again to ada@example.com' }).click();
    await page.getByText('The message to ada@example.com is tried again.').waitFor();
    await page.getByRole('button', { name: /^Read .* to ada@example.com$/ }).click();
    const dialog = page.getByRole('dialog', { name: /^Receipt: \$20\.00 added to <b>Looms/ });
    await dialog.getByText('Balance afterwards: $24.50').waitFor();
    const link = dialog.getByRole('link');
    expect(await link.getAttribute('href')).toBe(`${hub.baseUrl}/console`);
    expect(await accessibilityFaults(page)).toEqual([]);
    await page.keyboard.press('Escape');
    await dialog.waitFor({ state: 'detached' });
  });
});
