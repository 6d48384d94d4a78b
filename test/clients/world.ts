// One hub, three scripted providers and three customers (one with money, one with little, one with
// none). Every answer that a client gets through `fetch` is remembered, so that at the end the sum
// of all receipts can be held against the balance and the whole ledger can be added up again.

import { expect, vi } from 'vitest';
import { embeddedDatabaseDir } from '../../src/host/data-dir.ts';
import { openPglite } from '../../src/db/pglite.ts';
import { proveLedger } from '../../src/ledger/balances.ts';
import type { Receipt } from '../../src/usage/receipts.ts';
import { type Bootstrapped, type Hub, runCli, startHub } from '../support/hub.ts';
import { type Asked, type Upstream, startUpstream } from '../support/upstream.ts';
import { type Quantities, expectedChargeNanos, nanosOf } from './oracle.ts';

/** The hub's own credentials at the stand-ins. */
export const PROVIDER_KEYS = {
  openai: 'provider-key-openai',
  anthropic: 'provider-key-anthropic',
  cohere: 'provider-key-cohere',
  voyage: 'provider-key-voyage',
  gemini: 'provider-key-gemini',
};

/** Headers that may leave the hub; anything else tells a provider of the customer. */
const MAY_LEAVE = new Set(
  [
    'accept accept-encoding authorization x-api-key connection content-length content-type host',
    'user-agent anthropic-version anthropic-beta x-goog-api-key',
  ].flatMap((line) => line.split(' ')),
);

interface Request {
  readonly receiptPath: string;
  readonly key: string;
  /** The length of the body as the client sent it. */
  readonly bytes: number;
}

export interface World {
  readonly hub: Hub;
  readonly rich: Bootstrapped;
  /** Five cents. */
  readonly thrifty: Bootstrapped;
  readonly poor: Bootstrapped;
  /** Cohere and Voyage are here too. */
  readonly openai: Upstream;
  readonly anthropic: Upstream;
  readonly gemini: Upstream;
  /** For SDKs and tests alike: fetch, remembered. */
  readonly fetch: typeof fetch;
  /** The newest request that left a receipt. */
  readonly last: () => Request;
  /** The receipt of the newest request, once it is there. */
  lastReceipt(): Promise<Receipt>;
  /** Stops everything; fails unless every amount of this world adds up to the last nano-dollar. */
  close(): Promise<void>;
}

/** `others`: stand-ins of further providers, by the ids of these; `env`: further settings. */
export async function openWorld(
  others: Readonly<Record<string, Upstream>> = {},
  env: Readonly<Record<string, string>> = {},
): Promise<World> {
  const [openai, anthropic, gemini] = await Promise.all([
    startUpstream(),
    startUpstream(),
    startUpstream(),
  ]);
  const hub = await startHub({
    env: {
      OPENAI_API_KEY: PROVIDER_KEYS.openai,
      OPENAI_BASE_URL: openai.baseUrl,
      ANTHROPIC_API_KEY: PROVIDER_KEYS.anthropic,
      ANTHROPIC_BASE_URL: anthropic.baseUrl,
      GEMINI_API_KEY: PROVIDER_KEYS.gemini,
      GEMINI_BASE_URL: gemini.baseUrl,
      COHERE_API_KEY: PROVIDER_KEYS.cohere,
      COHERE_BASE_URL: openai.baseUrl,
      VOYAGE_API_KEY: PROVIDER_KEYS.voyage,
      VOYAGE_BASE_URL: openai.baseUrl,
      ...Object.fromEntries(Object.entries(others).flatMap(settingsOf)),
      ...env,
    },
  });
  const rich = await hub.bootstrap('100');
  const thrifty = await addCustomer(hub, 'thrifty@example.com', '0.05');
  const poor = await addCustomer(hub, 'poor@example.com', '0');
  const requests: Request[] = [];
  const lastRequest = (): Request => {
    const request = requests.at(-1);
    if (!request) throw new Error('No request has left a receipt.');
    return request;
  };
  return {
    hub,
    rich,
    thrifty,
    poor,
    openai,
    anthropic,
    gemini,
    fetch: rememberingFetch(requests),
    last: lastRequest,
    lastReceipt: () => readReceipt(hub, lastRequest()),
    async close() {
      const keys = [rich, thrifty, poor].flatMap(({ liveKey, testKey }) => [liveKey, testKey]);
      const upstreams = [openai, anthropic, gemini, ...Object.values(others)];
      for (const { asked } of upstreams) {
        for (const { headers, path } of asked) expectClean(headers, path, keys);
      }
      for (const key of keys) await expectSum(hub, key, requests);
      expect(await hub.terminate()).toBe(0);
      await expectProvenLedger(hub);
      await Promise.all([...upstreams.map((upstream) => upstream.close()), hub.stop()]);
    },
  };
}

function settingsOf([id, { baseUrl }]: [string, Upstream]): [string, string][] {
  const prefix = id.toUpperCase();
  return [
    [`${prefix}_API_KEY`, `provider-key-${id}`],
    [`${prefix}_BASE_URL`, baseUrl],
  ];
}

async function addCustomer(hub: Hub, email: string, grantUsd: string): Promise<Bootstrapped> {
  const args = ['bootstrap', '--email', email, '--grant', grantUsd, '--force', '--json'];
  const { code, stdout, stderr } = await runCli(args, { DATA_DIR: hub.dataDir });
  if (code !== 0) throw new Error(`bootstrap failed: ${stderr}`);
  return JSON.parse(stdout) as Bootstrapped;
}

function rememberingFetch(requests: Request[]): typeof fetch {
  return async (input, init) => {
    const response = await fetch(input, init);
    const receiptPath = response.headers.get('x-inferencehub-receipt');
    const headers = new Headers(input instanceof Request ? input.headers : init?.headers);
    const bearer = headers.get('authorization')?.replace(/^Bearer /, '');
    const key = bearer ?? headers.get('x-api-key') ?? headers.get('x-goog-api-key') ?? '';
    const bytes = typeof init?.body === 'string' ? Buffer.byteLength(init.body) : 0;
    if (receiptPath !== null) requests.push({ receiptPath, key, bytes });
    return response;
  };
}

/** The record of a request whose client has left is written a moment after it. */
export async function readReceipt(
  hub: Hub,
  { receiptPath, key }: Omit<Request, 'bytes'>,
): Promise<Receipt> {
  return vi.waitFor(
    async () => {
      const headers = { authorization: `Bearer ${key}` };
      const response = await fetch(`${hub.baseUrl}${receiptPath}`, { headers });
      expect(response.status).toBe(200);
      return (await response.json()) as Receipt;
    },
    { timeout: 10_000, interval: 50 },
  );
}

/** Holds a receipt against what was spent: its lines, the price, and the entries in the ledger. */
export function expectCharge(receipt: Receipt, model: string, lines: Quantities): void {
  const found = receipt.lines.map((line) => [line.class, line.quantity]);
  expect(Object.fromEntries(found)).toEqual(lines);
  const charge = expectedChargeNanos(model, lines);
  expect(receipt).toMatchObject({
    modelServed: model,
    quarantined: false,
    costNanos: charge.toString(),
    chargeNanos: charge.toString(),
    ledger: { kind: 'settle' },
  });
  const amounts = receipt.ledger?.entries.map((entry) => entry.amountNanos);
  expect(amounts).toEqual([(-charge).toString(), charge.toString()]);
  expect(receipt.ledger?.entries[1]?.account).toBe(`${receipt.book}:revenue`);
}

/** A refusal costs nothing and moves nothing. */
export function expectNoCharge(receipt: Receipt, errorCode: string): void {
  expect(receipt).toMatchObject({ errorCode, chargeNanos: '0', ledger: null, lines: [] });
}

/** The provider sees the hub and nobody behind it. */
function expectClean(headers: Asked['headers'], path: string, keys: readonly string[]): void {
  expect(Object.keys(headers).filter((name) => !MAY_LEAVE.has(name))).toEqual([]);
  expect(headers['user-agent']).toBe('inferencehub');
  const values = [path, ...Object.values(headers)].flat().join('\n');
  for (const key of keys) expect(values).not.toContain(key);
}

async function expectSum(hub: Hub, key: string, requests: readonly Request[]): Promise<void> {
  const headers = { authorization: `Bearer ${key}` };
  const mine = requests.filter((request) => request.key === key);
  const receipts = await Promise.all(mine.map((request) => readReceipt(hub, request)));
  const charged = receipts.reduce((sum, receipt) => sum + BigInt(receipt.chargeNanos), 0n);
  const text = await (await fetch(`${hub.baseUrl}/v1/credits`, { headers })).text();
  // Read as text, because a float would hide the last digits.
  const used = /"total_usage":([\d.]+)/.exec(text)?.[1] ?? 'missing';
  expect(nanosOf(used)).toBe(charged);
}

async function expectProvenLedger(hub: Hub): Promise<void> {
  const database = await openPglite(embeddedDatabaseDir(hub.dataDir));
  try {
    expect(await proveLedger(database.sql)).toEqual({
      entriesSumNanos: 0n,
      driftedAccounts: 0,
      overdrawnAccounts: 0,
    });
  } finally {
    await database.close();
  }
}

/** Answers with these opening events and then says nothing more. */
export function answerUnfinished(events: readonly string[]): Upstream['answer'] {
  return async (response, { cancelled }) => {
    response.writeHead(200, { 'content-type': 'text/event-stream' });
    for (const event of events) response.write(event);
    await cancelled;
  };
}
