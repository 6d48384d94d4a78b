// The tables as types, one interface a table, in the order of sql/. Rooms ask for their own tables
// by name; bigint columns arrive as bigint on both databases, timestamps as Date.

import type { ColumnType, Generated, GeneratedAlways } from 'kysely';
import type { JsonObject } from '../base/json.ts';

export type Book = 'live' | 'test';
export type Role = 'owner' | 'admin' | 'developer' | 'billing' | 'viewer';
export type AccountKind = 'available' | 'lease' | 'revenue' | 'funding' | 'quarantine';
export type TransactionKind = 'grant' | 'lease' | 'release' | 'settle' | 'quarantine' | 'adjust';

export interface PeopleTable {
  id: string;
  email: string;
  name: string;
  password_hash: string | null;
  email_verified_at: Date | null;
  is_operator: Generated<boolean>;
  created_at: Generated<Date>;
}

export interface SessionsTable {
  token_hash: Buffer;
  person_id: string;
  created_at: Generated<Date>;
  last_seen_at: Generated<Date>;
  expires_at: Date;
}

export interface OneTimeLinksTable {
  token_hash: Buffer;
  purpose: 'first_operator' | 'sign_in';
  person_id: string | null;
  created_at: Generated<Date>;
  expires_at: Date;
}

export interface WorkspacesTable {
  id: string;
  name: string;
  created_at: Generated<Date>;
}

export interface MembersTable {
  workspace_id: string;
  person_id: string;
  role: Role;
  created_at: Generated<Date>;
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
}

export interface PricesTable {
  id: string;
  provider: string;
  model: string;
  rates: ColumnType<JsonObject, string, never>;
  created_at: Generated<Date>;
}

export interface LedgerAccountsTable {
  id: string;
  book: Book;
  kind: AccountKind;
  workspace_id: string | null;
  node_id: string | null;
  bounded: boolean;
  balance_nanos: GeneratedAlways<bigint>;
}

export interface LedgerTransactionsTable {
  id: string;
  book: Book;
  kind: TransactionKind;
  idempotency_key: string;
  created_at: Generated<Date>;
}

export interface LedgerEntriesTable {
  transaction_id: string;
  account_id: string;
  amount_nanos: bigint;
}

export interface UsageRecordsTable {
  id: string;
  workspace_id: string;
  key_id: string;
  book: Book;
  protocol: string;
  streamed: boolean;
  model_asked: string | null;
  model_served: string | null;
  provider: string | null;
  in_uncached: bigint;
  in_cache_read: bigint;
  in_cache_write_5m: bigint;
  in_cache_write_1h: bigint;
  in_cache_write_other: bigint;
  out_text: bigint;
  out_reasoning: bigint;
  usage_source: string;
  price_id: string | null;
  hold_nanos: bigint;
  cost_nanos: bigint;
  charge_nanos: bigint;
  quarantined: boolean;
  output_cap: bigint | null;
  output_cap_lowered: boolean;
  attempts: number;
  status: number;
  outcome: string;
  error_code: string | null;
  first_byte_ms: number | null;
  duration_ms: number;
  started_at: Date;
  ended_at: Date;
  ip: string | null;
}

export interface JournalPositionsTable {
  node_id: string;
  segment: bigint;
  position: bigint;
}

export interface Tables {
  people: PeopleTable;
  sessions: SessionsTable;
  one_time_links: OneTimeLinksTable;
  workspaces: WorkspacesTable;
  members: MembersTable;
  api_keys: ApiKeysTable;
  prices: PricesTable;
  ledger_accounts: LedgerAccountsTable;
  ledger_transactions: LedgerTransactionsTable;
  ledger_entries: LedgerEntriesTable;
  usage_records: UsageRecordsTable;
  journal_positions: JournalPositionsTable;
}
