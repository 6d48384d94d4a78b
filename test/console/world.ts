// A console on a real port, and a browser-like client that keeps its cookie and sends its Origin.

import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { FastifyInstance } from 'fastify';
import { newId } from '../../src/base/ids.ts';
import type { Log, LogFields } from '../../src/base/log.ts';
import { isNameable, isProvider } from '../../src/catalog/catalog.ts';
import { proposalDesk } from '../../src/catalog/proposal-view.ts';
import { type Changes, createChanges } from '../../src/console/changes.ts';
import type { ModelsReply } from '../../src/console/contract.ts';
import type { ConsoleWiring, CredentialProvider } from '../../src/console/deps.ts';
import { createConsole } from '../../src/console/server.ts';
import type { Database, Sql } from '../../src/db/database.ts';
import { startDrain } from '../../src/journal/drain.ts';
import { openJournal } from '../../src/journal/journal.ts';
import { type OutboxMessage, openOutbox } from '../../src/mail/outbox.ts';
import { openKeyCache } from '../../src/keys/cache.ts';
import { createReconciler } from '../../src/reconcile/reconciler.ts';
import type { Vault } from '../../src/vault/seal.ts';
import { openTestDatabase } from '../support/open-database.ts';
import { PASSWORD, type TestClock, createTestClock } from '../identity/world.ts';

export interface TestConsole {
  readonly url: string;
  /** Its canonical address, which its pages are at. */
  readonly origin: string;
  readonly database: Database;
  readonly sql: Sql;
  readonly clock: TestClock;
  readonly changes: Changes;
  /** All that it serves. */
  readonly routes: { method: string; url: string }[];
  readonly logged: { event: string; fields: LogFields | undefined }[];
  /** What the next reads of usage drain first. */
  pendingUsage: (() => Promise<void>) | undefined;
  /** Puts a message into the outbox, as the sender would. */
  deliver(mailId: string, message: OutboxMessage): Promise<void>;
  close(): Promise<void>;
}

export const MODELS: ModelsReply['models'] = [
  {
    id: 'sandbox/echo',
    base: 'sandbox/echo',
    name: 'Echo',
    provider: 'sandbox',
    contextWindow: 32_000,
    maxOutputTokens: 4_096,
    input: ['text'],
    output: ['text'],
    capabilities: {
      tools: true,
      parallelTools: true,
      structuredOutput: 'schema',
      reasoning: { style: 'none', efforts: [], optional: true },
      promptCaching: 'automatic',
      sampling: true,
      logprobs: false,
      citations: false,
    },
    dataPolicy: { trainsOnData: false, retentionDays: 0, zeroRetention: true },
    regions: ['local'],
    deprecationDate: null,
    prices: { inUncached: '100000000', outText: '400000000' },
    markupBps: 0,
    sandbox: true,
  },
];

const KEEP_ALIVE_MS = 40;

export async function openConsole(
  kind: Database['kind'],
  publicUrl?: string,
  vault?: Vault,
  credentialProviders: readonly CredentialProvider[] = [{ id: 'openai', name: 'OpenAI' }],
  wired: Partial<ConsoleWiring> = {},
): Promise<TestConsole> {
  const { database, drop } = await openTestDatabase(kind);
  const clock = createTestClock();
  const changes = createChanges();
  const logged: TestConsole['logged'] = [];
  let url = publicUrl ?? '';
  const log: Log = {
    info: () => undefined,
    warn: () => undefined,
    error: (event, fields) => logged.push({ event, fields }),
  };
  const folder = await mkdtemp(join(tmpdir(), 'hub-console-'));
  const journal = await openJournal(folder);
  const outbox = openOutbox(join(folder, 'outbox'));
  const drain = startDrain(database, journal, newId('node', 0), clock, {
    drained: () => undefined,
    trouble: (what) => log.error(what),
    stalled: () => log.error('drain_stalled'),
  });
  const keys = await openKeyCache(database, clock);
  const app: FastifyInstance = createConsole({
    database,
    clock,
    changes,
    log,
    keys,
    reconciler: createReconciler({ database, clock, log, freeProviders: [], processors: [] }),
    journal: drain,
    proposals: proposalDesk(database.sql, clock),
    mailbox: { transport: 'outbox', read: outbox.read },
    trustedProxies: ['127.0.0.1'],
    publicUrl: () => url,
    version: '1.2.3',
    sandbox: true,
    models: () => MODELS,
    nameable: { isModel: isNameable, isProvider },
    vault,
    credentialVault: vault,
    credentialProviders,
    signUp: true,
    google: undefined,
    byokFeeBps: 500,
    async flushUsage() {
      const pending = opened.pendingUsage;
      opened.pendingUsage = undefined;
      await pending?.();
    },
    keepAliveMs: KEEP_ALIVE_MS,
    ...wired,
  });
  const routes: TestConsole['routes'] = [];
  app.addHook('onRoute', ({ method, url: path }) => {
    for (const one of [method].flat()) routes.push({ method: one, url: path });
  });
  const listening = await app.listen({ host: '127.0.0.1', port: 0 });
  url ||= listening;
  const close = async (): Promise<void> => {
    await app.close();
    await keys.close();
    await drain.close();
    await journal.close();
    await rm(folder, { recursive: true });
    await drop();
  };
  const opened: TestConsole = {
    url: listening,
    origin: url,
    database,
    sql: database.sql,
    clock,
    changes,
    routes,
    logged,
    pendingUsage: undefined,
    deliver(id, { subject, text }) {
      const message = { id, messageId: `<${id}>`, from: 'hub', to: 'x', subject, text, html: '' };
      return outbox.send(message, new AbortController().signal);
    },
    close,
  };
  return opened;
}

export interface Answer {
  readonly status: number;
  readonly headers: Headers;
  // Bodies are compared as a whole or field by field; their shape is what the tests are about.
  readonly body: Record<string, unknown>;
}

export interface Browser {
  /** The Cookie header as it stands; empty when signed out. */
  cookie: string;
  get(path: string, headers?: Record<string, string>): Promise<Answer>;
  post(path: string, body: unknown, headers?: Record<string, string>): Promise<Answer>;
  put(path: string, body: unknown): Promise<Answer>;
  patch(path: string, body: unknown): Promise<Answer>;
  delete(path: string): Promise<Answer>;
}

/** Its pages are at `origin`, wherever its server is. */
export function openBrowser(url: string, origin = url): Browser {
  const browser: Browser = {
    cookie: '',
    get: (path, headers = {}) => send('GET', path, undefined, headers),
    post: (path, body, headers = {}) => send('POST', path, body, { origin, ...headers }),
    put: (path, body) => send('PUT', path, body, { origin }),
    patch: (path, body) => send('PATCH', path, body, { origin }),
    delete: (path) => send('DELETE', path, undefined, { origin }),
  };
  async function send(
    method: string,
    path: string,
    body: unknown,
    extra: Record<string, string>,
  ): Promise<Answer> {
    const headers = new Headers(extra);
    if (browser.cookie !== '') headers.set('cookie', browser.cookie);
    if (body !== undefined && !headers.has('content-type')) {
      headers.set('content-type', 'application/json');
    }
    const response = await fetch(`${url}/api/v1${path}`, {
      method,
      headers,
      redirect: 'manual',
      ...(body === undefined
        ? {}
        : { body: typeof body === 'string' ? body : JSON.stringify(body) }),
    });
    const [set] = response.headers.getSetCookie();
    if (set !== undefined) browser.cookie = /Max-Age=0/.test(set) ? '' : (set.split(';')[0] ?? '');
    const text = await response.text();
    const json = text === '' ? {} : (JSON.parse(text) as Record<string, unknown>);
    return { status: response.status, headers: response.headers, body: json };
  }
  return browser;
}

/** A browser in which this person has signed in. */
export async function signInAs(hub: TestConsole, email: string): Promise<Browser> {
  const browser = openBrowser(hub.url, hub.origin);
  const { status } = await browser.post('/sign-in', { email, password: PASSWORD });
  if (status !== 200) throw new Error(`signing in failed with ${status}`);
  return browser;
}

/** The code and the field of a failure in the contract's shape. */
export function failureOf(answer: Answer): { status: number; code: unknown; param: unknown } {
  const error = answer.body['error'] as Record<string, unknown> | undefined;
  return { status: answer.status, code: error?.['code'], param: error?.['param'] ?? null };
}
