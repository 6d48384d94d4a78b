-- Usage rows are the ledger's sub-ledger: a settlement books the charges of many requests at once, and
-- each row names the one that books it. What every row was checked for by itself is checked for a
-- whole statement at once (docs/decisions/0009-batch-settlement.md has the figures).

-- Usage rows name their settlement -----------------------------------------------------------------

alter table usage_records add column settlement_id text;
update usage_records u set settlement_id = t.id from ledger_transactions t
  where u.charge_nanos > 0 and t.idempotency_key = 'settle:' || u.id;

-- Not asked of rows from before: where books had drifted, the reconciliation is to say so.
alter table usage_records add constraint usage_records_settled
  check ((charge_nanos = 0) = (settlement_id is null)) not valid;

-- The trigger below repeats these for the distinct values of a statement.
alter table usage_records
  drop constraint usage_records_id_check,
  drop constraint usage_records_protocol_check,
  drop constraint usage_records_model_asked_check,
  drop constraint usage_records_model_served_check,
  drop constraint usage_records_provider_check,
  drop constraint usage_records_service_tier_check,
  drop constraint usage_records_error_code_check,
  drop constraint usage_records_workspace_id_fkey,
  drop constraint usage_records_key_id_fkey,
  drop constraint usage_records_price_id_fkey,
  drop constraint usage_records_run_id_fkey;

-- Upwards: new rows come at the end of their workspace's and key's part, so that pages fill up and are
-- not split. Pages read them backwards.
drop index usage_records_workspace;
drop index usage_records_key;
create index usage_records_workspace on usage_records (workspace_id, id);
create index usage_records_key on usage_records (key_id, id);
create index usage_records_settlement on usage_records (settlement_id);

-- Whether the settlement that rows name is theirs: made in this same database transaction, with their
-- sum, out of the lease that their money was held in (or by the hub, where that life had ended). Its
-- key names the least of their ids, so each request leads one settlement at most, and no further
-- statement can add rows to one: the leading row stands there already.
create function usage_settlement_holds(settlement text, first text, charge numeric,
  requests bigint, workspace text, of_book text, runs text[], is_quarantined boolean)
returns boolean language plpgsql stable
  set jit = off set plan_cache_mode = force_generic_plan set enable_seqscan = off set enable_hashjoin = off set enable_mergejoin = off as $$
begin
  return exists (
    select from ledger_transactions t
    where t.id = settlement and t.xmin = pg_current_xact_id()::xid
      and t.book = of_book and t.idempotency_key = 'settle:' || first
      and t.kind = case when is_quarantined then 'quarantine' else 'settle' end
  ) and (not is_quarantined or requests = 1) and coalesce((
    select count(*) = 2 and bool_and(case
      when e.amount_nanos > 0 then e.amount_nanos = charge
        and a.kind = case when is_quarantined then 'quarantine' else 'revenue' end
      else e.amount_nanos = -charge and case a.kind
        when 'lease' then a.purse_id = workspace and a.workspace_id = workspace
          and cardinality(runs) = 1 and a.run_id = runs[1]
        else a.kind = 'suspense' and not exists (
          select from node_runs r where r.id = any (runs) and r.ended_at is null)
      end
    end)
    from ledger_entries e join ledger_accounts a on a.id = e.account_id
    where e.transaction_id = settlement), false);
end $$;

-- Whether a window of a budget counted the charges that name it, and those alone; nothing where the
-- hub bears them.
create function usage_window_holds(settlement text, first text, charge numeric, purse text)
returns boolean language plpgsql stable
  set jit = off set plan_cache_mode = force_generic_plan set enable_seqscan = off set enable_hashjoin = off set enable_mergejoin = off as $$
declare
  run text;
  counted text;
begin
  select a.run_id into run from ledger_entries e join ledger_accounts a on a.id = e.account_id
    where e.transaction_id = settlement and e.amount_nanos < 0;
  select id into counted from ledger_transactions
    where idempotency_key = 'settle:' || first || ':' || purse;
  if run is null then
    return counted is null;
  end if;
  return exists (
    select from ledger_transactions t where t.id = counted and t.xmin = pg_current_xact_id()::xid
      and t.book = 'allowance' and t.kind = 'settle'
  ) and coalesce((
    select count(*) = 2 and bool_and(case
      when e.amount_nanos > 0 then e.amount_nanos = charge and a.kind = 'revenue'
        and a.id = 'allowance:revenue:' || purse
      else e.amount_nanos = -charge and a.kind = 'lease' and a.purse_id = purse and a.run_id = run
    end)
    from ledger_entries e join ledger_accounts a on a.id = e.account_id
    where e.transaction_id = counted), false);
end $$;

create function usage_check_added() returns trigger language plpgsql
  set jit = off set plan_cache_mode = force_generic_plan set enable_seqscan = off set enable_hashjoin = off set enable_mergejoin = off as $$
declare
  workspaces_named text[];
  keys_named text[];
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
      bool_or(allowances <> '{}') as counts
    from added group by 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13
  ), settlements as (
    select settlement_id, min(first) as first, sum(charge) as charge, sum(requests) as requests,
      workspace_id, book, array_agg(distinct run_id) as runs, quarantined,
      count(*) over (partition by settlement_id) as payers
    from alike where settlement_id is not null
    group by settlement_id, workspace_id, book, quarantined
  )
  select
    array_agg(distinct workspace_id), array_agg(distinct key_id), array_agg(distinct run_id),
    array_agg(distinct price_id) filter (where price_id is not null),
    -- No column can hold content: labels follow their patterns.
    bool_and(protocol ~ '^[a-z0-9-]{1,40}$'
      and coalesce(model_asked ~ '^[A-Za-z0-9._:/@-]{1,128}$', true)
      and coalesce(model_served ~ '^[A-Za-z0-9._:/@-]{1,128}$', true)
      and coalesce(provider ~ '^[a-z0-9-]{1,40}$', true)
      and coalesce(service_tier ~ '^[a-z_]{1,20}$', true)
      and coalesce(error_code ~ '^[a-z_]{1,60}$', true)),
    (select coalesce(bool_and(s.payers = 1 and usage_settlement_holds(s.settlement_id, s.first,
      s.charge, s.requests::bigint, s.workspace_id, s.book, s.runs, s.quarantined)), true)
      from settlements s),
    bool_or(a.counts)
    into workspaces_named, keys_named, runs_named, prices_named, fit, settled, counts
    from alike a;
  if workspaces_named is null then
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
  if counts and exists (
    select from (
      select u.settlement_id, u.first, w.purse, sum(u.charge_nanos) as charge
      from (
        select settlement_id, allowances, charge_nanos,
          min(id collate "C") over (partition by settlement_id) as first
        from added where settlement_id is not null
      ) u, lateral (select distinct unnest(u.allowances)) as w (purse)
      group by u.settlement_id, u.first, w.purse
    ) c where not usage_window_holds(c.settlement_id, c.first, c.charge, c.purse)
  ) then
    raise exception 'A budget did not count what its usage records were charged'
      using errcode = 'integrity_constraint_violation', constraint = 'usage_records_counted';
  end if;
  -- As a foreign key does: what is named is there, and stays until this is committed.
  perform from workspaces where id = any (workspaces_named) for key share;
  get diagnostics found_rows = row_count;
  fit := found_rows = cardinality(workspaces_named);
  perform from api_keys where id = any (keys_named) for key share;
  get diagnostics found_rows = row_count;
  fit := fit and found_rows = cardinality(keys_named);
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
create trigger usage_records_check after insert on usage_records
  referencing new table as added for each statement execute function usage_check_added();

-- What was checked when it came stays as it came.
create trigger usage_records_append_only before update or delete on usage_records
  for each row execute function ledger_refuse_change();
create trigger usage_records_no_truncate before truncate on usage_records
  for each statement execute function ledger_refuse_change();

create function usage_keep_named() returns trigger language plpgsql as $$
begin
  if (tg_op = 'DELETE' or new.id <> old.id) and (case tg_table_name
    when 'api_keys' then exists (select from usage_records where key_id = old.id)
    else exists (select from usage_records where workspace_id = old.id)
  end) then
    raise exception 'Usage records name % of %', old.id, tg_table_name
      using errcode = 'foreign_key_violation', constraint = 'usage_records_named';
  end if;
  return case tg_op when 'DELETE' then old else new end;
end $$;
create trigger workspaces_stay before delete or update of id on workspaces
  for each row execute function usage_keep_named();
create trigger api_keys_stay before delete or update of id on api_keys
  for each row execute function usage_keep_named();
-- Lives of nodes end and are never taken away.
create trigger node_runs_stay before delete or update of id on node_runs
  for each row execute function ledger_refuse_change();

-- What is given back, by request ------------------------------------------------------------------

-- The request of the settlement that a review or a refund is about.
alter table ledger_transactions add column about_request text;
alter table ledger_transactions disable trigger ledger_transactions_append_only;
update ledger_transactions set about_request = split_part(idempotency_key, ':', 2)
  where about is not null;
alter table ledger_transactions enable trigger ledger_transactions_append_only;
alter table ledger_transactions add constraint ledger_transactions_about_request
  check ((about_request is not null) = (about is not null));

-- Whether all that is about the charge of a request is in order. The request's own charge, as its usage
-- record says it, and its reviews and refunds are added up: neither revenue nor quarantine may have
-- given more of it than they got, and what they gave went to who bore it, the customer or the hub
-- itself (suspense). So over all of them no more is given back than this request was charged, whatever
-- else was settled with it, and never to anybody who did not pay it.
create function ledger_charge_holds(charge text, request text) returns boolean
language sql stable as $$
  with charged as (
    select t.book, u.charge_nanos as amount, t.kind,
      case when a.kind = 'lease' then a.book || ':available:' || a.purse_id else a.id end as payer
    from usage_records u
    join ledger_transactions t on t.id = u.settlement_id and t.kind in ('settle', 'quarantine')
    join ledger_entries e on e.transaction_id = t.id and e.amount_nanos < 0
    join ledger_accounts a on a.id = e.account_id
    where u.id = request and u.settlement_id = charge
  ), moved as (
    select e.account_id, sum(e.amount_nanos) as net
    from ledger_transactions t
    join ledger_entries e on e.transaction_id = t.id
    where t.about = charge and t.about_request = request
    group by e.account_id
  )
  select (select count(*) from charged) = 1 and not exists (
    select from moved m, charged c where case m.account_id
      when c.book || ':revenue' then
        m.net + case c.kind when 'settle' then c.amount else 0 end < 0
      when c.book || ':quarantine' then
        m.net + case c.kind when 'quarantine' then c.amount else 0 end < 0
      when c.payer then m.net < 0
      else true
    end)
$$;

-- Locks the charge first, so that of two at the same time the second adds up the first one's too.
create or replace function ledger_check_given_back() returns trigger language plpgsql as $$
begin
  perform from ledger_transactions where id = new.about for no key update;
  if not ledger_charge_holds(new.about, new.about_request) then
    raise exception 'More is given back than request % was charged, or to somebody else',
      new.about_request
      using errcode = 'integrity_constraint_violation', constraint = 'ledger_given_back_within_charge';
  end if;
  return null;
end $$;
drop function ledger_charge_holds(text);

-- Plans that were made while the tables were empty would go on reading them whole.
alter function ledger_move_balances()
  set jit = off set plan_cache_mode = force_generic_plan set enable_seqscan = off set enable_hashjoin = off set enable_mergejoin = off;
alter function ledger_check_balanced()
  set jit = off set plan_cache_mode = force_generic_plan set enable_seqscan = off set enable_hashjoin = off set enable_mergejoin = off;
alter function ledger_refuse_late_entries()
  set jit = off set plan_cache_mode = force_generic_plan set enable_seqscan = off set enable_hashjoin = off set enable_mergejoin = off;
