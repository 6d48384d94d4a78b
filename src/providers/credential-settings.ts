// The settings of the one credential that the hub has at a provider: a key, a pair of keys that signs, or
// an account with which tokens are got.

import {
  type ReadSetting,
  type Setting,
  headerText,
  optional,
  prefixOf,
  setting,
} from '../base/setting.ts';
import type { AwsKeys, Provider, ProviderSettings, ServiceAccount } from './provider.ts';
import { parseServiceAccount, readServiceAccount } from './service-account.ts';

export function credentialSettings({ id, auth, aws }: Provider): readonly Setting[] {
  if (auth === 'google-oauth') return Object.values(accountSettings(id));
  return [keySetting(id), ...(aws ? Object.values(awsSettings(id, aws.usualRegion)) : [])];
}

export interface Credential {
  readonly credential: ProviderSettings['credential'];
  /** Of Amazon's providers alone. */
  readonly region: string;
}

export function readCredential(
  provider: Provider,
  read: ReadSetting,
  faults: string[],
): Credential {
  const { id, auth, aws } = provider;
  if (auth === 'google-oauth') return { credential: readAccount(id, read), region: '' };
  const apiKey = read(keySetting(id));
  return aws ? readAws(id, aws, apiKey, read, faults) : { credential: apiKey, region: '' };
}

function readAccount(id: string, read: ReadSetting): ServiceAccount | undefined {
  const { file, text } = accountSettings(id);
  const given = read(text);
  return read(file) ?? given;
}

function readAws(
  id: string,
  { service, usualRegion }: NonNullable<Provider['aws']>,
  apiKey: string | undefined,
  read: ReadSetting,
  faults: string[],
): Credential {
  const settings = awsSettings(id, usualRegion);
  const accessKeyId = read(settings.accessKeyId);
  const secretAccessKey = read(settings.secretAccessKey);
  const sessionToken = read(settings.sessionToken);
  const region = read(settings.region);
  const names = `${settings.accessKeyId.name} and ${settings.secretAccessKey.name}`;
  if (apiKey && (accessKeyId || secretAccessKey)) {
    faults.push(`${names} must be empty where ${prefixOf(id)}_API_KEY is set`);
  } else if (!accessKeyId !== !secretAccessKey) faults.push(`${names} must be set together`);
  if (!accessKeyId || !secretAccessKey) return { credential: apiKey, region };
  const keys: AwsKeys = { accessKeyId, secretAccessKey, sessionToken, region, service };
  return { credential: keys, region };
}

function keySetting(id: string) {
  return setting(`${prefixOf(id)}_API_KEY`, '', headerText, `The hub's own key at ${id}.`, true);
}

/** The settings of a provider of Google's cloud: the file of an account that gets tokens, or its text. */
function accountSettings(id: string) {
  const prefix = prefixOf(id);
  return {
    file: setting(
      `${prefix}_SERVICE_ACCOUNT_FILE`,
      '',
      optional((path) => readServiceAccount(path)),
      `The key file of the hub's own service account at ${id}.`,
    ),
    text: setting(
      `${prefix}_SERVICE_ACCOUNT`,
      '',
      optional(parseServiceAccount),
      `The text of that key file, instead of the file, for ${id}.`,
      true,
    ),
  };
}

/** The settings of a provider of Amazon's: keys that sign in the place of a key, and the region. */
function awsSettings(id: string, usualRegion: string) {
  const prefix = prefixOf(id);
  return {
    accessKeyId: setting(
      `${prefix}_ACCESS_KEY_ID`,
      '',
      headerText,
      `In the place of ${prefix}_API_KEY, with the next: the id of the pair that signs requests.`,
      true,
    ),
    secretAccessKey: setting(
      `${prefix}_SECRET_ACCESS_KEY`,
      '',
      headerText,
      'The secret of that pair.',
      true,
    ),
    sessionToken: setting(
      `${prefix}_SESSION_TOKEN`,
      '',
      headerText,
      'What belongs to the pair if it is a temporary one.',
      true,
    ),
    region: setting(
      `${prefix}_REGION`,
      usualRegion,
      awsRegion,
      `The AWS region of ${id}, and what {region} stands for in its address.`,
    ),
  };
}

function awsRegion(text: string): string {
  if (/^[a-z]{2,3}(-[a-z]+)+-\d{1,2}$/.test(text)) return text;
  throw new Error('must be an AWS region such as eu-central-1');
}
