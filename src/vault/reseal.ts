// Rotation: what the previous key has sealed is sealed anew under the current one, so that the previous
// can be forgotten. Done at each start; a node that still has both keys reads either.

import type { Sql } from '../db/database.ts';
import type { Vault } from './seal.ts';

export interface Resealed {
  readonly resealed: number;
  /** Sealed under a key that is not set any more, or not as it was sealed. */
  readonly unreadable: number;
}

export async function resealCredentials(sql: Sql, vault: Vault): Promise<Resealed> {
  const rows = await sql
    .selectFrom('provider_credentials')
    .select(['id', 'workspace_id', 'provider', 'sealed', 'sealing_key'])
    .where('sealing_key', '<>', vault.keyId)
    .where('removed_at', 'is', null)
    .execute();
  let resealed = 0;
  let unreadable = 0;
  for (const row of rows) {
    const anew = sealAnew(vault, row);
    if (!anew) {
      unreadable += 1;
      continue;
    }
    // Only over what was read: it may have been removed meanwhile, or sealed anew by another node.
    const { numUpdatedRows } = await sql
      .updateTable('provider_credentials')
      .set({ sealed: Buffer.from(anew.bytes), sealing_key: anew.keyId })
      .where('id', '=', row.id)
      .where('sealed', '=', row.sealed)
      .executeTakeFirst();
    resealed += Number(numUpdatedRows);
  }
  return { resealed, unreadable };
}

interface Row {
  readonly workspace_id: string;
  readonly provider: string;
  readonly sealed: Buffer | null;
  readonly sealing_key: string;
}

function sealAnew(vault: Vault, { workspace_id, provider, sealed, sealing_key }: Row) {
  if (!sealed) return undefined;
  const context = { workspaceId: workspace_id, provider };
  try {
    return vault.seal(vault.open({ keyId: sealing_key, bytes: sealed }, context), context);
  } catch {
    return undefined;
  }
}
