// Tends a node's wallets for as long as the process runs: twice a second, and at once when another
// node calls a lease home.

import type { Database } from '../db/database.ts';
import { RECALLS_CHANNEL } from './recalls.ts';
import type { Wallets } from './wallets.ts';

const TEND_MS = 500;

export interface Tending {
  stop(): Promise<void>;
}

export async function keepTending(wallets: Wallets, database: Database): Promise<Tending> {
  let stopped = false;
  const tend = (): void => {
    if (!stopped) void wallets.tend();
  };
  const timer = setInterval(tend, TEND_MS);
  timer.unref();
  await database.listen(RECALLS_CHANNEL, tend);
  return {
    async stop() {
      stopped = true;
      clearInterval(timer);
      await wallets.tend();
    },
  };
}
