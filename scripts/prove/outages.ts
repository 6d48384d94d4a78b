// The ways in which a database goes away under its hubs, each for a given time. What was connected
// is broken in the middle of whatever it did.

import { setTimeout as sleep } from 'node:timers/promises';
import type { TcpProxy } from '../../test/faults/tcp-proxy.ts';
import { type ServerSwitch, ask } from './server-stop.ts';

const LONGEST_GAP_MS = 200;

export interface Scene {
  /** The database itself, not through a proxy. */
  readonly url: string;
  /** The cables of the hubs that are hit. */
  readonly cables: readonly TcpProxy[];
  readonly server: ServerSwitch;
  readonly random: () => number;
  readonly signal: AbortSignal;
}

export interface Outage {
  readonly name: string;
  /** Whether it can hit one node alone. */
  readonly ofCables: boolean;
  /** Resolves when the database can be reached again. */
  run(scene: Scene, lastsMs: number): Promise<void>;
}

export const OUTAGES: readonly Outage[] = [
  {
    name: 'connections refused',
    ofCables: true,
    async run({ cables, signal }, lastsMs) {
      for (const cable of cables) cable.cut();
      await sleep(lastsMs, undefined, { signal });
      for (const cable of cables) cable.restore();
    },
  },
  {
    name: 'silence',
    ofCables: true,
    async run({ cables, signal }, lastsMs) {
      for (const cable of cables) cable.silence();
      await sleep(lastsMs, undefined, { signal });
      for (const cable of cables) cable.restore();
    },
  },
  {
    name: 'old connections dead without a word',
    ofCables: true,
    async run({ cables, signal }, lastsMs) {
      for (const cable of cables) cable.stall();
      await sleep(lastsMs, undefined, { signal });
      for (const cable of cables) cable.restore();
    },
  },
  {
    name: 'connections reset in mid-transaction',
    ofCables: true,
    run: ({ cables, random }, lastsMs) =>
      repeat(lastsMs, random, async () => {
        for (const cable of cables) cable.cut();
        for (const cable of cables) cable.restore();
      }),
  },
  {
    name: 'backends terminated',
    ofCables: false,
    run: ({ url, random }, lastsMs) => repeat(lastsMs, random, () => terminateBackends(url)),
  },
  {
    name: 'server stopped',
    ofCables: false,
    async run({ server, signal }, lastsMs) {
      await server.stop('SIGINT');
      await sleep(lastsMs, undefined, { signal });
      await server.start();
    },
  },
  {
    name: 'server crashed',
    ofCables: false,
    async run({ server, signal }, lastsMs) {
      await server.stop('SIGQUIT');
      await sleep(lastsMs, undefined, { signal });
      await server.start();
    },
  },
];

async function repeat(
  lastsMs: number,
  random: () => number,
  strike: () => Promise<void>,
): Promise<void> {
  const endsMs = performance.now() + lastsMs;
  do {
    await strike();
    await sleep(Math.min(random() * LONGEST_GAP_MS, Math.max(0, endsMs - performance.now())));
  } while (performance.now() < endsMs);
}

function terminateBackends(url: string): Promise<void> {
  return ask(url, async (client) => {
    await client.query(
      `select pg_terminate_backend(pid) from pg_stat_activity
       where datname = current_database() and pid <> pg_backend_pid()`,
    );
  });
}
