// What the files of the console's resources are given: the app that they add their routes to, and
// what the console got when it was wired. Everything else they import.

import type {
  FastifyBaseLogger,
  FastifyInstance,
  RawReplyDefaultExpression,
  RawRequestDefaultExpression,
  RawServerDefault,
} from 'fastify';
import type { ZodTypeProvider } from 'fastify-type-provider-zod';
import type { Clock } from '../base/clock.ts';
import type { Log } from '../base/log.ts';
import type { Siblings } from '../base/siblings.ts';
import type { Database } from '../db/database.ts';
import type { GoogleClientSettings } from '../identity/google-client.ts';
import type { KeyCache } from '../keys/cache.ts';
import type { Reconciler } from '../reconcile/reconciler.ts';
import type { Vault } from '../vault/seal.ts';
import type { Attempts } from './attempts.ts';
import type { Changes } from './changes.ts';
import type { CredentialCheckReply } from './contract-credentials.ts';
import type { PriceProposal, ReconciliationReply } from './contract-operator.ts';
import type { ModelsReply } from './contract.ts';

/** A fastify app whose handlers know the types of their schemas. */
export type ConsoleApp = FastifyInstance<
  RawServerDefault,
  RawRequestDefaultExpression,
  RawReplyDefaultExpression,
  FastifyBaseLogger,
  ZodTypeProvider
>;

/** What of the hub's journals waits for a person, and the second try of what the database refused. */
export interface JournalDesk {
  troubles(): Promise<ReconciliationReply['journal']>;
  /** Returns how many records there were. */
  retryRefused(): Promise<number>;
}

/** Prices that a feed proposes, and the decisions about them. */
export interface ProposalDesk {
  list(): Promise<readonly Readonly<PriceProposal>[]>;
  /** Throws `not_found` for what does not wait, `conflict` for what the checks refuse. */
  decide(order: {
    readonly id: string;
    readonly decision: 'approved' | 'rejected';
    readonly acceptJump: boolean;
    readonly decidedBy: string;
  }): Promise<{ readonly version: string | null }>;
}

/** Where messages go, and those of them that lie on this machine. */
export interface Mailbox {
  readonly transport: 'smtp' | 'outbox';
  /** Undefined for what is not here. */
  read(mailId: string): Promise<{ readonly subject: string; readonly text: string } | undefined>;
}

export interface CredentialProvider {
  readonly id: string;
  readonly name: string;
  /** Asks it whether it accepts a credential, which costs nothing; undefined where nothing tells. */
  readonly check?: ((secret: string) => Promise<CredentialCheckReply>) | undefined;
}

/** What the wiring gives. */
export interface ConsoleWiring {
  readonly database: Database;
  readonly clock: Clock;
  readonly log: Log;
  readonly changes: Changes;
  /** The other processes of this hub, where it has several. */
  readonly siblings?: Siblings;
  /** Of those who ask with an API key instead of a session. */
  readonly keys: KeyCache;
  readonly reconciler: Reconciler;
  readonly journal: JournalDesk;
  readonly proposals: ProposalDesk;
  readonly mailbox: Mailbox;
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
  /** What the limits of a key may name: ids of models, or `provider/*`, and ids of providers. */
  readonly nameable: { isModel(id: string): boolean; isProvider(id: string): boolean };
  /** Seals the secrets of authenticator apps; undefined where there is no key for it. */
  readonly vault: Vault | undefined;
  /** Seals customers' own credentials; undefined where the operator set no key for it. */
  readonly credentialVault: Vault | undefined;
  /** Whether people may make accounts themselves. */
  readonly signUp: boolean;
  /** The hub as a client of Google's; undefined where nobody signs in with it. */
  readonly google: GoogleClientSettings | undefined;
  /** Those at which customers may have credentials of their own. */
  readonly credentialProviders: readonly CredentialProvider[];
  /** What is taken for an answer by one, in basis points of the list price. */
  readonly byokFeeBps: number;
  /** Drains the usage journal; resolves after a moment all the same, so that no page is held up. */
  flushUsage(): Promise<void>;
  /** How often an open event stream proves that it lives, and that its reader may still read. */
  readonly keepAliveMs?: number;
}

/** And what the console's files share beyond it. */
export interface ConsoleDeps extends ConsoleWiring {
  /** Of guessing: passwords, codes, and whatever else is found by trying. */
  readonly attempts: Attempts;
}
