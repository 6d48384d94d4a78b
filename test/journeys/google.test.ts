// Signing up and in with Google in a real browser, with an OpenID Connect server in its place; linking
// and unlinking; and every way in which it may fail. The hub is reached as localhost and the other
// one by its number, so that each has its own cookies.

import type { Browser, BrowserContext, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
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
  signOut,
  signUp,
  startMailingHub,
} from './people.ts';

vi.setConfig({ testTimeout: 60_000 });

const ADA = { subject: 'g-ada', email: 'ada@gmail.example', name: 'Ada Lovelace' };

describe.skipIf(!HAS_BROWSER)(`Google${REASON}`, () => {
  let issuer: GoogleIssuer;
  let hub: MailingHub;
  let browser: Browser;
  let context: BrowserContext;
  let page: Page;
  let traces: Traces;

  beforeAll(async () => {
    issuer = await openGoogleIssuer();
    hub = await startMailingHub({ ...googleAt(issuer), HOST: 'localhost' });
    issuer.admit(`${hub.baseUrl}/api/v1/google/callback`);
    browser = await launchBrowser();
    context = await browser.newContext({ colorScheme: 'light' });
    traces = traceBrowser(context, hub.baseUrl);
    page = await openPage(context);
  });
  afterAll(async () => {
    await browser?.close();
    await hub?.stop();
    await issuer?.stop();
  });

  const goOn = () => page.getByRole('button', { name: 'Continue with Google' }).click();

  it('does not make an account at sign-in, and leads to where one is made', async () => {
    issuer.user = ADA;
    await page.goto(`${hub.baseUrl}/sign-in`);
    await goOn();
    await page.getByText('No account here belongs to this Google account.').waitFor();
    expect(await accessibilityFaults(page)).toEqual([]);
    await page.getByRole('alert').getByRole('link', { name: 'Sign up' }).click();
    await page.getByRole('heading', { name: 'Sign up' }).waitFor();
  });

  it('makes an account once both consents are given', async () => {
    await goOn();
    await page.getByText('Only adults can have an account.').waitFor();
    await page.getByText('An account needs both.').waitFor();
    await page.getByRole('checkbox', { name: 'I am 18 or older.' }).check();
    await page.getByRole('checkbox', { name: /I accept the terms/ }).check();
    await goOn();
    await page.waitForURL('**/console?workspace=*');
    await openSettings(page, hub);
    await page.getByText(`Linked to ${ADA.email}`).waitFor();
    expect(await page.getByLabel('Email').inputValue()).toBe(ADA.email);
    await page.getByText('Terms of 20').waitFor();
  });

  it('cannot be unlinked while it is the only way in; a password makes it one of two', async () => {
    const unlink = page.getByRole('button', { name: 'Unlink Google' });
    expect(await unlink.isDisabled()).toBe(true);
    await passwordOf(page).fill(GRACE.password);
    await page.getByRole('button', { name: 'Set password' }).click();
    await page.getByText('Your password is set.').waitFor();
    await unlink.click();
    const dialog = page.getByRole('dialog', { name: `Unlink ${ADA.email}?` });
    expect(await accessibilityFaults(page)).toEqual([]);
    await dialog.getByRole('button', { name: 'Unlink Google' }).click();
    await page.getByText('Google is unlinked.').waitFor();
    await page.getByRole('button', { name: 'Link Google' }).click();
    await page.getByText(`Linked to ${ADA.email}`).waitFor();
  });

  it('signs in whom it knows, and leads where they were going', async () => {
    await signOut(page);
    await page.goto(`${hub.baseUrl}/console/keys`);
    await goOn();
    await page.waitForURL('**/console/keys?workspace=*');
    await page.getByRole('heading', { name: 'Keys', exact: true }).waitFor();
    await signOut(page);
  });

  it('says that somebody came back without an answer', async () => {
    issuer.user = null;
    await page.goto(`${hub.baseUrl}/sign-in`);
    await goOn();
    await page.getByText('You came back from Google without an answer.').waitFor();
  });

  it('never gives an account away by its address', async () => {
    await signUp(page, hub, GRACE);
    await signOut(page);
    issuer.user = { subject: 'g-stranger', email: GRACE.email };
    await page.goto(`${hub.baseUrl}/sign-in`);
    await goOn();
    await page.getByText('An account with the address of this Google account exists.').waitFor();
  });

  it('is refused to a second account', async () => {
    await page.getByLabel('Email').fill(GRACE.email);
    await passwordOf(page).fill(GRACE.password);
    await page.getByRole('button', { name: 'Sign in', exact: true }).click();
    await page.waitForURL('**/console?workspace=*');
    issuer.user = ADA;
    await openSettings(page, hub);
    await page.getByRole('button', { name: 'Link Google' }).click();
    await page.getByText('This Google account is linked to another account').waitFor();
    expect(await accessibilityFaults(page)).toEqual([]);
  });

  it('leaves one cookie of the hub, and the pages call nobody but Google', async () => {
    expect(await traces.cookieNames()).toEqual(['ih_session']);
    expect(await traces.storage(page)).toEqual(NOTHING);
    const others = traces.foreignRequests.filter((url) => !url.startsWith(issuer.client.issuer));
    expect(others).toEqual([]);
    expect(traces.faults).toEqual([]);
  });
});
