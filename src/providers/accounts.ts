// Reads the hub's accounts at one provider, where the operator has several: each with a label, the
// credential that the provider is asked with, and what it may be used for at most. What is wrong is
// said by its place, without a word of what stands there.

import { z } from 'zod';
import { parseJson } from '../base/json.ts';
import type { Account, AuthScheme, AwsKeys, Provider, ServiceAccount } from './provider.ts';
import { parseServiceAccount, readServiceAccount } from './service-account.ts';

export interface NamedAccount {
  readonly account: Account;
  /** Its share of the provider's conversations, beside the others' weights. */
  readonly weight: number;
  readonly credential: string | Omit<AwsKeys, 'region'> | ServiceAccount;
}

const MOST_ACCOUNTS = 32;
const MOST_WEIGHT = 1_000;

const whole = z.int().min(1);
/** It goes into a header. */
const secret = z.string().regex(/^[\x21-\x7e]+$/);
const general = {
  label: z.string().regex(/^[a-z0-9][a-z0-9-]{0,31}$/),
  weight: z.number().min(0).max(MOST_WEIGHT).default(1),
  requests_per_minute: whole.optional(),
  tokens_per_minute: whole.optional(),
  concurrency: whole.optional(),
};
const withKey = z.strictObject({ ...general, key: secret });
const withPair = z.strictObject({
  ...general,
  access_key_id: secret,
  secret_access_key: secret,
  session_token: secret.optional(),
});
const withServiceAccount = z.strictObject({
  ...general,
  service_account: z.record(z.string(), z.unknown()),
});
const withServiceAccountFile = z.strictObject({ ...general, service_account_file: z.string() });

/** Throws an Error whose message completes a sentence that begins with the name of the setting. */
export function parseAccounts(text: string, provider: Provider): readonly NamedAccount[] {
  const list = parseJson(text);
  if (!Array.isArray(list) || list.length === 0 || list.length > MOST_ACCOUNTS) {
    throw new Error(`must be a list of 1 to ${MOST_ACCOUNTS} accounts, as JSON`);
  }
  const accounts = list.map((entry, i) => readAccount(entry, `account ${i + 1}`, provider));
  const labels = new Set(accounts.map(({ account }) => account.label));
  if (labels.size < accounts.length) throw new Error('must give each account a label of its own');
  return accounts;
}

function readAccount(entry: unknown, where: string, { auth, aws }: Provider): NamedAccount {
  const read = schemaFor(auth, entry).safeParse(entry);
  if (!read.success) {
    const path = read.error.issues[0]?.path.join('.') || 'a field that is missing or unknown';
    throw new Error(`must be right in ${where}: ${path} is not`);
  }
  const { data } = read;
  const credential = credentialOf(data, aws?.service ?? '');
  return { account: accountOf(data), weight: data.weight, credential };
}

/** The fields that are there say which kind of credential is meant; which may be, the provider says. */
function schemaFor(auth: AuthScheme, entry: unknown) {
  const has = (name: string): boolean =>
    typeof entry === 'object' && entry !== null && name in entry;
  if (auth === 'google-oauth') {
    return has('service_account_file') ? withServiceAccountFile : withServiceAccount;
  }
  return auth === 'aws' && !has('key') ? withPair : withKey;
}

type Data = z.infer<ReturnType<typeof schemaFor>>;

function accountOf(data: Data): Account {
  const limits = {
    requestsPerMinute: data.requests_per_minute,
    tokensPerMinute: data.tokens_per_minute,
    concurrency: data.concurrency,
  };
  const isLimited = Object.values(limits).some((limit) => limit !== undefined);
  return Object.freeze({
    label: data.label,
    limits: isLimited ? Object.freeze(limits) : undefined,
  });
}

function credentialOf(data: Data, service: string): NamedAccount['credential'] {
  if ('key' in data) return data.key;
  if ('service_account' in data) return parseServiceAccount(JSON.stringify(data.service_account));
  if ('service_account_file' in data) return readServiceAccount(data.service_account_file);
  const { access_key_id: accessKeyId, secret_access_key: secretAccessKey } = data;
  return { accessKeyId, secretAccessKey, sessionToken: data.session_token, service };
}
