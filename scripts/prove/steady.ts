// A customer who asks a little, all the time, of one node: what was leased for one of his requests at
// its worst pays for a thousand as they come, so it must carry him through every outage.

import { setTimeout as sleep } from 'node:timers/promises';
import { type Sighting, send } from './client.ts';
import type { Hubs, Seat } from './hubs.ts';

const PAUSE_MS = 100;
/** Far more than the answers take, and held for each. */
const CAP = 128_000;
/** Far above what all requests cost together, so that no lease is ever short for want of it. */
const GRANT_NANOS = 100_000_000_000n;
/** A key that was just made is forgotten once more when the news of it arrives. */
const NEWS_MS = 1_500;
const SLOWEST_MS = 10_000;

export interface Steady {
  readonly sightings: readonly Sighting[];
  /** What went wrong since the last time this was asked. */
  takeFaults(): string[];
  stop(): Promise<void>;
  /** Sends nothing more and waits for nothing. */
  abandon(): void;
}

export async function startSteady(hubs: Hubs, seat: Seat, firstNonce: number): Promise<Steady> {
  const { liveKey: key } = await hubs.customer(GRANT_NANOS, seat.index);
  const target = { baseUrl: seat.hub().baseUrl, seat: seat.index, key, agent: hubs.agent };
  const stop = new AbortController();
  const sightings: Sighting[] = [];
  let faults: string[] = [];
  let nonce = firstNonce;

  /** One at a time: what requests at once are held for is more than was leased for one. */
  async function act(): Promise<void> {
    while (!stop.signal.aborted) {
      const shape = {
        nonce: nonce++,
        model: 'cheap',
        cap: CAP,
        streamed: nonce % 2 === 0,
      } as const;
      const sighting = await send(target, shape);
      sightings.push(sighting);
      const tookMs = Math.round(sighting.endedMs - sighting.startedMs);
      if (!sighting.finished) faults.push(`a small request ended with ${sighting.status}`);
      else if (tookMs > SLOWEST_MS) faults.push(`a small request took ${tookMs} ms`);
      await sleep(PAUSE_MS);
    }
  }

  const acting = act();
  await sleep(NEWS_MS);
  return {
    sightings,
    takeFaults() {
      const taken = faults;
      faults = [];
      return taken;
    },
    async stop() {
      stop.abort();
      await acting;
    },
    abandon: () => stop.abort(),
  };
}
