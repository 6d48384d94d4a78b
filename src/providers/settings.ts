// The settings of each provider: where it is reached and with which credential, named after its id. A
// provider is on when it can be used: its credential is there, or it needs none and has an address.

import {
  type ReadSetting,
  type Setting,
  optional,
  prefixOf,
  setting,
  url,
} from '../base/setting.ts';
import { type NamedAccount, parseAccounts } from './accounts.ts';
import { credentialSettings, readCredential } from './credential-settings.ts';
import { deploymentSettings, readDeployments } from './deployments.ts';
import { PROVIDERS } from './list.ts';
import type { AwsKeys, Provider, ProviderSettings } from './provider.ts';

/** Of all providers together. */
export const PROVIDER_WEIGHTS = setting(
  'PROVIDER_WEIGHTS',
  '',
  optional(parseWeights),
  'Shares of conversations where several providers offer a model: openai=2,azure=0.5. Usual is 1; 0 is a last resort.',
);
const MOST_WEIGHT = 1_000;

/** Those that are on, by id. Notes in `faults` what does not go together. */
export function readProviders(
  read: ReadSetting,
  faults: string[],
): ReadonlyMap<string, ProviderSettings> {
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
  const { id, dated } = provider;
  return [
    ...credentialSettings(provider),
    accountsSetting(provider),
    addressSetting(provider),
    ...(dated ? Object.values(deploymentSettings(id)) : []),
  ];
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
