// A person's first hour with a new hub, in a real browser against a real hub process: from the
// welcome link to a revoked key, and what the browser keeps of it.

import type { Browser, BrowserContext, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { type Hub, startHub } from '../support/hub.ts';
import {
  HAS_BROWSER,
  REASON,
  type Traces,
  accessibilityFaults,
  launchBrowser,
  traceBrowser,
} from './browser.ts';

vi.setConfig({ testTimeout: 60_000 });

const PERSON = {
  name: 'Grace Hopper',
  email: 'grace@example.org',
  password: 'a rather long password',
};
const GRANTED_NANOS = 5_000_000_000n;

describe.skipIf(!HAS_BROWSER)(`the first run of a hub${REASON}`, () => {
  let hub: Hub;
  let browser: Browser;
  let context: BrowserContext;
  let page: Page;
  let secret: string;
  let traces: Traces;

  beforeAll(async () => {
    hub = await startHub();
    browser = await launchBrowser();
    context = await browser.newContext({ colorScheme: 'light' });
    context.setDefaultTimeout(15_000);
    traces = traceBrowser(context, hub.baseUrl);
    page = await context.newPage();
  });

  afterAll(async () => {
    await browser?.close();
    await hub?.stop();
  });

  it('says on the front page where the welcome link is, and how to call the hub', async () => {
    await page.goto(hub.baseUrl);
    await page.getByText('The one-time welcome link stands in the terminal').waitFor();
    await page.getByText(`curl ${hub.baseUrl}/v1/chat/completions`).waitFor();
    await page.getByRole('tab', { name: 'Anthropic SDK' }).click();
    await page.getByText(`baseURL: '${hub.baseUrl}'`).waitFor();
    await page.getByRole('row', { name: /\$\d/ }).first().waitFor();
  });

  it('says when an answer does not come, and loads it on retry', async () => {
    const address = '**/api/v1/models';
    await page.route(address, (route) => route.abort('connectionrefused'));
    await page.goto(`${hub.baseUrl}/models?q=echo`);
    await page.getByRole('heading', { name: 'The hub does not answer' }).waitFor();
    await page.unroute(address);
    await page.getByRole('button', { name: 'Retry' }).click();
    await page.getByRole('rowheader', { name: 'sandbox/echo' }).waitFor();
    expect(await page.getByRole('rowheader').count()).toBe(1);
  });

  it('tells what a model can do, what becomes of the content and who offers it', async () => {
    await page.getByText('Details of sandbox/echo').click();
    await page.getByText('tools, several at once').waitFor();
    await page.getByText('no training, not kept').waitFor();
    await page.getByText('none announced').waitFor();
    await page.getByText(/^sandbox\/echo \$2\.00 in, \$10\.00 out$/).waitFor();
    expect(await accessibilityFaults(page)).toEqual([]);
  });

  it('takes the welcome token out of the address bar and makes the operator', async () => {
    const { pathname, hash } = new URL(hub.welcomeUrl ?? '');
    await page.goto(hub.baseUrl + pathname + hash);
    await page.getByRole('button', { name: 'Create operator' }).waitFor();
    expect(new URL(page.url()).hash).toBe('');
    await page.getByLabel('Name').fill(PERSON.name);
    await page.getByLabel('Email').fill(PERSON.email);
    await page.getByRole('textbox', { name: 'Password' }).fill(PERSON.password);
    await page.getByRole('button', { name: 'Create operator' }).click();
    await page.waitForURL('**/console?workspace=*');
    await page.getByText('Waiting for your first request').waitFor();
    expect(await balanceNanos(page)).toBe(0n);
  });

  it('adds balance as the operator', async () => {
    await page.getByRole('button', { name: 'Add balance' }).click();
    await page.getByLabel('Amount in dollars').fill('5');
    await page.getByRole('button', { name: 'Add $5 to live balance' }).click();
    await page.getByText('$5 added to the live balance').waitFor();
    expect(await balanceNanos(page)).toBe(GRANTED_NANOS);
  });

  it('shows the secret of a new key once', async () => {
    await page.getByRole('button', { name: 'Create key' }).click();
    const dialog = page.getByRole('dialog');
    await dialog.getByLabel('Name').fill('laptop');
    await dialog.getByRole('button', { name: 'Create key' }).click();
    secret = (await page.getByTestId('secret').textContent()) ?? '';
    expect(secret).toMatch(/^ih_live_\w{20,}$/);
    await dialog.getByRole('button', { name: 'Done' }).click();
    await dialog.waitFor({ state: 'detached' });
    expect(await page.content()).not.toContain(secret);
  });

  it('turns the wait into the receipt of the first request, without a reload', async () => {
    const answer = await callGateway(hub.baseUrl, secret);
    expect(answer.status).toBe(200);
    await page.getByText('Your first request has arrived').waitFor();
    const charge = await chargeOfReceipt(page);
    expect(charge).toBeGreaterThan(0n);
    await vi.waitFor(async () => expect(await balanceNanos(page)).toBe(GRANTED_NANOS - charge), {
      timeout: 10_000,
    });
  });

  it('opens a receipt whose ledger entries sum to zero, and closes it by keyboard', async () => {
    await page.getByRole('link', { name: 'Activity', exact: true }).click();
    await page.getByRole('heading', { name: 'Activity' }).waitFor();
    await page.getByRole('cell', { name: 'sandbox/echo' }).waitFor();
    await page.keyboard.press('j');
    await page.keyboard.press('Enter');
    await page.waitForURL('**/console/activity?receipt=req_*');
    const charge = await chargeOfReceipt(page);
    const amounts = await page.locator('.ledger tbody data').evaluateAll(readValues);
    const entries = amounts.map(BigInt);
    expect(entries.reduce((sum, amount) => sum + amount, 0n)).toBe(0n);
    expect(entries).toContain(charge);
    await page.getByText('Sum, balanced').waitFor();
    await page.keyboard.press('Escape');
    await page.waitForURL('**/console/activity?workspace=*');
  });

  it.each(['light', 'dark'] as const)(
    'has no accessibility fault in the %s theme',
    async (scheme) => {
      await page.emulateMedia({ colorScheme: scheme });
      for (const [path, ready] of [
        ['/', 'All \\d+ models'],
        ['/models', 'sandbox/echo'],
        ['/console', 'Latest requests'],
        ['/console/keys', 'laptop'],
        ['/console/members', 'owner'],
      ] as const) {
        await page.goto(hub.baseUrl + path);
        await page.getByText(new RegExp(ready)).first().waitFor();
        expect(await accessibilityFaults(page), path).toEqual([]);
      }
      await page.goto(`${hub.baseUrl}/console/activity`);
      await page.locator('.row-anchor').first().click();
      await page.getByText('Sum, balanced').waitFor();
      expect(await accessibilityFaults(page), 'open receipt').toEqual([]);
    },
  );

  it('limits a key by a budget, says when it is spent, and lifts it again', async () => {
    await page.goto(`${hub.baseUrl}/console/keys`);
    await page.getByRole('cell', { name: 'No limit' }).waitFor();
    await page.getByRole('link', { name: 'laptop' }).click();
    await page.getByRole('button', { name: 'Budget of laptop' }).click();
    const dialog = page.getByRole('dialog');
    await dialog.getByLabel('For').selectOption('A week (from Monday, UTC)');
    await dialog.getByLabel('Limit in dollars').fill('-1');
    await dialog.getByText('A number from 0 to 9999999').waitFor();
    expect(await dialog.getByRole('button', { name: 'Set budget' }).isDisabled()).toBe(true);
    await dialog.getByLabel('Limit in dollars').fill('0');
    await dialog.getByRole('button', { name: 'Set budget' }).click();
    await dialog.waitFor({ state: 'detached' });
    await page.getByText('Weekly budget of laptop: $0.').waitFor();
    const spent = page.getByRole('cell', {
      name: /^Spent: \$0\.00 of \$0\.00 this week, resets in \d+ (d|h|min|s)$/,
    });
    await spent.waitFor();
    const statusOfCall = async () => (await callGateway(hub.baseUrl, secret)).status;
    await vi.waitFor(async () => expect(await statusOfCall()).toBe(402), { timeout: 5_000 });

    await page.getByRole('button', { name: 'Budget of laptop' }).click();
    expect(await accessibilityFaults(page), 'budget dialog').toEqual([]);
    await dialog.getByLabel('Limit in dollars').fill('2.50');
    await dialog.getByRole('button', { name: 'Change budget' }).click();
    await dialog.waitFor({ state: 'detached' });
    await page.getByRole('cell', { name: /of \$2\.50 this week/ }).waitFor();
    await vi.waitFor(async () => expect(await statusOfCall()).toBe(200), { timeout: 5_000 });

    await page.getByRole('button', { name: 'Budget of laptop' }).click();
    await dialog.getByRole('button', { name: 'Remove weekly budget' }).click();
    await page.getByText('Weekly budget of laptop removed.').waitFor();
    await dialog.getByRole('button', { name: 'Cancel' }).click();
    await page.getByRole('cell', { name: 'No limit' }).waitFor();
  });

  it('limits what all live keys of a member may spend', async () => {
    await page.getByRole('link', { name: 'Members', exact: true }).click();
    await page.getByRole('heading', { name: 'Members' }).waitFor();
    await page.getByRole('button', { name: `Budget of ${PERSON.name}` }).click();
    const dialog = page.getByRole('dialog');
    await dialog.getByLabel('Limit in dollars').fill('20');
    await dialog.getByRole('button', { name: 'Set budget' }).click();
    await page.getByRole('cell', { name: /^\$0\.00 of \$20\.00 today, resets in/ }).waitFor();
    await page.setViewportSize({ width: 390, height: 800 });
    expect(await page.evaluate('document.documentElement.scrollWidth')).toBeLessThanOrEqual(390);
    await page.setViewportSize({ width: 1280, height: 720 });
  });

  it('revokes a key by name, and the key stops working', async () => {
    await page.goto(`${hub.baseUrl}/console/keys`);
    await page.getByRole('link', { name: 'laptop' }).click();
    await page.getByRole('button', { name: 'Revoke laptop' }).click();
    await page.getByRole('dialog').getByRole('button', { name: 'Revoke laptop' }).click();
    await page.getByText('laptop is revoked.').waitFor();
    await vi.waitFor(
      async () => expect((await callGateway(hub.baseUrl, secret)).status).toBe(401),
      { timeout: 5_000, interval: 100 },
    );
  });

  it('keeps a chosen theme over a reload', async () => {
    await page.emulateMedia({ colorScheme: 'light' });
    await page.getByRole('button', { name: 'Theme' }).click();
    await page.getByRole('menuitem', { name: 'Dark' }).click();
    await page.locator('html[data-mantine-color-scheme="dark"]').waitFor();
    await page.reload();
    await page.locator('html[data-mantine-color-scheme="dark"]').waitFor();
  });

  it('signs out, asks to sign in, keeps what was typed, and leads back', async () => {
    await page.getByRole('button', { name: 'Account' }).click();
    await page.getByRole('button', { name: 'Sign out' }).click();
    await page.getByRole('link', { name: 'Sign in' }).first().waitFor();
    await page.goto(`${hub.baseUrl}/console/keys?book=test`);
    await page.waitForURL('**/sign-in?back=*');
    // The address changes before the page is drawn.
    await page.getByLabel('Email').waitFor();
    expect(await accessibilityFaults(page)).toEqual([]);
    await page.getByLabel('Email').fill(PERSON.email);
    await page.getByRole('textbox', { name: 'Password' }).fill('not the password');
    await page.getByRole('button', { name: 'Sign in' }).click();
    await page.getByText('The email address or the password is wrong.').waitFor();
    expect(await page.getByLabel('Email').inputValue()).toBe(PERSON.email);
    await page.getByRole('textbox', { name: 'Password' }).fill(PERSON.password);
    await page.getByRole('button', { name: 'Sign in' }).click();
    await page.waitForURL('**/console/keys?book=test&workspace=*');
    await page.getByRole('heading', { name: 'Keys' }).waitFor();
  });

  it('leaves one cookie and nothing personal in the browser, and calls no other site', async () => {
    expect(await traces.cookieNames()).toEqual(['ih_session']);
    expect(await traces.storage(page)).toEqual({ 'mantine-color-scheme-value': 'dark' });
    expect(traces.foreignRequests).toEqual([]);
    expect(traces.faults).toEqual([]);
  });
});

async function callGateway(baseUrl: string, secret: string): Promise<Response> {
  const response = await fetch(`${baseUrl}/v1/chat/completions`, {
    method: 'POST',
    headers: { authorization: `Bearer ${secret}`, 'content-type': 'application/json' },
    body: JSON.stringify({
      model: 'sandbox/echo',
      messages: [{ role: 'user', content: 'Hello' }],
    }),
  });
  await response.arrayBuffer();
  return response;
}

async function balanceNanos(page: Page): Promise<bigint> {
  return BigInt((await page.locator('.bar-amount data').getAttribute('value')) ?? '');
}

async function chargeOfReceipt(page: Page): Promise<bigint> {
  const charge = page.getByTestId('receipt').locator('.receipt-charge data');
  return BigInt((await charge.getAttribute('value')) ?? '');
}

function readValues(elements: { getAttribute(name: string): string | null }[]): string[] {
  return elements.map((element) => element.getAttribute('value') ?? '');
}
