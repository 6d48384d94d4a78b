// The one listening socket. What belongs to the gateway goes to a raw handler, at the full speed of
// node:http; everything else goes to the console and its pages. All limits of a connection are here;
// what is not HTTP, too long or too slow is answered by node itself (400, 431, 408) and cut.

import { once } from 'node:events';
import { type IncomingMessage, type Server, type ServerResponse, createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { InboundHandler } from './inbound.ts';
import { nodeInbound } from './node-inbound.ts';

export type Handler = (request: IncomingMessage, response: ServerResponse) => void;

export interface Handlers {
  /** Whatever `isGatewayPath` says. */
  readonly gateway: InboundHandler;
  /** Everything else. */
  readonly pages: Handler;
}

export interface Listening {
  readonly server: Server;
  /** The port in use, also where 0 was asked for. */
  readonly port: number;
  /** Takes no more connections; resolves when the last one is done, at the latest after `graceMs`. */
  close(graceMs: number): Promise<void>;
}

/** Whoever holds connections of the server: node:http itself, and a door that stands before it. */
export type Holder = Pick<Server, 'closeIdleConnections' | 'closeAllConnections'>;

const LIMITS = Object.freeze({
  /** For the head of a request. */
  headersTimeout: 15_000,
  /** For the whole of a request; its answer may stream for as long as it likes. */
  requestTimeout: 120_000,
  /** Longer than the 60 s of usual load balancers, so that they close idle connections, not we. */
  keepAliveTimeout: 65_000,
  connectionsCheckingInterval: 5_000,
  maxHeaderSize: 32 * 1024,
});

const IDLE_SWEEP_MS = 100;

/** Starts to listen. Throws an error of one sentence where the address cannot be had. */
export async function listen(options: {
  readonly host: string;
  readonly port: number;
  readonly handlers: Handlers;
  /** Steps between the connections and node:http before the first one comes. */
  readonly openDoor?: ((server: Server) => Holder) | undefined;
}): Promise<Listening> {
  const { gateway, pages } = options.handlers;
  const server = createServer(LIMITS, (request, response) =>
    isGatewayPath(request.url ?? '/')
      ? gateway(nodeInbound(request, response))
      : pages(request, response),
  );
  const door = options.openDoor?.(server);
  const holders = door ? [door, server] : [server];
  server.listen({ host: options.host, port: options.port });
  try {
    await once(server, 'listening');
  } catch (error) {
    throw explain(error, options.host, options.port);
  }
  const { port } = server.address() as AddressInfo;
  return { server, port, close: (graceMs) => close(server, holders, graceMs) };
}

/**
 * Whether a request belongs to the gateway: `/v1` or `/v1beta`, alone or with more behind it, and what
 * clients of inference ask at other addresses.
 */
export function isGatewayPath(url: string): boolean {
  return /^\/(?:v1(?:beta)?|api\/hello|api\/event_logging)(?:[/?]|$)/.test(url);
}

/** An address to type: every-address names become localhost, IPv6 gets its brackets. */
export function httpUrl(host: string, port: number): string {
  const isEvery = host === '0.0.0.0' || host === '::';
  const name = host.includes(':') ? `[${host}]` : host;
  return `http://${isEvery ? 'localhost' : name}:${port}`;
}

function explain(error: unknown, host: string, port: number): Error {
  const code = (error as { code?: string }).code;
  const reasons: Readonly<Record<string, string>> = {
    EADDRINUSE: `Port ${port} on ${host} is in use by another program; set PORT to a free one.`,
    EACCES: `Port ${port} on ${host} needs more rights; set PORT to one above 1023.`,
    EADDRNOTAVAIL: `The address ${host} is not one of this machine's; set HOST to one that is.`,
    ENOTFOUND: `The host name ${host} has no address; set HOST to one that has.`,
  };
  return new Error(reasons[code ?? ''] ?? `Cannot listen on ${host}:${port} (${code}).`, {
    cause: error,
  });
}

async function close(server: Server, holders: readonly Holder[], graceMs: number): Promise<void> {
  const closed = once(server, 'close');
  const closeIdle = (): void => holders.forEach((holder) => holder.closeIdleConnections());
  server.close();
  closeIdle();
  const cutter = setTimeout(
    () => holders.forEach((holder) => holder.closeAllConnections()),
    graceMs,
  );
  // Connections whose answers end from now on are kept alive by their clients; nobody waits for those.
  const sweeper = setInterval(closeIdle, IDLE_SWEEP_MS);
  await closed;
  clearInterval(sweeper);
  clearTimeout(cutter);
}
