// Signs of life for clients whose provider works in silence: proxies and clients give up on streams
// that say nothing for a minute or a few. One pass over all running streams now and then instead of
// a timer for each; docs/request-path.md says when one is sent.

/** How many passes an interval has: the first beat comes after it, and at most a third later. */
const PASSES = 3;

/** One stream that is watched. */
export interface Pulse {
  /** Passes since something was last sent; whoever sends sets it to zero. */
  quietPasses: number;
  readonly beat: () => void;
}

export interface KeepAlives {
  /** Has `beat` called whenever nothing was sent for the interval. */
  watch(beat: () => void): Pulse;
  forget(pulse: Pulse): void;
  close(): void;
}

export function openKeepAlives(intervalMs: number): KeepAlives {
  const pulses = new Set<Pulse>();
  const timer = setInterval(() => {
    for (const pulse of pulses) {
      pulse.quietPasses += 1;
      if (pulse.quietPasses <= PASSES) continue;
      pulse.quietPasses = 0;
      pulse.beat();
    }
  }, intervalMs / PASSES).unref();
  return {
    watch(beat) {
      const pulse: Pulse = { quietPasses: 0, beat };
      pulses.add(pulse);
      return pulse;
    },
    forget: (pulse) => void pulses.delete(pulse),
    close: () => clearInterval(timer),
  };
}
