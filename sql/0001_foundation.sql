-- The first shape of everything that is kept. No column can hold content: texts are ids, enums by
-- check, or names that people give to their own keys and workspaces.

-- People ------------------------------------------------------------------------------------------

create table people (
  id text primary key check (id ~ '^usr_[0-9a-z]{26}$'),
  email text not null unique check (email = lower(email) and length(email) between 3 and 254),
  name text not null check (length(name) between 1 and 120),
  -- scrypt/argon2 text; null until the person has chosen a password.
  password_hash text,
  email_verified_at timestamptz,
  is_operator boolean not null default false,
  created_at timestamptz not null default now()
);

-- Session and link tokens exist only as SHA-256 of 256 random bits.
create table sessions (
  token_hash bytea primary key check (length(token_hash) = 32),
  person_id text not null references people on delete cascade,
  created_at timestamptz not null default now(),
  last_seen_at timestamptz not null default now(),
  expires_at timestamptz not null
);
create index sessions_person on sessions (person_id);

-- One-time links: the first operator's welcome, and sign-in links that the operator's shell prints.
create table one_time_links (
  token_hash bytea primary key check (length(token_hash) = 32),
  purpose text not null check (purpose in ('first_operator', 'sign_in')),
  person_id text references people on delete cascade,
  created_at timestamptz not null default now(),
  expires_at timestamptz not null,
  check ((purpose = 'first_operator') = (person_id is null))
);

create table workspaces (
  id text primary key check (id ~ '^ws_[0-9a-z]{26}$'),
  name text not null check (length(name) between 1 and 120),
  created_at timestamptz not null default now()
);

create table members (
  workspace_id text not null references workspaces on delete cascade,
  person_id text not null references people on delete cascade,
  role text not null check (role in ('owner', 'admin', 'developer', 'billing', 'viewer')),
  created_at timestamptz not null default now(),
  primary key (workspace_id, person_id)
);
create index members_person on members (person_id);

-- API keys ----------------------------------------------------------------------------------------

-- Every change of a key takes the next number, so that a gateway can ask what changed since.
create sequence api_key_changes;

create table api_keys (
  id text primary key check (id ~ '^key_[0-9a-z]{26}$'),
  workspace_id text not null references workspaces,
  name text not null check (length(name) between 1 and 120),
  mode text not null check (mode in ('live', 'test')),
  secret_hash bytea not null unique check (length(secret_hash) = 32),
  -- Enough of the end to recognise a key by; far too little to use it.
  last_four text not null check (length(last_four) = 4),
  created_by text references people on delete set null,
  created_at timestamptz not null default now(),
  revoked_at timestamptz,
  change bigint not null default nextval('api_key_changes')
);
create index api_keys_workspace on api_keys (workspace_id);
create index api_keys_change on api_keys (change);

-- Prices ------------------------------------------------------------------------------------------

-- Every list of prices that was published: the program's own, and the operator's over it.
create table price_lists (
  number bigint generated always as identity primary key,
  origin text not null check (origin in ('builtin', 'operator')),
  published_at timestamptz not null default now()
);

-- Every price that ever held or will hold, one row for each tier of a version. A row never changes:
-- a new price is a new version with a date of its own.
create table prices (
  id text primary key check (length(id) between 1 and 250),
  version text not null check (length(version) between 1 and 200),
  list bigint not null references price_lists,
  provider text not null,
  -- The hub's model; `provider/*` stands for every model of the operator's own server.
  model text not null,
  effective_from timestamptz not null,
  -- Null is the standard tier.
  service_tier text check (service_tier ~ '^[a-z_]{1,20}$'),
  -- The whole request costs this once its prompt has more tokens.
  above_prompt_tokens bigint not null check (above_prompt_tokens >= 0),
  -- Class -> nano-dollars per million units, as decimal text; what is not in it is not sold.
  rates jsonb not null,
  created_at timestamptz not null default now()
);
create index prices_list on prices (list);

-- Nodes -------------------------------------------------------------------------------------------

-- A run is one life of a gateway node: from its start to its stop, or until it has not been seen for
-- so long that what it had leased was given back. A node that comes back begins a new run, so money
-- leased by one life is never taken for another's.
create table node_runs (
  id text primary key check (id ~ '^run_[0-9a-z]{26}$'),
  node_id text not null check (node_id ~ '^node_[0-9a-z]{26}$'),
  started_at timestamptz not null default now(),
  seen_at timestamptz not null default now(),
  -- Signs of life so far; whether they go on is judged by the watchers' own clocks, never by this one.
  beats bigint not null default 0,
  ended_at timestamptz,
  -- Ended by others, because it was not seen any more.
  expired boolean not null default false,
  check (not expired or ended_at is not null)
);
create unique index node_runs_one_open on node_runs (node_id) where ended_at is null;
create index node_runs_open on node_runs (seen_at) where ended_at is null;

-- Ledger ------------------------------------------------------------------------------------------

-- Double entry, append-only. `balance_nanos` is the sum of the account's entries, kept by the
-- trigger below and by nothing else. A bounded account never goes below zero. The books: real money,
-- play money, and allowances (what a key or a member may spend in a span of time).
create table ledger_accounts (
  id text primary key check (length(id) between 3 and 200),
  book text not null check (book in ('live', 'test', 'allowance')),
  kind text not null
    check (kind in ('available', 'lease', 'revenue', 'funding', 'quarantine', 'suspense')),
  workspace_id text references workspaces,
  -- Whose money it is: the workspace's, or one window of a budget of its.
  purse_id text,
  run_id text references node_runs,
  bounded boolean not null,
  balance_nanos bigint not null default 0,
  constraint ledger_accounts_not_overdrawn check (not bounded or balance_nanos >= 0),
  check ((kind in ('available', 'lease')) = (workspace_id is not null)),
  check ((kind in ('available', 'lease')) = (purse_id is not null)),
  check ((kind = 'lease') = (run_id is not null)),
  check (bounded = (kind in ('available', 'lease', 'quarantine')))
);
create index ledger_accounts_workspace on ledger_accounts (workspace_id);
create index ledger_accounts_purse on ledger_accounts (purse_id);
create index ledger_accounts_run on ledger_accounts (run_id) where run_id is not null;

-- A node that needs what others hold asks each holder for it; the row goes when the holder has
-- given back what it could.
create table lease_recalls (
  account_id text primary key references ledger_accounts,
  run_id text not null references node_runs,
  purse_id text not null,
  asked_at timestamptz not null default now()
);
create index lease_recalls_run on lease_recalls (run_id);
create index lease_recalls_purse on lease_recalls (purse_id);

create table ledger_transactions (
  id text primary key check (id ~ '^txn_[0-9a-z]{26}$'),
  book text not null check (book in ('live', 'test', 'allowance')),
  kind text not null check (kind in
    ('grant', 'allow', 'lease', 'release', 'settle', 'quarantine', 'review', 'refund')),
  -- The charge that a review or a refund is about.
  about text references ledger_transactions
    check ((about is not null) = (kind in ('review', 'refund'))),
  -- What this transaction does, once: the same key is never booked twice.
  idempotency_key text not null constraint ledger_transactions_once unique
    check (length(idempotency_key) between 1 and 200),
  created_at timestamptz not null default now()
);

create table ledger_entries (
  transaction_id text not null references ledger_transactions,
  account_id text not null references ledger_accounts,
  amount_nanos bigint not null check (amount_nanos <> 0),
  primary key (transaction_id, account_id)
);
create index ledger_entries_account on ledger_entries (account_id);
create index ledger_transactions_about on ledger_transactions (about) where about is not null;

create function ledger_refuse_change() returns trigger language plpgsql as $$
begin
  raise exception 'The ledger is append-only: % of % refused', tg_op, tg_table_name
    using errcode = 'integrity_constraint_violation';
end $$;

create trigger ledger_entries_append_only before update or delete on ledger_entries
  for each row execute function ledger_refuse_change();
create trigger ledger_entries_no_truncate before truncate on ledger_entries
  for each statement execute function ledger_refuse_change();
create trigger ledger_transactions_append_only before update or delete on ledger_transactions
  for each row execute function ledger_refuse_change();
create trigger ledger_transactions_no_truncate before truncate on ledger_transactions
  for each statement execute function ledger_refuse_change();
create trigger ledger_accounts_no_delete before delete on ledger_accounts
  for each row execute function ledger_refuse_change();
create trigger ledger_accounts_no_truncate before truncate on ledger_accounts
  for each statement execute function ledger_refuse_change();

-- Only the entries' own trigger may move a balance: a direct update runs at trigger depth 1.
create function ledger_guard_balance() returns trigger language plpgsql as $$
begin
  if pg_trigger_depth() < 2 or new.id <> old.id or new.book <> old.book or new.kind <> old.kind
    or new.bounded <> old.bounded or new.workspace_id is distinct from old.workspace_id
    or new.purse_id is distinct from old.purse_id or new.run_id is distinct from old.run_id then
    raise exception 'Ledger accounts change by entries only'
      using errcode = 'integrity_constraint_violation';
  end if;
  return new;
end $$;
create trigger ledger_accounts_guard before update on ledger_accounts
  for each row execute function ledger_guard_balance();
create function ledger_guard_opening() returns trigger language plpgsql as $$
begin
  if new.balance_nanos <> 0 then
    raise exception 'A ledger account opens at zero' using errcode = 'integrity_constraint_violation';
  end if;
  return new;
end $$;
create trigger ledger_accounts_open_at_zero before insert on ledger_accounts
  for each row execute function ledger_guard_opening();

create function ledger_move_balances() returns trigger language plpgsql as $$
begin
  update ledger_accounts a set balance_nanos = a.balance_nanos + moved.amount
  from (select account_id, sum(amount_nanos)::bigint as amount from added group by account_id) moved
  where a.id = moved.account_id and moved.amount <> 0;
  return null;
end $$;
create trigger ledger_entries_move_balances after insert on ledger_entries
  referencing new table as added for each statement execute function ledger_move_balances();

-- Entries of one transaction sum to zero and stay in one book, checked once a transaction when the
-- database transaction commits. One without entries has nothing to say and is refused.
create function ledger_check_balanced() returns trigger language plpgsql as $$
declare
  total numeric;
  foreign_books bigint;
begin
  select sum(e.amount_nanos), count(*) filter (where a.book <> new.book)
    into total, foreign_books
    from ledger_entries e join ledger_accounts a on a.id = e.account_id
    where e.transaction_id = new.id;
  if total is distinct from 0 or foreign_books > 0 then
    raise exception 'Ledger transaction % does not balance within its book', new.id
      using errcode = 'integrity_constraint_violation', constraint = 'ledger_balanced';
  end if;
  return null;
end $$;
create constraint trigger ledger_transactions_balanced after insert on ledger_transactions
  deferrable initially deferred for each row execute function ledger_check_balanced();

-- Whether all that is about a charge is in order. A charge and its reviews and refunds are added up
-- by account: neither revenue nor quarantine may have given more of this charge than it got, and
-- what they gave went to who bore it, the customer or the hub itself (suspense). So over all of them
-- no more is given back than was charged, and never to anybody who did not pay it.
create function ledger_charge_holds(charge text) returns boolean language sql stable as $$
  with payers as (
    select case when a.kind = 'lease' then a.book || ':available:' || a.purse_id else a.id end as id
    from ledger_transactions t
    join ledger_entries e on e.transaction_id = t.id and e.amount_nanos < 0
    join ledger_accounts a on a.id = e.account_id
    where t.id = charge and t.kind in ('settle', 'quarantine')
  ), moved as (
    select a.id, a.kind, sum(e.amount_nanos) as net, bool_or(t.about is not null) as later
    from ledger_transactions t
    join ledger_entries e on e.transaction_id = t.id
    join ledger_accounts a on a.id = e.account_id
    where t.id = charge or t.about = charge
    group by a.id, a.kind
  )
  select (select count(*) from payers) = 1 and not exists (
    select from moved where case
      when kind in ('revenue', 'quarantine') then net < 0
      else later and id not in (select p.id from payers p)
    end)
$$;

-- Locks the charge first, so that of two at the same time the second adds up the first one's too.
create function ledger_check_given_back() returns trigger language plpgsql as $$
begin
  perform from ledger_transactions where id = new.about for no key update;
  if not ledger_charge_holds(new.about) then
    raise exception 'More is given back than transaction % charged, or to somebody else', new.about
      using errcode = 'integrity_constraint_violation', constraint = 'ledger_given_back_within_charge';
  end if;
  return null;
end $$;
create constraint trigger ledger_transactions_given_back after insert on ledger_transactions
  deferrable initially deferred for each row when (new.about is not null)
  execute function ledger_check_given_back();

-- So that this check sees every entry, entries come in the database transaction of their own ledger
-- transaction and never later.
create function ledger_refuse_late_entries() returns trigger language plpgsql as $$
begin
  if exists (
    select from added join ledger_transactions t on t.id = added.transaction_id
    where t.xmin <> pg_current_xact_id()::xid
  ) then
    raise exception 'Ledger entries come with their transaction'
      using errcode = 'integrity_constraint_violation', constraint = 'ledger_balanced';
  end if;
  return null;
end $$;
create trigger ledger_entries_come_at_once after insert on ledger_entries
  referencing new table as added for each statement execute function ledger_refuse_late_entries();

-- Metering ----------------------------------------------------------------------------------------

create table usage_records (
  id text primary key check (id ~ '^req_[0-9a-z]{26}$'),
  workspace_id text not null references workspaces,
  key_id text not null references api_keys,
  book text not null check (book in ('live', 'test')),
  protocol text not null check (protocol ~ '^[a-z0-9-]{1,40}$'),
  streamed boolean not null,
  -- Ids from the hub's own catalogue only; null when the client named none of them.
  model_asked text check (model_asked ~ '^[A-Za-z0-9._:/@-]{1,128}$'),
  model_served text check (model_served ~ '^[A-Za-z0-9._:/@-]{1,128}$'),
  provider text check (provider ~ '^[a-z0-9-]{1,40}$'),
  in_uncached bigint not null check (in_uncached >= 0),
  in_cache_read bigint not null check (in_cache_read >= 0),
  in_cache_write_5m bigint not null check (in_cache_write_5m >= 0),
  in_cache_write_1h bigint not null check (in_cache_write_1h >= 0),
  in_cache_write_other bigint not null check (in_cache_write_other >= 0),
  out_text bigint not null check (out_text >= 0),
  out_reasoning bigint not null check (out_reasoning >= 0),
  usage_source text not null
    check (usage_source in ('provider', 'partial', 'estimated', 'none', 'unreadable')),
  price_id text references prices,
  -- Units of endpoints that are not priced by the token; audio in milliseconds.
  images bigint not null check (images >= 0),
  audio_ms bigint not null check (audio_ms >= 0),
  characters bigint not null check (characters >= 0),
  search_units bigint not null check (search_units >= 0),
  -- The tier in which the provider served it; null is the standard one.
  service_tier text check (service_tier ~ '^[a-z_]{1,20}$'),
  -- The operator's markup on the list price, in basis points; it holds from admission.
  markup_bps integer not null check (markup_bps > -10000),
  -- What the list price says, without markup: what the provider will invoice for this request.
  provider_cost_nanos bigint not null check (provider_cost_nanos >= 0),
  hold_nanos bigint not null check (hold_nanos >= 0),
  -- What the price says, before it is held against the hold: charge = min(cost, hold).
  cost_nanos bigint not null check (cost_nanos >= 0),
  charge_nanos bigint not null check (charge_nanos between 0 and hold_nanos),
  quarantined boolean not null,
  output_cap bigint check (output_cap >= 0),
  output_cap_lowered boolean not null,
  attempts smallint not null check (attempts >= 0),
  status smallint not null check (status between 100 and 599),
  outcome text not null check (outcome in
    ('completed', 'refused', 'upstream_error', 'upstream_broke_off', 'client_closed')),
  error_code text check (error_code ~ '^[a-z_]{1,60}$'),
  first_byte_ms integer check (first_byte_ms >= 0),
  duration_ms integer not null check (duration_ms >= 0),
  started_at timestamptz not null,
  ended_at timestamptz not null,
  ip inet,
  -- The life of the node that held the money.
  run_id text not null references node_runs,
  -- Windows of budgets that count the charge too (purses of the allowance book).
  allowances text[] not null
);
create index usage_records_workspace on usage_records (workspace_id, id desc);
create index usage_records_key on usage_records (key_id, id desc);

-- Tries of a request before the one that answered (or before it was given up), and what each cost
-- the hub at the provider's list price.
create table failed_attempts (
  request_id text not null references usage_records,
  attempt smallint not null check (attempt >= 1),
  provider text not null check (provider ~ '^[a-z0-9-]{1,40}$'),
  status smallint check (status between 100 and 599),
  error_code text not null check (error_code ~ '^[a-z_]{1,60}$'),
  cost_nanos bigint not null check (cost_nanos >= 0),
  primary key (request_id, attempt)
);

-- How far each gateway node's journal has been drained; moves in the same transaction as its rows.
create table journal_positions (
  node_id text primary key,
  segment bigint not null,
  position bigint not null
);
