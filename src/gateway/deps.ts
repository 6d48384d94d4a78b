// What the gateway is given when it is wired; everything else it imports.

import type { Clock } from '../base/clock.ts';
import type { HubError } from '../base/errors.ts';
import type { Catalog } from '../catalog/catalog.ts';
import type { PriceWatch } from '../catalog/price-watch.ts';
import type { Sql } from '../db/database.ts';
import type { Journal } from '../journal/journal.ts';
import type { KeyCache } from '../keys/cache.ts';
import type { KeyMeters } from '../keys/meters.ts';
import type { Wallets } from '../ledger/wallets.ts';
import type { BodyRoom } from './body-room.ts';
import type { Accounts } from '../routing/accounts.ts';
import type { Health } from '../routing/health.ts';
import type { KeepAlives } from './keep-alive.ts';
import type { CredentialBook } from '../vault/book.ts';
import type { Upstreams } from '../upstream/port.ts';

export interface GatewayDeps {
  readonly catalog: Catalog;
  readonly clock: Clock;
  readonly health: Health;
  /** What of the hub's accounts is in use. */
  readonly accounts: Accounts;
  readonly journal: Journal;
  readonly keys: KeyCache;
  readonly keyMeters: KeyMeters;
  readonly credentials: Pick<CredentialBook, 'of'>;
  /** What is taken for an answer by a customer's own credential, in basis points of the list price. */
  readonly byokFeeBps: number;
  readonly prices: Pick<PriceWatch, 'book'>;
  readonly log: GatewayLog;
  readonly sql: Sql;
  readonly upstreams: Upstreams;
  readonly wallets: Wallets;
  readonly trustedProxies: readonly string[];
  readonly maxBodyBytes: number;
  readonly bodyRoom: BodyRoom;
  readonly keepAlives: KeepAlives;
  /** Whether real money comes in, so that sandbox models answer test keys only. */
  readonly livePayments: boolean;
  /** Drains the journal, so that what has just been answered can be read; bounded in time. */
  flushUsage(): Promise<void>;
}

export interface GatewayLog {
  /** A request that failed by our or a provider's fault; only ids and codes are written. */
  failed(requestId: string, error: HubError): void;
}
