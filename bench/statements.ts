// Counts the statements that a hub sends to PostgreSQL, as a proxy before it that reads the
// messages of clients, and that can hold them back
// (https://www.postgresql.org/docs/current/protocol-message-formats.html).

import { once } from 'node:events';
import { type AddressInfo, connect, createServer } from 'node:net';
import type { Socket } from 'node:net';

export interface StatementCounter {
  /** The database's URL with the proxy in its place. */
  readonly url: string;
  /** Statements that were sent so far. */
  count(): number;
  /** Until `release` nothing moves in either direction. */
  hold(): void;
  release(): void;
  close(): Promise<void>;
}

const QUERY = 'Q'.charCodeAt(0);
const EXECUTE = 'E'.charCodeAt(0);
const HEAD_BYTES = 5;

export async function startStatementCounter(databaseUrl: string): Promise<StatementCounter> {
  const target = new URL(databaseUrl);
  const sockets = new Set<Socket>();
  let statements = 0;
  let isHeld = false;
  const server = createServer((client) => {
    const database = connect({ host: target.hostname, port: Number(target.port || 5432) });
    const read = readMessages((type) => {
      if (type === QUERY || type === EXECUTE) statements += 1;
    });
    client.on('data', read);
    for (const [from, to] of [
      [client, database],
      [database, client],
    ] as const) {
      sockets.add(from);
      from.setNoDelay(true);
      from.on('error', () => to.destroy());
      from.on('close', () => {
        sockets.delete(from);
        to.destroy();
      });
      from.pipe(to);
      if (isHeld) from.pause();
    }
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const url = new URL(databaseUrl);
  url.hostname = '127.0.0.1';
  url.port = String((server.address() as AddressInfo).port);
  return {
    url: url.href,
    count: () => statements,
    hold() {
      isHeld = true;
      for (const socket of sockets) socket.pause();
    },
    release() {
      isHeld = false;
      for (const socket of sockets) socket.resume();
    },
    async close() {
      for (const socket of sockets) socket.destroy();
      server.close();
      await once(server, 'close');
    },
  };
}

/** Calls back with the type of each message, however the bytes are cut. */
export function readMessages(onMessage: (type: number) => void): (chunk: Buffer) => void {
  let head = Buffer.alloc(0);
  let bodyLeft = 0;
  // The first message of a connection has no type.
  let isStartup = true;
  return (chunk) => {
    let at = 0;
    while (at < chunk.length) {
      if (bodyLeft > 0) {
        const part = Math.min(bodyLeft, chunk.length - at);
        bodyLeft -= part;
        at += part;
        continue;
      }
      const wanted = isStartup ? HEAD_BYTES - 1 : HEAD_BYTES;
      const part = chunk.subarray(at, at + wanted - head.length);
      head = Buffer.concat([head, part]);
      at += part.length;
      if (head.length < wanted) return;
      // The length counts itself, but not the type before it.
      bodyLeft = head.readUInt32BE(wanted - 4) - 4;
      if (!isStartup) onMessage(head[0] ?? 0);
      isStartup = false;
      head = Buffer.alloc(0);
    }
  };
}
