// A key as whoever checks it knows it: whose it is, what binds it, and whether it may be used from
// where it is used. Found by the hash of its text, or of the text from before its last rotation for as
// long as that goes on.

import { HubError } from '../base/errors.ts';
import { type IpRange, isWithin, parseIp, parseIpRange } from '../base/ip.ts';
import type { Sql } from '../db/database.ts';
import type { Book } from '../db/schema.ts';
import type { BudgetRef } from '../ledger/purse.ts';
import { type KeyLimits, LIMIT_COLUMNS, limitsOf } from './limits.ts';
import { keyHint } from './secret.ts';

export interface ApiKey {
  readonly keyId: string;
  readonly workspaceId: string;
  readonly book: Book;
  readonly name: string;
  readonly hint: string;
  /** The member who made it. */
  readonly createdBy: string;
  /** What limits it: its own budgets and, of a live key, those of the member who made it. */
  readonly budgets: readonly BudgetRef[];
  readonly limits: KeyLimits;
  /** Whether something of its use is counted: requests, tokens, or requests at once. */
  readonly isMetered: boolean;
  /** Whether nothing has to be looked at before it asks a model. */
  readonly entersFreely: boolean;
  /** From where it may be used; undefined: from everywhere. */
  readonly ranges: readonly IpRange[] | undefined;
  /** Why it cannot be used at present, although there is such a key. */
  readonly ended: 'disabled' | 'expired' | undefined;
  /** Wall time at which this is no longer true: the key expires, or its previous text ends. */
  readonly trueUntilMs: number;
}

const ENDED_WORDS = Object.freeze({
  disabled: 'This API key is disabled. Enable it on the keys page, or use another one.',
  expired: 'This API key has expired.',
});

/**
 * Whoever has found a key asks this before anything else is done for it: throws
 * `authentication_failed` where it is disabled or has expired, `key_not_allowed` where it may not be
 * used from this address. Scopes are the matter of what is asked for.
 */
export function assertUsable({ ended, ranges }: ApiKey, ip: string | undefined): void {
  if (ended) throw new HubError('authentication_failed', { message: ENDED_WORDS[ended] });
  if (!ranges) return;
  const address = parseIp(ip ?? '');
  if (address && isWithin(address, ranges)) return;
  const message = 'This API key may not be used from this address.';
  throw new HubError('key_not_allowed', { message });
}

/** The key with this SHA-256 unless it was revoked, its text has ended, or its maker has left. */
export async function readKey(sql: Sql, hash: Buffer, wallMs: number): Promise<ApiKey | undefined> {
  const rows = await selectKey(sql, hash, wallMs).execute();
  const [row] = rows;
  if (!row?.created_by) return undefined;
  const { id, workspace_id: workspaceId, mode: book, name, created_by: createdBy } = row;
  const limits = limitsOf(row);
  const { requestsPerMinute, tokensPerMinute, concurrency } = limits;
  const isMetered = [requestsPerMinute, tokensPerMinute, concurrency].some((each) => each !== null);
  const isCurrent = hash.equals(row.secret_hash);
  return {
    keyId: id,
    workspaceId,
    book,
    name,
    hint: keyHint(book, row.last_four),
    createdBy,
    budgets: rows.flatMap(({ budget_id, span, key_id }): BudgetRef[] =>
      budget_id && span
        ? [{ id: budget_id, workspaceId, span, of: key_id === null ? 'member' : 'key' }]
        : [],
    ),
    limits,
    isMetered,
    entersFreely: !isMetered && limits.scopes.includes('inference'),
    // A range that cannot be read lets nobody in.
    ranges: limits.ipRanges?.map(parseIpRange).filter((range) => range !== undefined),
    ...lifeOf(row.disabled_at, limits.expiresAt, isCurrent ? null : row.previous_until, wallMs),
  };
}

function lifeOf(
  disabledAt: Date | null,
  expiresAt: Date | null,
  textEndsAt: Date | null,
  wallMs: number,
): Pick<ApiKey, 'ended' | 'trueUntilMs'> {
  const expiryMs = expiresAt?.getTime() ?? Number.POSITIVE_INFINITY;
  const textEndMs = textEndsAt?.getTime() ?? Number.POSITIVE_INFINITY;
  if (expiryMs <= wallMs) return { ended: 'expired', trueUntilMs: textEndMs };
  const ended = disabledAt ? 'disabled' : undefined;
  return { ended, trueUntilMs: Math.min(expiryMs, textEndMs) };
}

/** One row for each budget that binds the key, or one without. */
function selectKey(sql: Sql, hash: Buffer, wallMs: number) {
  return sql
    .selectFrom('api_keys as key')
    .innerJoin('members as maker', (join) =>
      join
        .onRef('maker.workspace_id', '=', 'key.workspace_id')
        .onRef('maker.person_id', '=', 'key.created_by'),
    )
    .leftJoin('budgets as budget', (join) =>
      join.on('budget.removed_at', 'is', null).on((eb) =>
        eb.or([
          eb('budget.key_id', '=', eb.ref('key.id')),
          // Play money is free, so a member's budget counts live keys alone.
          eb.and([
            eb('key.mode', '=', 'live'),
            eb('budget.person_id', '=', eb.ref('key.created_by')),
            eb('budget.workspace_id', '=', eb.ref('key.workspace_id')),
          ]),
        ]),
      ),
    )
    .select(['key.id', 'key.workspace_id', 'key.mode', 'key.name', 'key.created_by'])
    .select(['key.secret_hash', 'key.last_four', 'key.disabled_at', 'key.previous_until'])
    .select(LIMIT_COLUMNS.map((column) => `key.${column}` as const))
    .select(['budget.id as budget_id', 'budget.span', 'budget.key_id'])
    .where((eb) =>
      eb.or([
        eb('key.secret_hash', '=', hash),
        eb.and([
          eb('key.previous_hash', '=', hash),
          eb('key.previous_until', '>', new Date(wallMs)),
        ]),
      ]),
    )
    .where('key.revoked_at', 'is', null)
    .orderBy('budget.id');
}
