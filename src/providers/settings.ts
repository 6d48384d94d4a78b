// The settings of each provider: where it is reached and with which credential, named after its id. A
// provider is on when it can be used: its credential is there, or it needs none and has an address.

import {
  type ReadableSetting,
  type Setting,
  headerText,
  optional,
  setting,
  url,
} from '../base/setting.ts';
import { type NamedAccount, parseAccounts } from './accounts.ts';
import { PROVIDERS } from './list.ts';
import { datedPaths } from './paths.ts';
import type { AwsKeys, Provider, ProviderSettings, ServiceAccount } from './provider.ts';
import { parseServiceAccount, readServiceAccount } from './service-account.ts';

/** Of all providers together. */
export const PROVIDER_WEIGHTS = setting(
  'PROVIDER_WEIGHTS',
  '',
  optional(parseWeights),
  'Shares of conversations where several providers offer a model: openai=2,azure=0.5. Usual is 1; 0 is a last resort.',
);
const MOST_WEIGHT = 1_000;

type Read = <T>(setting: ReadableSetting<T>) => T;

/** Those that are on, by id. Notes in `faults` what does not go together. */
export function readProviders(read: Read, faults: string[]): ReadonlyMap<string, ProviderSettings> {
  const enabled = new Map<string, ProviderSettings>();
  const weights = read(PROVIDER_WEIGHTS);
  for (const provider of PROVIDERS) {
    const givenUrl = read(addressSetting(provider));
    const { credential, region } = readCredential(provider, read, faults);
    const accounts = read(accountsSetting(provider));
    if (accounts && credential) {
      const { name } = accountsSetting(provider);
      faults.push(`${name} must be empty where another credential of ${provider.id} is set`);
    }
    if (givenUrl && (credential || accounts || provider.auth === 'none')) {
      const privateNetwork = givenUrl !== provider.baseUrl;
      const { placed, ...own } = readDeployments(provider, read);
      const baseUrl = withPath(givenUrl.replace('{region}', region), placed);
      const weight = weights?.get(provider.id);
      const settings = {
        baseUrl,
        credential,
        privateNetwork,
        ...own,
        ...(weight !== undefined && { weight }),
      };
      enabled.set(provider.id, accounts ? withAccounts(settings, accounts, region) : settings);
    }
  }
  return enabled;
}

/** The accounts share what the provider gets. */
function withAccounts(
  settings: ProviderSettings,
  accounts: readonly NamedAccount[],
  region: string,
): ProviderSettings {
  const sum = accounts.reduce((weights, { weight }) => weights + weight, 0);
  return {
    ...settings,
    accounts: accounts.map(({ account, weight, credential }) =>
      Object.freeze({
        ...settings,
        credential: isPair(credential) ? { ...credential, region } : credential,
        weight: (settings.weight ?? 1) * (sum === 0 ? 0 : weight / sum),
        account,
      }),
    ),
  };
}

function isPair(credential: NamedAccount['credential']): credential is Omit<AwsKeys, 'region'> {
  return typeof credential === 'object' && 'secretAccessKey' in credential;
}

/** Every setting of a provider, for the documentation. */
export function providerSettings(provider: Provider): readonly Setting[] {
  const { id, auth, aws, dated } = provider;
  return [
    ...(auth === 'google-oauth' ? Object.values(accountSettings(id)) : [keySetting(id)]),
    accountsSetting(provider),
    addressSetting(provider),
    ...(aws ? Object.values(awsSettings(id, aws.usualRegion)) : []),
    ...(dated ? Object.values(deploymentSettings(id)) : []),
  ];
}

function prefixOf(id: string): string {
  return id.toUpperCase().replaceAll('-', '_');
}

function keySetting(id: string) {
  return setting(`${prefixOf(id)}_API_KEY`, '', headerText, `The hub's own key at ${id}.`, true);
}

function accountsSetting(provider: Provider) {
  return setting(
    `${prefixOf(provider.id)}_ACCOUNTS`,
    '',
    optional((text) => parseAccounts(text, provider)),
    `Several accounts of the hub's at ${provider.id} instead, as JSON (docs/routing.md).`,
    true,
  );
}

function addressSetting({ id, baseUrl }: Provider) {
  return setting(
    `${prefixOf(id)}_BASE_URL`,
    baseUrl ?? '',
    optional(url(['http:', 'https:'])),
    `Where ${id} is reached; the only way to let it be on loopback or a private address.`,
  );
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

/** The settings of a provider whose customers deploy its models themselves. */
function deploymentSettings(id: string) {
  const prefix = prefixOf(id);
  return {
    version: setting(
      `${prefix}_API_VERSION`,
      '',
      optional(apiVersion),
      `A dated version of the API of ${id}, such as 2024-10-21; empty for v1.`,
    ),
    deployments: setting(
      `${prefix}_DEPLOYMENTS`,
      '',
      optional(deploymentNames),
      `Deployments at ${id} that do not bear the names of their models: MODEL=NAME, comma-separated.`,
    ),
  };
}

interface Placed extends Pick<ProviderSettings, 'paths' | 'deployments'> {
  /** The provider, as it lies where the settings say. */
  readonly placed: Provider;
}

function readDeployments(provider: Provider, read: Read): Placed {
  const { id, dated } = provider;
  if (!dated) return { placed: provider };
  const settings = deploymentSettings(id);
  const version = read(settings.version);
  const deployments = read(settings.deployments);
  const named = deployments && { deployments };
  if (version === undefined) return { placed: provider, ...named };
  const placed = { ...provider, basePath: dated.basePath, ignoredEnding: '/v1' };
  return { placed, paths: datedPaths(dated.paths, version), ...named };
}

interface Credential {
  readonly credential: ProviderSettings['credential'];
  /** Of Amazon's providers alone. */
  readonly region: string;
}

function readCredential(provider: Provider, read: Read, faults: string[]): Credential {
  const { id, auth, aws } = provider;
  if (auth === 'google-oauth') return { credential: readAccount(id, read), region: '' };
  const apiKey = read(keySetting(id));
  return aws ? readAws(id, aws, apiKey, read, faults) : { credential: apiKey, region: '' };
}

function readAccount(id: string, read: Read): ServiceAccount | undefined {
  const { file, text } = accountSettings(id);
  const given = read(text);
  return read(file) ?? given;
}

function readAws(
  id: string,
  { service, usualRegion }: NonNullable<Provider['aws']>,
  apiKey: string | undefined,
  read: Read,
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

/** An address without a path gets the provider's usual one: SDKs differ on which part is the base. */
function withPath(given: string, { baseUrl, basePath, ignoredEnding = '' }: Provider): string {
  const usual = basePath ?? (baseUrl === undefined ? '/v1' : new URL(baseUrl).pathname);
  const { origin, pathname } = new URL(given);
  const path = (pathname === '/' ? usual : pathname).replace(/\/+$/, '');
  const ending = basePath === '/' ? '/v1' : ignoredEnding;
  return origin + (path.endsWith(ending) ? path.slice(0, path.length - ending.length) : path);
}

function parseWeights(text: string): ReadonlyMap<string, number> {
  return new Map(
    text.split(',').map((part) => {
      const [, id, number] = /^\s*([a-z0-9-]+)=(\d{1,4}(?:\.\d{1,4})?)\s*$/.exec(part) ?? [];
      const provider = PROVIDERS.find((each) => each.id === id);
      const weight = Number(number);
      if (provider && weight <= MOST_WEIGHT) return [provider.id, weight];
      throw new Error(`must be providers with weights up to ${MOST_WEIGHT}, as openai=2,azure=0.5`);
    }),
  );
}

function awsRegion(text: string): string {
  if (/^[a-z]{2,3}(-[a-z]+)+-\d{1,2}$/.test(text)) return text;
  throw new Error('must be an AWS region such as eu-central-1');
}

function apiVersion(text: string): string {
  if (/^\d{4}-\d{2}-\d{2}(-preview)?$/.test(text)) return text;
  throw new Error('must be a version such as 2024-10-21 or 2025-04-01-preview');
}

function deploymentNames(text: string): ReadonlyMap<string, string> {
  const pairs = text.split(',').map((pair) => pair.trim().split('='));
  const names = new Map(pairs.map(([model = '', name = '']) => [model, name]));
  const areNames = [...names].flat().every((name) => /^[A-Za-z0-9._-]+$/.test(name));
  const isWhole = names.size === pairs.length && pairs.every((pair) => pair.length === 2);
  if (areNames && isWhole) return names;
  throw new Error('must be pairs such as gpt-4o=my-deployment, each model once');
}
