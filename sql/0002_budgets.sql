-- What an API key or a member may spend, per span of time. A budget is enforced by the ledger: each
-- of its windows is a purse of the allowance book, from which gateway nodes take leases.

create table budgets (
  id text primary key check (id ~ '^bgt_[0-9a-z]{26}$'),
  workspace_id text not null references workspaces on delete cascade,
  key_id text references api_keys,
  -- A member's budget binds the live keys that they made in this workspace.
  person_id text,
  span text not null check (span in ('total', 'daily', 'weekly', 'monthly')),
  limit_nanos bigint not null check (limit_nanos >= 0),
  -- The newest window that was opened: it never goes back, whatever a clock does.
  window_start timestamptz,
  created_at timestamptz not null default now(),
  -- A removed budget limits nothing any more; its windows stay in the ledger.
  removed_at timestamptz,
  check ((key_id is null) <> (person_id is null)),
  foreign key (workspace_id, person_id) references members on delete cascade
);
-- At most one budget of each span; both also find the budgets of an owner.
create unique index budgets_one_of_key on budgets (key_id, span)
  where key_id is not null and removed_at is null;
create unique index budgets_one_of_member on budgets (workspace_id, person_id, span)
  where person_id is not null and removed_at is null;

create table budget_windows (
  -- '<budget id>:<start as YYYY-MM-DD>', or '<budget id>:total'.
  purse_id text primary key check (length(purse_id) between 1 and 60),
  budget_id text not null references budgets on delete cascade,
  starts_at timestamptz,
  -- What was allowed for this window so far: the limit, as far as it could be followed.
  issued_nanos bigint not null default 0 check (issued_nanos >= 0)
);
create index budget_windows_budget on budget_windows (budget_id);
