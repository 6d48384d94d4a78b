// Keeps a pool for each settings of a provider, so that no connection and no head is ever shared between
// two credentials. There may be as many as customers with credentials of their own: the least recently
// used make room, and one that nobody uses any more is given up, with the credential in it.

import type { ProviderSettings } from '../providers/provider.ts';
import type { UpstreamRequest } from './port.ts';

export interface Pools<Pool> {
  /** Throws once they are closed. */
  of(target: Target): Pool;
  /** Gives up all, and opens none any more. */
  close(): void;
}

type Target = Pick<UpstreamRequest, 'provider' | 'settings'>;

const MOST_POOLS = 1_000;
const SWEEP_MS = 60_000;

/** `retire`: takes nothing new and closes what is idle; what is at work ends by itself. */
export function keepPools<Pool>(
  open: (target: Target) => Pool,
  retire: (pool: Pool) => void,
  most = MOST_POOLS,
): Pools<Pool> {
  /** The least recently used first. */
  const kept = new Map<ProviderSettings, { readonly pool: Pool; isUsed: boolean }>();
  let latest: ProviderSettings | undefined;
  let sweeping: NodeJS.Timeout | undefined;
  let isClosed = false;

  function giveUp(settings: ProviderSettings): void {
    const entry = kept.get(settings);
    kept.delete(settings);
    if (latest === settings) latest = undefined;
    if (entry) retire(entry.pool);
    if (kept.size > 0) return;
    clearInterval(sweeping);
    sweeping = undefined;
  }

  /** Whoever was not used between two of them. */
  function sweep(): void {
    for (const [settings, entry] of kept) {
      if (entry.isUsed) entry.isUsed = false;
      else giveUp(settings);
    }
  }

  return {
    of(target) {
      if (isClosed) throw new Error('the connections to providers are closed');
      const { settings } = target;
      let entry = kept.get(settings);
      if (!entry) {
        if (kept.size >= most) giveUp(kept.keys().next().value ?? settings);
        entry = { pool: open(target), isUsed: true };
        sweeping ??= setInterval(sweep, SWEEP_MS).unref();
      } else if (latest !== settings) kept.delete(settings);
      if (latest !== settings) kept.set(settings, entry);
      latest = settings;
      entry.isUsed = true;
      return entry.pool;
    },
    close() {
      isClosed = true;
      for (const settings of kept.keys()) giveUp(settings);
    },
  };
}
