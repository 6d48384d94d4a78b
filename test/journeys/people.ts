// What journeys of people share: a hub that mails, and somebody who signs up on its pages.

import { TOTP } from 'otpauth';
import type { BrowserContext, Locator, Page } from 'playwright-core';
import { SEALING } from '../faults/own-credentials.ts';
import type { GoogleIssuer } from '../support/google-issuer.ts';
import { type Hub, type HubOptions, startHub } from '../support/hub.ts';
import { type Mailbox, linkIn, startMailbox } from '../support/mailbox.ts';

export interface Somebody {
  readonly name: string;
  readonly email: string;
  readonly password: string;
}

export const GRACE: Somebody = {
  name: 'Grace Hopper',
  email: 'grace@example.org',
  password: 'harbour violin pebble sunday',
};

/** What somebody keeps in the browser who has chosen no theme. */
export const NOTHING = {};

export interface MailingHub extends Hub {
  readonly mailbox: Mailbox;
}

export async function startMailingHub(env: HubOptions['env'] = {}): Promise<MailingHub> {
  const mailbox = await startMailbox();
  const mail = { SMTP_URL: mailbox.url, MAIL_FROM: 'The hub <hub@example.com>' };
  const hub = await startHub({ env: { ...SEALING, ...mail, ...env } });
  return {
    ...hub,
    mailbox,
    async stop() {
      await hub.stop();
      await mailbox.close();
    },
  };
}

/** The settings of a hub whose people sign in with Google, where this stands in for it. */
export function googleAt({ client }: GoogleIssuer): Record<string, string> {
  return {
    GOOGLE_ISSUER: client.issuer,
    GOOGLE_CLIENT_ID: client.clientId,
    GOOGLE_CLIENT_SECRET: client.clientSecret,
  };
}

/** Where the mailed link leads, as the browser opens it. */
export async function mailedLink(hub: MailingHub, to: string, subject: string): Promise<string> {
  const mail = await hub.mailbox.next(to, (each) => each.subject === subject);
  return hub.baseUrl + linkIn(mail, hub.baseUrl);
}

export async function fillSignUp(page: Page, somebody: Somebody): Promise<void> {
  await page.getByLabel('Name').fill(somebody.name);
  await page.getByLabel('Email').fill(somebody.email);
  await passwordOf(page).fill(somebody.password);
  await page.getByRole('checkbox', { name: 'I am 18 or older.' }).check();
  await page.getByRole('checkbox', { name: /I accept the terms/ }).check();
}

export async function signUp(page: Page, hub: MailingHub, somebody: Somebody): Promise<void> {
  await page.goto(`${hub.baseUrl}/sign-up`);
  await fillSignUp(page, somebody);
  await page.getByRole('button', { name: 'Sign up' }).click();
  await page.getByRole('heading', { name: 'Check your mail' }).waitFor();
  await page.goto(await mailedLink(hub, somebody.email, 'Confirm your email address'));
  await page.waitForURL('**/console?workspace=*');
  await page.getByRole('link', { name: 'Settings' }).waitFor();
}

/** As far as the password leads: into the console, or to the second step. */
export async function givePassword(page: Page, hub: Hub, somebody: Somebody): Promise<void> {
  await page.goto(`${hub.baseUrl}/sign-in`);
  await page.getByLabel('Email').fill(somebody.email);
  await passwordOf(page).fill(somebody.password);
  await page.getByRole('button', { name: 'Sign in', exact: true }).click();
}

export function passwordOf(page: Page | Locator): Locator {
  return page.getByRole('textbox', { name: /password/i });
}

/** A second browser of the same or of another person. */
export async function openPage(context: BrowserContext): Promise<Page> {
  context.setDefaultTimeout(15_000);
  return context.newPage();
}

export async function openSettings(page: Page, hub: Hub): Promise<void> {
  await page.goto(`${hub.baseUrl}/console/settings`);
  await page.getByRole('heading', { name: 'Sessions' }).waitFor();
}

/** In the settings: an authenticator app by its secret. Returns that and the recovery codes. */
export async function setUpApp(
  page: Page,
): Promise<{ readonly secret: string; readonly recoveryCodes: readonly string[] }> {
  await page.getByRole('button', { name: 'Set up an app' }).click();
  const dialog = page.getByRole('dialog', { name: 'Set up an authenticator app' });
  const secret = (await dialog.locator('.copy-line code').textContent()) ?? '';
  await dialog.getByRole('textbox', { name: 'Code', exact: true }).fill(codeAt(secret, Date.now()));
  await dialog.getByRole('button', { name: 'Use this app' }).click();
  const list = page.getByRole('list', { name: 'Recovery codes' });
  const recoveryCodes = await list.getByRole('listitem').allTextContents();
  await page.getByRole('button', { name: 'Done' }).click();
  await page.getByText(`${recoveryCodes.length} recovery codes are left.`).waitFor();
  return { secret, recoveryCodes };
}

export function codeAt(secret: string, timestamp: number): string {
  return new TOTP({ secret }).generate({ timestamp });
}

export async function signOut(page: Page): Promise<void> {
  await page.getByRole('button', { name: 'Account' }).click();
  await page.getByRole('button', { name: 'Sign out' }).click();
  await page.getByRole('link', { name: 'Sign in' }).first().waitFor();
}
