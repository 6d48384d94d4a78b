// The tables as types, one interface a table, in the order of sql/. Rooms ask for their own tables
// by name; bigint columns arrive as bigint on both databases, timestamps as Date.

import type { ColumnType, Generated, GeneratedAlways } from 'kysely';
import type { JsonObject } from '../base/json.ts';
import type {
  AcceptancesTable,
  ApiKeysTable,
  AppGrantsTable,
  Book,
  EmailChangesTable,
  GoogleIdentitiesTable,
  HubSecretsTable,
  InvitationsTable,
  MailsTable,
  MembersTable,
  OneTimeLinksTable,
  PasskeysTable,
  PeopleTable,
  PersonDevicesTable,
  RecoveryCodesTable,
  SessionFlowsTable,
  SessionsTable,
  SignUpsTable,
  SpentChallengesTable,
  WorkspacesTable,
} from './schema-people.ts';

export type { Book };

/** Real money, play money, and what a key or a member may spend in a span of time. */
export type LedgerBook = Book | 'allowance';
export type AccountKind = 'available' | 'lease' | 'revenue' | 'funding' | 'quarantine' | 'suspense';
export type TransactionKind =
  | 'grant'
  | 'allow'
  | 'lease'
  | 'release'
  | 'settle'
  | 'quarantine'
  | 'review'
  | 'refund';

export interface PriceListsTable {
  number: GeneratedAlways<bigint>;
  origin: 'builtin' | 'operator';
  published_at: Generated<Date>;
}

export interface PricesTable {
  id: string;
  version: string;
  list: bigint;
  provider: string;
  model: string;
  effective_from: Date;
  service_tier: string | null;
  above_prompt_tokens: bigint;
  rates: ColumnType<JsonObject, string, never>;
  created_at: Generated<Date>;
}

export interface MarkupsTable {
  id: GeneratedAlways<bigint>;
  scope: 'default' | 'provider' | 'model';
  target: string | null;
  bps: number | null;
  effective_from: Date;
  created_at: Generated<Date>;
}

export interface NodeRunsTable {
  id: string;
  node_id: string;
  started_at: Generated<Date>;
  seen_at: Generated<Date>;
  beats: Generated<bigint>;
  ended_at: Date | null;
  expired: Generated<boolean>;
}

export interface LedgerAccountsTable {
  id: string;
  book: LedgerBook;
  kind: AccountKind;
  workspace_id: string | null;
  purse_id: string | null;
  run_id: string | null;
  bounded: boolean;
  balance_nanos: GeneratedAlways<bigint>;
}

export interface LeaseRecallsTable {
  account_id: string;
  run_id: string;
  purse_id: string;
  asked_at: Generated<Date>;
}

export interface LedgerTransactionsTable {
  id: string;
  book: LedgerBook;
  kind: TransactionKind;
  about: string | null;
  about_request: string | null;
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
  images: bigint;
  audio_ms: bigint;
  characters: bigint;
  search_units: bigint;
  service_tier: string | null;
  markup_bps: number;
  provider_cost_nanos: bigint;
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
  run_id: string;
  allowances: string[];
  settlement_id: string | null;
  credential_id: string | null;
  fee_bps: number | null;
  /** By MEDIA_CLASSES, or empty; what a list's numbers come as differs between the databases. */
  media_tokens: (bigint | number | string)[];
}

export type CredentialMode = 'first' | 'only';

export interface ProviderCredentialsTable {
  id: string;
  workspace_id: string;
  provider: string;
  mode: CredentialMode;
  sealed: Buffer | null;
  sealing_key: string;
  last_four: string;
  created_by: string | null;
  created_at: Generated<Date>;
  disabled_at: Date | null;
  removed_at: Date | null;
  change: Generated<bigint>;
}

export interface FailedAttemptsTable {
  request_id: string;
  attempt: number;
  provider: string;
  status: number | null;
  error_code: string;
  cost_nanos: bigint;
}

export interface IdempotencyKeysTable {
  api_key_id: string;
  key_hash: Buffer;
  request_id: string;
  run_id: string;
  created_at: Generated<Date>;
}

export interface JournalPositionsTable {
  node_id: string;
  segment: bigint;
  position: bigint;
}

export interface BudgetsTable {
  id: string;
  workspace_id: string;
  key_id: string | null;
  person_id: string | null;
  span: 'total' | 'daily' | 'weekly' | 'monthly';
  limit_nanos: bigint;
  window_start: Date | null;
  created_at: Generated<Date>;
  removed_at: Date | null;
}

export interface BudgetWindowsTable {
  purse_id: string;
  budget_id: string;
  starts_at: Date | null;
  issued_nanos: Generated<bigint>;
  told_percent: Generated<number>;
}

export interface JobRunsTable {
  job: string;
  due_at: Date;
  claimed_by: string;
  claimed_until: Date;
  attempts: Generated<number>;
  finished_at: Date | null;
}

export interface ReconciliationsTable {
  id: GeneratedAlways<bigint>;
  cause: 'schedule' | 'operator';
  status: 'proven' | 'drift';
  started_at: Date;
  finished_at: Date;
}

/** Sums of sums (`numeric`) travel as decimal text. */
export interface ReconciliationProofsTable {
  reconciliation_id: bigint;
  proof: string;
  status: 'proven' | 'drift' | 'not_applicable';
  reason: string | null;
  checked: bigint;
  faults: bigint;
  drift_nanos: string;
}

export interface ReconciliationFindingsTable {
  reconciliation_id: bigint;
  proof: string;
  position: number;
  fault: string;
  subject: string;
  amount_nanos: string;
}

/** Months are written as `2026-11-01`; read them with `to_char`. */
export interface ProviderMonthsTable {
  provider: string;
  month: ColumnType<Date, string, string>;
  cost_nanos: string;
}

export interface ProviderInvoicesTable {
  id: GeneratedAlways<bigint>;
  provider: string;
  month: ColumnType<Date, string, never>;
  amount_nanos: bigint;
  entered_by: string | null;
  entered_at: Generated<Date>;
}

export interface PriceProposalsTable {
  id: GeneratedAlways<bigint>;
  model: string;
  effective_from: Date | null;
  terms: ColumnType<JsonObject, string, never>;
  digest: string;
  filed_at: Generated<Date>;
  decision: 'approved' | 'rejected' | 'withdrawn' | null;
  decided_at: Date | null;
  decided_by: string | null;
}

export interface Tables {
  people: PeopleTable;
  sessions: SessionsTable;
  session_flows: SessionFlowsTable;
  person_devices: PersonDevicesTable;
  google_identities: GoogleIdentitiesTable;
  passkeys: PasskeysTable;
  recovery_codes: RecoveryCodesTable;
  sign_ups: SignUpsTable;
  email_changes: EmailChangesTable;
  acceptances: AcceptancesTable;
  spent_challenges: SpentChallengesTable;
  hub_secrets: HubSecretsTable;
  one_time_links: OneTimeLinksTable;
  workspaces: WorkspacesTable;
  members: MembersTable;
  invitations: InvitationsTable;
  api_keys: ApiKeysTable;
  app_grants: AppGrantsTable;
  mails: MailsTable;
  price_lists: PriceListsTable;
  prices: PricesTable;
  markups: MarkupsTable;
  node_runs: NodeRunsTable;
  ledger_accounts: LedgerAccountsTable;
  lease_recalls: LeaseRecallsTable;
  ledger_transactions: LedgerTransactionsTable;
  ledger_entries: LedgerEntriesTable;
  usage_records: UsageRecordsTable;
  provider_credentials: ProviderCredentialsTable;
  failed_attempts: FailedAttemptsTable;
  idempotency_keys: IdempotencyKeysTable;
  journal_positions: JournalPositionsTable;
  budgets: BudgetsTable;
  budget_windows: BudgetWindowsTable;
  job_runs: JobRunsTable;
  reconciliations: ReconciliationsTable;
  reconciliation_proofs: ReconciliationProofsTable;
  reconciliation_findings: ReconciliationFindingsTable;
  provider_months: ProviderMonthsTable;
  provider_invoices: ProviderInvoicesTable;
  price_proposals: PriceProposalsTable;
}
