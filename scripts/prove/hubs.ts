// The hubs of one run: processes on one database with the provider's stand-in behind them. A seat is
// where a hub sits: its folder, its way to the database; the process on it dies and comes back.

import { Agent } from 'undici';
import type { Database, Sql } from '../../src/db/database.ts';
import { type Customer, makeCustomer, providersAt, withDatabase } from '../../test/faults/world.ts';
import { createDatabaseUrl } from '../../test/support/databases.ts';
import { type Hub, startHub } from '../../test/support/hub.ts';
import { type StandIn, startStandIn } from './stand-in.ts';

export interface Seat {
  readonly index: number;
  /** The process that sits here, once it serves; rejects where none could be started. */
  ready(): Promise<Hub>;
  /** The process of the moment, though it may be dying. */
  hub(): Hub;
  /** Ends it with SIGKILL; whoever asks for it waits for the next one. */
  kill(): Promise<void>;
  /** Ends it with SIGTERM; resolves with the exit code. */
  terminate(): Promise<number | null>;
  /** Starts a process on the same folder. */
  restart(): Promise<void>;
}

export interface Hubs {
  readonly seats: readonly Seat[];
  readonly standIn: StandIn;
  /** What clients reach the hubs through. */
  readonly agent: Agent;
  customer(grantNanos: bigint, seat?: number): Promise<Customer>;
  /** On the embedded database only once no hub runs. */
  query<T>(work: (sql: Sql) => Promise<T>): Promise<T>;
  /** Stops whatever runs and removes everything. */
  close(): Promise<void>;
}

export interface HubsOptions {
  readonly kind: Database['kind'];
  readonly count: number;
  readonly env?: Readonly<Record<string, string>>;
  /** A PostgreSQL database that is there already, instead of one of their own. */
  readonly url?: string;
  /** How each seat reaches the database. */
  readonly route?: (url: string, seat: number) => Promise<string>;
}

export async function openHubs(options: HubsOptions): Promise<Hubs> {
  await using opened = new AsyncDisposableStack();
  const standIn = await startStandIn();
  opened.defer(() => standIn.upstream.close());
  const url = options.kind === 'pglite' ? undefined : await openDatabase(options, opened);
  const seats: Seat[] = [];
  for (let index = 0; index < options.count; index++) {
    const env = {
      ...providersAt(standIn.upstream.baseUrl),
      SANDBOX: 'off',
      ...options.env,
      ...(url && { DATABASE_URL: (await options.route?.(url, index)) ?? url }),
    };
    seats.push(await openSeat(index, env, opened));
  }
  const agent = opened.adopt(
    new Agent({ headersTimeout: 120_000, bodyTimeout: 120_000, keepAliveTimeout: 30_000 }),
    (open) => open.destroy(),
  );
  const stack = opened.move();
  return {
    seats,
    standIn,
    agent,
    customer: (grantNanos, seat = 0) => makeCustomer(seats[seat]!.hub(), grantNanos),
    query: (work) => withDatabase(seats[0]!.hub().dataDir, url, work),
    close: () => stack.disposeAsync(),
  };
}

async function openDatabase(options: HubsOptions, opened: AsyncDisposableStack): Promise<string> {
  if (options.url !== undefined) return options.url;
  const { url, drop } = await createDatabaseUrl();
  opened.defer(drop);
  return url;
}

async function openSeat(
  index: number,
  env: Readonly<Record<string, string>>,
  opened: AsyncDisposableStack,
): Promise<Seat> {
  const first = await startHub({ env });
  // Only the first stop removes the folder; it is deferred first, so it comes last.
  opened.defer(() => first.stop());
  const { dataDir } = first;
  let hub = first;
  let next = Promise.withResolvers<Hub>();
  next.resolve(first);
  opened.defer(() => hub.stop());
  const leave = (): void => {
    next = Promise.withResolvers<Hub>();
    next.promise.catch(() => undefined);
  };
  return {
    index,
    ready: () => next.promise,
    hub: () => hub,
    kill() {
      leave();
      return hub.kill();
    },
    terminate() {
      leave();
      return hub.terminate();
    },
    async restart() {
      try {
        hub = await startHub({ env, dataDir });
        next.resolve(hub);
      } catch (error) {
        next.reject(error);
        throw error;
      }
    },
  };
}
