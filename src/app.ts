// The only file that wires rooms together: opens each in the order in which they need each other;
// what was opened is closed in the opposite order. Nothing here decides anything about a request.

import type { Server } from 'node:http';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { systemClock } from './base/clock.ts';
import { waitAtMost } from './base/deadline.ts';
import type { HubError } from './base/errors.ts';
import { type Log, framesOf } from './base/log.ts';
import type { Siblings } from './base/siblings.ts';
import { builtInPrices, openCatalog } from './catalog/catalog.ts';
import { publishPrices } from './catalog/price-store.ts';
import { type PriceWatch, watchPrices } from './catalog/price-watch.ts';
import { proposalDesk } from './catalog/proposal-view.ts';
import { shopWindow } from './catalog/public-list.ts';
import type { Config } from './config.ts';
import { type Changes, createChanges } from './console/changes.ts';
import { createConsole } from './console/server.ts';
import { nodeId, waitForDataDir } from './host/data-dir.ts';
import { openSecrets } from './host/secrets.ts';
import { DYING_MS, type Place, onlyPlace } from './host/seats.ts';
import { type Database, sqlState } from './db/database.ts';
import { openDoor } from './door/door.ts';
import { openBodyRoom } from './gateway/body-room.ts';
import type { GatewayDeps, GatewayLog } from './gateway/deps.ts';
import { createGateway, isInference } from './gateway/handle.ts';
import { openKeepAlives } from './gateway/keep-alive.ts';
import type { InboundHandler } from './http/inbound.ts';
import { httpUrl, listen } from './http/server.ts';
import { addPages } from './http/static.ts';
import { makeMailLink } from './identity/mail-links.ts';
import { forgetKeysJob } from './jobs/forget-keys.ts';
import { forgetMailsJob } from './jobs/forget-mails.ts';
import { reconcileJob } from './jobs/reconcile.ts';
import { refreshPricesJob } from './jobs/refresh-prices.ts';
import { startScheduler } from './jobs/scheduler.ts';
import { warnBudgetsJob } from './jobs/warn-budgets.ts';
import { warnLowBalanceJob } from './jobs/warn-low-balance.ts';
import { openDesk } from './journal/desk.ts';
import { type Drain, type DrainEvents, startDrain } from './journal/drain.ts';
import { startDrainThread } from './journal/drain-thread.ts';
import { bookFormerNode } from './journal/former.ts';
import { type Journal, openJournal } from './journal/journal.ts';
import { openKeyCache } from './keys/cache.ts';
import { createKeyMeters } from './keys/meters.ts';
import { openBank } from './ledger/bank.ts';
import { endRunsOf } from './ledger/runs.ts';
import { keepTending } from './ledger/tending.ts';
import { type Wallets, openWallets } from './ledger/wallets.ts';
import { type Mail, openMail } from './mail/open.ts';
import type { ProviderSettings } from './providers/provider.ts';
import { PROVIDERS } from './providers/list.ts';
import { type Reconciler, createReconciler } from './reconcile/reconciler.ts';
import { startSandbox } from './sandbox/server.ts';
import { journalDir, openStorage } from './host/storage.ts';
import { checkKey } from './upstream/check-key.ts';
import { watchAccounts } from './routing/accounts.ts';
import { watchHealth } from './routing/health.ts';
import { withGoogleOauth } from './upstream/google-oauth.ts';
import type { Upstreams } from './upstream/port.ts';
import { openRawUpstreams } from './upstream/raw.ts';
import { openStandardUpstreams } from './upstream/standard.ts';

/** Where the web part is built to. */
const WEB_FOLDER = new URL('../dist/web/', import.meta.url);
/** How long answers that run may go on after the stop was asked for. */
const STOP_GRACE_MS = 25_000;
/** How long a stop waits for a database that says nothing; the next start mends what is left. */
const CLOSE_MS = 5_000;
/** How long a request waits for the journal to be drained before it is told what is there. */
const FLUSH_MS = 2_000;
/** What the processes of a hub tell each other for it. */
const FLUSH = 'journal.flush';

export interface Hub {
  /** Origin and path under which the hub is reached, without a slash at the end. */
  readonly publicUrl: string;
  readonly database: Database;
  /** Lets running answers end, books everything, gives leases back. */
  stop(): Promise<void>;
}

/** Starts one node of a hub, which serves when this resolves; a failure leaves nothing open. */
export async function startHub(
  config: Config,
  version: string,
  log: Log,
  place: Place = onlyPlace(config),
): Promise<Hub> {
  await using opened = new AsyncDisposableStack();
  const { siblings } = place;
  await holdFolder(config.dataDir, place.lockWaitMs, opened);
  const database = opened.adopt(await openStorage(config), (open) =>
    waitAtMost(CLOSE_MS, open.close()),
  );

  const catalog = openCatalog(await withSandbox(config, opened));
  const prices = opened.adopt(await openPrices(database, log), (watch) => watch.close());
  const changes = createChanges(siblings);
  const events = drainEvents(changes, log);
  await bookFormerNodes(place, database, events);
  const { journal, drain, wallets } = await openMoney(config, database, events, log, opened);
  const flushUsage = flushOf(drain, siblings);

  const callers = await openCallers(database, siblings, opened);
  const secrets = await openSecrets(config, database, log, opened);
  const gateway = createGateway({
    ...config,
    bodyRoom: openBodyRoom(config.bodyMemoryBytes),
    catalog,
    clock: systemClock,
    ...watchOffers(),
    journal,
    keepAlives: opened.adopt(openKeepAlives(config.keepAliveMs), (open) => open.close()),
    ...callers,
    credentials: secrets.credentials,
    prices,
    log: gatewayLog(log),
    sql: database.sql,
    upstreams: openUpstreams(config, opened),
    wallets,
    flushUsage,
  });

  let publicUrl = config.publicUrl ?? '';
  const mail = opened.adopt(mailOf(config, place, database, log), (open) => open.close());
  const consoleApp = createConsole({
    ...config,
    database,
    clock: systemClock,
    changes,
    siblings,
    keys: callers.keys,
    reconciler: openReconciler(config, database, log, opened),
    proposals: proposalDesk(database.sql, systemClock),
    mailbox: mail,
    journal: openDesk(drain, journalsOf(place), siblings),
    version,
    log,
    publicUrl: () => publicUrl,
    ...shopWindow(catalog, prices, systemClock),
    ...secrets,
    credentialProviders: providersWithKeys(config),
    flushUsage,
  });
  addPages(consoleApp, fileURLToPath(WEB_FOLDER));
  await consoleApp.ready();

  const handlers = { gateway, pages: consoleApp.routing };
  const listening = await listen({ ...config, handlers, openDoor: doorFor(config, gateway) });
  opened.defer(() => listening.close(STOP_GRACE_MS));
  // First of all when stopping: pages keep event streams open, for which the socket would wait.
  opened.defer(() => consoleApp.close());
  publicUrl ||= httpUrl(config.host, listening.port);
  await mail.start(publicUrl);
  const stack = opened.move();
  return { publicUrl, database, stop: () => stack.disposeAsync() };
}

function mailOf(config: Config, { hubDir }: Place, database: Database, log: Log): Mail {
  const folder = join(hubDir, 'outbox');
  return openMail({ ...config, folder, database, clock: systemClock, log, makeLink: makeMailLink });
}

/** Who calls, and how much of their own limits they are using. */
async function openCallers(
  database: Database,
  siblings: Siblings,
  opened: AsyncDisposableStack,
): Promise<Pick<GatewayDeps, 'keys' | 'keyMeters'>> {
  const cache = await openKeyCache(database, systemClock);
  const keys = opened.adopt(cache, (open) => open.close());
  const meters = createKeyMeters(systemClock, siblings);
  return { keys, keyMeters: opened.adopt(meters, (open) => open.close()) };
}

/** How the offers are doing, and what of the accounts is in use. */
function watchOffers(): Pick<GatewayDeps, 'health' | 'accounts'> {
  const clock = systemClock;
  return { health: watchHealth(clock), accounts: watchAccounts(clock) };
}

/** Those at which customers can have credentials of their own: on, and asked with a plain key. */
function providersWithKeys({ providers }: Config) {
  return PROVIDERS.flatMap((provider) => {
    const { id, name, auth, keyCheckPath } = provider;
    const settings = providers.get(id);
    if (auth === 'none' || auth === 'google-oauth' || !settings) return [];
    const check =
      keyCheckPath === undefined
        ? undefined
        : (credential: string) => checkKey(provider, { ...settings, credential }, keyCheckPath);
    return [{ id, name, check }];
  });
}

function openUpstreams(
  { upstreamClient, upstreamTimeoutMs }: Config,
  opened: AsyncDisposableStack,
): Upstreams {
  const open = upstreamClient === 'raw' ? openRawUpstreams : openStandardUpstreams;
  const upstreams = withGoogleOauth(open(upstreamTimeoutMs), systemClock);
  return opened.adopt(upstreams, (adopted) => adopted.close());
}

/** The fast door of the gateway, where the settings have it. */
function doorFor({ fastDoor }: Config, serve: InboundHandler) {
  if (!fastDoor) return undefined;
  return (server: Server) => openDoor({ server, isHot: isInference, serve });
}

/** The proofs of the books, daily and on demand. A provider that takes no key sends no invoice. */
function openReconciler(
  { priceFeedFile }: Config,
  database: Database,
  log: Log,
  opened: AsyncDisposableStack,
): Reconciler {
  const clock = systemClock;
  const freeProviders = PROVIDERS.filter(({ auth }) => auth === 'none').map(({ id }) => id);
  const reconciler = createReconciler({ database, clock, log, freeProviders, processors: [] });
  const { sql } = database;
  const jobs = [
    reconcileJob(reconciler),
    forgetKeysJob(sql),
    forgetMailsJob(sql),
    warnBudgetsJob(sql, clock),
    warnLowBalanceJob(sql, clock),
  ];
  if (priceFeedFile !== undefined) jobs.push(refreshPricesJob(sql, clock, priceFeedFile));
  opened.adopt(startScheduler({ sql, clock, log, jobs }), (scheduler) => scheduler.stop());
  return reconciler;
}

/** The providers that are on, the sandbox with the address that its own server got. */
async function withSandbox(
  config: Config,
  opened: AsyncDisposableStack,
): Promise<ReadonlyMap<string, ProviderSettings>> {
  if (!config.sandbox) return config.providers;
  const sandbox = opened.adopt(await startSandbox(), (server) => server.close());
  const settings = { baseUrl: sandbox.baseUrl, credential: undefined, privateNetwork: true };
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
  events: DrainEvents,
  log: Log,
  opened: AsyncDisposableStack,
): Promise<Money> {
  const node = nodeId(config.dataDir, systemClock.wallMs());
  const journal = opened.adopt(await openJournal(journalDir(config.dataDir)), (open) =>
    open.close(),
  );
  // The embedded database has a thread of its own already.
  const { databaseUrl } = config;
  const drain =
    databaseUrl === undefined
      ? startDrain(database, journal, node, systemClock, events)
      : startDrainThread(databaseUrl, journal, node, events);
  opened.defer(() => drain.close());
  // What an earlier life leased and did not spend is known once its journal is drained.
  await drain.flush();
  await endRunsOf(database.sql, node, systemClock.wallMs());
  const wallets = await openWallets({
    bank: openBank(database.sql, node, systemClock),
    clock: systemClock,
    lifeMs: config.nodeLeaseMs,
    onExpired: (runId) => log.warn('run_expired', { runId }),
  });
  opened.defer(() => waitAtMost(CLOSE_MS, endLife(database, node, drain, wallets)));
  const tending = await keepTending(wallets, database);
  opened.defer(() => waitAtMost(CLOSE_MS, tending.stop()));
  return { journal, drain, wallets };
}

/** What drains the journals of all processes of the hub, as far as that goes in a moment. */
function flushOf(drain: Drain, siblings: Siblings): () => Promise<void> {
  siblings.on(FLUSH, () => drain.flush());
  return () => waitAtMost(FLUSH_MS, Promise.all([drain.flush(), siblings.tell(FLUSH)]));
}

function drainEvents(changes: Changes, log: Log): DrainEvents {
  return {
    drained: (workspaceIds) => {
      for (const workspaceId of workspaceIds) changes.notify(workspaceId, 'activity');
    },
    trouble: (what, where) => log.error(what, where),
    stalled: (error) =>
      log.error('drain_stalled', { sqlState: sqlState(error), frames: framesOf(error) }),
  };
}

/** With another number of workers than before, some nodes have nobody else to book what they left. */
async function bookFormerNodes(
  { adoptedDirs, heldDir }: Place,
  database: Database,
  events: DrainEvents,
): Promise<void> {
  for (const dir of adoptedDirs) {
    await using held = new AsyncDisposableStack();
    if (dir !== heldDir) await holdFolder(dir, DYING_MS, held);
    const former = { nodeId: nodeId(dir, systemClock.wallMs()), folder: journalDir(dir) };
    await bookFormerNode(database, former, systemClock, events);
  }
}

async function holdFolder(
  dir: string,
  longestMs: number,
  opened: AsyncDisposableStack,
): Promise<void> {
  opened.adopt(await waitForDataDir(dir, longestMs), (lock) => lock.release());
}

function journalsOf({ siblingDirs, formerDirs }: Place) {
  return { siblings: siblingDirs.map(journalDir), former: formerDirs.map(journalDir) };
}

/** Everything goes back at once where all is booked; otherwise the next start does it. */
async function endLife(
  database: Database,
  node: string,
  drain: Drain,
  wallets: Wallets,
): Promise<void> {
  if (!(await drain.flush())) return;
  await wallets.close();
  await endRunsOf(database.sql, node, systemClock.wallMs());
}

/** The program's own prices join those that were published; a list that is refused changes nothing. */
async function openPrices(database: Database, log: Log): Promise<PriceWatch> {
  const order = { origin: 'builtin', list: builtInPrices(), acceptJumps: [] } as const;
  const { faults } = await publishPrices(database.sql, order, systemClock.wallMs());
  if (faults.length > 0) {
    log.error('prices_refused', { code: [...new Set(faults.map(({ code }) => code))].join(',') });
  }
  return watchPrices(database);
}

function gatewayLog(log: Log): GatewayLog {
  return {
    failed: (requestId, error) => log.warn('request_failed', { requestId, ...describe(error) }),
  };
}

/** Only what nobody foresaw needs the places that it came from. */
function describe({ code, cause }: HubError) {
  return {
    code,
    sqlState: sqlState(cause),
    ...(code === 'internal' && { frames: framesOf(cause) }),
  };
}
