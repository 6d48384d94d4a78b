// The settings of a provider whose customers deploy its models themselves, under names of their own, and
// may have to speak to it in a dated version of its API.

import { type ReadSetting, optional, prefixOf, setting } from '../base/setting.ts';
import { datedPaths } from './paths.ts';
import type { Provider, ProviderSettings } from './provider.ts';

/** The settings of a provider whose customers deploy its models themselves. */
export function deploymentSettings(id: string) {
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

export interface Placed extends Pick<ProviderSettings, 'paths' | 'deployments'> {
  /** The provider, as it lies where the settings say. */
  readonly placed: Provider;
}

export function readDeployments(provider: Provider, read: ReadSetting): Placed {
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
