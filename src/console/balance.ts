// The balance of a workspace, and the operator's grants to it.

import { z } from 'zod';
import { HubError } from '../base/errors.ts';
import { parseUsd } from '../base/money.ts';
import { inTransaction } from '../db/database.ts';
import type { Book } from '../db/schema.ts';
import { requireMember, requireWorkspace } from '../identity/workspaces.ts';
import { readBalance } from '../ledger/balances.ts';
import { bookTransactions } from '../ledger/book.ts';
import { grant } from '../ledger/transactions.ts';
import { readSpentLastDay } from '../usage/queries.ts';
import { requireAccess, requirePerson } from './access.ts';
import { type BalanceReply, balanceReply, grantRequest } from './contract.ts';
import type { ConsoleApp, ConsoleDeps } from './deps.ts';

const params = z.object({ workspaceId: z.string() });

export function addBalanceRoutes(app: ConsoleApp, deps: ConsoleDeps): void {
  app.get(
    '/workspaces/:workspaceId/balance',
    { schema: { params, response: { 200: balanceReply } } },
    async (request) => {
      const { workspaceId } = request.params;
      await requireAccess(deps, request, workspaceId, 'usage.read');
      return describeBalance(deps, workspaceId);
    },
  );

  app.post(
    '/workspaces/:workspaceId/grants',
    { schema: { params, body: grantRequest, response: { 200: balanceReply } } },
    async (request) => {
      const { workspaceId } = request.params;
      const person = await requirePerson(deps, request);
      if (person.isOperator) {
        await requireWorkspace(deps.database.sql, workspaceId);
      } else {
        await requireMember(deps.database.sql, workspaceId, person.id);
        throw new HubError('forbidden', { message: 'Only an operator can add balance.' });
      }
      const { book, amountUsd, idempotencyKey } = request.body;
      await addGrant(deps, workspaceId, book, amountUsd, idempotencyKey);
      deps.changes.notify(workspaceId, 'balance');
      return describeBalance(deps, workspaceId);
    },
  );
}

async function addGrant(
  deps: ConsoleDeps,
  workspaceId: string,
  book: Book,
  amountUsd: string,
  idempotencyKey: string,
): Promise<void> {
  const amountNanos = parseUsd(amountUsd);
  if (amountNanos === 0n) {
    throw new HubError('invalid_request', {
      message: 'The amount must be more than zero.',
      param: 'amountUsd',
    });
  }
  const transaction = grant({ book, workspaceId, amountNanos, idempotencyKey });
  await inTransaction(deps.database.sql, (tx) =>
    bookTransactions(tx, [transaction], deps.clock.wallMs()),
  );
}

async function describeBalance(deps: ConsoleDeps, workspaceId: string): Promise<BalanceReply> {
  const { sql } = deps.database;
  const spent = await readSpentLastDay(sql, workspaceId, deps.clock.wallMs());
  const describe = async (book: Book): Promise<BalanceReply['live']> => {
    const { balanceNanos, leasedNanos } = await readBalance(sql, book, workspaceId);
    return {
      balanceNanos: balanceNanos.toString(),
      leasedNanos: leasedNanos.toString(),
      spentLastDayNanos: spent[book].toString(),
    };
  };
  return { live: await describe('live'), test: await describe('test') };
}
