// The credentials of a workspace at providers: adding, listing, changing, removing. Every change takes
// its number under one lock that lasts until the commit, so numbers become visible in order. The plain
// text passes through here once, on its way to being sealed.

import { sql as rawSql } from 'kysely';
import { HubError, assert } from '../base/errors.ts';
import { isId, newId } from '../base/ids.ts';
import type { Sql } from '../db/database.ts';
import type { CredentialMode } from '../db/schema.ts';
import type { Vault } from './seal.ts';

export const CREDENTIALS_CHANNEL = 'provider_credentials';
const CHANGES_LOCK = 7_261_002;
const NEXT_CHANGE = { change: rawSql<bigint>`nextval('provider_credential_changes')` };
/** More for one provider would only be tried one after the other. */
const MOST_PER_PROVIDER = 10;
const SHOWN_CHARACTERS = 4;

export interface CredentialRow {
  readonly id: string;
  readonly provider: string;
  readonly mode: CredentialMode;
  readonly lastFour: string;
  /** The name of who added it; null once they are gone. */
  readonly createdBy: string | null;
  readonly createdAt: Date;
  readonly disabledAt: Date | null;
  readonly lastUsedAt: Date | null;
}

export interface NewCredential {
  readonly workspaceId: string;
  readonly provider: string;
  readonly mode: CredentialMode;
  /** As the provider gave it. */
  readonly secret: string;
  readonly createdBy: string;
}

export interface OpenedCredential {
  readonly provider: string;
  readonly secret: string;
}

/** Unseals one, disabled or not. Throws `not_found`, or `own_credential_unreadable`. */
export async function openCredential(
  sql: Sql,
  vault: Vault,
  ref: CredentialRef,
): Promise<OpenedCredential> {
  const { provider, sealed: bytes, sealing_key: keyId } = await requireCredential(sql, ref);
  try {
    assert(bytes, 'what is not removed is sealed');
    const { workspaceId } = ref;
    return { provider, secret: vault.open({ keyId, bytes }, { workspaceId, provider }) };
  } catch (cause) {
    throw new HubError('own_credential_unreadable', { cause });
  }
}

/** Seals and keeps one inside the caller's transaction; returns its id. Throws `conflict`. */
export async function addCredential(
  tx: Sql,
  vault: Vault,
  credential: NewCredential,
  wallMs: number,
): Promise<string> {
  const { workspaceId, provider, mode, secret, createdBy } = credential;
  const id = newId('cred', wallMs);
  const sealed = vault.seal(secret, { workspaceId, provider });
  await announceChange(tx);
  const { count } = await tx
    .selectFrom('provider_credentials')
    .select((eb) => eb.fn.countAll<bigint>().as('count'))
    .where('workspace_id', '=', workspaceId)
    .where('provider', '=', provider)
    .where('removed_at', 'is', null)
    .executeTakeFirstOrThrow();
  if (count >= MOST_PER_PROVIDER) {
    const message = `There are ${MOST_PER_PROVIDER} credentials for this provider already.`;
    throw new HubError('conflict', { message });
  }
  await tx
    .insertInto('provider_credentials')
    .values({
      id,
      workspace_id: workspaceId,
      provider,
      mode,
      sealed: Buffer.from(sealed.bytes),
      sealing_key: sealed.keyId,
      last_four: secret.slice(-SHOWN_CHARACTERS),
      created_by: createdBy,
      created_at: new Date(wallMs),
      disabled_at: null,
      removed_at: null,
    })
    .execute();
  return id;
}

/**
 * Another secret in the place of one: a credential of its own, so that records go on saying with which
 * they were served, and no failure of the old one is held against the new. Returns its id.
 */
export async function replaceCredential(
  tx: Sql,
  vault: Vault,
  { workspaceId, credentialId }: CredentialRef,
  replacement: Pick<NewCredential, 'secret' | 'createdBy'>,
  wallMs: number,
): Promise<string> {
  const { provider, mode } = await requireCredential(tx, { workspaceId, credentialId });
  await removeCredential(tx, { workspaceId, credentialId }, wallMs);
  return addCredential(tx, vault, { workspaceId, provider, mode, ...replacement }, wallMs);
}

export interface CredentialRef {
  readonly workspaceId: string;
  readonly credentialId: string;
}

/** Throws `not_found` for what is another workspace's or was removed. */
export async function changeCredential(
  tx: Sql,
  ref: CredentialRef,
  { mode, isDisabled }: { readonly mode: CredentialMode; readonly isDisabled: boolean },
  wallMs: number,
): Promise<void> {
  await announceChange(tx);
  const { disabled_at: before } = await requireCredential(tx, ref);
  await tx
    .updateTable('provider_credentials')
    .set({ mode, disabled_at: isDisabled ? (before ?? new Date(wallMs)) : null, ...NEXT_CHANGE })
    .where('id', '=', ref.credentialId)
    .execute();
}

/** What was sealed is gone with it; its name stays for the records of requests. */
export async function removeCredential(tx: Sql, ref: CredentialRef, wallMs: number): Promise<void> {
  await announceChange(tx);
  await requireCredential(tx, ref);
  await tx
    .updateTable('provider_credentials')
    .set({ sealed: null, removed_at: new Date(wallMs), ...NEXT_CHANGE })
    .where('id', '=', ref.credentialId)
    .execute();
}

/** Those that are not removed, newest first; the last use is when its newest request ended. */
export async function listCredentials(sql: Sql, workspaceId: string): Promise<CredentialRow[]> {
  return await sql
    .selectFrom('provider_credentials as credential')
    .leftJoin('people as person', 'person.id', 'credential.created_by')
    .leftJoinLateral(
      (eb) =>
        eb
          .selectFrom('usage_records as usage')
          .select('usage.ended_at')
          .whereRef('usage.credential_id', '=', 'credential.id')
          .orderBy('usage.id', 'desc')
          .limit(1)
          .as('newest'),
      (join) => join.onTrue(),
    )
    .select(['credential.id', 'credential.provider', 'credential.mode'])
    .select(['credential.last_four as lastFour', 'person.name as createdBy'])
    .select(['credential.created_at as createdAt', 'credential.disabled_at as disabledAt'])
    .select('newest.ended_at as lastUsedAt')
    .where('credential.workspace_id', '=', workspaceId)
    .where('credential.removed_at', 'is', null)
    .orderBy('credential.id', 'desc')
    .execute();
}

async function requireCredential(sql: Sql, { workspaceId, credentialId }: CredentialRef) {
  if (!isId('cred', credentialId)) throw new HubError('not_found');
  const row = await sql
    .selectFrom('provider_credentials')
    .select(['provider', 'mode', 'disabled_at', 'sealed', 'sealing_key'])
    .where('id', '=', credentialId)
    .where('workspace_id', '=', workspaceId)
    .where('removed_at', 'is', null)
    .executeTakeFirst();
  if (!row) throw new HubError('not_found');
  return row;
}

/** Takes the lock of change numbers and tells the gateways at commit that there is a new one. */
async function announceChange(tx: Sql): Promise<void> {
  await rawSql`select pg_advisory_xact_lock(${CHANGES_LOCK})`.execute(tx);
  await rawSql`select pg_notify(${CREDENTIALS_CHANNEL}, '')`.execute(tx);
}
