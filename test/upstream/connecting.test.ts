// How both clients come to a connection, and to which they do not come: whom they trust, where they may
// go, how long they try, and that nothing is sent before all of that is settled.

import { once } from 'node:events';
import { type AddressInfo, type Socket, createServer } from 'node:net';
import type { TLSSocket } from 'node:tls';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { isConnectTimeout } from '../../src/upstream/failure.ts';
import type { Upstreams } from '../../src/upstream/port.ts';
import { makeCertificate } from '../support/certificate.ts';
import {
  CLIENTS,
  type Wire,
  failureOf,
  jsonAnswer,
  openWire,
  readAll,
  says,
  send,
} from './world.ts';

const CONNECT_TIMEOUT_MS = 10_000;

let upstreams: Upstreams | undefined;
let wire: Wire | undefined;
afterEach(async () => {
  await upstreams?.close();
  await wire?.close();
  upstreams = undefined;
  wire = undefined;
});

/** Where nobody listens: the port of a server that is closed again. */
async function closedPort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
}

describe.each(CLIENTS)('the $client client', ({ open }) => {
  it('says of a provider that cannot be reached that it failed', async () => {
    upstreams = open(20_000);
    const baseUrl = `http://127.0.0.1:${await closedPort()}`;
    const settings = { baseUrl, credential: undefined, privateNetwork: true };
    const failure = await failureOf(send(upstreams, settings));
    expect(failure.code).toBe('upstream_failed');
    expect(isConnectTimeout(failure)).toBe(false);
  });

  it('refuses a public name that leads into a private network', async () => {
    wire = await openWire(says(jsonAnswer('{}')), { secure: true });
    upstreams = open(20_000);
    const { code, cause } = await failureOf(
      send(upstreams, { ...wire.settings, privateNetwork: false }),
    );
    expect(code).toBe('upstream_failed');
    expect(String(cause)).toContain('public address');
    expect(wire.sockets).toHaveLength(0);
  });

  it('sends nothing to a provider whose certificate is not trusted', async () => {
    const certificate = makeCertificate();
    wire = await openWire(says(jsonAnswer('{}')), { secure: true, certificate });
    upstreams = open(20_000);
    expect((await failureOf(send(upstreams, wire.settings))).code).toBe('upstream_failed');
    await vi.waitUntil(() => wire?.sockets.every(({ closed }) => closed));
    expect(wire.asked).toHaveLength(0);
  });

  it('sends nothing to a provider whose certificate is for another name', async () => {
    const certificate = makeCertificate('elsewhere.example');
    wire = await openWire(says(jsonAnswer('{}')), { secure: true, certificate, isTrusted: true });
    upstreams = open(20_000);
    const { code, cause } = await failureOf(send(upstreams, wire.settings));
    expect([code, (cause as { code?: string }).code]).toEqual([
      'upstream_failed',
      'ERR_TLS_CERT_ALTNAME_INVALID',
    ]);
    expect(wire.asked).toHaveLength(0);
  });

  it('names the host to a provider, speaks HTTP/1.1, and shortens later handshakes', async () => {
    wire = await openWire(says(jsonAnswer('{}', 'Connection: close\r\n')), { secure: true });
    upstreams = open(20_000);
    for (let i = 0; i < 3; i++) await readAll(send(upstreams, wire.settings));
    const sockets = wire.sockets as TLSSocket[];
    expect(sockets.map((socket) => [socket.servername, socket.alpnProtocol])).toEqual(
      sockets.map(() => ['localhost', 'http/1.1']),
    );
    // A session that the collector took (undici holds it weakly) or that came too late is made anew.
    const [first, ...later] = wire.resumed;
    expect(first).toBe(false);
    expect(later).toContain(true);
  });

  it('goes on when a provider has forgotten the session', async () => {
    wire = await openWire(says(jsonAnswer('{}', 'Connection: close\r\n')), { secure: true });
    upstreams = open(20_000);
    await readAll(send(upstreams, wire.settings));
    wire.forgetSessions();
    expect((await readAll(send(upstreams, wire.settings))).text).toBe('{}');
    expect(wire.resumed).toEqual([false, false]);
  });
});

describe('both clients', () => {
  it('give up a connection that does not come about, and say so', async () => {
    // It takes the connection and never answers the handshake, so that TLS does not come about.
    const sockets: Socket[] = [];
    const server = createServer((socket) => void sockets.push(socket)).listen(0, '127.0.0.1');
    await once(server, 'listening');
    const { port } = server.address() as AddressInfo;
    const settings = {
      baseUrl: `https://localhost:${port}`,
      credential: undefined,
      privateNetwork: true,
    };
    const opened = CLIENTS.map(({ open }) => open(60_000));
    const startMs = performance.now();
    const failures = await Promise.all(opened.map((each) => failureOf(send(each, settings))));
    expect(performance.now() - startMs).toBeGreaterThanOrEqual(CONNECT_TIMEOUT_MS - 500);
    for (const failure of failures) {
      expect(failure.code).toBe('upstream_timeout');
      expect(isConnectTimeout(failure)).toBe(true);
    }
    await Promise.all(opened.map((each) => each.close()));
    for (const socket of sockets) socket.destroy();
    server.close();
    await once(server, 'close');
  });
});
