-- Credentials at providers that customers bring: sealed, never plain. Requests that were served with one
-- name it and the fee that took the place of the price.

-- Every change takes the next number, so that a gateway can ask what changed since.
create sequence provider_credential_changes;

create table provider_credentials (
  id text primary key check (id ~ '^cred_[0-9a-z]{26}$'),
  workspace_id text not null references workspaces,
  provider text not null check (provider ~ '^[a-z0-9-]{1,40}$'),
  -- Before the hub's own credential, or in its place.
  mode text not null check (mode in ('first', 'only')),
  -- AES-256-GCM: nonce, ciphertext, tag; under the key that is named beside it. Gone once removed.
  sealed bytea,
  sealing_key text not null check (sealing_key ~ '^[0-9a-f]{16}$'),
  -- Enough of the end to recognise it by; far too little to use it.
  last_four text not null check (length(last_four) = 4),
  created_by text references people on delete set null,
  created_at timestamptz not null default now(),
  disabled_at timestamptz,
  removed_at timestamptz,
  change bigint not null default nextval('provider_credential_changes'),
  check ((removed_at is null) = (sealed is not null))
);
create index provider_credentials_workspace on provider_credentials (workspace_id)
  where removed_at is null;
create index provider_credentials_change on provider_credentials (change);

-- Usage records name them for ever, so they stay where and whose they are.
create function provider_credentials_keep() returns trigger language plpgsql as $$
begin
  if tg_op = 'DELETE' or new.id <> old.id or new.workspace_id <> old.workspace_id
    or new.provider <> old.provider or (old.removed_at is not null and new.removed_at is null) then
    raise exception 'A credential is removed, never deleted or moved: %', old.id
      using errcode = 'integrity_constraint_violation';
  end if;
  return new;
end $$;
create trigger provider_credentials_stay before update or delete on provider_credentials
  for each row execute function provider_credentials_keep();

alter table usage_records
  -- The customer's own, where it was not the hub's.
  add column credential_id text check (credential_id ~ '^cred_[0-9a-z]{26}$'),
  -- What was paid for it, in basis points of the list price, in the place of price and markup.
  add column fee_bps integer check (fee_bps between 0 and 10000),
  add constraint usage_records_fee check ((credential_id is null) = (fee_bps is null)),
  -- The provider bills its customer, not the hub.
  add constraint usage_records_own_cost check (credential_id is null or provider_cost_nanos = 0);
alter table usage_records
  alter column credential_id set statistics 0,
  alter column fee_bps set statistics 0;
create index usage_records_credential on usage_records (credential_id, id)
  where credential_id is not null;

-- Of the few rows that name one: it is this workspace's, at this provider.
create function usage_check_credential() returns trigger language plpgsql as $$
begin
  perform from provider_credentials
    where id = new.credential_id and workspace_id = new.workspace_id and provider = new.provider;
  if not found then
    raise exception 'A usage record names what is not there'
      using errcode = 'foreign_key_violation', constraint = 'usage_records_named';
  end if;
  return null;
end $$;
create trigger usage_records_own after insert on usage_records
  for each row when (new.credential_id is not null) execute function usage_check_credential();
