// Streams that run while a hub dies or stops: a fleet of clients, and what each of them saw.

import type { Hub } from '../support/hub.ts';

const SHORTEST_TOKENS = 10;
const SPREAD_TOKENS = 300;

/** What one client saw of its stream. */
export interface Sighting {
  /** Undefined where not even the head of the answer came. */
  readonly requestId: string | undefined;
  readonly status: number | undefined;
  /** Whether the stream's end mark came. */
  readonly ended: boolean;
}

/** A seeded stream of numbers from 0 to 1 (mulberry32), so that a round can be run again. */
export function createRandom(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

export interface Fleet {
  /** Resolves when every stream has begun (or is done, whatever became of it). */
  readonly begun: Promise<void>;
  /** Resolves when this many streams have come to their end mark. */
  ended(count: number): Promise<void>;
  /** What each client saw, once the last of them is done. */
  readonly sightings: Promise<Sighting[]>;
}

/** Starts `count` streams of random lengths at five milliseconds a token. */
export function startStreams(hub: Hub, key: string, count: number, random: () => number): Fleet {
  let ends = 0;
  const waiting: { readonly count: number; readonly resolve: () => void }[] = [];
  let beginnings = 0;
  const begun = Promise.withResolvers<void>();
  const begin = (): void => void (++beginnings === count && begun.resolve());
  const watch = async (): Promise<Sighting> => {
    const tokens = SHORTEST_TOKENS + Math.floor(random() * SPREAD_TOKENS);
    const sighting = await watchStream(hub, key, tokens, begin);
    if (sighting.status === undefined) begin();
    if (sighting.ended) ends += 1;
    for (const { count: wanted, resolve } of waiting) if (ends >= wanted) resolve();
    return sighting;
  };
  return {
    begun: begun.promise,
    sightings: Promise.all(Array.from({ length: count }, watch)),
    ended: (wanted) => new Promise((resolve) => void waiting.push({ count: wanted, resolve })),
  };
}

/** Never rejects: a broken stream is a sighting too. */
async function watchStream(
  hub: Hub,
  key: string,
  tokens: number,
  onHead: () => void,
): Promise<Sighting> {
  let requestId: string | undefined;
  let status: number | undefined;
  let text = '';
  try {
    const response = await fetch(`${hub.baseUrl}/v1/chat/completions`, {
      method: 'POST',
      headers: { authorization: `Bearer ${key}`, 'content-type': 'application/json' },
      body: JSON.stringify({
        model: 'sandbox/lorem',
        stream: true,
        max_tokens: tokens,
        messages: [{ role: 'user', content: `[pace 5] ${tokens} words` }],
      }),
    });
    status = response.status;
    onHead();
    requestId = response.headers.get('x-request-id') ?? undefined;
    const decoder = new TextDecoder();
    for await (const chunk of response.body!) text += decoder.decode(chunk, { stream: true });
  } catch {
    // The hub has gone; what came before is what this client saw.
  }
  return { requestId, status, ended: text.includes('data: [DONE]') };
}
