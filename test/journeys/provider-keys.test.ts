// A person brings a provider key of their own: adds it in the browser, sees requests go with it and what
// they cost, changes it and takes it away again.

import type { Browser, BrowserContext, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { chatAnswer } from '../faults/answers.ts';
import { HUBS, SEALING, credentialOf } from '../faults/own-credentials.ts';
import { CHAT, type Customer, ask, call, makeCustomer, providersAt } from '../faults/world.ts';
import { type Hub, startHub } from '../support/hub.ts';
import { answerJson, startUpstream, type Upstream } from '../support/upstream.ts';
import {
  HAS_BROWSER,
  REASON,
  accessibilityFaults,
  launchBrowser,
  signInByLink,
  widthOnPhone,
} from './browser.ts';

vi.setConfig({ testTimeout: 60_000 });

const OWN = 'sk-own-0123456789-abcd';
const NEXT = 'sk-own-9876543210-wxyz';

describe.skipIf(!HAS_BROWSER)(`a provider key of one's own${REASON}`, () => {
  let upstream: Upstream;
  let hub: Hub;
  let bare: Hub;
  let customer: Customer;
  let browser: Browser;
  let context: BrowserContext;
  let page: Page;

  beforeAll(async () => {
    upstream = await startUpstream(answerJson(chatAnswer()));
    const env = providersAt(upstream.baseUrl);
    hub = await startHub({ env: { ...env, ...SEALING } });
    bare = await startHub({ env });
    customer = await makeCustomer(hub, 1_000_000_000n);
    browser = await launchBrowser();
    context = await browser.newContext({ colorScheme: 'light' });
    context.setDefaultTimeout(15_000);
    page = await context.newPage();
    await signInByLink(page, hub, customer.email);
  });
  afterAll(async () => {
    await browser?.close();
    await hub?.stop();
    await bare?.stop();
    await upstream?.close();
  });

  const askedWith = async (): Promise<string | undefined> => {
    await (await call(hub, customer.liveKey, ask(CHAT))).arrayBuffer();
    const asked = upstream.asked.at(-1);
    return asked && credentialOf(asked);
  };

  it('is taught by the empty page, and the page says when it does not load', async () => {
    await page.getByRole('link', { name: 'Provider keys', exact: true }).click();
    await page.getByRole('heading', { name: 'No provider keys yet' }).waitFor();
    await page.getByText('The fee is 5 % of the list price.').waitFor();
    expect(await accessibilityFaults(page), 'empty').toEqual([]);
    const address = '**/credentials';
    await page.route(address, (route) =>
      route.request().resourceType() === 'fetch'
        ? route.abort('connectionrefused')
        : route.continue(),
    );
    await page.reload();
    await page.getByRole('heading', { name: 'The hub does not answer' }).waitFor();
    await page.unroute(address);
    await page.getByRole('button', { name: 'Retry' }).click();
    await page.getByRole('heading', { name: 'No provider keys yet' }).waitFor();
  });

  it('is added, and shows no more of itself than its end', async () => {
    await page.getByRole('button', { name: 'Add provider key' }).click();
    const dialog = page.getByRole('dialog');
    await dialog.getByLabel('Provider').selectOption('OpenAI');
    const secret = dialog.getByRole('textbox', { name: 'Key' });
    const add = dialog.getByRole('button', { name: 'Add provider key' });
    await secret.fill('too short');
    await dialog.getByText('At least 16 characters, without spaces.').waitFor();
    expect(await add.isDisabled()).toBe(true);
    expect(await accessibilityFaults(page), 'dialog').toEqual([]);
    await secret.fill(OWN);
    await add.click();
    await page.getByText('The key of OpenAI is added.').waitFor();
    await dialog.waitFor({ state: 'detached' });
    await page.getByRole('cell', { name: '…abcd', exact: true }).waitFor();
    await page.getByRole('cell', { name: 'Never' }).waitFor();
    expect(await page.content()).not.toContain(OWN);
    await vi.waitFor(async () => expect(await askedWith()).toBe(OWN), { timeout: 5_000 });
  });

  it('serves requests for a fee, which the receipt explains', async () => {
    await page.getByRole('cell', { name: 'Never' }).waitFor({ state: 'detached' });
    await page.getByRole('link', { name: 'Activity', exact: true }).click();
    await page
      .getByRole('cell', { name: /\$0\.\d+ fee/ })
      .first()
      .waitFor();
    await page.locator('.row-anchor').first().click();
    await page.getByRole('row', { name: 'Fee of 5 % for your own credential $0.000006' }).waitFor();
    await page.getByText('The fee for a request that your own credential served.').waitFor();
    expect(await accessibilityFaults(page), 'receipt').toEqual([]);
  });

  it('is changed, disabled and replaced', async () => {
    await page.goto(`${hub.baseUrl}/console/credentials`);
    const dialog = page.getByRole('dialog');
    const change = async (lastFour: string) => {
      await page.getByRole('button', { name: `Change OpenAI …${lastFour}` }).click();
      await dialog.waitFor();
    };
    await change('abcd');
    await dialog.getByRole('button', { name: 'Check with OpenAI' }).click();
    await dialog.getByText('OpenAI accepts this key.').waitFor();
    expect(upstream.asked.at(-1)).toMatchObject({ path: '/v1/models' });
    await dialog.getByRole('radio', { name: 'Only' }).check();
    await dialog.getByRole('checkbox', { name: 'Disabled' }).check();
    expect(await accessibilityFaults(page), 'change').toEqual([]);
    await dialog.getByRole('button', { name: 'Save' }).click();
    await page.getByRole('cell', { name: 'Disabled' }).waitFor();
    await page.getByRole('cell', { name: 'Only' }).waitFor();
    await vi.waitFor(async () => expect(await askedWith()).toBe(HUBS[0]), { timeout: 5_000 });
    await change('abcd');
    await dialog.getByRole('textbox', { name: 'Another key in its place' }).fill(NEXT);
    await dialog.getByRole('button', { name: 'Replace key' }).click();
    await page.getByRole('cell', { name: '…wxyz', exact: true }).waitFor();
    await vi.waitFor(async () => expect(await askedWith()).toBe(NEXT), { timeout: 5_000 });
  });

  it.each(['light', 'dark'] as const)(
    'has no accessibility fault in the %s theme',
    async (scheme) => {
      await page.emulateMedia({ colorScheme: scheme });
      await page.goto(`${hub.baseUrl}/console/credentials`);
      await page.getByRole('cell', { name: '…wxyz', exact: true }).waitFor();
      expect(await accessibilityFaults(page)).toEqual([]);
      expect(await widthOnPhone(page)).toBeLessThanOrEqual(390);
    },
  );

  it('is removed by name, and no request goes with it any more', async () => {
    await page.getByRole('button', { name: 'Remove OpenAI …wxyz' }).click();
    const dialog = page.getByRole('dialog');
    await dialog.getByRole('button', { name: 'Remove OpenAI key' }).click();
    await page.getByRole('heading', { name: 'No provider keys yet' }).waitFor();
    await vi.waitFor(async () => expect(await askedWith()).toBe(HUBS[0]), { timeout: 5_000 });
  });

  it('cannot be added where the operator has set no key to seal it with, and the page says so', async () => {
    const other = await makeCustomer(bare, 0n);
    const theirs = await context.newPage();
    await signInByLink(theirs, bare, other.email);
    await theirs.goto(`${bare.baseUrl}/console/credentials`);
    await theirs.getByRole('heading', { name: 'Not switched on' }).waitFor();
    expect(await theirs.getByRole('button', { name: 'Add provider key' }).isDisabled()).toBe(true);
    expect(await accessibilityFaults(theirs)).toEqual([]);
  });
});
