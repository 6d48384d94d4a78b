-- What the operator adds to list prices, and the triggers that keep every published price as it was.

-- A rule holds from its date until a later one for the same target; the most specific rule counts.
create table markups (
  id bigint generated always as identity primary key,
  scope text not null check (scope in ('default', 'provider', 'model')),
  -- A provider's or a model's id.
  target text check (length(target) between 1 and 128),
  -- Basis points; null takes the rule back, so that the next wider one counts.
  bps integer check (bps > -10000 and bps <= 1000000),
  effective_from timestamptz not null,
  created_at timestamptz not null default now(),
  check ((scope = 'default') = (target is null))
);

create function pricing_refuse_change() returns trigger language plpgsql as $$
begin
  raise exception 'What was published stays as it was: % of % refused', tg_op, tg_table_name
    using errcode = 'integrity_constraint_violation';
end $$;

create trigger price_lists_append_only before update or delete on price_lists
  for each row execute function pricing_refuse_change();
create trigger price_lists_no_truncate before truncate on price_lists
  for each statement execute function pricing_refuse_change();
create trigger prices_append_only before update or delete on prices
  for each row execute function pricing_refuse_change();
create trigger prices_no_truncate before truncate on prices
  for each statement execute function pricing_refuse_change();
create trigger markups_append_only before update or delete on markups
  for each row execute function pricing_refuse_change();
create trigger markups_no_truncate before truncate on markups
  for each statement execute function pricing_refuse_change();
