// Where below its address a provider is asked, and for which model: at the protocol's usual path or at
// one of the provider's own, which may name the model, or one of a dated version of its API.

import type { UpstreamProtocolId, UpstreamTarget } from '../protocols/protocol.ts';
import type { Paths, Provider, ProviderSettings } from './provider.ts';

interface Usual {
  upstreamPath(target: UpstreamTarget): string;
}

type At = Pick<Provider, 'paths'>;
type Set = Pick<ProviderSettings, 'paths' | 'deployments'>;

/** The model's name at the provider, which is that of its deployment where the operator says so. */
export function nameAt({ deployments }: Set, upstreamModel: string): string {
  return deployments?.get(upstreamModel) ?? upstreamModel;
}

export function pathOf(
  { paths }: At,
  settings: Set,
  protocol: Usual & { readonly id: UpstreamProtocolId },
  target: UpstreamTarget,
): string {
  const own = (settings.paths ?? paths)?.[protocol.id];
  if (own === undefined) return protocol.upstreamPath(target);
  if (typeof own === 'string') return withModel(own, target);
  return withModel(target.stream ? own.stream : own.whole, target);
}

/** Where tokens are counted; undefined where the provider's own paths have no place for it. */
export function countPathOf(
  { paths }: At,
  settings: Set,
  protocol: UpstreamProtocolId,
  counting: Usual,
  target: UpstreamTarget,
): string | undefined {
  const own = (settings.paths ?? paths)?.[protocol];
  if (typeof own !== 'object') return counting.upstreamPath(target);
  return own.count && withModel(own.count, target);
}

/** The paths of a dated version of the API. */
export function datedPaths(paths: Paths, version: string): Paths {
  const text = JSON.stringify(paths).replaceAll('{version}', () => version);
  return JSON.parse(text) as Paths;
}

function withModel(path: string, { model }: UpstreamTarget): string {
  return path.replace('{model}', () => model);
}
