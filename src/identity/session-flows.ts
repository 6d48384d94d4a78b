// The round trip that a session has under way: what the hub asked of Google or of a passkey, until the
// answer comes. It belongs to one session, so an answer counts only in the browser that was asked; it
// is used up by the delete that finds it, so an answer counts once.

import type { Sql } from '../db/database.ts';
import type { SessionFlowsTable } from '../db/schema-people.ts';
import type { Consent } from './new-account.ts';

export type FlowKind = SessionFlowsTable['kind'];
export type FlowPurpose = SessionFlowsTable['purpose'];

/** How long somebody may take at Google, or to find the device with the passkey. */
const LIFETIME_MS = 10 * 60_000;

export interface Flow {
  readonly kind: FlowKind;
  readonly purpose: FlowPurpose;
  /** Google: the PKCE verifier; passkeys: the challenge. */
  readonly secret: string;
  readonly google?: {
    readonly stateHash: Buffer;
    readonly nonce: string;
    /** A path of the hub's own. */
    readonly returnPath: string;
  };
  /** What somebody who signs up has accepted, of age. */
  readonly consent?: Consent;
}

/** A flow that has come back. */
export interface TakenFlow extends Flow {
  readonly startedMs: number;
}

/** Notes what was asked; what the session asked before is forgotten. */
export async function beginFlow(
  sql: Sql,
  sessionId: string,
  { kind, purpose, secret, google, consent }: Flow,
  wallMs: number,
): Promise<void> {
  const row = {
    kind,
    purpose,
    secret,
    state_hash: google?.stateHash ?? null,
    nonce: google?.nonce ?? null,
    return_path: google?.returnPath ?? null,
    terms_version: consent?.termsVersion ?? null,
    privacy_version: consent?.privacyVersion ?? null,
    expires_at: new Date(wallMs + LIFETIME_MS),
  };
  await sql
    .insertInto('session_flows')
    .values({ session_id: sessionId, ...row })
    .onConflict((conflict) => conflict.column('session_id').doUpdateSet(row))
    .execute();
}

/** Uses up what the session asked; undefined where it asked something else, or too long ago. */
export async function takeFlow(
  sql: Sql,
  sessionId: string,
  kind: FlowKind,
  wallMs: number,
): Promise<TakenFlow | undefined> {
  const row = await sql
    .deleteFrom('session_flows')
    .where('session_id', '=', sessionId)
    .where('kind', '=', kind)
    .where('expires_at', '>', new Date(wallMs))
    .returningAll()
    .executeTakeFirst();
  return row && describe(row);
}

function describe(row: SessionFlowsTable): TakenFlow {
  const { kind, purpose, secret, state_hash: stateHash, nonce, return_path: returnPath } = row;
  const { terms_version: termsVersion, privacy_version: privacyVersion } = row;
  return {
    kind,
    purpose,
    secret,
    startedMs: row.expires_at.getTime() - LIFETIME_MS,
    ...(stateHash && nonce && returnPath && { google: { stateHash, nonce, returnPath } }),
    ...(termsVersion && privacyVersion && { consent: { termsVersion, privacyVersion } }),
  };
}
