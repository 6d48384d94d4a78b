-- Accounts as people know them: sign-up, several ways to prove who one is, invitations, mail, and
-- what an API key may do. Whatever only needs checking is a hash; what must be read back is sealed.

-- People ------------------------------------------------------------------------------------------

alter table people
  -- Whoever came before the question was asked has not answered it.
  add column adult_confirmed_at timestamptz,
  -- The secret of the authenticator app, sealed; in use once a code of it was confirmed.
  add column totp_sealed bytea,
  add column totp_sealing_key text,
  add column totp_confirmed_at timestamptz,
  -- The newest time step whose code was taken: a code works once.
  add column totp_last_step bigint,
  add constraint people_totp_whole check
    ((totp_sealed is null) = (totp_sealing_key is null)
      and (totp_confirmed_at is null or totp_sealed is not null));

-- A session gets a name that a list may show, and a stage. One without a person is what the cookie
-- stands for while somebody is on the way: at Google, or between password and second factor. The
-- sessions from before have no name; their people sign in again.
delete from sessions;
alter table sessions
  alter column person_id drop not null,
  add column id text not null unique check (id ~ '^ses_[0-9a-z]{26}$'),
  add column stage text not null check (stage in ('anonymous', 'second_factor', 'signed_in')),
  -- When the person last proved who they are; what is dangerous asks for a recent proof.
  add column authenticated_at timestamptz,
  -- As a browser calls itself, in a few words: `Firefox on Linux`.
  add column device text not null check (length(device) between 1 and 80),
  -- 203.0.113.0/24 or 2001:db8:7::/48; null where the address is not known.
  add column ip_prefix text check (length(ip_prefix) <= 50),
  add constraint sessions_stage_person check ((stage = 'anonymous') = (person_id is null)),
  add constraint sessions_stage_proof check ((stage = 'signed_in') = (authenticated_at is not null));
create index sessions_expiry on sessions (expires_at);

-- The one round trip that a session may have under way. It goes with the session, so it is bound to
-- the browser that began it.
create table session_flows (
  session_id text primary key references sessions (id) on delete cascade,
  kind text not null check (kind in ('google', 'passkey_sign_in', 'passkey_register')),
  -- What it is for, once it comes back.
  purpose text not null
    check (purpose in ('sign_in', 'sign_up', 'link', 'reauthenticate', 'register')),
  -- What somebody who signs up with Google has accepted, of age.
  terms_version text,
  privacy_version text,
  -- Google: the hash of the state parameter.
  state_hash bytea check (length(state_hash) = 32),
  -- Google: the PKCE verifier, which must be sent; passkeys: the challenge. Short-lived, used once.
  secret text not null check (length(secret) between 20 and 200),
  nonce text check (length(nonce) between 20 and 200),
  -- Where the person was going: a path of the hub's own.
  return_path text check (return_path ~ '^/([^/\\]|$)' and length(return_path) <= 500),
  expires_at timestamptz not null,
  check ((kind = 'google') = (state_hash is not null)),
  check ((kind = 'google') = (nonce is not null)),
  check ((purpose = 'sign_up') = (terms_version is not null and privacy_version is not null))
);

-- Which devices a person has signed in with, so that a new one is told by mail.
create table person_devices (
  person_id text not null references people on delete cascade,
  device text not null,
  ip_prefix text not null,
  last_seen_at timestamptz not null,
  primary key (person_id, device, ip_prefix)
);

-- Keyed on the issuer's subject: addresses change hands, subjects do not.
create table google_identities (
  issuer text not null check (length(issuer) between 1 and 200),
  subject text not null check (length(subject) between 1 and 255),
  person_id text not null unique references people on delete cascade,
  -- As Google gave it when it was linked: for recognising it, for nothing else.
  email text not null check (length(email) between 3 and 254),
  linked_at timestamptz not null,
  primary key (issuer, subject)
);

create table passkeys (
  id text primary key check (id ~ '^psk_[0-9a-z]{26}$'),
  person_id text not null references people on delete cascade,
  credential_id bytea not null unique check (length(credential_id) between 1 and 1023),
  public_key bytea not null,
  sign_count bigint not null,
  transports text[] not null,
  name text not null check (length(name) between 1 and 120),
  created_at timestamptz not null,
  last_used_at timestamptz
);
create index passkeys_person on passkeys (person_id);

create table recovery_codes (
  person_id text not null references people on delete cascade,
  code_hash bytea not null check (length(code_hash) = 32),
  primary key (person_id, code_hash)
);

-- A sign-up is no account: it becomes one when its address is confirmed by whoever knows its
-- password. Any number may wait for one address; the first that is confirmed is the account.
create table sign_ups (
  id text primary key check (id ~ '^sup_[0-9a-z]{26}$'),
  email text not null check (email = lower(email) and length(email) between 3 and 254),
  name text not null check (length(name) between 1 and 120),
  password_hash text not null,
  -- The browser that signed up need not give the password again.
  session_id text references sessions (id) on delete set null,
  terms_version text not null,
  privacy_version text not null,
  created_at timestamptz not null,
  expires_at timestamptz not null
);
create index sign_ups_expiry on sign_ups (expires_at);

create table email_changes (
  person_id text primary key references people on delete cascade,
  email text not null check (email = lower(email) and length(email) between 3 and 254),
  created_at timestamptz not null,
  expires_at timestamptz not null
);

-- Which version of which document a person has accepted, and when. Append-only by use.
create table acceptances (
  person_id text not null references people on delete cascade,
  document text not null check (document in ('terms', 'privacy')),
  version text not null check (length(version) between 1 and 40),
  accepted_at timestamptz not null,
  primary key (person_id, document, version)
);

-- A solved challenge opens one door once.
create table spent_challenges (
  challenge_hash bytea primary key check (length(challenge_hash) = 32),
  expires_at timestamptz not null
);

-- What all nodes of a hub must agree on and nobody needs to know: made by the first that asks.
create table hub_secrets (
  name text primary key check (name in ('proof_of_work')),
  value bytea not null check (length(value) = 32)
);

-- One-time links of more kinds. `subject_id` names the sign-up or the invitation.
alter table one_time_links
  add column subject_id text,
  drop constraint one_time_links_purpose_check,
  drop constraint one_time_links_check,
  add constraint one_time_links_purpose_check check (purpose in ('first_operator', 'sign_in',
    'confirm_sign_up', 'reset_password', 'change_email', 'invitation')),
  add constraint one_time_links_whose check
    ((person_id is not null) = (purpose in ('sign_in', 'reset_password', 'change_email'))
      and (subject_id is not null) = (purpose in ('confirm_sign_up', 'invitation')));
create index one_time_links_person on one_time_links (person_id) where person_id is not null;

-- Workspaces --------------------------------------------------------------------------------------

alter table workspaces
  -- Below this the people who pay get a mail; null: never.
  add column low_balance_nanos bigint check (low_balance_nanos > 0),
  -- When they got it; null once the balance has been above it again.
  add column low_balance_told_at timestamptz;
-- Finds what came in since then.
create index ledger_transactions_grants on ledger_transactions (created_at) where kind = 'grant';

-- How much of this window its people were told is used: 0, 80 or 100 per cent.
alter table budget_windows add column told_percent integer not null default 0;

create table invitations (
  id text primary key check (id ~ '^inv_[0-9a-z]{26}$'),
  workspace_id text not null references workspaces on delete cascade,
  email text not null check (email = lower(email) and length(email) between 3 and 254),
  role text not null check (role in ('admin', 'developer', 'billing', 'viewer')),
  invited_by text references people on delete set null,
  created_at timestamptz not null,
  expires_at timestamptz not null,
  unique (workspace_id, email)
);

-- Budgets of a member who has left stay as removed ones, because nodes may still hold of them; only
-- one that limits something must be a member's.
alter table budgets
  drop constraint budgets_workspace_id_person_id_fkey,
  add constraint budgets_person foreign key (person_id) references people on delete cascade,
  add column member_id text
    generated always as (case when removed_at is null then person_id end) stored,
  add constraint budgets_member foreign key (workspace_id, member_id) references members
    on delete cascade;

-- API keys ----------------------------------------------------------------------------------------

alter table api_keys
  add column scopes text[] not null default '{inference}'
    check (scopes <@ '{inference,usage,keys}' and cardinality(scopes) > 0),
  -- Null: all; texts are the catalogue's ids, `provider/*` stands for all models of one.
  add column models text[],
  add column providers text[],
  add column requests_per_minute integer check (requests_per_minute > 0),
  add column tokens_per_minute bigint check (tokens_per_minute > 0),
  add column concurrency integer check (concurrency > 0),
  -- Addresses or CIDR ranges; null: from everywhere.
  add column ip_ranges text[],
  add column expires_at timestamptz,
  add column disabled_at timestamptz,
  -- The secret before the last rotation, which works until then.
  add column previous_hash bytea unique check (length(previous_hash) = 32),
  add column previous_until timestamptz,
  -- The host of the app that asked for the key; null: made by hand.
  add column app text check (length(app) between 1 and 253),
  add constraint api_keys_previous check ((previous_hash is null) = (previous_until is null));

-- What an app was promised and has not fetched yet: a key of this workspace with this budget, for
-- whoever knows the verifier behind the challenge (RFC 7636).
create table app_grants (
  code_hash bytea primary key check (length(code_hash) = 32),
  workspace_id text not null references workspaces on delete cascade,
  person_id text not null references people on delete cascade,
  app text not null check (length(app) between 1 and 253),
  key_name text not null check (length(key_name) between 1 and 120),
  challenge text not null check (length(challenge) = 43),
  limit_nanos bigint not null check (limit_nanos >= 0),
  span text not null check (span in ('total', 'daily', 'weekly', 'monthly')),
  expires_at timestamptz not null
);

-- Mail --------------------------------------------------------------------------------------------

-- What is to be sent. No token waits here: a link is made when its message is. `facts` holds what
-- the words need (names, amounts, dates), by kind.
create table mails (
  id text primary key check (id ~ '^msg_[0-9a-z]{26}$'),
  kind text not null check (kind in ('confirm_sign_up', 'reset_password', 'password_changed',
    'confirm_email', 'email_changing', 'new_device', 'second_factor_changed', 'invitation',
    'low_balance', 'budget_reached', 'top_up_receipt', 'policy_change', 'deletion')),
  address text not null check (length(address) between 3 and 254),
  person_id text references people on delete cascade,
  subject_id text,
  facts jsonb not null,
  -- What it is about, once: the same key is never sent twice.
  once_key text not null unique check (length(once_key) between 1 and 200),
  created_at timestamptz not null,
  due_at timestamptz not null,
  attempts integer not null default 0,
  sent_at timestamptz,
  given_up_at timestamptz,
  -- Why the last try failed, in one word such as smtp_450; null while one is under way.
  failure text check (length(failure) between 1 and 40)
);
create index mails_due on mails ((kind = 'policy_change'), due_at)
  where sent_at is null and given_up_at is null;
create index mails_age on mails ((coalesce(sent_at, given_up_at)));
