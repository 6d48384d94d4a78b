// What people promise to apps: a key, for whoever brings the code within ten minutes together with the
// verifier behind the challenge (PKCE, RFC 7636, S256 alone). A code is used up by the first try,
// right or wrong, so that nobody who saw it in an address can guess on.

import { createHash, timingSafeEqual } from 'node:crypto';
import type { Nanos } from '../base/money.ts';
import type { Sql } from '../db/database.ts';
import type { AppGrantsTable } from '../db/schema-people.ts';
import { rolesWith } from './roles.ts';
import { createToken, hashToken } from './tokens.ts';

const LIFETIME_MS = 10 * 60_000;

export interface AppGrant {
  readonly workspaceId: string;
  readonly personId: string;
  /** The app's host. */
  readonly app: string;
  readonly keyName: string;
  readonly limitNanos: Nanos;
  readonly span: AppGrantsTable['span'];
}

/** Makes a promise inside the caller's transaction; returns the code that redeems it. */
export async function createAppGrant(
  tx: Sql,
  grant: AppGrant,
  challenge: string,
  wallMs: number,
): Promise<string> {
  await tx.deleteFrom('app_grants').where('expires_at', '<=', new Date(wallMs)).execute();
  const { token, hash } = createToken();
  await tx
    .insertInto('app_grants')
    .values({
      code_hash: hash,
      workspace_id: grant.workspaceId,
      person_id: grant.personId,
      app: grant.app,
      key_name: grant.keyName,
      challenge,
      limit_nanos: grant.limitNanos,
      span: grant.span,
      expires_at: new Date(wallMs + LIFETIME_MS),
    })
    .execute();
  return token;
}

/**
 * Uses a code up inside the caller's transaction, which must commit even where this is undefined:
 * the code is unknown, used or expired, the verifier wrong, or its person may no longer make keys.
 */
export async function redeemAppGrant(
  tx: Sql,
  code: string,
  verifier: string,
  wallMs: number,
): Promise<AppGrant | undefined> {
  const row = await tx
    .deleteFrom('app_grants')
    .where('code_hash', '=', hashToken(code))
    .returningAll()
    .executeTakeFirst();
  if (!row || row.expires_at.getTime() <= wallMs) return undefined;
  if (!isBehind(row.challenge, verifier)) return undefined;
  const { workspace_id: workspaceId, person_id: personId, app, key_name: keyName } = row;
  if (!(await mayMakeKeys(tx, workspaceId, personId))) return undefined;
  return { workspaceId, personId, app, keyName, limitNanos: row.limit_nanos, span: row.span };
}

function isBehind(challenge: string, verifier: string): boolean {
  const actual = createHash('sha256').update(verifier).digest('base64url');
  return timingSafeEqual(Buffer.from(actual), Buffer.from(challenge));
}

async function mayMakeKeys(tx: Sql, workspaceId: string, personId: string): Promise<boolean> {
  const member = await tx
    .selectFrom('members')
    .select('role')
    .where('workspace_id', '=', workspaceId)
    .where('person_id', '=', personId)
    .executeTakeFirst();
  return member !== undefined && rolesWith('keys.manage').includes(member.role);
}
