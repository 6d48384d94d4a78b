-- What booking a batch need not cost (docs/decisions/0009-batch-settlement.md has the figures).

-- A key stays in its workspace ------------------------------------------------------------------

-- So the check of added rows asks of both in one look: the key is there, and is of that workspace.
create function usage_keep_key() returns trigger language plpgsql as $$
begin
  if tg_op = 'UPDATE' and new.workspace_id <> old.workspace_id then
    raise exception 'A key stays in its workspace: % names %', old.id, old.workspace_id
      using errcode = 'integrity_constraint_violation', constraint = 'usage_records_named';
  end if;
  if (tg_op = 'DELETE' or new.id <> old.id)
    and exists (select from usage_records where key_id = old.id) then
    raise exception 'Usage records name % of %', old.id, tg_table_name
      using errcode = 'foreign_key_violation', constraint = 'usage_records_named';
  end if;
  return case tg_op when 'DELETE' then old else new end;
end $$;
drop trigger api_keys_stay on api_keys;
create trigger api_keys_stay before delete or update of id, workspace_id on api_keys
  for each row execute function usage_keep_key();

-- The check of added rows -------------------------------------------------------------------------

-- What it asks of the ledger, it asks of all settlements of a statement at once and by index.
-- `id collate "C"` had passed its collation on to what was compared with it, so that no index fitted
-- and every settlement was looked for in the whole ledger.

create or replace function usage_check_added() returns trigger language plpgsql
  set jit = off set plan_cache_mode = force_generic_plan set enable_seqscan = off set enable_hashjoin = off set enable_mergejoin = off as $$
declare
  keys_named text[];
  keys_of_workspaces text[];
  runs_named text[];
  prices_named text[];
  fit boolean;
  settled boolean;
  counts boolean;
  found_rows bigint;
begin
  with alike as materialized (
    select workspace_id, key_id, book, run_id, quarantined, settlement_id, price_id, protocol,
      model_asked, model_served, provider, service_tier, error_code,
      sum(charge_nanos) as charge, count(*) as requests, min(id collate "C") as first,
      bool_or(cardinality(allowances) > 0) as counts
    from added group by 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13
  ), settlements as (
    select settlement_id, min(first) collate "default" as first, sum(charge) as charge,
      sum(requests) as requests, workspace_id, book, array_agg(distinct run_id) as runs, quarantined,
      count(*) over (partition by settlement_id) as payers
    from alike where settlement_id is not null
    group by settlement_id, workspace_id, book, quarantined
  ), judged as (
    -- Whether the settlement that rows name is theirs: made in this same database transaction, with
    -- their sum, out of the lease that their money was held in (or by the hub, where that life had
    -- ended). Its key names the least of their ids, so each request leads one settlement at most, and
    -- no further statement can add rows to one: the leading row stands there already.
    -- `offset 0` keeps the order of the joins, whatever is known of the tables when this is planned.
    select (s.payers = 1 and t.xmin = pg_current_xact_id()::xid and t.book = s.book
      and t.idempotency_key = 'settle:' || s.first
      and t.kind = case when s.quarantined then 'quarantine' else 'settle' end
      and (not s.quarantined or s.requests = 1) and m.holds) is true as holds
    from settlements s
    left join ledger_transactions t on t.id = s.settlement_id
    left join lateral (
      select count(*) = 2 and bool_and((case
        when e.amount_nanos > 0 then e.amount_nanos = s.charge
          and a.kind = case when s.quarantined then 'quarantine' else 'revenue' end
        else e.amount_nanos = -s.charge and case a.kind
          when 'lease' then a.purse_id = s.workspace_id and a.workspace_id = s.workspace_id
            and cardinality(s.runs) = 1 and a.run_id = s.runs[1]
          else a.kind = 'suspense' and not exists (
            select from node_runs r where r.id = any (s.runs) and r.ended_at is null)
        end
      end) is true) as holds
      from (select account_id, amount_nanos from ledger_entries
        where transaction_id = s.settlement_id offset 0) e
      cross join lateral (select kind, purse_id, workspace_id, run_id from ledger_accounts
        where id = e.account_id offset 0) a
    ) m on true
  )
  select
    array_agg(distinct key_id), array_agg(distinct workspace_id || key_id),
    array_agg(distinct run_id), array_agg(distinct price_id) filter (where price_id is not null),
    -- No column can hold content: labels follow their patterns.
    bool_and(protocol ~ '^[a-z0-9-]{1,40}$'
      and coalesce(model_asked ~ '^[A-Za-z0-9._:/@-]{1,128}$', true)
      and coalesce(model_served ~ '^[A-Za-z0-9._:/@-]{1,128}$', true)
      and coalesce(provider ~ '^[a-z0-9-]{1,40}$', true)
      and coalesce(service_tier ~ '^[a-z_]{1,20}$', true)
      and coalesce(error_code ~ '^[a-z_]{1,60}$', true)),
    (select coalesce(bool_and(j.holds), true) from judged j),
    bool_or(a.counts)
    into keys_named, keys_of_workspaces, runs_named, prices_named, fit, settled, counts
    from alike a;
  if keys_named is null then
    return null;
  end if;
  -- Every id is another one, so they are looked at as one text.
  if not fit or (select string_agg(id, '') !~ '^(req_[0-9a-z]{26})*$' from added) or exists (
    select from added, unnest(allowances) as w (purse)
    where counts and w.purse !~ '^bgt_[0-9a-z]{26}:(total|[0-9]{4}-[0-9]{2}-[0-9]{2})$'
  ) then
    raise exception 'A usage record has a label that is none'
      using errcode = 'check_violation', constraint = 'usage_records_labels';
  end if;
  if not settled then
    raise exception 'A settlement is not what its usage records were charged'
      using errcode = 'integrity_constraint_violation', constraint = 'usage_records_add_up';
  end if;
  -- Whether each window of a budget counted the charges that name it, and those alone; nothing where
  -- the hub bears them.
  if counts and exists (
    select from (
      select u.settlement_id, u.first collate "default" as first, w.purse,
        sum(u.charge_nanos) as charge
      from (
        select settlement_id, allowances, charge_nanos,
          min(id collate "C") over (partition by settlement_id) as first
        from added where settlement_id is not null
      ) u, lateral (select distinct unnest(u.allowances)) as w (purse)
      group by u.settlement_id, u.first, w.purse
    ) c
    left join lateral (
      select a.run_id
      from (select account_id from ledger_entries
        where transaction_id = c.settlement_id and amount_nanos < 0 offset 0) e
      cross join lateral (select run_id from ledger_accounts where id = e.account_id offset 0) a
    ) payer on true
    left join ledger_transactions t on t.idempotency_key = 'settle:' || c.first || ':' || c.purse
    left join lateral (
      select count(*) = 2 and bool_and((case
        when e.amount_nanos > 0 then e.amount_nanos = c.charge and a.kind = 'revenue'
          and a.id = 'allowance:revenue:' || c.purse
        else e.amount_nanos = -c.charge and a.kind = 'lease' and a.purse_id = c.purse
          and a.run_id = payer.run_id
      end) is true) as holds
      from (select account_id, amount_nanos from ledger_entries
        where transaction_id = t.id offset 0) e
      cross join lateral (select id, kind, purse_id, run_id from ledger_accounts
        where id = e.account_id offset 0) a
    ) m on true
    where (case when payer.run_id is null then t.id is null
      else t.xmin = pg_current_xact_id()::xid and t.book = 'allowance' and t.kind = 'settle'
        and m.holds
    end) is not true
  ) then
    raise exception 'A budget did not count what its usage records were charged'
      using errcode = 'integrity_constraint_violation', constraint = 'usage_records_counted';
  end if;
  -- As a foreign key does: what is named is there, and stays until this is committed. Each key is one
  -- of the workspace that its rows name, and keeps that there by a foreign key of its own.
  perform from api_keys where id = any (keys_named)
    and workspace_id || id = any (keys_of_workspaces) for key share;
  get diagnostics found_rows = row_count;
  fit := found_rows = cardinality(keys_of_workspaces);
  perform from node_runs where id = any (runs_named) for key share;
  get diagnostics found_rows = row_count;
  fit := fit and found_rows = cardinality(runs_named);
  perform from prices where id = any (prices_named) for key share;
  get diagnostics found_rows = row_count;
  fit := fit and found_rows = coalesce(cardinality(prices_named), 0);
  if not fit then
    raise exception 'A usage record names what is not there'
      using errcode = 'foreign_key_violation', constraint = 'usage_records_named';
  end if;
  return null;
end $$;
drop function usage_settlement_holds(text, text, numeric, bigint, text, text, text[], boolean);
drop function usage_window_holds(text, text, numeric, text);

-- What is learned of the table -------------------------------------------------------------------

-- Only of what queries look for: by default ANALYZE reads 30 000 rows and sorts all their columns each
-- time that the table has grown by a tenth.
do $$
declare
  of_column name;
begin
  for of_column in select attname from pg_attribute
    where attrelid = 'usage_records'::regclass and attnum > 0 and not attisdropped
  loop
    execute format('alter table usage_records alter column %I set statistics %s', of_column,
      case when of_column in ('id', 'workspace_id', 'key_id', 'settlement_id', 'provider')
        then 10 else 0 end);
  end loop;
end $$;

-- Transactions in one call ------------------------------------------------------------------------

-- Books those transactions whose idempotency key is new, with their entries, and returns their ids. One
-- round trip and one plan for each step, where each step had both for every batch. Keys are taken in
-- their order; accounts are opened, and then locked, in the order of ids: so two writers can wait for
-- each other but never in a circle. (Whoever locked those that are there before opening the others
-- could meet one who sees more of them already.)
create function ledger_book(transactions json, entries json, accounts json)
returns setof text language plpgsql
  set jit = off set plan_cache_mode = force_generic_plan set enable_seqscan = off set enable_hashjoin = off set enable_mergejoin = off as $$
declare
  booked text[];
  moved text[];
begin
  with fresh as (
    insert into ledger_transactions (id, book, kind, about, about_request, idempotency_key)
    select id, book, kind, about, about_request, idempotency_key
    from json_to_recordset(transactions) as t
      (id text, book text, kind text, about text, about_request text, idempotency_key text)
    order by idempotency_key
    on conflict (idempotency_key) do nothing
    returning id
  )
  select array_agg(id) into booked from fresh;
  if booked is null then
    return;
  end if;
  select array_agg(distinct account_id) into moved
    from json_to_recordset(entries) as e (transaction_id text, account_id text)
    where transaction_id = any (booked);
  if (select count(*) from ledger_accounts where id = any (moved)) < cardinality(moved) then
    insert into ledger_accounts (id, book, kind, workspace_id, purse_id, run_id, bounded)
    select id, book, kind, workspace_id, purse_id, run_id, bounded
    from json_to_recordset(accounts) as a (id text, book text, kind text,
      workspace_id text, purse_id text, run_id text, bounded boolean)
    where id = any (moved)
    order by id
    on conflict (id) do nothing;
  end if;
  perform from ledger_accounts where id = any (moved) order by id for update;
  insert into ledger_entries (transaction_id, account_id, amount_nanos)
  select transaction_id, account_id, amount_nanos
  from json_to_recordset(entries) as e (transaction_id text, account_id text, amount_nanos bigint)
  where transaction_id = any (booked);
  return query select unnest(booked);
end $$;
