// The standard client to providers, by undici: one pool of connections for each settings of a provider,
// to the address in them and to no other. Redirects are not followed.

import { Readable } from 'node:stream';
import { type Dispatcher, Pool } from 'undici';
import { connectTimeout, explain, failedCall, silenceTimeout } from './failure.ts';
import { keepPools } from './pools.ts';
import type { Receiver, UpstreamAnswer, UpstreamCall, Upstreams } from './port.ts';
import {
  CONNECT_TIMEOUT_MS,
  LINGER_MS,
  lengthOf,
  lookUpPublic,
  ownHeaders,
  pathBelow,
  usualHeaders,
} from './target.ts';

/** `silenceMs`: how long a provider may say nothing, before and within its answer. */
export function openStandardUpstreams(silenceMs: number): Upstreams {
  const open = new Set<Pool>();
  const pools = keepPools<Pool>(
    ({ settings }) => {
      const pool = new Pool(new URL(settings.baseUrl).origin, {
        headersTimeout: silenceMs,
        bodyTimeout: silenceMs,
        allowH2: false,
        connect: {
          timeout: CONNECT_TIMEOUT_MS,
          ...(settings.privateNetwork ? {} : { lookup: lookUpPublic }),
        },
      });
      open.add(pool);
      return pool;
    },
    // What it has at work ends first; a close that fails leaves nothing open either.
    (pool) =>
      void pool
        .close()
        .finally(() => open.delete(pool))
        .catch(() => undefined),
  );

  return {
    send(request) {
      try {
        const pool = pools.of(request);
        const base = new URL(request.settings.baseUrl);
        return dispatch(pool, {
          method: 'POST',
          path: pathBelow(base, request.path),
          headers: {
            ...usualHeaders(request.provider, request.settings),
            'content-length': String(lengthOf(request.body)),
            ...ownHeaders(request, base),
          },
          body: joined(request.body),
        });
      } catch (error) {
        return failedCall(error as Error);
      }
    },
    async close() {
      pools.close();
      await Promise.all([...open].map((pool) => pool.destroy()));
    },
  };
}

/** Several parts go out as a stream, which undici does not copy together. */
function joined(body: readonly Buffer[]): Buffer | Readable {
  return body.length === 1 && body[0] ? body[0] : Readable.from(body, { objectMode: false });
}

function dispatch(pool: Pool, options: Dispatcher.DispatchOptions): UpstreamCall {
  const head = Promise.withResolvers<UpstreamAnswer>();
  let controller: Dispatcher.DispatchController | undefined;
  let receiver: Receiver | undefined;
  let aborted = false;
  let over = false;
  let isFinished = false;
  let lingering: NodeJS.Timeout | undefined;

  const abort = (): void => {
    aborted = true;
    if (!over) controller?.abort(new Error('cancelled'));
  };
  const answerOf = (status: number, headers: Headers): UpstreamAnswer => ({
    status,
    contentType: textOf(headers['content-type']) ?? '',
    retryAfter: textOf(headers['retry-after']),
    receive(next) {
      receiver = next;
      controller?.resume();
    },
    resume: () => controller?.resume(),
    finish() {
      receiver = undefined;
      isFinished = true;
      controller?.resume();
      if (!over) lingering = setTimeout(abort, LINGER_MS).unref();
    },
  });

  pool.dispatch(options, {
    onRequestStart(started) {
      controller = started;
      if (aborted) started.abort(new Error('cancelled'));
    },
    onResponseStart(started, status, headers) {
      // 1xx answers are interim; undici reports them too.
      if (status < 200) return;
      // Identity was asked for; other bytes could be neither metered nor passed to every client.
      const coding = textOf(headers['content-encoding']) ?? 'identity';
      if (coding.toLowerCase() !== 'identity') {
        started.abort(new Error('the provider encoded its answer'));
        return;
      }
      started.pause();
      head.resolve(answerOf(status, headers));
    },
    onResponseData(started, chunk) {
      const isFull = receiver?.data(chunk) === false;
      // Who finishes while taking the last bytes must not hold up the end behind them.
      if (isFull && !isFinished) started.pause();
    },
    onResponseEnd() {
      over = true;
      clearTimeout(lingering);
      receiver?.end();
    },
    onResponseError(_, error) {
      over = true;
      clearTimeout(lingering);
      const cause = translate(error);
      head.reject(explain(cause, 'upstream_failed'));
      receiver?.fail(explain(cause, 'upstream_broke_off'));
    },
  });
  return { answer: head.promise, abort };
}

type Headers = Readonly<Record<string, string | string[] | undefined>>;

function textOf(header: string | string[] | undefined): string | undefined {
  return Array.isArray(header) ? header[0] : header;
}

/** Undici's own timeouts under the names that both clients give them. */
function translate(error: Error): Error {
  const code = (error as { code?: string }).code ?? '';
  if (code === 'UND_ERR_CONNECT_TIMEOUT') return connectTimeout(error);
  return code.endsWith('_TIMEOUT') ? silenceTimeout(error) : error;
}
