// A person looks after their account, in a real browser: name, address, password, the authenticator
// app with its recovery codes, and the sessions in other browsers.

import { readFile } from 'node:fs/promises';
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
  codeAt,
  givePassword,
  mailedLink,
  openPage,
  openSettings,
  passwordOf,
  signUp,
  startMailingHub,
} from './people.ts';

vi.setConfig({ testTimeout: 60_000 });

const NEW_EMAIL = 'grace.hopper@example.org';
const NEW_PASSWORD = 'seven teapots under a bridge';
/** A code works once: the next one is taken a step early. */
const PERIOD_MS = 30_000;

describe.skipIf(!HAS_BROWSER)(`the settings of an account${REASON}`, () => {
  let hub: MailingHub;
  let browser: Browser;
  let context: BrowserContext;
  let page: Page;
  let traces: Traces;
  let somebody = GRACE;
  let secret: string;
  let recoveryCodes: string[];

  beforeAll(async () => {
    hub = await startMailingHub();
    browser = await launchBrowser();
    context = await browser.newContext({ colorScheme: 'light' });
    traces = traceBrowser(context, hub.baseUrl);
    page = await openPage(context);
    await signUp(page, hub, GRACE);
  });
  afterAll(async () => {
    await browser?.close();
    await hub?.stop();
  });

  it('change the name, everywhere at once', async () => {
    await page.getByRole('link', { name: 'Settings' }).click();
    await page.getByLabel('Name').fill('Rear Admiral Hopper');
    await page.getByRole('button', { name: 'Change name' }).click();
    await page.getByText('Your name is changed.').waitFor();
    await page.getByRole('button', { name: 'Account' }).click();
    await page.getByText('Rear Admiral Hopper').waitFor();
    await page.keyboard.press('Escape');
  });

  it('change the address once the link in the new mailbox is opened, or take it back', async () => {
    await page.getByLabel('Email').fill('mistyped@example.org');
    await page.getByRole('button', { name: 'Change email' }).click();
    await page.getByText('until you open the link that was mailed to').waitFor();
    expect(await accessibilityFaults(page)).toEqual([]);
    await page.getByRole('button', { name: `Keep ${GRACE.email}` }).click();
    await page.getByLabel('Email').fill(NEW_EMAIL);
    await page.getByRole('button', { name: 'Change email' }).click();
    const anywhere = await openPage(await browser.newContext());
    await anywhere.goto(await mailedLink(hub, NEW_EMAIL, 'Confirm your new email address'));
    await anywhere.getByRole('button', { name: 'Use this address' }).click();
    await anywhere.getByText('Your address is changed').waitFor();
    await anywhere.context().close();
    await openSettings(page, hub);
    expect(await page.getByLabel('Email').inputValue()).toBe(NEW_EMAIL);
    somebody = { ...GRACE, email: NEW_EMAIL };
  });

  it('list where one is signed in, and end another session', async () => {
    const other = await openPage(await browser.newContext());
    await givePassword(other, hub, somebody);
    await other.waitForURL('**/console?workspace=*');
    await openSettings(page, hub);
    const sessions = page.getByRole('table', { name: 'Your sessions' });
    await sessions
      .getByRole('row', { name: /Chrom.* on Linux.*127\.0\.0\.0\/24.*This one/ })
      .waitFor();
    expect(await sessions.getByText('This one').count()).toBe(1);
    await sessions.getByRole('button', { name: /^End the session of Chrom/ }).click();
    await page.getByText('The session has ended.').waitFor();
    await other.reload();
    await other.waitForURL('**/sign-in?back=*');
    await other.context().close();
  });

  it('change the password, which ends all other sessions', async () => {
    const other = await openPage(await browser.newContext());
    await givePassword(other, hub, somebody);
    await other.waitForURL('**/console?workspace=*');
    await openSettings(page, hub);
    await passwordOf(page).fill(NEW_PASSWORD);
    await page.getByRole('button', { name: 'Change password' }).click();
    await page.getByText('Your password is changed. All other sessions have ended.').waitFor();
    expect(await passwordOf(page).inputValue()).toBe('');
    await other.reload();
    await other.waitForURL('**/sign-in?back=*');
    await other.context().close();
    somebody = { ...somebody, password: NEW_PASSWORD };
  });

  it('set up an authenticator app by its secret, and show recovery codes once', async () => {
    await page.getByRole('button', { name: 'Set up an app' }).click();
    const dialog = page.getByRole('dialog');
    await dialog.getByRole('img', { name: 'QR code with the secret' }).waitFor();
    expect(await accessibilityFaults(page), 'QR code').toEqual([]);
    secret = (await dialog.locator('.copy-line code').textContent()) ?? '';
    const code = dialog.getByRole('textbox', { name: 'Code', exact: true });
    await code.fill('000000');
    await dialog.getByRole('button', { name: 'Use this app' }).click();
    await dialog.getByText('The code is wrong, or was used already.').waitFor();
    await code.fill(codeAt(secret, Date.now()));
    await dialog.getByRole('button', { name: 'Use this app' }).click();
    await page.getByRole('dialog', { name: 'Recovery codes' }).waitFor();
    expect(await accessibilityFaults(page), 'recovery codes').toEqual([]);
    recoveryCodes = await page
      .getByRole('list', { name: 'Recovery codes' })
      .locator('li')
      .allTextContents();
    const downloading = page.waitForEvent('download');
    await page.getByRole('button', { name: 'Download' }).click();
    const kept = await readFile(await (await downloading).path(), 'utf8');
    expect(kept.trim().split('\n')).toEqual(recoveryCodes);
    await page.getByRole('button', { name: 'Done' }).click();
    await page.getByText(`${recoveryCodes.length} recovery codes are left.`).waitFor();
    expect(await page.content()).not.toContain(recoveryCodes[0]);
  });

  it('make sign-in ask for a code of the app, and take the right one alone', async () => {
    const other = await openPage(await browser.newContext());
    await givePassword(other, hub, somebody);
    await other.getByRole('heading', { name: 'Second step' }).waitFor();
    expect(await accessibilityFaults(other)).toEqual([]);
    const code = other.getByRole('textbox', { name: 'Code', exact: true });
    await code.fill('000000');
    await other.getByRole('button', { name: 'Sign in', exact: true }).click();
    await other.getByText('The code is wrong, or was used already.').waitFor();
    expect(await code.inputValue()).toBe('000000');
    await other.reload();
    await code.fill(codeAt(secret, Date.now() + PERIOD_MS));
    await other.getByRole('button', { name: 'Sign in', exact: true }).click();
    await other.waitForURL('**/console?workspace=*');
    await other.context().close();
  });

  it('let a recovery code stand in for the app, each once, and count what is left', async () => {
    const [recoveryCode = ''] = recoveryCodes;
    const other = await openPage(await browser.newContext());
    await givePassword(other, hub, somebody);
    await other.getByRole('button', { name: 'Use a recovery code' }).click();
    await other.getByRole('textbox', { name: 'Recovery code' }).fill(recoveryCode);
    await other.getByRole('button', { name: 'Sign in', exact: true }).click();
    await other.waitForURL('**/console?workspace=*');
    await openSettings(other, hub);
    await other.getByText(`${recoveryCodes.length - 1} recovery codes are left.`).waitFor();
    await other.getByRole('button', { name: 'Make new recovery codes' }).click();
    await other.getByRole('button', { name: 'Done' }).click();
    await other.getByText(`${recoveryCodes.length} recovery codes are left.`).waitFor();
    await other.context().close();
  });

  it('give a way out of the second step, to sign in as somebody else', async () => {
    const other = await openPage(await browser.newContext());
    await givePassword(other, hub, somebody);
    await other.getByRole('button', { name: 'Sign in as somebody else' }).click();
    await passwordOf(other).waitFor();
    expect(await other.getByLabel('Email').inputValue()).toBe(somebody.email);
    await other.context().close();
  });

  it('remove the app after a question that names what follows', async () => {
    await openSettings(page, hub);
    await page.getByRole('button', { name: 'Remove the app' }).click();
    const dialog = page.getByRole('dialog');
    expect(await accessibilityFaults(page)).toEqual([]);
    await dialog.getByRole('button', { name: 'Remove the app' }).click();
    await page.getByRole('button', { name: 'Set up an app' }).waitFor();
    await page.getByRole('button', { name: 'End all other sessions' }).click();
    await page.getByText('All other sessions have ended.').waitFor();
  });

  it.each(['light', 'dark'] as const)(
    'have no accessibility fault in the %s theme, and fit a phone',
    async (scheme) => {
      await page.emulateMedia({ colorScheme: scheme });
      await openSettings(page, hub);
      await page.getByText('This one').waitFor();
      expect(await accessibilityFaults(page)).toEqual([]);
      await page.setViewportSize({ width: 390, height: 800 });
      expect(await page.evaluate('document.documentElement.scrollWidth')).toBeLessThanOrEqual(390);
      expect(await accessibilityFaults(page), 'on a phone').toEqual([]);
      await page.setViewportSize({ width: 1280, height: 720 });
    },
  );

  it('leave one cookie and nothing personal in the browser', async () => {
    expect(await traces.cookieNames()).toEqual(['ih_session']);
    expect(await traces.storage(page)).toEqual(NOTHING);
    expect(traces.foreignRequests).toEqual([]);
    expect(traces.faults).toEqual([]);
  });
});
