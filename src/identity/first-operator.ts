// How a hub gets its operator: by the welcome link in a browser, or by `inferencehub bootstrap` in
// a shell. Either happens in one transaction under one lock, so of two at once one wins and nothing
// half-made is left of the other.

import { sql as rawSql } from 'kysely';
import type { Clock } from '../base/clock.ts';
import { HubError } from '../base/errors.ts';
import type { Nanos } from '../base/money.ts';
import { type Sql, inTransaction } from '../db/database.ts';
import { createKey } from '../keys/manage.ts';
import { bookTransactions } from '../ledger/book.ts';
import { grant } from '../ledger/transactions.ts';
import { NOBODY, consumeLink, findLink, forgetLinks } from './links.ts';
import { openWorkspace } from './new-workspace.ts';
import { requireGoodPassword } from './password-policy.ts';
import { hashPassword } from './passwords.ts';
import {
  type Person,
  createPerson,
  findFirstOperator,
  findPersonByEmail,
  makeOperator,
} from './people.ts';
import { listWorkspaces } from './workspaces.ts';

const OPERATOR_LOCK = 7_261_003;

export interface WelcomeForm {
  readonly token: string;
  readonly name: string;
  readonly email: string;
  readonly password: string;
}

/**
 * Makes the first operator from the welcome link. Throws `link_invalid` when the link is unknown,
 * used or expired, `password_weak`, `conflict` when the hub has an operator or the address is taken.
 */
export async function welcome(sql: Sql, form: WelcomeForm, clock: Clock): Promise<Person> {
  const wallMs = clock.wallMs();
  // First, so that a stranger without a link cannot make the hub hash passwords.
  if (!(await findLink(sql, 'first_operator', form.token, wallMs))) {
    throw new HubError('link_invalid');
  }
  await requireGoodPassword(form.password, [form.name, form.email]);
  const passwordHash = await hashPassword(form.password);
  return inTransaction(sql, async (tx) => {
    await lockOperators(tx);
    const link = await consumeLink(tx, 'first_operator', form.token, wallMs);
    if (!link) throw new HubError('link_invalid');
    await refuseSecondOperator(tx);
    const { name, email } = form;
    const operator = { name, email, passwordHash, isOperator: true, emailVerified: true };
    const person = await createPerson(tx, operator, wallMs);
    await openFor(tx, person, 0n, wallMs);
    return person;
  });
}

export interface BootstrapOrder {
  readonly email: string;
  /** The live balance to begin with; zero for none. */
  readonly grantNanos: Nanos;
  /** Go on although the hub has an operator. */
  readonly force: boolean;
}

export interface Bootstrapped {
  readonly email: string;
  readonly workspaceId: string;
  readonly liveKey: string;
  readonly testKey: string;
}

/**
 * Makes an operator with a workspace, balances and two keys, for scripts. Throws `conflict` when
 * the hub has an operator, unless `force`: then a known address gets a further workspace, another
 * address becomes a further operator.
 */
export function bootstrap(sql: Sql, order: BootstrapOrder, clock: Clock): Promise<Bootstrapped> {
  const wallMs = clock.wallMs();
  return inTransaction(sql, async (tx) => {
    await lockOperators(tx);
    if (!order.force) await refuseSecondOperator(tx);
    const known = await findPersonByEmail(tx, order.email);
    const person = known
      ? await makeOperator(tx, known, wallMs)
      : await createPerson(tx, operatorOf(order.email), wallMs);
    await forgetLinks(tx, 'first_operator', NOBODY);
    const workspaceId = await openFor(tx, person, order.grantNanos, wallMs);
    const of = { workspaceId, createdBy: person.id };
    const live = await createKey(tx, { ...of, name: 'Bootstrap, live', mode: 'live' }, wallMs);
    const test = await createKey(tx, { ...of, name: 'Bootstrap, test', mode: 'test' }, wallMs);
    return { email: person.email, workspaceId, liveKey: live.secret, testKey: test.secret };
  });
}

function operatorOf(email: string) {
  const name = email.split('@', 1)[0]?.slice(0, 120) || 'Operator';
  return { email, name, passwordHash: null, isOperator: true, emailVerified: true };
}

async function lockOperators(tx: Sql): Promise<void> {
  await rawSql`select pg_advisory_xact_lock(${OPERATOR_LOCK})`.execute(tx);
}

async function refuseSecondOperator(tx: Sql): Promise<void> {
  const operator = await findFirstOperator(tx);
  if (operator) throw new HubError('conflict', { message: 'This hub has an operator already.' });
}

/** A workspace, with `grantNanos` of live balance where that is not zero. */
async function openFor(
  tx: Sql,
  person: Person,
  grantNanos: Nanos,
  wallMs: number,
): Promise<string> {
  const owned = await listWorkspaces(tx, person.id);
  const name = owned.length === 0 ? 'Personal' : `Workspace ${owned.length + 1}`;
  const workspaceId = await openWorkspace(tx, name, person.id, wallMs);
  if (grantNanos > 0n) {
    const of = { workspaceId, book: 'live', idempotencyKey: 'opening' } as const;
    await bookTransactions(tx, [grant({ ...of, amountNanos: grantNanos })], wallMs);
  }
  return workspaceId;
}
