// The life of a key in a real browser against a real hub process: made with limits, used and refused,
// changed, rotated, disabled, revoked. What the page says is what the gateway does.

import type { Browser, BrowserContext, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { type Customer, makeCustomer } from '../faults/world.ts';
import { type Hub, startHub } from '../support/hub.ts';
import {
  HAS_BROWSER,
  REASON,
  accessibilityFaults,
  launchBrowser,
  signInByLink,
  widthOnPhone,
} from './browser.ts';

vi.setConfig({ testTimeout: 60_000 });

const ALLOWED = 'sandbox/echo';
const OTHER = 'sandbox/lorem';
/** How soon every node has heard of a change. */
const SOON = { timeout: 5_000, interval: 100 };

describe.skipIf(!HAS_BROWSER)(`a key with limits${REASON}`, () => {
  let hub: Hub;
  let customer: Customer;
  let browser: Browser;
  let context: BrowserContext;
  let page: Page;
  let first: string;
  let current: string;

  beforeAll(async () => {
    hub = await startHub();
    customer = await makeCustomer(hub, 5_000_000_000n);
    browser = await launchBrowser();
    context = await browser.newContext({ colorScheme: 'light' });
    context.setDefaultTimeout(15_000);
    page = await context.newPage();
    await signInByLink(page, hub, customer.email);
  });
  afterAll(async () => {
    await browser?.close();
    await hub?.stop();
  });

  const statusOf = async (secret: string, model = ALLOWED) =>
    (await ask(hub, secret, model)).status;
  const becomes = (secret: string, status: number, model?: string) =>
    vi.waitFor(async () => expect(await statusOf(secret, model)).toBe(status), SOON);
  const press = (name: string) => page.getByRole('button', { name, exact: true }).click();
  const dialog = () => page.getByRole('dialog');
  const newSecret = async () => {
    const text = (await page.getByTestId('secret').textContent()) ?? '';
    await dialog().getByRole('button', { name: 'Done' }).click();
    await dialog().waitFor({ state: 'detached' });
    return text;
  };

  it('is made with the usual things first and the limits folded away', async () => {
    await page.goto(`${hub.baseUrl}/console/keys`);
    await press('Create key');
    await dialog().getByLabel('Name').fill('ci-runner');
    expect(await dialog().getByLabel('Requests at once').isVisible()).toBe(false);
    await dialog().getByText('Limits', { exact: true }).click();
    await dialog().getByRole('combobox', { name: 'Models' }).fill('echo');
    await dialog().getByRole('option', { name: ALLOWED, exact: true }).click();
    await page.keyboard.press('Tab');
    const atOnce = dialog().getByLabel('Requests at once');
    await atOnce.fill('0');
    await dialog().getByText('A whole number from 1 to 100,000.').waitFor();
    const create = dialog().getByRole('button', { name: 'Create key' });
    expect(await create.isDisabled()).toBe(true);
    await atOnce.fill('5');
    await dialog().getByLabel('IP ranges').fill('127.0.0.0/8\n::1');
    await dialog().getByLabel('Expires').fill('2099-01-31T18:00');
    expect(await accessibilityFaults(page), 'create').toEqual([]);
    expect(await widthOnPhone(page)).toBeLessThanOrEqual(390);
    await create.click();
    await page.getByTestId('secret').waitFor();
    expect(await accessibilityFaults(page), 'secret').toEqual([]);
    first = await newSecret();
    expect(first).toMatch(/^ih_live_\w{20,}$/);
    expect(await page.content()).not.toContain(first);
    const row = page.getByRole('row', { name: /ci-runner/ });
    await row.getByText(ALLOWED).waitFor();
    await row.getByText('5 at once').waitFor();
    await row.getByText('2 IP ranges').waitFor();
    await row.getByText(/^expires in \d+ d$/).waitFor();
  });

  it('refuses ranges that are none, and keeps what was typed', async () => {
    await press('Create key');
    await dialog().getByLabel('Name').fill('elsewhere');
    await dialog().getByText('Limits', { exact: true }).click();
    await dialog().getByLabel('IP ranges').fill('not-an-address');
    await dialog().getByRole('button', { name: 'Create key' }).click();
    await dialog().locator('.form-failure').waitFor();
    expect(await dialog().getByLabel('IP ranges').inputValue()).toBe('not-an-address');
    await dialog().getByRole('button', { name: 'Cancel' }).click();
  });

  it('asks the model that it may, and no other', async () => {
    expect(await statusOf(first)).toBe(200);
    const refused = await ask(hub, first, OTHER);
    expect(refused.status).toBe(403);
    expect(refused.code).toBe('key_not_allowed');
  });

  it('is found by filters and opened beside the list, both in the address', async () => {
    await page.getByLabel('Filter keys').fill('ci-run');
    await page
      .getByRole('row', { name: /Bootstrap/ })
      .first()
      .waitFor({ state: 'detached' });
    await page.getByLabel('State').selectOption('Active');
    await page.waitForURL(/\/console\/keys\?.*q=ci-run.*state=active|state=active.*q=ci-run/);
    await page.getByRole('link', { name: 'ci-runner' }).click();
    const panel = page.getByRole('complementary', { name: 'ci-runner' });
    await panel.getByText('127.0.0.0/8, ::1').waitFor();
    await page.reload();
    await panel.getByText('127.0.0.0/8, ::1').waitFor();
    await page.getByLabel('State').selectOption('Revoked');
    await page.getByText('No key is as the filters want it').waitFor();
    await page.getByLabel('State').selectOption('Every state');
    await page.getByLabel('Filter keys').fill('');
    expect(await widthOnPhone(page)).toBeLessThanOrEqual(390);
  });

  it('is renamed and slowed down, and says how long to wait', async () => {
    await press('Change ci-runner');
    await dialog().getByLabel('Name').fill('nightly');
    await dialog().getByLabel('Requests per minute').fill('1');
    expect(await accessibilityFaults(page), 'change').toEqual([]);
    await dialog().getByRole('button', { name: 'Save' }).click();
    // The open panel leaves the column no room.
    await page.getByText('1 request a minute').waitFor({ state: 'attached' });
    await becomes(first, 429);
    const refused = await ask(hub, first, ALLOWED);
    expect(Number(refused.retryAfter)).toBeGreaterThan(0);
    await press('Change nightly');
    await dialog().getByLabel('Requests per minute').fill('');
    await dialog().getByRole('button', { name: 'Save' }).click();
    await becomes(first, 200);
    expect((await ask(hub, first, OTHER)).status).toBe(403);
  });

  it('gets a new secret, while the old one goes on for the overlap', async () => {
    await press('Rotate nightly');
    await dialog().getByLabel('For an hour').check();
    await dialog().getByText('Requests with the old secret fail after one hour.').waitFor();
    expect(await accessibilityFaults(page), 'rotate').toEqual([]);
    await dialog().getByRole('button', { name: 'Rotate nightly' }).click();
    current = await newSecret();
    expect(current).not.toBe(first);
    await becomes(current, 200);
    expect(await statusOf(first)).toBe(200);
    await page
      .getByText(/^old secret ends in 60 min$/)
      .first()
      .waitFor();
  });

  it('ends what leaked at once', async () => {
    await press('Rotate nightly');
    await dialog().getByLabel('Not at all: it has leaked').check();
    await dialog().getByRole('button', { name: 'Rotate nightly' }).click();
    const leaked = current;
    current = await newSecret();
    await becomes(current, 200);
    await becomes(leaked, 401);
    await becomes(first, 401);
    await page.getByText('old secret ends').first().waitFor({ state: 'detached' });
  });

  it('is disabled and enabled again', async () => {
    await press('Disable nightly');
    expect(await accessibilityFaults(page), 'disable').toEqual([]);
    await dialog().getByRole('button', { name: 'Disable nightly' }).click();
    await page.getByText('nightly is disabled.').waitFor();
    await becomes(current, 401);
    await press('Enable nightly');
    await page.getByText('nightly works again.').waitFor();
    await becomes(current, 200);
  });

  it.each(['light', 'dark'] as const)(
    'has no accessibility fault in the %s theme',
    async (scheme) => {
      await page.emulateMedia({ colorScheme: scheme });
      const keys = page.url();
      for (const [address, ready] of [
        [keys, 'Requests at once'],
        [`${hub.baseUrl}/console/api`, 'Open the OpenAPI document'],
      ] as const) {
        await page.goto(address);
        await page.getByText(ready).waitFor();
        expect(await accessibilityFaults(page), address).toEqual([]);
        expect(await widthOnPhone(page), address).toBeLessThanOrEqual(390);
      }
      await page.goto(keys);
      for (const name of ['Change', 'Rotate', 'Disable', 'Revoke']) {
        await press(`${name} nightly`);
        await dialog().waitFor();
        expect(await accessibilityFaults(page), name).toEqual([]);
        await page.keyboard.press('Escape');
        await dialog().waitFor({ state: 'detached' });
      }
    },
  );

  it('is revoked by name, and refused', async () => {
    await press('Revoke nightly');
    await dialog().getByRole('button', { name: 'Revoke nightly' }).click();
    await page.getByText('nightly is revoked.').waitFor();
    await becomes(current, 401);
    expect(await page.getByRole('button', { name: 'Rotate nightly' }).count()).toBe(0);
  });
});

async function ask(hub: Hub, secret: string, model: string) {
  const response = await fetch(`${hub.baseUrl}/v1/chat/completions`, {
    method: 'POST',
    headers: { authorization: `Bearer ${secret}`, 'content-type': 'application/json' },
    body: JSON.stringify({ model, messages: [{ role: 'user', content: 'Hello' }] }),
  });
  const reply = (await response.json()) as { error?: { code?: string } };
  const retryAfter = response.headers.get('retry-after');
  return { status: response.status, code: reply.error?.code, retryAfter };
}
