// What the command line does to a hub, whether it runs or not: the running hub does it itself when
// asked over its control listener, else the command opens the database and does it alone.

import type { Clock } from '../base/clock.ts';
import { HubError } from '../base/errors.ts';
import { type Sql, inTransaction } from '../db/database.ts';
import { type Bootstrapped, bootstrap } from '../identity/first-operator.ts';
import { NOBODY, createLink } from '../identity/links.ts';
import { findFirstOperator, findPersonByEmail } from '../identity/people.ts';
import { type PriceCommands, priceCommands } from './price-commands.ts';

export interface BootstrapRequest {
  readonly email: string;
  /** Nano-dollars as decimal text (JSON has no bigint). */
  readonly grantNanos: string;
  readonly force: boolean;
}

export interface BootstrapReply extends Bootstrapped {
  readonly baseUrl: string;
}

export interface LinkRequest {
  /** Whose; without it the first operator's. */
  readonly email?: string | undefined;
}

export interface LinkReply {
  readonly url: string;
  /** Null for the welcome link, which is for whoever opens it. */
  readonly email: string | null;
}

export interface HubCommands extends PriceCommands {
  /** Makes an operator with workspace, balances and keys; throws `conflict`. */
  bootstrap(request: BootstrapRequest): Promise<BootstrapReply>;
  /** A one-time link: sign-in for an operator, or the welcome while there is none. */
  link(request: LinkRequest): Promise<LinkReply>;
}

/** `baseUrl` is asked at each command: a hub knows its port only once it listens. */
export function hubCommands(sql: Sql, clock: Clock, baseUrl: () => string): HubCommands {
  return {
    async bootstrap({ email, grantNanos, force }) {
      const order = { email, grantNanos: BigInt(grantNanos), force };
      return { baseUrl: baseUrl(), ...(await bootstrap(sql, order, clock)) };
    },
    link: ({ email }) => createOperatorLink(sql, clock, baseUrl(), email),
    ...priceCommands(sql, clock),
  };
}

/** The link that the hub prints at its start, or undefined once it has an operator. */
export async function createWelcomeLink(
  sql: Sql,
  clock: Clock,
  baseUrl: string,
): Promise<string | undefined> {
  if (await findFirstOperator(sql)) return undefined;
  const wallMs = clock.wallMs();
  const token = await inTransaction(sql, (tx) => createLink(tx, 'first_operator', NOBODY, wallMs));
  return `${baseUrl}/welcome#${token}`;
}

async function createOperatorLink(
  sql: Sql,
  clock: Clock,
  baseUrl: string,
  email: string | undefined,
): Promise<LinkReply> {
  if (email === undefined) {
    const url = await createWelcomeLink(sql, clock, baseUrl);
    if (url !== undefined) return { url, email: null };
  }
  const person =
    email === undefined ? await findFirstOperator(sql) : await findPersonByEmail(sql, email);
  if (!person?.isOperator) {
    throw new HubError('not_found', { message: 'No operator of this hub has that address.' });
  }
  const wallMs = clock.wallMs();
  const token = await inTransaction(sql, (tx) =>
    createLink(tx, 'sign_in', { ...NOBODY, personId: person.id }, wallMs),
  );
  return { url: `${baseUrl}/sign-in#${token}`, email: person.email };
}
