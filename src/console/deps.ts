// What the console is given when it is wired; everything else it imports.

import type { Clock } from '../base/clock.ts';
import type { Log } from '../base/log.ts';
import type { Database } from '../db/database.ts';
import type { Changes } from './changes.ts';
import type { ModelsReply } from './contract.ts';

export interface ConsoleDeps {
  readonly database: Database;
  readonly clock: Clock;
  readonly log: Log;
  readonly changes: Changes;
  readonly trustedProxies: readonly string[];
  /**
   * Where people and clients reach the hub, without a slash at the end. Until the hub listens it is
   * known only where it is set: an https address always is.
   */
  publicUrl(): string;
  readonly version: string;
  readonly sandbox: boolean;
  /** The catalogue as the public pages show it. */
  models(): ModelsReply['models'];
  /** Drains the usage journal; the console waits for it no longer than a moment. */
  flushUsage(): Promise<void>;
  /** How often an open event stream proves that it lives, and that its reader may still read. */
  readonly keepAliveMs?: number;
}
