// A way to PostgreSQL on which no notification arrives: every message of the server passes but those
// (type A, https://www.postgresql.org/docs/current/protocol-message-formats.html).

import { once } from 'node:events';
import { type AddressInfo, type Socket, connect, createServer } from 'node:net';

const NOTIFICATION = 'A'.charCodeAt(0);
const HEAD_BYTES = 5;

export async function startDeafProxy(
  databaseUrl: string,
): Promise<{ readonly url: string; close(): Promise<void> }> {
  const url = new URL(databaseUrl);
  const { hostname, port } = url;
  const sockets = new Set<Socket>();
  const server = createServer((client) => {
    const upstream = connect(Number(port), hostname);
    for (const socket of [client, upstream]) {
      sockets.add(socket);
      socket.on('error', () => undefined);
      socket.on('close', () => sockets.delete(socket));
    }
    client.pipe(upstream);
    const filter = createFilter();
    upstream.on('data', (bytes: Buffer) => void client.write(filter(bytes)));
    upstream.on('close', () => client.destroy());
    client.on('close', () => upstream.destroy());
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  url.hostname = '127.0.0.1';
  url.port = String((server.address() as AddressInfo).port);
  return {
    url: url.href,
    async close() {
      for (const socket of sockets) socket.destroy();
      server.close();
      await once(server, 'close');
    },
  };
}

/** Takes the server's bytes as they come; returns whole messages without the notifications. */
function createFilter(): (bytes: Buffer) => Buffer {
  let rest: Buffer = Buffer.alloc(0);
  return (bytes) => {
    const buffer = Buffer.concat([rest, bytes]);
    const passed: Buffer[] = [];
    let at = 0;
    while (buffer.length - at >= HEAD_BYTES) {
      const end = at + 1 + buffer.readUInt32BE(at + 1);
      if (end > buffer.length) break;
      if (buffer[at] !== NOTIFICATION) passed.push(buffer.subarray(at, end));
      at = end;
    }
    rest = buffer.subarray(at);
    return Buffer.concat(passed);
  };
}
