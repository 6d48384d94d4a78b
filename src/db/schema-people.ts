// The tables of people, workspaces, keys and mail as types, one interface a table, in the order of
// sql/; schema.ts has the others and the list of all.

import type { ColumnType, Generated } from 'kysely';
import type { JsonObject } from '../base/json.ts';

export type Book = 'live' | 'test';
/** What a key may do: ask models, read usage and balance, manage keys and their budgets. */
export type KeyScope = 'inference' | 'usage' | 'keys';
export type Role = 'owner' | 'admin' | 'developer' | 'billing' | 'viewer';
export type SessionStage = 'anonymous' | 'second_factor' | 'signed_in';

export interface PeopleTable {
  id: string;
  email: string;
  name: string;
  password_hash: string | null;
  email_verified_at: Date | null;
  is_operator: Generated<boolean>;
  created_at: Generated<Date>;
  adult_confirmed_at: Date | null;
  totp_sealed: Buffer | null;
  totp_sealing_key: string | null;
  totp_confirmed_at: Date | null;
  totp_last_step: bigint | null;
}

export interface SessionsTable {
  token_hash: Buffer;
  person_id: string | null;
  created_at: Generated<Date>;
  last_seen_at: Generated<Date>;
  expires_at: Date;
  id: string;
  stage: SessionStage;
  authenticated_at: Date | null;
  device: string;
  ip_prefix: string | null;
}

export interface SessionFlowsTable {
  session_id: string;
  kind: 'google' | 'passkey_sign_in' | 'passkey_register';
  purpose: 'sign_in' | 'sign_up' | 'link' | 'reauthenticate' | 'register';
  terms_version: string | null;
  privacy_version: string | null;
  state_hash: Buffer | null;
  secret: string;
  nonce: string | null;
  return_path: string | null;
  expires_at: Date;
}

export interface PersonDevicesTable {
  person_id: string;
  device: string;
  ip_prefix: string;
  last_seen_at: Date;
}

export interface GoogleIdentitiesTable {
  issuer: string;
  subject: string;
  person_id: string;
  email: string;
  linked_at: Date;
}

export interface PasskeysTable {
  id: string;
  person_id: string;
  credential_id: Buffer;
  public_key: Buffer;
  sign_count: bigint;
  transports: string[];
  name: string;
  created_at: Date;
  last_used_at: Date | null;
}

export interface RecoveryCodesTable {
  person_id: string;
  code_hash: Buffer;
}

export interface SignUpsTable {
  id: string;
  email: string;
  name: string;
  password_hash: string;
  session_id: string | null;
  terms_version: string;
  privacy_version: string;
  created_at: Date;
  expires_at: Date;
}

export interface EmailChangesTable {
  person_id: string;
  email: string;
  created_at: Date;
  expires_at: Date;
}

export interface AcceptancesTable {
  person_id: string;
  document: 'terms' | 'privacy';
  version: string;
  accepted_at: Date;
}

export interface SpentChallengesTable {
  challenge_hash: Buffer;
  expires_at: Date;
}

export interface HubSecretsTable {
  name: 'proof_of_work';
  value: Buffer;
}

export interface OneTimeLinksTable {
  token_hash: Buffer;
  purpose:
    | 'first_operator'
    | 'sign_in'
    | 'confirm_sign_up'
    | 'reset_password'
    | 'change_email'
    | 'invitation';
  person_id: string | null;
  subject_id: string | null;
  created_at: Generated<Date>;
  expires_at: Date;
}

export interface WorkspacesTable {
  id: string;
  name: string;
  created_at: Generated<Date>;
  low_balance_nanos: bigint | null;
  low_balance_told_at: Generated<Date | null>;
}

export interface MembersTable {
  workspace_id: string;
  person_id: string;
  role: Role;
  created_at: Generated<Date>;
}

export interface InvitationsTable {
  id: string;
  workspace_id: string;
  email: string;
  role: Exclude<Role, 'owner'>;
  invited_by: string | null;
  created_at: Date;
  expires_at: Date;
}

export interface ApiKeysTable {
  id: string;
  workspace_id: string;
  name: string;
  mode: Book;
  secret_hash: Buffer;
  last_four: string;
  created_by: string | null;
  created_at: Generated<Date>;
  revoked_at: Date | null;
  change: Generated<bigint>;
  scopes: Generated<KeyScope[]>;
  models: string[] | null;
  providers: string[] | null;
  requests_per_minute: number | null;
  tokens_per_minute: bigint | null;
  concurrency: number | null;
  ip_ranges: string[] | null;
  expires_at: Date | null;
  disabled_at: Date | null;
  previous_hash: Buffer | null;
  previous_until: Date | null;
  app: string | null;
}

export interface AppGrantsTable {
  code_hash: Buffer;
  workspace_id: string;
  person_id: string;
  app: string;
  key_name: string;
  challenge: string;
  limit_nanos: bigint;
  span: 'total' | 'daily' | 'weekly' | 'monthly';
  expires_at: Date;
}

export type MailKind =
  | 'confirm_sign_up'
  | 'reset_password'
  | 'password_changed'
  | 'confirm_email'
  | 'email_changing'
  | 'new_device'
  | 'second_factor_changed'
  | 'invitation'
  | 'low_balance'
  | 'budget_reached'
  | 'top_up_receipt'
  | 'policy_change'
  | 'deletion';

export interface MailsTable {
  id: string;
  kind: MailKind;
  address: string;
  person_id: string | null;
  subject_id: string | null;
  facts: ColumnType<JsonObject, string, never>;
  once_key: string;
  created_at: Date;
  due_at: Date;
  attempts: Generated<number>;
  sent_at: Date | null;
  given_up_at: Date | null;
  failure: Generated<string | null>;
}
