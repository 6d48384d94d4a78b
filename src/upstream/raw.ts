// The raw client to providers: HTTP/1.1 over the sockets themselves, for half of what a request costs
// is the general client's generality (docs/decisions/0010-raw-upstream-client.md). A connection that
// fails is never tried again here: the request may have been carried out, and what is safe to repeat
// is the gateway's to say. That goes for an idle connection that closes under a request, too.

import { once } from 'node:events';
import { startCall } from './call.ts';
import { type Connection, cut, watch } from './connection.ts';
import { explain } from './failure.ts';
import { type Pool, createPool } from './pool.ts';
import type { UpstreamCall, UpstreamRequest, Upstreams } from './port.ts';
import { lengthOf, ownHeaders } from './target.ts';

const LONGEST_SWEEP_MS = 500;
const SWEEPS_A_SILENCE = 10;

/** `silenceMs`: how long a provider may say nothing, before and within its answer. */
export function openRawUpstreams(silenceMs: number): Upstreams {
  const pools = new Map<string, Pool>();
  const open = new Set<Connection>();
  let sweeping: NodeJS.Timeout | undefined;
  let isClosed = false;

  function poolOf({ provider, settings }: UpstreamRequest): Pool {
    let pool = pools.get(provider.id);
    if (pool?.settings === settings) return pool;
    pool?.retire();
    pool = createPool(provider, settings, open);
    pools.set(provider.id, pool);
    return pool;
  }

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
        if (isClosed) throw new Error('the connections to providers are closed');
        const pool = poolOf(request);
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
      isClosed = true;
      clearInterval(sweeping);
      const closing = [...open].map(async (connection) => {
        const closed = connection.socket.closed || once(connection.socket, 'close');
        cut(connection, new Error('the connections to providers are closed'));
        await closed;
      });
      await Promise.all(closing);
    },
  };
}

function failedCall(cause: Error): UpstreamCall {
  const answer = Promise.reject(explain(cause, 'upstream_failed'));
  return { answer, abort: () => undefined };
}
