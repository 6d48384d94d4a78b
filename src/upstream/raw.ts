// The raw client to providers: HTTP/1.1 over the sockets themselves, for half of what a request costs
// is the general client's generality (docs/decisions/0010-raw-upstream-client.md). A connection that
// fails is never tried again here: the request may have been carried out, and what is safe to repeat
// is the gateway's to say. That goes for an idle connection that closes under a request, too.

import { once } from 'node:events';
import { type SecureContext, createSecureContext } from 'node:tls';
import { startCall } from './call.ts';
import { type Connection, cut, watch } from './connection.ts';
import { failedCall } from './failure.ts';
import { type Pool, createPool } from './pool.ts';
import { keepPools } from './pools.ts';
import type { Upstreams } from './port.ts';
import { lengthOf, ownHeaders } from './target.ts';

const LONGEST_SWEEP_MS = 500;
const SWEEPS_A_SILENCE = 10;

/** `silenceMs`: how long a provider may say nothing, before and within its answer. */
export function openRawUpstreams(silenceMs: number): Upstreams {
  const pools = keepPools<Pool>(
    ({ provider, settings }) => createPool(provider, settings, open, secureContext),
    (pool) => pool.retire(),
  );
  const open = new Set<Connection>();
  let sweeping: NodeJS.Timeout | undefined;

  let context: SecureContext | undefined;
  /** One for all connections: making it reads the certificates that are trusted. */
  const secureContext = (): SecureContext => (context ??= createSecureContext());

  function sweep(): void {
    const nowMs = performance.now();
    for (const connection of open) watch(connection, nowMs, silenceMs);
    if (open.size > 0) return;
    clearInterval(sweeping);
    sweeping = undefined;
  }

  return {
    send(request) {
      try {
        const pool = pools.of(request);
        const headers = ownHeaders(request, pool.base);
        const head = pool.heads.write(request.path, headers, lengthOf(request.body));
        const connection = pool.take(performance.now());
        const everyMs = Math.min(LONGEST_SWEEP_MS, Math.ceil(silenceMs / SWEEPS_A_SILENCE));
        sweeping ??= setInterval(sweep, everyMs).unref();
        return startCall(connection, head, request.body);
      } catch (error) {
        return failedCall(error as Error);
      }
    },
    async close() {
      clearInterval(sweeping);
      pools.close();
      const closing = [...open].map(async (connection) => {
        const closed = connection.socket.closed || once(connection.socket, 'close');
        cut(connection, new Error('the connections to providers are closed'));
        await closed;
      });
      await Promise.all(closing);
    },
  };
}
