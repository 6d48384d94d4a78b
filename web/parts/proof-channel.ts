// How the window that went to Google tells the page that waits. The way over another site cuts every
// other tie between the two; the channel joins what is open of one site, and outlives it.

const CHANNEL = 'proven';

/** What the other window ended with: null where Google has vouched for the person, else a code. */
interface Outcome {
  readonly failed: string | null;
}

export function tellOutcome(outcome: Outcome): void {
  const channel = new BroadcastChannel(CHANNEL);
  channel.postMessage(outcome);
  channel.close();
}

export function watchOutcome(listener: (outcome: Outcome) => void): () => void {
  const channel = new BroadcastChannel(CHANNEL);
  channel.addEventListener('message', ({ data }: MessageEvent<Outcome>) => listener(data));
  return () => channel.close();
}
