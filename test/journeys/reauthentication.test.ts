// What a stolen session must not do asks who it is: one dialog over whatever page it is, after which
// what was asked for happens by itself. A session grows old here by a change in the database.

import type { Browser, BrowserContext, Page } from 'playwright-core';
import { Client } from 'pg';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { TEST_DATABASES, createDatabaseUrl } from '../support/databases.ts';
import { type GoogleIssuer, openGoogleIssuer } from '../support/google-issuer.ts';
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
  googleAt,
  openPage,
  openSettings,
  passwordOf,
  setUpApp,
  signUp,
  startMailingHub,
} from './people.ts';
import { plugInDevice } from './virtual-device.ts';

vi.setConfig({ testTimeout: 60_000 });

const NEW_PASSWORD = 'seven teapots under a bridge';
const { available, label } = TEST_DATABASES.find(({ name }) => name === 'postgres')!;

describe.skipIf(!HAS_BROWSER || !available)(`a proof that has grown old, ${label}${REASON}`, () => {
  let server: Awaited<ReturnType<typeof createDatabaseUrl>>;
  let sql: Client;
  let issuer: GoogleIssuer;
  let hub: MailingHub;
  let browser: Browser;
  let context: BrowserContext;
  let page: Page;
  let traces: Traces;

  beforeAll(async () => {
    server = await createDatabaseUrl();
    issuer = await openGoogleIssuer();
    const database = { DATABASE_URL: server.url };
    hub = await startMailingHub({ ...database, ...googleAt(issuer), HOST: 'localhost' });
    issuer.admit(`${hub.baseUrl}/api/v1/google/callback`);
    sql = new Client({ connectionString: server.url });
    await sql.connect();
    browser = await launchBrowser();
    context = await browser.newContext({ colorScheme: 'light' });
    traces = traceBrowser(context, hub.baseUrl);
    page = await openPage(context);
    await signUp(page, hub, GRACE);
    await openSettings(page, hub);
  });
  afterAll(async () => {
    await browser?.close();
    await sql?.end();
    await hub?.stop();
    await issuer?.stop();
    await server?.drop();
  });

  const growOld = () => prove("now() - interval '1 hour'");
  const prove = (when: string) =>
    sql.query(`update sessions set authenticated_at = ${when} where stage = 'signed_in'`);
  const question = () => page.getByRole('dialog', { name: 'Is it still you?' });

  it('is asked for anew; cancelling leaves the page as it was', async () => {
    await growOld();
    await passwordOf(page).fill(NEW_PASSWORD);
    await page.getByRole('button', { name: 'Change password' }).click();
    await question().waitFor();
    for (const scheme of ['light', 'dark'] as const) {
      await page.emulateMedia({ colorScheme: scheme });
      expect(await accessibilityFaults(page), scheme).toEqual([]);
    }
    await question().getByRole('button', { name: 'Cancel' }).click();
    await question().waitFor({ state: 'detached' });
    expect(await passwordOf(page).inputValue()).toBe(NEW_PASSWORD);
    expect(await page.locator('.form-failure').count()).toBe(0);
    expect(await page.getByRole('button', { name: 'Change password' }).isEnabled()).toBe(true);
  });

  it('is refused with a wrong password; the right one lets what was asked for happen', async () => {
    await page.getByRole('button', { name: 'Change password' }).click();
    await passwordOf(question()).fill('not the password');
    await question().getByRole('button', { name: 'Go on' }).click();
    await question().getByText('The password is wrong.').waitFor();
    await passwordOf(question()).fill(GRACE.password);
    await question().getByRole('button', { name: 'Go on' }).click();
    await page.getByText('Your password is changed. All other sessions have ended.').waitFor();
    await question().waitFor({ state: 'detached' });
  });

  it('is not asked for again while the new proof is recent', async () => {
    await page.getByRole('button', { name: 'Set up an app' }).click();
    await page.getByRole('dialog', { name: 'Set up an authenticator app' }).waitFor();
    await page.keyboard.press('Escape');
    await page.getByRole('dialog').waitFor({ state: 'detached' });
  });

  it('is asked for over a dialog too, and escape closes the question alone', async () => {
    await setUpApp(page);
    await growOld();
    await page.getByRole('button', { name: 'Remove the app' }).click();
    const dialog = page.getByRole('dialog', { name: 'Remove the authenticator app?' });
    await dialog.getByRole('button', { name: 'Remove the app' }).click();
    await question().waitFor();
    await page.keyboard.press('Escape');
    await question().waitFor({ state: 'detached' });
    expect(await dialog.isVisible()).toBe(true);
    await page.keyboard.press('Escape');
    await dialog.waitFor({ state: 'detached' });
    await page.getByText('recovery codes are left.').waitFor();
  });

  it('may be a passkey', async () => {
    await prove('now()');
    await plugInDevice(page);
    await page.getByRole('button', { name: 'Add a passkey' }).click();
    const dialog = page.getByRole('dialog', { name: 'Add a passkey' });
    await dialog.getByLabel('Name').fill('laptop');
    await dialog.getByRole('button', { name: 'Add passkey' }).click();
    await page.getByText('laptop is added.').waitFor();
    await growOld();
    await page.getByRole('button', { name: 'Make new recovery codes' }).click();
    await question().getByRole('button', { name: 'Use a passkey' }).click();
    await page.getByRole('dialog', { name: 'Recovery codes' }).waitFor();
    await page.getByRole('button', { name: 'Done' }).click();
  });

  it('may be Google, in a window of its own that closes by itself', async () => {
    issuer.user = { subject: 'g-1', email: 'grace@gmail.example' };
    await page.getByRole('button', { name: 'Link Google' }).click();
    await page.getByText('Linked to grace@gmail.example').waitFor();
    await growOld();
    await page.getByRole('button', { name: 'Make new recovery codes' }).click();
    issuer.user = null;
    const cancelled = page.waitForEvent('popup');
    await question()
      .getByRole('button', { name: /^Continue with Google/ })
      .click();
    await question().getByText('You came back from Google without an answer.').waitFor();
    await vi.waitFor(async () => expect((await cancelled).isClosed()).toBe(true));
    issuer.user = { subject: 'g-1', email: 'grace@gmail.example' };
    const opened = page.waitForEvent('popup');
    await question()
      .getByRole('button', { name: /^Continue with Google/ })
      .click();
    await page.getByRole('dialog', { name: 'Recovery codes' }).waitFor();
    await vi.waitFor(async () => expect((await opened).isClosed()).toBe(true));
    await page.getByRole('button', { name: 'Done' }).click();
  });

  it('leaves one cookie and nothing personal in the browser', async () => {
    expect(await traces.cookieNames()).toEqual(['ih_session']);
    expect(await traces.storage(page)).toEqual(NOTHING);
    expect(traces.faults).toEqual([]);
  });
});
