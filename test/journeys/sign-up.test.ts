// Somebody comes to a hub, signs up, confirms by the mailed link, signs in again, and forgets the
// password, in a real browser and with a real mail server.

import { once } from 'node:events';
import { type AddressInfo, createServer } from 'node:net';
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
  fillSignUp,
  givePassword,
  mailedLink,
  openPage,
  passwordOf,
  signUp,
  startMailingHub,
} from './people.ts';

vi.setConfig({ testTimeout: 60_000 });

const ADA = { ...GRACE, name: 'Ada Lovelace', email: 'ada@example.org' };
const NEW_PASSWORD = 'seven teapots under a bridge';
const NO_TOKEN = 'A'.repeat(43);
/** Leads to this machine, and is no place where browsers lend their own cryptography. */
const HOME_NAME = 'hub.lan';

describe.skipIf(!HAS_BROWSER)(`signing up${REASON}`, () => {
  let hub: MailingHub;
  let browser: Browser;
  let context: BrowserContext;
  let page: Page;
  let traces: Traces;
  let link: string;

  beforeAll(async () => {
    hub = await startMailingHub();
    browser = await launchBrowser();
    context = await browser.newContext({ colorScheme: 'light' });
    traces = traceBrowser(context, hub.baseUrl);
    page = await openPage(context);
  });
  afterAll(async () => {
    await browser?.close();
    await hub?.stop();
  });

  it('judges a password in words while it is typed, and by what the person is called', async () => {
    await page.goto(hub.baseUrl);
    await page.getByRole('link', { name: 'Sign in' }).first().click();
    await page.getByRole('link', { name: 'Sign up' }).click();
    await page.getByRole('heading', { name: 'Sign up' }).waitFor();
    await passwordOf(page).fill('password1234');
    await page.getByText('Guessed at once.').waitFor();
    await passwordOf(page).fill('gracehopper123');
    await page.getByText('Good enough.').waitFor();
    await page.getByLabel('Name').fill('Grace Hopper');
    await page.getByText('Too easy to guess.').waitFor();
    await passwordOf(page).fill(GRACE.password);
    await page.getByText('Very hard to guess.').waitFor();
  });

  it('sends nothing before both consents are given, and says which is missing', async () => {
    const sent: string[] = [];
    page.on('request', (request) => {
      if (request.method() === 'POST') sent.push(request.url());
    });
    await page.getByLabel('Email').fill(GRACE.email);
    await page.getByRole('checkbox', { name: 'I am 18 or older.' }).check();
    await page.getByRole('button', { name: 'Sign up' }).click();
    await page.getByText('An account needs both.').waitFor();
    expect(await page.getByText('Only adults can have an account.').count()).toBe(0);
    expect(await accessibilityFaults(page)).toEqual([]);
    expect(sent).toEqual([]);
  });

  it('keeps everything that was typed when the password is refused', async () => {
    await fillSignUp(page, { ...GRACE, password: 'gracehopper1' });
    await page.getByRole('button', { name: 'Sign up' }).click();
    await page.getByText(/The password is little more than your own name/).waitFor();
    expect(await page.getByLabel('Name').inputValue()).toBe(GRACE.name);
    expect(await page.getByLabel('Email').inputValue()).toBe(GRACE.email);
    expect(await passwordOf(page).inputValue()).toBe('gracehopper1');
    expect(await page.getByRole('checkbox', { name: /I accept/ }).isChecked()).toBe(true);
  });

  it('says where the link is, sends it again, and lets what was typed be mended', async () => {
    await passwordOf(page).fill(GRACE.password);
    await page.getByRole('button', { name: 'Sign up' }).click();
    await page.getByRole('heading', { name: 'Check your mail' }).waitFor();
    await page.getByText(`A message is on its way to ${GRACE.email}.`).waitFor();
    expect(await accessibilityFaults(page)).toEqual([]);
    await mailedLink(hub, GRACE.email, 'Confirm your email address');
    await page.getByRole('button', { name: 'Send it again' }).click();
    await page.getByText('The message was sent 2 times.').waitFor();
    await page.getByRole('button', { name: 'Change what I typed' }).click();
    expect(await page.getByLabel('Email').inputValue()).toBe(GRACE.email);
    expect(await passwordOf(page).inputValue()).toBe(GRACE.password);
  });

  it('makes the account by the mailed link, in the browser that signed up', async () => {
    link = await mailedLink(hub, GRACE.email, 'Confirm your email address');
    await page.goto(link);
    await page.waitForURL('**/console?workspace=*');
    await page.getByText('Waiting for your first request').waitFor();
    await page.getByRole('button', { name: 'Account' }).click();
    await page.getByText(GRACE.email).waitFor();
    await page.getByRole('button', { name: 'Sign out' }).click();
    await page.getByRole('link', { name: 'Sign in' }).first().waitFor();
  });

  it('asks for the password where the link is opened in another browser', async () => {
    await page.goto(`${hub.baseUrl}/sign-up`);
    await fillSignUp(page, ADA);
    await page.getByRole('button', { name: 'Sign up' }).click();
    await page.getByRole('heading', { name: 'Check your mail' }).waitFor();
    const other = await openPage(await browser.newContext());
    await other.goto(await mailedLink(hub, ADA.email, 'Confirm your email address'));
    await other.getByText('This is not the browser in which you signed up').waitFor();
    expect(new URL(other.url()).hash).toBe('');
    expect(await accessibilityFaults(other)).toEqual([]);
    await passwordOf(other).fill('not the password');
    await other.getByRole('button', { name: 'Confirm and sign in' }).click();
    await other.getByRole('alert').filter({ hasText: 'This is not the password' }).waitFor();
    await passwordOf(other).fill(ADA.password);
    await other.getByRole('button', { name: 'Confirm and sign in' }).click();
    await other.waitForURL('**/console?workspace=*');
    await other.context().close();
  });

  it('says the same to somebody whose address has an account; their mailbox knows more', async () => {
    await page.goto(`${hub.baseUrl}/sign-up`);
    await fillSignUp(page, { ...ADA, password: NEW_PASSWORD });
    await page.getByRole('button', { name: 'Sign up' }).click();
    await page.getByText(`A message is on its way to ${ADA.email}.`).waitFor();
    await hub.mailbox.next(ADA.email, ({ subject }) => subject === 'You have an account already');
  });

  it('says of a link that was used already what to do', async () => {
    await page.goto(link);
    await page.getByRole('heading', { name: 'This link does not work' }).waitFor();
    expect(await accessibilityFaults(page)).toEqual([]);
  });

  it('resets a forgotten password, which ends all sessions', async () => {
    const elsewhere = await openPage(await browser.newContext());
    await givePassword(elsewhere, hub, GRACE);
    await elsewhere.waitForURL('**/console?workspace=*');
    await page.goto(`${hub.baseUrl}/sign-in`);
    await page.getByRole('link', { name: 'Forgot your password?' }).click();
    // Both pages have a field for the address.
    await page.getByRole('heading', { name: 'Reset your password' }).waitFor();
    await page.getByLabel('Email').fill(GRACE.email);
    await page.getByRole('button', { name: 'Send the link' }).click();
    await page.getByText('If there is an account with this address').waitFor();
    expect(await accessibilityFaults(page)).toEqual([]);
    await page.goto(await mailedLink(hub, GRACE.email, 'Set a new password'));
    await passwordOf(page).fill(NEW_PASSWORD);
    expect(await accessibilityFaults(page)).toEqual([]);
    await page.getByRole('button', { name: 'Change password' }).click();
    await page.getByRole('heading', { name: 'Your password is changed' }).waitFor();
    await elsewhere.reload();
    await elsewhere.waitForURL('**/sign-in?back=*');
    await elsewhere.context().close();
  });

  it('signs in with the new password alone, and goes where the reader was going', async () => {
    await page.goto(`${hub.baseUrl}/console/keys`);
    await page.waitForURL('**/sign-in?back=*');
    await page.getByLabel('Email').fill(GRACE.email);
    await passwordOf(page).fill(GRACE.password);
    await page.getByRole('button', { name: 'Sign in', exact: true }).click();
    await page.getByText('The email address or the password is wrong.').waitFor();
    expect(await page.getByLabel('Email').inputValue()).toBe(GRACE.email);
    await passwordOf(page).fill(NEW_PASSWORD);
    await page.getByRole('button', { name: 'Sign in', exact: true }).click();
    await page.waitForURL('**/console/keys?workspace=*');
  });

  it.each([
    ['/sign-up', 'I am 18 or older.'],
    ['/sign-in?failed=google_failed', 'Google did not vouch for you this time.'],
    ['/reset', 'Send the link'],
    [`/reset#${NO_TOKEN}`, 'Ask for another link'],
    [`/confirm-email#${NO_TOKEN}`, 'Use this address'],
    ['/confirm', 'It is incomplete'],
    ['/proven', 'Close this window'],
    ['/terms', 'Version 20'],
    ['/privacy', 'Version 20'],
  ])('has no accessibility fault on %s in either theme', async (path, ready) => {
    const visitor = await openPage(await browser.newContext());
    await visitor.goto(hub.baseUrl + path);
    await visitor.getByText(ready).first().waitFor();
    for (const scheme of ['light', 'dark'] as const) {
      await visitor.emulateMedia({ colorScheme: scheme });
      expect(await accessibilityFaults(visitor), scheme).toEqual([]);
    }
    await visitor.context().close();
  });

  it('leads back to pages of the hub alone', async () => {
    const visitor = await openPage(await browser.newContext());
    const back = encodeURIComponent('//elsewhere.example/console');
    await visitor.goto(`${hub.baseUrl}/sign-in?back=${back}`);
    await visitor.getByLabel('Email').fill(GRACE.email);
    await passwordOf(visitor).fill(NEW_PASSWORD);
    await visitor.getByRole('button', { name: 'Sign in', exact: true }).click();
    await visitor.waitForURL(`${hub.baseUrl}/console?workspace=*`);
    await visitor.context().close();
  });

  it('leaves one cookie and nothing personal in the browser, and calls no other site', async () => {
    expect(await traces.cookieNames()).toEqual(['ih_session']);
    expect(await traces.storage(page)).toEqual(NOTHING);
    expect(traces.foreignRequests).toEqual([]);
    expect(traces.faults).toEqual([]);
  });
});

describe.skipIf(!HAS_BROWSER)(`a hub that is closed to sign-ups${REASON}`, () => {
  it('says so, and does not offer it', async () => {
    const hub = await startMailingHub({ SIGN_UP: 'off' });
    const browser = await launchBrowser();
    const page = await openPage(await browser.newContext());
    await page.goto(`${hub.baseUrl}/sign-in`);
    await page.getByLabel('Email').waitFor();
    expect(await page.getByRole('link', { name: 'Sign up' }).count()).toBe(0);
    await page.goto(`${hub.baseUrl}/sign-up`);
    await page.getByText('On this hub people cannot make accounts themselves.').waitFor();
    expect(await accessibilityFaults(page)).toEqual([]);
    await browser.close();
    await hub.stop();
  });
});

describe.skipIf(!HAS_BROWSER)(`a hub on plain http in a home network${REASON}`, () => {
  it('lets people sign up, though browsers lend it no cryptography and no passkeys', async () => {
    const port = await findFreePort();
    const address = { PORT: String(port), PUBLIC_URL: `http://${HOME_NAME}:${port}` };
    const hub = await startMailingHub(address);
    const browser = await launchBrowser([`--host-resolver-rules=MAP ${HOME_NAME} 127.0.0.1`]);
    const page = await openPage(await browser.newContext());
    await page.goto(`${hub.baseUrl}/sign-in`);
    await page.getByLabel('Email').waitFor();
    expect(await page.evaluate('crypto.subtle')).toBeUndefined();
    expect(await page.getByRole('button', { name: 'Sign in with a passkey' }).count()).toBe(0);
    await signUp(page, hub, GRACE);
    await browser.close();
    await hub.stop();
  });
});

/** The address stands in the settings before the hub listens. */
async function findFreePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
}
