// Tells people that a budget is nearly or wholly used: whoever made the key or is the member, and the
// owner of the workspace. A revoked key asks for nothing any more, so nobody is told of it.

import { formatUsd } from '../base/money.ts';
import { type ReachedBudget, takeReachedBudgets } from '../budgets/reached.ts';
import type { Clock } from '../base/clock.ts';
import { type Sql, inTransaction } from '../db/database.ts';
import { queueMail } from '../mail/queue.ts';
import { type Job, every } from './job.ts';

const INTERVAL_MS = 5 * 60_000;

export function warnBudgetsJob(sql: Sql, clock: Clock): Job {
  return {
    name: 'warn-budgets',
    dueMs: every(INTERVAL_MS),
    run: (signal) =>
      inTransaction(sql, async (tx) => {
        for (const budget of await takeReachedBudgets(tx)) {
          signal.throwIfAborted();
          await tell(tx, budget, clock.wallMs());
        }
      }),
  };
}

async function tell(tx: Sql, budget: ReachedBudget, wallMs: number): Promise<void> {
  const { workspaceId, keyId, personId, purseId, span, limitNanos, percent } = budget;
  const key = keyId === null ? undefined : await readKey(tx, keyId);
  if (keyId !== null && !key) return;
  const whose = key ? key.created_by : personId;
  const readers = await readReaders(tx, workspaceId, whose);
  const ownerName = key?.name ?? readers.find(({ id }) => id === whose)?.name;
  if (ownerName === undefined) return;
  for (const { id, email, workspaceName } of readers) {
    const facts = {
      workspaceName,
      of: key ? ('key' as const) : ('member' as const),
      ownerName,
      span,
      limitUsd: formatUsd(limitNanos),
      percent,
    };
    const onceKey = `budget_reached:${purseId}:${percent}:${id}`;
    const mail = { kind: 'budget_reached' as const, address: email, personId: id, onceKey, facts };
    await queueMail(tx, mail, wallMs);
  }
}

function readKey(tx: Sql, keyId: string) {
  return tx
    .selectFrom('api_keys')
    .select(['name', 'created_by'])
    .where('id', '=', keyId)
    .where('revoked_at', 'is', null)
    .executeTakeFirst();
}

/** Members only: who has left is not told what goes on. */
function readReaders(tx: Sql, workspaceId: string, personId: string | null) {
  return tx
    .selectFrom('members')
    .innerJoin('people', 'people.id', 'members.person_id')
    .innerJoin('workspaces', 'workspaces.id', 'members.workspace_id')
    .select(['people.id', 'people.name', 'people.email', 'workspaces.name as workspaceName'])
    .where('members.workspace_id', '=', workspaceId)
    .where((eb) =>
      eb.or([eb('members.role', '=', 'owner'), eb('members.person_id', '=', personId ?? '')]),
    )
    .execute();
}
