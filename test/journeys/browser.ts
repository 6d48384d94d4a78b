// What journeys share: the real browser, if this machine has one, and the judgement of a drawn page.

import { existsSync } from 'node:fs';
import { AxeBuilder } from '@axe-core/playwright';
import { type Browser, type Page, chromium } from 'playwright-core';
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

export function launchBrowser(): Promise<Browser> {
  return chromium.launch({ executablePath: EXECUTABLE, args: ARGUMENTS });
}

/** What axe finds on the page as it stands: wait for it to be drawn first. */
export async function accessibilityFaults(page: Page): Promise<string[]> {
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
