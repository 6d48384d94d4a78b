// Every customer's own credentials in the memory of a node, sealed, so that a request looks in a map and
// no more. A change holds on every node within a second, as for API keys. While the database is away
// the last state stays.

import { HubError } from '../base/errors.ts';
import type { Database, Sql } from '../db/database.ts';
import type { CredentialMode } from '../db/schema.ts';
import { watchChanges } from '../db/watch.ts';
import { CREDENTIALS_CHANNEL } from './manage.ts';
import type { Vault } from './seal.ts';

/** Another object after each change: what is made of it can hang on it. */
export interface OwnCredential {
  readonly id: string;
  readonly provider: string;
  /** Before the hub's own, or in its place. */
  readonly mode: CredentialMode;
  /** Unseals it. Throws `own_credential_unreadable`. */
  open(): string;
}

export interface CredentialBook {
  /** Those in use, oldest first. */
  of(workspaceId: string): readonly OwnCredential[];
  close(): Promise<void>;
}

const NONE: readonly OwnCredential[] = Object.freeze([]);

/** Without a vault nothing opens: who wants the own credential only is refused, not served otherwise. */
export async function openCredentialBook(
  database: Database,
  vault: Vault | undefined,
): Promise<CredentialBook> {
  const { sql } = database;
  const book = new Map<string, readonly OwnCredential[]>();
  // The number first: what changes in between is read again.
  let seen = await newestChange(sql);
  for (const row of await selectRows(sql).where('removed_at', 'is', null).execute()) take(row);

  function take(row: Row): void {
    const { workspace_id: workspaceId, id } = row;
    const others = (book.get(workspaceId) ?? NONE).filter((each) => each.id !== id);
    const isUsed = row.removed_at === null && row.disabled_at === null;
    const all = isUsed ? [...others, credentialOf(row, vault)] : others;
    if (all.length === 0) book.delete(workspaceId);
    else book.set(workspaceId, Object.freeze(all.sort((a, b) => (a.id < b.id ? -1 : 1))));
  }

  const watch = await watchChanges(database, CREDENTIALS_CHANNEL, async () => {
    const rows = await selectRows(sql).where('change', '>', seen).orderBy('change').execute();
    for (const row of rows) {
      // A reading that was given up may come back after later ones.
      if (row.change <= seen) continue;
      seen = row.change;
      take(row);
    }
  });
  return { of: (workspaceId) => book.get(workspaceId) ?? NONE, close: watch.close };
}

function selectRows(sql: Sql) {
  return sql
    .selectFrom('provider_credentials')
    .select(['id', 'workspace_id', 'provider', 'mode', 'sealed', 'sealing_key'])
    .select(['disabled_at', 'removed_at', 'change']);
}

type Row = Awaited<ReturnType<ReturnType<typeof selectRows>['execute']>>[number];

function credentialOf(row: Row, vault: Vault | undefined): OwnCredential {
  const { id, provider, mode, sealed, sealing_key: keyId, workspace_id: workspaceId } = row;
  return Object.freeze({
    id,
    provider,
    mode,
    open() {
      try {
        if (vault && sealed) return vault.open({ keyId, bytes: sealed }, { workspaceId, provider });
      } catch (cause) {
        throw new HubError('own_credential_unreadable', { cause });
      }
      throw new HubError('own_credential_unreadable');
    },
  });
}

async function newestChange(sql: Sql): Promise<bigint> {
  const row = await sql
    .selectFrom('provider_credentials')
    .select((eb) => eb.fn.max('change').as('change'))
    .executeTakeFirst();
  return row?.change ?? 0n;
}
