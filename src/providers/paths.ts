// Where below its address a provider is asked: at the protocol's usual path, or at the provider's own,
// which may name the model.

import type { UpstreamProtocolId, UpstreamTarget } from '../protocols/protocol.ts';
import type { Provider } from './provider.ts';

interface Usual {
  upstreamPath(target: UpstreamTarget): string;
}

export function pathOf(
  { paths }: Provider,
  protocol: Usual & { readonly id: UpstreamProtocolId },
  target: UpstreamTarget,
): string {
  const own = paths?.[protocol.id];
  if (own === undefined) return protocol.upstreamPath(target);
  if (typeof own === 'string') return own;
  return withModel(target.stream ? own.stream : own.whole, target);
}

/** Where tokens are counted; undefined where the provider's own paths have no place for it. */
export function countPathOf(
  { paths }: Provider,
  protocol: UpstreamProtocolId,
  counting: Usual,
  target: UpstreamTarget,
): string | undefined {
  const own = paths?.[protocol];
  if (typeof own !== 'object') return counting.upstreamPath(target);
  return own.count && withModel(own.count, target);
}

function withModel(path: string, { model }: UpstreamTarget): string {
  return path.replace('{model}', () => model);
}
