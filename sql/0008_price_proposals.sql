-- What a price feed says otherwise than the published prices, until an operator decides about it.

create table price_proposals (
  id bigint generated always as identity primary key,
  model text not null check (length(model) between 1 and 128),
  -- The date that the feed announces; null: from the approval on.
  effective_from timestamptz,
  -- Rates and tiers as a price list names them.
  terms jsonb not null,
  -- Of model, date and terms.
  digest text not null check (digest ~ '^[0-9a-f]{64}$'),
  filed_at timestamptz not null default now(),
  -- Withdrawn: the feed has taken it back before anybody decided.
  decision text check (decision in ('approved', 'rejected', 'withdrawn')),
  decided_at timestamptz,
  -- Null on the command line, and where the person is gone.
  decided_by text references people on delete set null,
  check ((decision is null) = (decided_at is null))
);
-- The same is not proposed twice, nor again once it was rejected.
create unique index price_proposals_once on price_proposals (digest)
  where decision is null or decision = 'rejected';

create function price_proposals_refuse_change() returns trigger language plpgsql as $$
begin
  if tg_op = 'UPDATE' and (old.decision is null or
    (new.decision, new.terms, new.model) = (old.decision, old.terms, old.model)) then
    return new;
  end if;
  raise exception 'A decision about a price stays: % refused', tg_op
    using errcode = 'integrity_constraint_violation';
end $$;
create trigger price_proposals_final before update or delete on price_proposals
  for each row execute function price_proposals_refuse_change();
