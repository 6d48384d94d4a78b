// Both clients to providers, and a provider that says on the wire exactly what a test wants, over
// plain sockets or TLS, and notes what it was sent on which connection.

import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { type AddressInfo, type Server, type Socket, createServer } from 'node:net';
import { TLSSocket, createServer as createTlsServer, setDefaultCACertificates } from 'node:tls';
import { expect } from 'vitest';
import type { HubError } from '../../src/base/errors.ts';
import type { Provider, ProviderSettings } from '../../src/providers/provider.ts';
import { vllm } from '../../src/providers/vllm.ts';
import type { UpstreamAnswer, UpstreamCall, Upstreams } from '../../src/upstream/port.ts';
import { openRawUpstreams } from '../../src/upstream/raw.ts';
import { openStandardUpstreams } from '../../src/upstream/standard.ts';
import { type Certificate, makeCertificate } from '../support/certificate.ts';

export const CLIENTS = [
  { client: 'raw', open: openRawUpstreams },
  { client: 'standard', open: openStandardUpstreams },
] as const;

export interface Asked {
  readonly head: string;
  readonly body: Buffer;
  readonly socket: Socket;
  /** Counted from 0 in the order in which connections came. */
  readonly connection: number;
}

export type Script = (asked: Asked) => void;

export interface Wire {
  readonly settings: ProviderSettings;
  readonly asked: Asked[];
  /** The open and closed connections so far. */
  readonly sockets: Socket[];
  /** Of each connection, whether its TLS session was one from before. */
  readonly resumed: boolean[];
  script: Script;
  /** Makes the provider refuse the TLS sessions that it has given out. */
  forgetSessions(): void;
  close(): Promise<void>;
}

/** The one that this process trusts from now on, as if NODE_EXTRA_CA_CERTS had named it. */
const certificate = makeCertificate();
setDefaultCACertificates([certificate.cert]);

const TICKET_KEY_BYTES = 48;

export interface WireOptions {
  readonly secure?: boolean;
  /** Another than the one that is trusted. */
  readonly certificate?: Certificate;
  /** Whether that one is trusted, too. */
  readonly isTrusted?: boolean;
}

export async function openWire(script: Script, options: WireOptions = {}): Promise<Wire> {
  const { secure = false } = options;
  const shown = options.certificate ?? certificate;
  setDefaultCACertificates(options.isTrusted ? [certificate.cert, shown.cert] : [certificate.cert]);
  const sockets: Socket[] = [];
  const resumed: boolean[] = [];
  const serve = (socket: Socket): void => {
    const connection = sockets.push(socket) - 1;
    resumed.push(socket instanceof TLSSocket && socket.isSessionReused());
    let received: Buffer = Buffer.alloc(0);
    socket.on('error', () => undefined);
    socket.on('data', (chunk: Buffer) => {
      received = Buffer.concat([received, chunk]);
      const end = received.indexOf('\r\n\r\n');
      if (end < 0) return;
      const head = received.subarray(0, end + 4).toString('latin1');
      const length = Number(/^content-length: (\d+)\r$/im.exec(head)?.[1]);
      if (received.length < end + 4 + length) return;
      const asked = { head, body: received.subarray(end + 4), socket, connection };
      received = Buffer.alloc(0);
      wire.asked.push(asked);
      wire.script(asked);
    });
  };
  const tlsServer = secure
    ? createTlsServer({ ...shown, ALPNProtocols: ['h2', 'http/1.1'] }, serve)
    : undefined;
  const server: Server = tlsServer ?? createServer(serve);
  // Connections that are refused in the handshake are what some tests are about.
  tlsServer?.on('tlsClientError', () => undefined);
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  const origin = secure ? `https://localhost:${port}` : `http://127.0.0.1:${port}`;
  const wire: Wire = {
    settings: { baseUrl: `${origin}/v1`, credential: 'k', privateNetwork: true },
    asked: [],
    sockets,
    resumed,
    script,
    forgetSessions: () => tlsServer?.setTicketKeys(randomBytes(TICKET_KEY_BYTES)),
    async close() {
      for (const socket of sockets) socket.destroy();
      server.close();
      await once(server, 'close');
    },
  };
  return wire;
}

/** Writes these pieces, each in a packet of its own as far as a test can have it. */
export function says(...pieces: readonly string[]): Script {
  return ({ socket }) => {
    socket.setNoDelay(true);
    for (const piece of pieces) socket.write(piece, 'latin1');
  };
}

export function jsonAnswer(body: string, more = ''): string {
  const head = 'HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n';
  return `${head}Content-Length: ${body.length}\r\n${more}\r\n${body}`;
}

export interface Sent {
  readonly path?: string;
  readonly headers?: Record<string, string>;
  readonly body?: readonly Buffer[];
  readonly provider?: Provider;
}

export function send(upstreams: Upstreams, settings: ProviderSettings, sent: Sent = {}) {
  return upstreams.send({
    provider: sent.provider ?? vllm,
    settings,
    path: sent.path ?? '/chat/completions',
    headers: sent.headers ?? { accept: 'application/json', 'content-type': 'application/json' },
    body: sent.body ?? [Buffer.from('{}')],
  });
}

export interface Read {
  readonly answer: UpstreamAnswer;
  readonly text: string;
  readonly error: HubError | undefined;
}

/** The whole answer, as far as it came. */
export async function readAll({ answer }: UpstreamCall): Promise<Read> {
  const head = await answer;
  const chunks: Buffer[] = [];
  const { promise, resolve } = Promise.withResolvers<HubError | undefined>();
  head.receive({
    data: (chunk) => chunks.push(chunk) > 0,
    end: () => resolve(undefined),
    fail: resolve,
  });
  const error = await promise;
  return { answer: head, text: Buffer.concat(chunks).toString('latin1'), error };
}

/** The error with which a call fails before its head. */
export async function failureOf(call: UpstreamCall): Promise<HubError> {
  const result = await call.answer.then(
    ({ status }) => `answered ${status}`,
    (error: unknown) => error as HubError,
  );
  expect(result).toBeInstanceOf(Error);
  return result as HubError;
}
