// Two people and their workspaces in real browsers against a real hub process with a real mail server:
// one invites the other, who accepts, is given another role, owns the workspace and sees the first leave.

import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { type Customer, makeCustomer } from '../faults/world.ts';
import { type Hub, startHub } from '../support/hub.ts';
import { type Mailbox, linkIn, startMailbox } from '../support/mailbox.ts';
import {
  HAS_BROWSER,
  REASON,
  accessibilityFaults,
  launchBrowser,
  signInByLink,
  widthOnPhone,
} from './browser.ts';

vi.setConfig({ testTimeout: 60_000 });

describe.skipIf(!HAS_BROWSER)(`a workspace of several people${REASON}`, () => {
  let mailbox: Mailbox;
  let hub: Hub;
  let ada: Customer;
  let ben: Customer;
  let browser: Browser;
  /** Ada's and Ben's, each in a browser of their own. */
  let adas: Page;
  let bens: Page;
  let team: string;
  let invitation: string;

  beforeAll(async () => {
    mailbox = await startMailbox();
    const env = { SMTP_URL: mailbox.url, MAIL_FROM: 'hub@example.com' };
    hub = await startHub({ env });
    ada = await makeCustomer(hub, 1_000_000_000n);
    ben = await makeCustomer(hub, 0n);
    browser = await launchBrowser();
    [adas, bens] = await Promise.all([openPage(browser), openPage(browser)]);
    await signInByLink(adas, hub, ada.email);
  });
  afterAll(async () => {
    await browser?.close();
    await hub?.stop();
    await mailbox?.close();
  });

  const goTo = (page: Page, path: string) => page.goto(`${hub.baseUrl}${path}?workspace=${team}`);

  it('is made from the bar, and stands in the address of every page', async () => {
    await adas.getByRole('button', { name: 'Workspace Personal' }).click();
    await adas.getByRole('menuitem', { name: 'New workspace' }).click();
    const dialog = adas.getByRole('dialog');
    await dialog.getByLabel('Name').fill('Analytical engines');
    expect(await accessibilityFaults(adas), 'new workspace').toEqual([]);
    await dialog.getByRole('button', { name: 'Create workspace' }).click();
    const bar = adas.getByRole('button', { name: 'Workspace Analytical engines' });
    await bar.waitFor();
    team = new URL(adas.url()).searchParams.get('workspace') ?? '';
    expect(team).not.toBe(ada.workspaceId);
    await adas.getByRole('link', { name: 'Keys', exact: true }).click();
    await adas.waitForURL(`**/console/keys?workspace=${team}`);
    await adas.getByText('No keys yet').waitFor();
    await bar.click();
    expect(await accessibilityFaults(adas), 'switch').toEqual([]);
    await adas.getByRole('menuitem', { name: /^Personal/ }).click();
    await adas.waitForURL(`**/console/keys?workspace=${ada.workspaceId}`);
    await adas.getByRole('row', { name: /Bootstrap, live/ }).waitFor();
  });

  it('is called and warned of as its settings say', async () => {
    await goTo(adas, '/console/workspace');
    await adas.getByLabel('Workspace name').fill('Engines');
    await adas.getByRole('button', { name: 'Save name' }).click();
    await adas.getByRole('button', { name: 'Workspace Engines' }).waitFor();
    await adas.getByLabel('Live balance in dollars').fill('0');
    await adas.getByText('A number above 0').waitFor();
    await adas.getByLabel('Live balance in dollars').fill('12.50');
    await adas.getByRole('button', { name: 'Save warning' }).click();
    await adas.getByText('Warning below $12.50.').waitFor();
    await adas.reload();
    await adas.getByLabel('Live balance in dollars').waitFor();
    expect(await adas.getByLabel('Live balance in dollars').inputValue()).toBe('12.50');
    await adas.getByText('Once somebody else is a member').waitFor();
  });

  it('invites by mail, again on request, and takes back', async () => {
    await goTo(adas, '/console/members');
    await inviteFrom(adas, 'nobody@example.com', 'Viewer');
    await adas
      .getByRole('row', { name: /nobody@example\.com/ })
      .getByText('viewer')
      .waitFor();
    await adas.getByRole('button', { name: 'Take back from nobody@example.com' }).click();
    await adas.getByText('The invitation of nobody@example.com is taken back.').waitFor();
    await adas.getByRole('row', { name: /nobody@example\.com/ }).waitFor({ state: 'detached' });
    await inviteFrom(adas, ben.email, 'Developer');
    const before = linkIn(await mailbox.next(ben.email), hub.baseUrl);
    await adas.getByRole('button', { name: `Resend to ${ben.email}` }).click();
    invitation = linkIn(await mailbox.next(ben.email), hub.baseUrl);
    expect(invitation).not.toBe(before);
    await bens.goto(hub.baseUrl + before);
    await bens.getByText('This invitation is over').waitFor();
    expect(await accessibilityFaults(bens), 'link that is over').toEqual([]);
  });

  it('tells a stranger what it is, and a wrong person whose it is', async () => {
    // Over the page of the link before: it is not loaded anew.
    await bens.goto(hub.baseUrl + invitation);
    await bens.getByRole('heading', { name: 'Join Engines' }).waitFor();
    expect(new URL(bens.url()).hash).toBe('');
    await bens.getByText(ben.email).waitFor();
    await bens.getByRole('link', { name: 'Sign in' }).last().waitFor();
    expect(await accessibilityFaults(bens), 'stranger').toEqual([]);
    expect(await widthOnPhone(bens)).toBeLessThanOrEqual(390);
    const wrong = await adas.context().newPage();
    await openLink(wrong, hub.baseUrl + invitation);
    await wrong
      .getByText(`This invitation is for ${ben.email}, and you are signed in as ${ada.email}.`)
      .waitFor();
    expect(await wrong.getByRole('button', { name: 'Join Engines' }).count()).toBe(0);
    expect(await accessibilityFaults(wrong), 'wrong person').toEqual([]);
    await wrong.close();
  });

  it('takes in whom it was mailed to', async () => {
    await signInByLink(bens, hub, ben.email);
    await openLink(bens, hub.baseUrl + invitation);
    await bens.getByRole('button', { name: 'Join Engines' }).click();
    await bens.waitForURL(`**/console?workspace=${team}`);
    await adas.getByText('Waiting invitations').waitFor({ state: 'detached' });
    await adas
      .getByRole('row', { name: new RegExp(ben.email) })
      .getByText('developer')
      .waitFor();
    await openLink(bens, hub.baseUrl + invitation);
    await bens.getByText('This invitation is over').waitFor();
  });

  it('shows each member what their role lets them do', async () => {
    await goTo(bens, '/console/members');
    await bens.getByRole('button', { name: 'Leave this workspace' }).waitFor();
    expect(await bens.getByRole('button', { name: 'Invite' }).count()).toBe(0);
    await makeKey(bens, 'bens-laptop');
    await goTo(adas, '/console/keys');
    await makeKey(adas, 'adas-server');
    await bens.getByRole('link', { name: 'adas-server' }).click();
    await bens.getByRole('button', { name: 'Revoke adas-server' }).waitFor();
    expect(await bens.getByRole('button', { name: 'Rotate adas-server' }).count()).toBe(0);
    await bens.getByRole('link', { name: 'bens-laptop' }).click();
    await bens.getByRole('button', { name: 'Rotate bens-laptop' }).waitFor();
    await goTo(adas, '/console/members');
    await adas.getByRole('button', { name: `Role of ${nameOf(ben)}` }).click();
    const dialog = adas.getByRole('dialog');
    await dialog.getByLabel('Viewer').check();
    expect(await accessibilityFaults(adas), 'role').toEqual([]);
    await dialog.getByRole('button', { name: 'Change role' }).click();
    await adas.getByText(`${nameOf(ben)} is viewer now.`).waitFor();
    await goTo(bens, '/console/keys');
    await bens.getByRole('link', { name: 'bens-laptop' }).click();
    await bens.getByRole('complementary').getByText('Requests at once').waitFor();
    expect(await bens.getByRole('button', { name: 'Create key' }).count()).toBe(0);
    expect(await bens.getByRole('button', { name: 'Revoke bens-laptop' }).count()).toBe(0);
  });

  it.each(['light', 'dark'] as const)(
    'has no accessibility fault in the %s theme',
    async (scheme) => {
      await adas.emulateMedia({ colorScheme: scheme });
      await goTo(adas, '/console/members');
      await inviteFrom(adas, `${scheme}@example.com`, 'Billing');
      for (const [path, ready] of [
        ['/console/members', `${scheme}@example.com`],
        ['/console/workspace', 'New owner'],
      ] as const) {
        await goTo(adas, path);
        await adas.getByText(ready).first().waitFor();
        expect(await accessibilityFaults(adas), path).toEqual([]);
        expect(await widthOnPhone(adas), path).toBeLessThanOrEqual(390);
      }
    },
  );

  it('names the keys of who is removed, and asks what becomes of them', async () => {
    await goTo(adas, '/console/members');
    await adas.getByRole('button', { name: `Remove ${nameOf(ben)}` }).click();
    const dialog = adas.getByRole('dialog');
    await dialog.getByText(`${nameOf(ben)}'s keys here that work: 1`).waitFor();
    await dialog.getByRole('list', { name: 'Keys' }).getByText('bens-laptop').waitFor();
    expect(await accessibilityFaults(adas), 'remove').toEqual([]);
    await dialog.getByLabel('Keep them').check();
    await dialog.getByRole('button', { name: `Remove ${nameOf(ben)}` }).click();
    await adas.getByText(`${nameOf(ben)} is removed.`).waitFor();
    await goTo(adas, '/console/keys');
    await adas
      .getByRole('row', { name: /bens-laptop/ })
      .getByText(`by ${nameOf(ada)}`)
      .waitFor();
    await goTo(bens, '/console/keys');
    await bens.getByText('This workspace is not yours to see').waitFor();
    expect(await accessibilityFaults(bens), 'not a member').toEqual([]);
  });

  it('is handed over, and left by who owned it', async () => {
    await goTo(adas, '/console/members');
    await inviteFrom(adas, ben.email, 'Admin');
    invitation = linkIn(await mailbox.next(ben.email), hub.baseUrl);
    await openLink(bens, hub.baseUrl + invitation);
    await bens.getByRole('button', { name: 'Join Engines' }).click();
    await bens.waitForURL(`**/console?workspace=${team}`);
    await goTo(adas, '/console/workspace');
    await adas.getByLabel('New owner').selectOption({ label: `${nameOf(ben)} (${ben.email})` });
    await adas.getByRole('button', { name: 'Hand over' }).click();
    expect(await accessibilityFaults(adas), 'hand over').toEqual([]);
    await adas.getByRole('button', { name: `Hand over to ${nameOf(ben)}` }).click();
    await adas.getByText('Your role here is admin.').waitFor();
    await adas.getByRole('button', { name: 'Leave workspace' }).click();
    const dialog = adas.getByRole('dialog', { name: 'Leave Engines?' });
    await dialog.getByText('bens-laptop').waitFor();
    expect(await accessibilityFaults(adas), 'leave').toEqual([]);
    await dialog.getByRole('button', { name: 'Leave workspace' }).click();
    await adas.waitForURL(`**/console?workspace=${ada.workspaceId}`);
    await goTo(bens, '/console/members');
    await bens.getByRole('row', { name: /owner/ }).getByText(ben.email).waitFor();
    expect(await bens.getByText(ada.email).count()).toBe(0);
  });
});

async function openPage(browser: Browser): Promise<Page> {
  const context = await browser.newContext({ colorScheme: 'light' });
  context.setDefaultTimeout(15_000);
  return context.newPage();
}

/** As from the mail program: an address that differs behind its # alone would not load the page anew. */
async function openLink(page: Page, link: string): Promise<void> {
  await page.goto('about:blank');
  await page.goto(link);
}

async function inviteFrom(page: Page, email: string, role: string): Promise<void> {
  await page.getByRole('button', { name: 'Invite', exact: true }).click();
  const dialog = page.getByRole('dialog');
  await dialog.getByLabel('Email').fill(email);
  await dialog.getByLabel(role).check();
  expect(await accessibilityFaults(page), 'invite').toEqual([]);
  await dialog.getByRole('button', { name: 'Send invitation' }).click();
  await page.getByText(`A mail is on its way to ${email}.`).waitFor();
}

async function makeKey(page: Page, name: string): Promise<void> {
  await page.getByRole('link', { name: 'Keys', exact: true }).click();
  await page.getByRole('button', { name: 'Create key' }).click();
  const dialog = page.getByRole('dialog');
  await dialog.getByLabel('Name').fill(name);
  await dialog.getByRole('button', { name: 'Create key' }).click();
  await dialog.getByRole('button', { name: 'Done' }).click();
  await page.getByRole('row', { name: new RegExp(name) }).waitFor();
}

/** People whom the command line makes are called by their address. */
function nameOf({ email }: Customer): string {
  return email.split('@', 1)[0] ?? '';
}
