-- Scheduled work, the daily proofs of the books, and what the operator enters for them. Ids, numbers
-- and enums only.

-- Jobs --------------------------------------------------------------------------------------------

-- One row a job and due time: whoever inserts it does the work. A claim that its holder does not
-- renew ends by itself, so that another node takes the work over.
create table job_runs (
  job text not null check (job ~ '^[a-z-]{1,40}$'),
  due_at timestamptz not null,
  claimed_by text not null check (length(claimed_by) between 1 and 64),
  claimed_until timestamptz not null,
  attempts integer not null default 1 check (attempts >= 1),
  finished_at timestamptz,
  constraint job_runs_once primary key (job, due_at)
);

-- Reconciliation ----------------------------------------------------------------------------------

create table reconciliations (
  id bigint generated always as identity primary key,
  cause text not null check (cause in ('schedule', 'operator')),
  status text not null check (status in ('proven', 'drift')),
  started_at timestamptz not null,
  finished_at timestamptz not null
);

create table reconciliation_proofs (
  reconciliation_id bigint not null references reconciliations,
  proof text not null check (proof in
    ('entries_sum_to_zero', 'balances_equal_entries', 'usage_equals_charges',
     'top_ups_equal_processors', 'costs_equal_invoices')),
  status text not null check (status in ('proven', 'drift', 'not_applicable')),
  reason text check (reason in ('no_processor', 'no_invoice')),
  checked bigint not null check (checked >= 0),
  -- Everything that is off, however little of it is listed below; sums of sums need more than bigint.
  faults bigint not null check (faults >= 0),
  drift_nanos numeric not null check (drift_nanos >= 0),
  primary key (reconciliation_id, proof),
  check ((reason is not null) = (status = 'not_applicable')),
  check ((faults > 0) = (status = 'drift'))
);

create table reconciliation_findings (
  reconciliation_id bigint not null,
  proof text not null,
  position smallint not null check (position between 1 and 50),
  fault text not null check (fault ~ '^[a-z_]{1,60}$'),
  -- The id of what is off: a transaction, an account, a request, a book, a provider's month.
  subject text not null check (length(subject) between 1 and 260),
  amount_nanos numeric not null,
  primary key (reconciliation_id, proof, position),
  foreign key (reconciliation_id, proof) references reconciliation_proofs
);

-- What a provider's usage of one UTC month cost at list prices, as the last reconciliation added it up.
create table provider_months (
  provider text not null check (provider ~ '^[a-z0-9-]{1,40}$'),
  month date not null check (extract(day from month) = 1),
  cost_nanos numeric not null check (cost_nanos >= 0),
  primary key (provider, month)
);

-- What the provider invoiced for a month. A correction is a newer row; the newest one holds.
create table provider_invoices (
  id bigint generated always as identity primary key,
  provider text not null check (provider ~ '^[a-z0-9-]{1,40}$'),
  month date not null check (extract(day from month) = 1),
  amount_nanos bigint not null check (amount_nanos >= 0),
  entered_by text references people on delete set null,
  entered_at timestamptz not null default now()
);
create index provider_invoices_month on provider_invoices (provider, month, id desc);

-- Quarantined charges are few; the operator's list must not read all transactions to find them.
create index ledger_transactions_quarantine on ledger_transactions (id) where kind = 'quarantine';
