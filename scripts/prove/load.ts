// A fleet of clients that ask all the time: streams and whole answers, over all seats, for several
// customers. A client whose hub has gone waits for the next one, as a client that retries would.

import { setTimeout as sleep } from 'node:timers/promises';
import { type Sighting, send } from './client.ts';
import type { Hubs, Seat } from './hubs.ts';
import { pick, randomOfRound } from './part.ts';
import type { ModelName } from './stand-in.ts';

/** Enough for every request of the longest run. */
const GRANT_NANOS = 1_000_000_000_000n;
const LONGEST_THOUGHT_MS = 40;
const STREAM_SHARE = 0.7;
/** How long a client waits after a refusal. */
const REFUSED_PAUSE_MS = 250;

export interface Load {
  /** Every request so far that is over, in the order of their ends. */
  readonly sightings: readonly Sighting[];
  /** Requests that run now. */
  running(): number;
  /** Lets what runs come to its end. Rejects where a client could go on with no hub. */
  stop(): Promise<void>;
  /** Sends nothing more and waits for nothing. */
  abandon(): void;
}

export interface LoadOptions {
  readonly clients: number;
  readonly customers: number;
  readonly seed: number;
  readonly model?: ModelName;
  /** Numbers of requests begin here, so that two loads never share one. */
  readonly firstNonce?: number;
}

export async function startLoad(hubs: Hubs, options: LoadOptions): Promise<Load> {
  const { clients, seed, model = 'dear' } = options;
  const keys: string[] = [];
  for (let i = 0; i < options.customers; i++) {
    keys.push((await hubs.customer(GRANT_NANOS, i % hubs.seats.length)).liveKey);
  }
  const sightings: Sighting[] = [];
  let nonce = options.firstNonce ?? 0;
  let running = 0;
  const stop = new AbortController();

  async function ask(seat: Seat, random: () => number): Promise<void> {
    const { baseUrl } = await seat.ready();
    if (stop.signal.aborted) return;
    const target = { baseUrl, seat: seat.index, key: pick(random, keys), agent: hubs.agent };
    const streamed = random() < STREAM_SHARE;
    running += 1;
    const sighting = await send(target, {
      nonce: nonce++,
      model,
      streamed,
      withUsage: random() < 0.5,
    });
    running -= 1;
    sightings.push(sighting);
    if (sighting.status !== 200) await sleep(REFUSED_PAUSE_MS);
  }

  async function act(client: number): Promise<void> {
    const random = randomOfRound(seed, client);
    while (!stop.signal.aborted) {
      await ask(pick(random, hubs.seats), random);
      await sleep(random() * LONGEST_THOUGHT_MS);
    }
  }

  const acts = Promise.all(Array.from({ length: clients }, (_, client) => act(client)));
  acts.catch(() => undefined);
  return {
    sightings,
    running: () => running,
    async stop() {
      stop.abort();
      await acts;
    },
    abandon: () => stop.abort(),
  };
}
