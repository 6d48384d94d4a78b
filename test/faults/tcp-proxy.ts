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
  /**
   * Drops, once, the connection that commits a transaction in which this text was said: `before` the
   * database hears of the commit, or `after` it has committed, so that the answer is lost. Resolves
   * when that has happened.
   */
  breakCommit(text: string, when: 'before' | 'after'): Promise<void>;
  close(): Promise<void>;
}

type State = 'open' | 'cut' | 'silent';

interface Break {
  readonly text: string;
  readonly when: 'before' | 'after';
  readonly done: PromiseWithResolvers<void>;
}

const COMMIT = /\bcommit\b/i;

export async function startProxy(databaseUrl: string): Promise<TcpProxy> {
  const target = new URL(databaseUrl);
  const sockets = new Set<Socket>();
  let state: State = 'open';
  let attempts = 0;
  let pending: Break | undefined;

  function keep(socket: Socket): void {
    sockets.add(socket);
    socket.on('error', () => undefined);
    socket.on('close', () => sockets.delete(socket));
  }

  function dropAll(): void {
    for (const socket of sockets) socket.destroy();
  }

  /** Reads along what the client says; its listener stands before the pipe's, so it acts first. */
  function watch(client: Socket, upstream: Socket): void {
    let concerned = false;
    client.on('data', (chunk: Buffer) => {
      if (!pending) return;
      const said = chunk.toString('latin1');
      concerned ||= said.includes(pending.text);
      if (!concerned || !COMMIT.test(said)) return;
      const { when, done } = pending;
      pending = undefined;
      const drop = (): void => {
        upstream.destroy();
        client.destroy();
        done.resolve();
      };
      if (when === 'before') return drop();
      upstream.unpipe(client);
      // What the database says first is that it has committed.
      upstream.once('data', drop).resume();
    });
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
    watch(client, upstream);
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
    breakCommit(text, when) {
      pending = { text, when, done: Promise.withResolvers<void>() };
      return pending.done.promise;
    },
    async close() {
      dropAll();
      server.close();
      await once(server, 'close');
    },
  };
}
