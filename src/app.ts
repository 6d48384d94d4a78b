// The only file that wires rooms together: opens each in the order in which they need each other;
// what was opened is closed in the opposite order. Nothing here decides anything about a request.

import { fileURLToPath } from 'node:url';
import { systemClock } from './base/clock.ts';
import { waitAtMost } from './base/deadline.ts';
import type { HubError } from './base/errors.ts';
import { newId } from './base/ids.ts';
import { type Log, framesOf } from './base/log.ts';
import { type Catalog, openCatalog } from './catalog/catalog.ts';
import { recordPrices } from './catalog/price-store.ts';
import { tierFor } from './catalog/price.ts';
import type { Config } from './config.ts';
import { type Changes, createChanges } from './console/changes.ts';
import type { ModelsReply } from './console/contract.ts';
import { createConsole } from './console/server.ts';
import { lockDataDir, nodeId } from './host/data-dir.ts';
import { type Database, sqlState } from './db/database.ts';
import { createGateway } from './gateway/handle.ts';
import { openUpstreams } from './gateway/upstream.ts';
import { httpUrl, listen } from './http/server.ts';
import { addPages } from './http/static.ts';
import { type Drain, startDrain } from './journal/drain.ts';
import { type Journal, openJournal } from './journal/journal.ts';
import { openKeyCache } from './keys/cache.ts';
import { returnAllLeases } from './ledger/leases.ts';
import { type Wallets, openWallets } from './ledger/wallets.ts';
import type { ProviderSettings } from './providers/provider.ts';
import { startSandbox } from './sandbox/server.ts';
import { journalDir, openStorage } from './host/storage.ts';

/** Where the web part is built to. */
const WEB_FOLDER = new URL('../dist/web/', import.meta.url);
/** How long answers that run may go on after the stop was asked for. */
const STOP_GRACE_MS = 25_000;
/** How long a stop waits for a database that says nothing; the next start mends what is left. */
const CLOSE_MS = 5_000;
/** How long a request waits for the journal to be drained before it is told what is there. */
const FLUSH_MS = 2_000;

export interface Hub {
  /** Origin and path under which the hub is reached, without a slash at the end. */
  readonly publicUrl: string;
  readonly database: Database;
  /** Lets running answers end, books everything, gives leases back. */
  stop(): Promise<void>;
}

/** Starts a hub that serves when this resolves; a failure leaves nothing open. */
export async function startHub(config: Config, version: string, log: Log): Promise<Hub> {
  await using opened = new AsyncDisposableStack();
  const clock = systemClock;
  opened.adopt(lockDataDir(config.dataDir), (lock) => lock.release());
  const database = opened.adopt(await openStorage(config), (open) =>
    waitAtMost(CLOSE_MS, open.close()),
  );

  const catalog = openCatalog(await withSandbox(config, opened));
  await recordPrices(database.sql, catalog.models);
  const changes = createChanges();
  const { journal, drain, wallets } = await openMoney(config, database, changes, log, opened);
  const flushUsage = (): Promise<void> => waitAtMost(FLUSH_MS, drain.flush());

  const keys = opened.adopt(await openKeyCache(database, clock), (cache) => cache.close());
  const upstreams = openUpstreams(config.upstreamTimeoutMs);
  opened.defer(() => upstreams.close());
  const gateway = createGateway({
    ...config,
    catalog,
    clock,
    journal,
    keys,
    log: {
      failed: (requestId, error) => log.warn('request_failed', { requestId, ...describe(error) }),
    },
    sql: database.sql,
    upstreams,
    wallets,
    flushUsage,
  });

  let publicUrl = config.publicUrl ?? '';
  const consoleApp = createConsole({
    ...config,
    database,
    clock,
    changes,
    version,
    log,
    publicUrl: () => publicUrl,
    models: () => listForPages(catalog),
    flushUsage,
  });
  addPages(consoleApp, fileURLToPath(WEB_FOLDER));
  await consoleApp.ready();

  const { host, port } = config;
  const handlers = { gateway, pages: consoleApp.routing };
  const listening = await listen({ host, port, handlers });
  opened.defer(() => listening.close(STOP_GRACE_MS));
  // First of all when stopping: pages keep event streams open, for which the socket would wait.
  opened.defer(() => consoleApp.close());
  publicUrl ||= httpUrl(host, listening.port);
  const stack = opened.move();
  return { publicUrl, database, stop: () => stack.disposeAsync() };
}

/** The providers that are on, the sandbox with the address that its own server got. */
async function withSandbox(
  config: Config,
  opened: AsyncDisposableStack,
): Promise<ReadonlyMap<string, ProviderSettings>> {
  if (!config.sandbox) return config.providers;
  const sandbox = opened.adopt(await startSandbox(), (server) => server.close());
  const settings = { baseUrl: sandbox.baseUrl, apiKey: undefined, privateNetwork: true };
  return new Map([['sandbox', settings], ...config.providers]);
}

interface Money {
  readonly journal: Journal;
  readonly drain: Drain;
  readonly wallets: Wallets;
}

/** Journal, drain and leases; what a crash left behind is booked and freed before anything serves. */
async function openMoney(
  config: Config,
  database: Database,
  changes: Changes,
  log: Log,
  opened: AsyncDisposableStack,
): Promise<Money> {
  const node = nodeId(config.dataDir, systemClock.wallMs());
  const journal = opened.adopt(await openJournal(journalDir(config.dataDir)), (open) =>
    open.close(),
  );
  const wallets = openWallets(database.sql, node, systemClock);
  opened.defer(() => waitAtMost(CLOSE_MS, wallets.close()));
  const drain = startDrain(database, journal, node, systemClock, {
    drained: (workspaceIds) => {
      for (const workspaceId of workspaceIds) changes.notify(workspaceId, 'activity');
    },
    trouble: (what, where) => log.error(what, where),
    stalled: (error) =>
      log.error('drain_stalled', { sqlState: sqlState(error), frames: framesOf(error) }),
  });
  opened.defer(() => drain.close());
  await drain.flush();
  const now = systemClock.wallMs();
  await returnAllLeases(database.sql, node, newId('txn', now), now);
  return { journal, drain, wallets };
}

function listForPages(catalog: Catalog): ModelsReply['models'] {
  return catalog.models.map(({ id, name, provider, contextWindow, maxOutputTokens, price }) => {
    const rates = Object.entries(tierFor(price, 0).rates);
    const prices = Object.fromEntries(rates.map(([key, rate]) => [key, rate.toString()]));
    const sandbox = provider === 'sandbox';
    return { id, name, provider, contextWindow, maxOutputTokens, prices, sandbox };
  });
}

/** Only what nobody foresaw needs the places that it came from. */
function describe({ code, cause }: HubError) {
  return {
    code,
    sqlState: sqlState(cause),
    ...(code === 'internal' && { frames: framesOf(cause) }),
  };
}
