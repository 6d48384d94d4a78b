// A TCP proxy between a hub and its database: the cable that a test pulls. Cut, it drops what is
// connected and refuses what comes; silent, it takes connections and moves no byte.

import { once } from 'node:events';
import { type Socket, connect, createServer } from 'node:net';
import type { AddressInfo } from 'node:net';

export interface TcpProxy {
  /** The database's URL with the proxy in its place. */
  readonly url: string;
  /** Connections that clients have tried to make so far. */
  readonly attempts: () => number;
  /** Drops every connection and every new one. */
  cut(): void;
  /** Takes connections, but moves nothing in either direction. */
  silence(): void;
  /** What is connected moves nothing any more, and nobody is told; new connections pass. */
  stall(): void;
  /** Lets new connections pass; those that were silent are dropped. */
  restore(): void;
  close(): Promise<void>;
}

type State = 'open' | 'cut' | 'silent';

export async function startProxy(databaseUrl: string): Promise<TcpProxy> {
  const target = new URL(databaseUrl);
  const sockets = new Set<Socket>();
  let state: State = 'open';
  let attempts = 0;

  function keep(socket: Socket): void {
    sockets.add(socket);
    socket.on('error', () => undefined);
    socket.on('close', () => sockets.delete(socket));
  }

  function dropAll(): void {
    for (const socket of sockets) socket.destroy();
  }

  function stallAll(): void {
    for (const socket of sockets) {
      socket.unpipe();
      socket.pause();
    }
  }

  const server = createServer((client) => {
    attempts += 1;
    keep(client);
    if (state === 'cut') client.resetAndDestroy();
    if (state !== 'open') return;
    const upstream = connect(Number(target.port), target.hostname);
    keep(upstream);
    client.pipe(upstream).pipe(client);
    client.on('close', () => upstream.destroy());
    upstream.on('close', () => client.destroy());
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const url = new URL(databaseUrl);
  url.hostname = '127.0.0.1';
  url.port = String((server.address() as AddressInfo).port);
  return {
    url: url.href,
    attempts: () => attempts,
    cut() {
      state = 'cut';
      dropAll();
    },
    silence() {
      state = 'silent';
      stallAll();
    },
    stall: stallAll,
    restore() {
      state = 'open';
      dropAll();
    },
    async close() {
      dropAll();
      server.close();
      await once(server, 'close');
    },
  };
}
