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
  const of = charges.map((charge) =>
    charge.chargeNanos === 0n ? undefined : add(groups, charge, openRuns.has(charge.runId)),
  );
  return {
    transactions: [...groups.values()].flatMap(transactionsOf),
    keys: of.map((group) => group && settleKey(group.requestId)),
  };
}

function add(groups: Map<string, Group>, charge: Charge, isRunOpen: boolean): Group {
  const { requestId, workspaceId, book, runId, chargeNanos } = charge;
  const payer = isRunOpen ? runId : 'suspense';
  const key = charge.quarantined ? requestId : `${workspaceId}${book}${payer}`;
  let group = groups.get(key);
  if (!group) {
    group = { charge, isRunOpen, requestId, amountNanos: 0n, windows: undefined };
    groups.set(key, group);
  }
  if (requestId < group.requestId) group.requestId = requestId;
  group.amountNanos += chargeNanos;
  if (!isRunOpen) return group;
  for (const purseId of charge.allowances) {
    group.windows ??= new Map();
    group.windows.set(purseId, (group.windows.get(purseId) ?? 0n) + chargeNanos);
  }
  return group;
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
