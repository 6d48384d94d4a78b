// Everything that is not this machine, as a client sees it: an HTTP proxy on loopback that refuses at
// once, and remembers what was asked for. A stray call fails without delay and is known by its name.

import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Duplex } from 'node:stream';

export interface Outside {
  /** The variables by which programs learn of a proxy. */
  readonly env: Readonly<Record<string, string>>;
  /** The hosts that were asked for since the last call. */
  take(): readonly string[];
  close(): Promise<void>;
}

const LOOPBACK = '127.0.0.1,localhost,::1';

export async function refuseOutside(): Promise<Outside> {
  let asked = new Set<string>();
  const server = createServer((request, response) => {
    asked.add(URL.parse(request.url ?? '')?.host ?? '?');
    response.writeHead(403).end();
  });
  server.on('connect', (request, socket: Duplex) => {
    asked.add(request.url ?? '?');
    socket.on('error', () => undefined);
    socket.end('HTTP/1.1 403 Forbidden\r\nconnection: close\r\n\r\n');
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const proxy = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const names = ['HTTP_PROXY', 'HTTPS_PROXY', 'ALL_PROXY'];
  const pairs = [...names.map((name) => [name, proxy]), ['NO_PROXY', LOOPBACK]];
  const lower = pairs.map(([name = '', value]) => [name.toLowerCase(), value]);
  return {
    env: Object.fromEntries([...pairs, ...lower]) as Record<string, string>,
    take() {
      const taken = [...asked].toSorted();
      asked = new Set();
      return taken;
    },
    async close() {
      const closed = once(server, 'close');
      server.close();
      server.closeAllConnections();
      await closed;
    },
  };
}
