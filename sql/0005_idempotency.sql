-- Idempotency keys of requests that carry one, for a day. Whether a key is free again is not kept here:
-- it follows from the usage row of the request that took it, or from the end of the run it died with.

create table idempotency_keys (
  api_key_id text not null references api_keys,
  -- SHA-256 of the header: what clients write into it is theirs.
  key_hash bytea not null check (length(key_hash) = 32),
  request_id text not null check (request_id ~ '^req_[0-9a-z]{26}$'),
  -- The run that holds the request's money: once it has ended, what comes late is charged to nobody.
  run_id text not null references node_runs,
  created_at timestamptz not null default now(),
  primary key (api_key_id, key_hash)
);
create index idempotency_keys_age on idempotency_keys (created_at);
