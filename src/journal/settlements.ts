// What a batch of records settles: for each payer one transaction over all its charges, for each
// window of a budget that they name one more, and one of its own for each charge that waits for
// review. A settlement is named after the least of its requests, which can be recorded only once.

import type { Nanos } from '../base/money.ts';
import { hubAccount, leaseAccount } from '../ledger/accounts.ts';
import { balancePurse, windowPurse } from '../ledger/purse.ts';
import {
  type Transaction,
  countAgainst,
  quarantine,
  settle,
  settleKey,
} from '../ledger/transactions.ts';
import type { Charge } from '../usage/line.ts';

export interface Settlements {
  readonly transactions: readonly Transaction[];
  /** The idempotency key of the settlement of each charge, in their order; none where it is zero. */
  readonly keys: readonly (string | undefined)[];
}

interface Group {
  readonly charge: Charge;
  readonly isRunOpen: boolean;
  /** The least of the requests. */
  requestId: string;
  amountNanos: Nanos;
  windows: Map<string, Nanos> | undefined;
}

/**
 * Of a run that has been ended the money went back to the customer, so that the hub bears what it had
 * spent; windows got theirs back too.
 */
export function settleTogether(
  charges: readonly Charge[],
  openRuns: ReadonlySet<string>,
): Settlements {
  const groups = new Map<string, Group>();
  let last: Group | undefined;
  const of = charges.map((charge) => {
    if (charge.chargeNanos === 0n) return undefined;
    last =
      last && isAlike(last.charge, charge)
        ? last
        : groupOf(groups, charge, openRuns.has(charge.runId));
    add(last, charge);
    return last;
  });
  return {
    transactions: [...groups.values()].flatMap(transactionsOf),
    keys: of.map((group) => group && settleKey(group.requestId)),
  };
}

/** Most charges are of the same payer as the one before, which is told faster than looked up. */
function isAlike(a: Charge, b: Charge): boolean {
  return (
    a.workspaceId === b.workspaceId &&
    a.runId === b.runId &&
    a.book === b.book &&
    !a.quarantined &&
    !b.quarantined
  );
}

function groupOf(groups: Map<string, Group>, charge: Charge, isRunOpen: boolean): Group {
  const { requestId, workspaceId, book, runId } = charge;
  const payer = isRunOpen ? runId : 'suspense';
  const key = charge.quarantined ? requestId : `${workspaceId}${book}${payer}`;
  let group = groups.get(key);
  if (!group) {
    group = { charge, isRunOpen, requestId, amountNanos: 0n, windows: undefined };
    groups.set(key, group);
  }
  return group;
}

function add(group: Group, { requestId, chargeNanos, allowances }: Charge): void {
  if (requestId < group.requestId) group.requestId = requestId;
  group.amountNanos += chargeNanos;
  if (!group.isRunOpen) return;
  for (const purseId of allowances) {
    group.windows ??= new Map();
    group.windows.set(purseId, (group.windows.get(purseId) ?? 0n) + chargeNanos);
  }
}

function transactionsOf(group: Group): Transaction[] {
  const { charge, isRunOpen, requestId, amountNanos, windows = new Map<string, Nanos>() } = group;
  const { workspaceId, book, runId } = charge;
  const payer = isRunOpen
    ? leaseAccount(balancePurse(book, workspaceId), runId)
    : hubAccount(book, 'suspense');
  const settlement = charge.quarantined ? quarantine : settle;
  return [
    settlement({ requestId, amountNanos, payer }),
    ...[...windows].map(([purseId, counted]) =>
      countAgainst({
        purse: windowPurse(purseId, workspaceId),
        runId,
        requestId,
        amountNanos: counted,
      }),
    ),
  ];
}
