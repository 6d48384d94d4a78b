// Passkeys in a real browser with a virtual device: made, named, used to sign in, as second step and
// as a proof, and removed. Browsers know them for names alone, so this hub is reached as localhost.

import type { Browser, BrowserContext, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import {
  HAS_BROWSER,
  REASON,
  type Traces,
  accessibilityFaults,
  launchBrowser,
  traceBrowser,
} from './browser.ts';
import {
  GRACE,
  type MailingHub,
  NOTHING,
  givePassword,
  openPage,
  openSettings,
  setUpApp,
  signOut,
  signUp,
  startMailingHub,
} from './people.ts';
import { type VirtualDevice, plugInDevice } from './virtual-device.ts';

vi.setConfig({ testTimeout: 60_000 });

describe.skipIf(!HAS_BROWSER)(`passkeys${REASON}`, () => {
  let hub: MailingHub;
  let browser: Browser;
  let context: BrowserContext;
  let page: Page;
  let device: VirtualDevice;
  let traces: Traces;

  beforeAll(async () => {
    hub = await startMailingHub({ HOST: 'localhost' });
    browser = await launchBrowser();
    context = await browser.newContext({ colorScheme: 'light' });
    traces = traceBrowser(context, hub.baseUrl);
    page = await openPage(context);
    device = await plugInDevice(page);
    await signUp(page, hub, GRACE);
  });
  afterAll(async () => {
    await browser?.close();
    await hub?.stop();
  });

  it('are made on the device and listed by the name that they were given', async () => {
    await openSettings(page, hub);
    await page.getByRole('button', { name: 'Add a passkey' }).click();
    const dialog = page.getByRole('dialog', { name: 'Add a passkey' });
    expect(await accessibilityFaults(page)).toEqual([]);
    await dialog.getByLabel('Name').fill('laptop');
    await dialog.getByRole('button', { name: 'Add passkey' }).click();
    await page.getByText('laptop is added.').waitFor();
    await page.getByRole('rowheader', { name: 'laptop' }).waitFor();
    expect(await device.count()).toBe(1);
  });

  it('are made once a device', async () => {
    await page.getByRole('button', { name: 'Add a passkey' }).click();
    const dialog = page.getByRole('dialog', { name: 'Add a passkey' });
    await dialog.getByLabel('Name').fill('laptop again');
    await dialog.getByRole('button', { name: 'Add passkey' }).click();
    await dialog.getByText('This device has a passkey for your account already.').waitFor();
    expect(await dialog.getByLabel('Name').inputValue()).toBe('laptop again');
    await dialog.getByRole('button', { name: 'Cancel' }).click();
  });

  it('are renamed', async () => {
    await page.getByRole('button', { name: 'Rename laptop' }).click();
    const dialog = page.getByRole('dialog', { name: 'Rename laptop' });
    await dialog.getByLabel('Name').fill('blue laptop');
    await dialog.getByRole('button', { name: 'Rename passkey' }).click();
    await page.getByRole('rowheader', { name: 'blue laptop' }).waitFor();
  });

  it('sign in without a password, and say so when the device gives no answer', async () => {
    await signOut(page);
    await device.refuse();
    await page.goto(`${hub.baseUrl}/sign-in?back=/console/settings`);
    await page.getByRole('button', { name: 'Sign in with a passkey' }).click();
    await page.getByText('No passkey was used. Try again, or choose another way.').waitFor();
    expect(await accessibilityFaults(page)).toEqual([]);
    await device.agree();
    await page.getByRole('button', { name: 'Sign in with a passkey' }).click();
    await page.waitForURL('**/console/settings?workspace=*');
    await page.getByRole('row', { name: /^blue laptop.*just now|^blue laptop.*s ago/ }).waitFor();
  });

  it('are offered by the browser in the field for the address', async () => {
    await signOut(page);
    await page.goto(`${hub.baseUrl}/sign-in?back=/console/settings`);
    await page.waitForURL('**/console/settings?workspace=*');
    await openSettings(page, hub);
  });

  it('answer for the authenticator app at the second step', async () => {
    await setUpApp(page);
    await signOut(page);
    await device.refuse();
    await givePassword(page, hub, GRACE);
    await page.getByRole('button', { name: 'Use a passkey' }).click();
    expect(await accessibilityFaults(page)).toEqual([]);
    await device.agree();
    await page.getByRole('button', { name: 'Sign in with a passkey' }).click();
    await page.waitForURL('**/console?workspace=*');
    await openSettings(page, hub);
  });

  it('are removed, and sign in no more', async () => {
    await page.getByRole('button', { name: 'Remove blue laptop' }).click();
    const dialog = page.getByRole('dialog', { name: 'Remove blue laptop?' });
    await dialog.getByRole('button', { name: 'Remove blue laptop' }).click();
    await page.getByText('blue laptop is removed.').waitFor();
    expect(await page.getByRole('table', { name: 'Your passkeys' }).count()).toBe(0);
    await signOut(page);
    await page.goto(`${hub.baseUrl}/sign-in`);
    await page.getByRole('button', { name: 'Sign in with a passkey' }).click();
    await page.locator('.form-failure').waitFor();
    expect(new URL(page.url()).pathname).toBe('/sign-in');
  });

  it('leave one cookie and nothing personal in the browser', async () => {
    expect(await traces.cookieNames()).toEqual(['ih_session']);
    expect(await traces.storage(page)).toEqual(NOTHING);
    expect(traces.foreignRequests).toEqual([]);
    expect(traces.faults).toEqual([]);
  });
});
