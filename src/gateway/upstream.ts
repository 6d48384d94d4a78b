// The one door from the gateway to providers: one pool of connections a provider, to the address in
// its settings and to no other. Redirects are not followed. Only an address that the operator set
// may lead into a private network; a public name that resolves there is refused.

import { type LookupAddress, lookup } from 'node:dns';
import type { LookupFunction } from 'node:net';
import ipaddr from 'ipaddr.js';
import { type Dispatcher, Pool } from 'undici';
import { HubError } from '../base/errors.ts';
import type { Provider, ProviderSettings } from '../providers/provider.ts';

const CONNECT_TIMEOUT_MS = 10_000;
/** A finished answer whose connection does not come to rest is cut after this. */
const LINGER_MS = 2_000;

export interface UpstreamRequest {
  readonly provider: Provider;
  readonly settings: ProviderSettings;
  /** Below the provider's base URL. */
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Buffer;
}

export interface Receiver {
  /** Returns false to pause until `resume` is called. */
  data(chunk: Buffer): boolean;
  end(): void;
  fail(error: HubError): void;
}

export interface UpstreamAnswer {
  readonly status: number;
  readonly contentType: string;
  readonly retryAfter: string | undefined;
  /** Starts the flow of the body; until then it waits. */
  receive(receiver: Receiver): void;
  resume(): void;
  /** Nothing more is wanted: lets a body that is at its end come to rest, cuts any other. */
  finish(): void;
}

export interface UpstreamCall {
  /** The head of the answer; rejects with the HubError of a connection that failed before it. */
  readonly answer: Promise<UpstreamAnswer>;
  /** Cancels the call at the provider. */
  abort(): void;
}

export interface Upstreams {
  send(request: UpstreamRequest): UpstreamCall;
  close(): Promise<void>;
}

/** `silenceMs`: how long a provider may say nothing, before and within its answer. */
export function openUpstreams(silenceMs: number): Upstreams {
  const pools = new Map<string, Pool>();

  function poolOf(provider: Provider, settings: ProviderSettings, origin: string): Pool {
    let pool = pools.get(provider.id);
    if (!pool) {
      pool = new Pool(origin, {
        headersTimeout: silenceMs,
        bodyTimeout: silenceMs,
        allowH2: false,
        connect: {
          timeout: CONNECT_TIMEOUT_MS,
          ...(settings.privateNetwork ? {} : { lookup: lookUpPublic }),
        },
      });
      pools.set(provider.id, pool);
    }
    return pool;
  }

  return {
    send(request) {
      const base = new URL(request.settings.baseUrl);
      const pool = poolOf(request.provider, request.settings, base.origin);
      return dispatch(pool, {
        method: 'POST',
        path: `${base.pathname === '/' ? '' : base.pathname}${request.path}`,
        headers: {
          'content-type': 'application/json',
          'accept-encoding': 'identity',
          'user-agent': 'inferencehub',
          ...authorization(request.provider, request.settings),
          ...request.headers,
        },
        body: request.body,
      });
    },
    async close() {
      await Promise.all([...pools.values()].map((pool) => pool.destroy()));
    },
  };
}

function authorization(provider: Provider, settings: ProviderSettings): Record<string, string> {
  if (settings.apiKey === undefined) return {};
  return provider.auth === 'x-api-key'
    ? { 'x-api-key': settings.apiKey }
    : { authorization: `Bearer ${settings.apiKey}` };
}

function dispatch(pool: Pool, options: Dispatcher.DispatchOptions): UpstreamCall {
  const head = Promise.withResolvers<UpstreamAnswer>();
  let controller: Dispatcher.DispatchController | undefined;
  let receiver: Receiver | undefined;
  let aborted = false;
  let over = false;
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
      if ((textOf(headers['content-encoding']) ?? 'identity') !== 'identity') {
        started.abort(new Error('the provider encoded its answer'));
        return;
      }
      started.pause();
      head.resolve(answerOf(status, headers));
    },
    onResponseData(started, chunk) {
      if (receiver && !receiver.data(chunk)) started.pause();
    },
    onResponseEnd() {
      over = true;
      clearTimeout(lingering);
      receiver?.end();
    },
    onResponseError(_, error) {
      over = true;
      clearTimeout(lingering);
      head.reject(explain(error, 'upstream_failed'));
      receiver?.fail(explain(error, 'upstream_broke_off'));
    },
  });
  return { answer: head.promise, abort };
}

type Headers = Readonly<Record<string, string | string[] | undefined>>;

function textOf(header: string | string[] | undefined): string | undefined {
  return Array.isArray(header) ? header[0] : header;
}

function explain(error: Error, otherwise: 'upstream_failed' | 'upstream_broke_off'): HubError {
  const code = (error as { code?: string }).code ?? '';
  return new HubError(code.endsWith('_TIMEOUT') ? 'upstream_timeout' : otherwise, { cause: error });
}

/** dns.lookup that fails where a name leads to anything but public unicast addresses. */
const lookUpPublic: LookupFunction = (hostname, options, callback) => {
  lookup(hostname, { ...options, all: true }, (error, addresses: LookupAddress[]) => {
    const refused = addresses?.some(({ address }) => ipaddr.process(address).range() !== 'unicast');
    if (error || refused || !addresses[0]) {
      const failure = error ?? new Error(`${hostname} does not lead to a public address`);
      callback(failure, '', 4);
    } else if (options.all) callback(null, addresses);
    else callback(null, addresses[0].address, addresses[0].family);
  });
};
