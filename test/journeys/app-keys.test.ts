// An app asks for a key, as docs/apps.md tells its author to: a loopback server takes the callback, a
// real browser says yes or no, and the app exchanges its code for a key that works.

import { spawn } from 'node:child_process';
import { createHash, randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { type Server, createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
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

describe.skipIf(!HAS_BROWSER)(`an app that asks for a key${REASON}`, () => {
  let hub: Hub;
  let customer: Customer;
  let app: App;
  let browser: Browser;
  let context: BrowserContext;
  let page: Page;

  beforeAll(async () => {
    hub = await startHub();
    customer = await makeCustomer(hub, 1_000_000_000n);
    app = await startApp();
    browser = await launchBrowser();
    context = await browser.newContext({ colorScheme: 'light' });
    context.setDefaultTimeout(15_000);
    page = await context.newPage();
  });
  afterAll(async () => {
    await browser?.close();
    await app?.close();
    await hub?.stop();
  });

  it('sends its person to sign in first, with the whole request as the way back', async () => {
    await page.goto(app.requestAt(hub));
    await page.waitForURL('**/sign-in?back=*');
    const back = new URL(page.url()).searchParams.get('back') ?? '';
    expect(new URL(back, hub.baseUrl).href).toBe(app.requestAt(hub));
  });

  it('is named large, with what it may do and a budget of ten dollars a month', async () => {
    await signInByLink(page, hub, customer.email);
    await page.goto(app.requestAt(hub));
    await page.getByTestId('app-host').waitFor();
    expect(await page.getByTestId('app-host').textContent()).toBe(app.host);
    await page.getByText('Notes for Ada').waitFor();
    expect(await page.getByLabel('Limit in dollars').inputValue()).toBe('10');
    expect(await page.getByLabel('For').inputValue()).toBe('monthly');
  });

  it.each(['light', 'dark'] as const)(
    'has no accessibility fault in the %s theme',
    async (scheme) => {
      await page.emulateMedia({ colorScheme: scheme });
      for (const address of [app.requestAt(hub), `${hub.baseUrl}/auth?callback_url=nowhere`]) {
        await page.goto(address);
        await page.getByText(/Workspace that pays|callback_url is not an address/).waitFor();
        expect(await accessibilityFaults(page), address).toEqual([]);
        expect(await widthOnPhone(page)).toBeLessThanOrEqual(390);
      }
    },
  );

  it('hears of a refusal, and gets nothing', async () => {
    await page.goto(app.requestAt(hub));
    await page.getByRole('button', { name: 'Cancel' }).click();
    await page.waitForURL(`${app.callbackUrl}*`);
    expect(app.calls.at(-1)?.get('error')).toBe('access_denied');
    expect(app.calls.at(-1)?.get('state')).toBe('seven');
    expect(app.calls.at(-1)?.has('code')).toBe(false);
  });

  it('gets a code for a key that works within its budget', async () => {
    await page.goto(app.requestAt(hub));
    await page.getByLabel('Limit in dollars').fill('2.50');
    await page.getByRole('button', { name: 'Authorize' }).click();
    await page.waitForURL(`${app.callbackUrl}*`);
    const code = app.calls.at(-1)?.get('code') ?? '';
    expect(app.calls.at(-1)?.get('state')).toBe('seven');
    expect(code).not.toBe('');
    const key = await app.fetchKey(hub);
    const response = await fetch(`${hub.baseUrl}/v1/chat/completions`, {
      method: 'POST',
      headers: { authorization: `Bearer ${key}`, 'content-type': 'application/json' },
      body: JSON.stringify({ model: 'sandbox/echo', messages: [{ role: 'user', content: 'Hi' }] }),
    });
    expect(response.status).toBe(200);
    await response.arrayBuffer();
  });

  it('gets nothing for a code that somebody else sends, and it is void then', async () => {
    await page.goto(app.requestAt(hub));
    await page.getByRole('button', { name: 'Authorize' }).click();
    await page.waitForURL(`${app.callbackUrl}*`);
    const code = app.calls.at(-1)?.get('code') ?? '';
    expect((await exchange(hub, code, 'x'.repeat(43))).status).toBe(401);
    await expect(app.fetchKey(hub)).rejects.toThrow();
  });

  it('can be the program of the documentation, as it stands there', async () => {
    const docs = await readFile(new URL('../../docs/apps.md', import.meta.url), 'utf8');
    const program = /```js\n([^]*?)```/.exec(docs)?.[1] ?? '';
    const child = spawn(process.execPath, ['--input-type=module', '-'], {
      env: { HUB: hub.baseUrl },
      stdio: ['pipe', 'pipe', 'inherit'],
    });
    let said = '';
    child.stdout.on('data', (chunk) => void (said += String(chunk)));
    child.stdin.end(program);
    await vi.waitFor(() => expect(said).toMatch(/^Open \S+\n/), { timeout: 10_000 });
    await page.goto(/^Open (\S+)/.exec(said)?.[1] ?? '');
    await page.getByRole('button', { name: 'Authorize' }).click();
    await page.getByText('You can close this page.').waitFor();
    await once(child, 'exit');
    expect(said).toContain("name: 'My first app'");
  });

  it('is the maker of a key that the list names by its host', async () => {
    await page.goto(`${hub.baseUrl}/console/keys`);
    const row = page.getByRole('row', { name: /Notes for Ada/ });
    await row.getByText('for 127.0.0.1').waitFor();
    await row.getByText(/of \$2\.50 this month/).waitFor();
  });
});

interface App {
  readonly host: string;
  readonly callbackUrl: string;
  /** The parameters of every call of the callback. */
  readonly calls: URLSearchParams[];
  /** Where it sends its person. */
  requestAt(hub: Hub): string;
  /** Exchanges the code of the last call; works once. */
  fetchKey(hub: Hub): Promise<string>;
  close(): Promise<void>;
}

async function startApp(): Promise<App> {
  const verifier = randomBytes(32).toString('base64url');
  const challenge = createHash('sha256').update(verifier).digest('base64url');
  const calls: URLSearchParams[] = [];
  const server: Server = createServer((request, response) => {
    const url = new URL(request.url ?? '', 'http://127.0.0.1');
    if (url.pathname === '/callback') calls.push(url.searchParams);
    response.end('You can close this page.');
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const host = `127.0.0.1:${(server.address() as AddressInfo).port}`;
  const callbackUrl = `http://${host}/callback?state=seven`;
  return {
    host,
    callbackUrl,
    calls,
    requestAt({ baseUrl }) {
      const asked = new URLSearchParams({
        callback_url: callbackUrl,
        code_challenge: challenge,
        code_challenge_method: 'S256',
        name: 'Notes for Ada',
      });
      return `${baseUrl}/auth?${asked.toString()}`;
    },
    async fetchKey(hub) {
      const response = await exchange(hub, calls.at(-1)?.get('code') ?? '', verifier);
      expect(response.status).toBe(200);
      return ((await response.json()) as { key: string }).key;
    },
    close: () => new Promise((resolve) => server.close(() => resolve())),
  };
}

function exchange({ baseUrl }: Hub, code: string, verifier: string): Promise<Response> {
  return fetch(`${baseUrl}/api/v1/auth/keys`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ code, code_verifier: verifier, code_challenge_method: 'S256' }),
  });
}
