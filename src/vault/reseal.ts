// Rotation: what a previous key has sealed is sealed anew under the current one, so that the previous
// can be forgotten. Done at each start; a node that still has both keys reads either.

import type { Sql } from '../db/database.ts';
import type { SealContext, Sealed, Vault } from './seal.ts';

export interface Resealed {
  readonly resealed: number;
  /** Sealed under a key that is not set any more, or not as it was sealed. */
  readonly unreadable: number;
}

/** One row of whatever is sealed. */
export interface SealedRow {
  readonly sealed: Sealed;
  readonly context: SealContext;
  /**
   * Keeps what was sealed anew, only over what was read: it may have been removed meanwhile, or
   * sealed anew by another node. Returns how many rows that changed.
   */
  keep(anew: Sealed): Promise<bigint>;
}

/** Seals rows anew; those that do not open stay as they are. */
export async function resealRows(vault: Vault, rows: readonly SealedRow[]): Promise<Resealed> {
  let resealed = 0;
  let unreadable = 0;
  for (const { sealed, context, keep } of rows) {
    const anew = sealAnew(vault, sealed, context);
    if (anew) resealed += Number(await keep(anew));
    else unreadable += 1;
  }
  return { resealed, unreadable };
}

export async function resealCredentials(sql: Sql, vault: Vault): Promise<Resealed> {
  const rows = await sql
    .selectFrom('provider_credentials')
    .select(['id', 'workspace_id', 'provider', 'sealed', 'sealing_key'])
    .where('sealing_key', '<>', vault.keyId)
    .where('removed_at', 'is', null)
    .execute();
  return resealRows(
    vault,
    rows.map(({ id, workspace_id: workspaceId, provider, sealed, sealing_key: keyId }) => ({
      sealed: { keyId, bytes: sealed ?? Buffer.alloc(0) },
      context: { workspaceId, provider },
      async keep(anew) {
        const { numUpdatedRows } = await sql
          .updateTable('provider_credentials')
          .set({ sealed: Buffer.from(anew.bytes), sealing_key: anew.keyId })
          .where('id', '=', id)
          .where('sealed', '=', sealed)
          .executeTakeFirst();
        return numUpdatedRows;
      },
    })),
  );
}

function sealAnew(vault: Vault, sealed: Sealed, context: SealContext): Sealed | undefined {
  try {
    return vault.seal(vault.open(sealed, context), context);
  } catch {
    return undefined;
  }
}
