// What journeys share: the real browser, if this machine has one, and the judgement of a drawn page.

import { existsSync } from 'node:fs';
import { AxeBuilder } from '@axe-core/playwright';
import { type Browser, type BrowserContext, type Page, chromium } from 'playwright-core';
import { findRunningHub } from '../../src/host/control.ts';
import type { Hub } from '../support/hub.ts';

const EXECUTABLE = process.env['CHROMIUM_PATH'] ?? '/usr/bin/chromium';
export const HAS_BROWSER = existsSync(EXECUTABLE);
/** The end of a suite's name: says why it is left out. */
export const REASON = HAS_BROWSER ? '' : ` (left out: no Chromium at ${EXECUTABLE})`;
const ARGUMENTS = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];

/** `more`: further arguments, such as names that lead to this machine. */
export function launchBrowser(more: readonly string[] = []): Promise<Browser> {
  return chromium.launch({ executablePath: EXECUTABLE, args: [...ARGUMENTS, ...more] });
}

/** What happens behind the pages of a browser. */
export interface Traces {
  /** Of every cookie that the hub has set so far, and of those that the browser holds. */
  cookieNames(): Promise<string[]>;
  /** What the pages keep in the browser's storage. */
  storage(page: Page): Promise<unknown>;
  /** Addresses elsewhere that were called. */
  readonly foreignRequests: readonly string[];
  /** Errors of the pages, and what their security policy forbade. */
  readonly faults: readonly string[];
}

export function traceBrowser(context: BrowserContext, baseUrl: string): Traces {
  const cookieLines: Promise<string>[] = [];
  const foreignRequests: string[] = [];
  const faults: string[] = [];
  context.on('request', (request) => {
    if (!request.url().startsWith(baseUrl)) foreignRequests.push(request.url());
  });
  context.on('response', (response) => {
    if (!response.url().startsWith(baseUrl)) return;
    cookieLines.push(response.headerValue('set-cookie').then((lines) => lines ?? '', tellUnread));
  });
  context.on('weberror', (error) => faults.push(error.error().message));
  context.on('console', (message) => {
    if (message.text().includes('Content Security Policy')) faults.push(message.text());
  });
  return {
    async cookieNames() {
      const lines = (await Promise.all(cookieLines)).flatMap((text) => text.split('\n'));
      const set = lines.filter(Boolean).map((line) => line.split('=')[0] ?? '');
      const held = (await context.cookies(baseUrl)).map(({ name }) => name);
      return [...new Set([...set, ...held])];
    },
    storage: (page) => page.evaluate('({ ...localStorage, ...sessionStorage })'),
    foreignRequests,
    faults,
  };
}

/** What it set is still among the cookies that the browser holds; any other fault is a name too many. */
function tellUnread(error: Error): string {
  return error.message.includes('has been closed') ? '' : `unread: ${error.message}`;
}

/**
 * Half faded in, every colour is too pale. What opens begins to move a frame or two after the click, so
 * it is still once it has been so for some frames; what turns for ever is not waited for.
 */
const UNTIL_STILL = `(async () => {
  const moves = ({ effect, playState }) =>
    playState === 'running' && Number.isFinite(effect.getComputedTiming().endTime);
  for (let still = 0; still < 6; still += 1) {
    await new Promise(requestAnimationFrame);
    if (document.getAnimations().some(moves)) still = 0;
  }
})()`;

/** What axe finds on the page as it stands: wait for it to be drawn first. */
export async function accessibilityFaults(page: Page): Promise<string[]> {
  // What would come or go while axe looks, such as a message that closes by itself, does so at once.
  await page.emulateMedia({ reducedMotion: 'reduce' });
  await page.evaluate(UNTIL_STILL);
  const { violations } = await new AxeBuilder({ page }).analyze();
  return violations.map(({ id, nodes }) => `${id}: ${nodes[0]?.html}`);
}

/** Signs an operator in, as the command line's one-time link does it. */
export async function signInByLink(page: Page, hub: Hub, email: string): Promise<void> {
  const running = await findRunningHub(hub.dataDir);
  const link = await running?.commands.link({ email });
  const { pathname, hash } = new URL(link?.url ?? '');
  await page.goto(hub.baseUrl + pathname + hash);
  await page.getByRole('button', { name: 'Sign in' }).click();
  await page.waitForURL('**/console?workspace=*');
}

/** How wide the page is on a telephone; more than 390 means that it scrolls sideways. */
export async function widthOnPhone(page: Page): Promise<number> {
  const usual = page.viewportSize() ?? { width: 1280, height: 720 };
  await page.setViewportSize({ width: 390, height: 800 });
  const width = await page.evaluate<number>('document.documentElement.scrollWidth');
  await page.setViewportSize(usual);
  return width;
}
