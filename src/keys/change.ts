// Changing an API key that goes on: its name, its limits, whether it works at present, and its text.
// Whoever calls is in a transaction and has seen who asks.

import { HubError } from '../base/errors.ts';
import type { Sql } from '../db/database.ts';
import { type KeyLimits, columnsOf } from './limits.ts';
import { type KeyRow, NEXT_CHANGE, announceChange, readKeyRow } from './manage.ts';
import { createKeySecret } from './secret.ts';

export interface KeyRef {
  readonly workspaceId: string;
  readonly keyId: string;
}

export interface KeyChanges {
  readonly name?: string | undefined;
  readonly disabled?: boolean | undefined;
  readonly limits: Partial<KeyLimits>;
}

/**
 * What is absent stays; returns the key as it is then. Throws `not_found` as `readKeyRow` does, and
 * `conflict` for a key that is revoked.
 */
export async function changeKey(
  tx: Sql,
  ref: KeyRef,
  { name, disabled, limits }: KeyChanges,
  wallMs: number,
): Promise<KeyRow> {
  const { disabledAt } = await lockWorking(tx, ref);
  const disabled_at = disabled ? (disabledAt ?? new Date(wallMs)) : null;
  await tx
    .updateTable('api_keys')
    .set({
      ...(name !== undefined && { name }),
      ...(disabled !== undefined && { disabled_at }),
      ...columnsOf(limits),
      ...NEXT_CHANGE,
    })
    .where('id', '=', ref.keyId)
    .execute();
  return readKeyRow(tx, ref.workspaceId, ref.keyId);
}

/**
 * Gives the key another text; the one of before goes on for so long, and an older one still ends at
 * once. Id, limits, budgets and usage stay. Throws as `changeKey` does.
 */
export async function rotateKey(
  tx: Sql,
  ref: KeyRef,
  overlapSeconds: number,
  wallMs: number,
): Promise<{ readonly key: KeyRow; readonly secret: string }> {
  const { mode } = await lockWorking(tx, ref);
  const { text, hash, lastFour } = createKeySecret(mode);
  const until = new Date(wallMs + overlapSeconds * 1_000);
  await tx
    .updateTable('api_keys')
    .set((eb) => ({
      ...(overlapSeconds > 0
        ? { previous_hash: eb.ref('secret_hash'), previous_until: until }
        : { previous_hash: null, previous_until: null }),
      secret_hash: hash,
      last_four: lastFour,
      ...NEXT_CHANGE,
    }))
    .where('id', '=', ref.keyId)
    .execute();
  return { key: await readKeyRow(tx, ref.workspaceId, ref.keyId), secret: text };
}

/** Changes of keys come one after the other: `announceChange` has the lock until the commit. */
async function lockWorking(tx: Sql, { workspaceId, keyId }: KeyRef): Promise<KeyRow> {
  await announceChange(tx);
  const key = await readKeyRow(tx, workspaceId, keyId);
  if (key.revokedAt) throw new HubError('conflict', { message: 'This key was revoked.' });
  return key;
}
