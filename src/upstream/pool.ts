// The connections to one provider with one credential: the idle ones are used again, the latest first, so that the others
// grow old and are closed. As many are opened as there are requests at once; none carries two.

import type { SecureContext } from 'node:tls';
import type { Provider, ProviderSettings } from '../providers/provider.ts';
import { type Connection, type Origin, cut, openConnection } from './connection.ts';
import { type HeadWriter, createHeadWriter } from './request-head.ts';

export interface Pool {
  readonly base: URL;
  readonly heads: HeadWriter;
  /** A connection that is free for one request, idle so far or new. */
  take(nowMs: number): Connection;
  /** Takes no connection back any more; those at work finish. */
  retire(): void;
}

/** `open` has every connection that is not closed, of this pool and of others. */
export function createPool(
  provider: Provider,
  settings: ProviderSettings,
  open: Set<Connection>,
  secureContext: () => SecureContext,
): Pool {
  const base = new URL(settings.baseUrl);
  const isSecure = base.protocol === 'https:';
  const idle: Connection[] = [];
  let isRetired = false;

  const origin: Origin = {
    host: base.hostname.replace(/^\[|\]$/g, ''),
    port: Number(base.port) || (isSecure ? 443 : 80),
    secureContext: isSecure ? secureContext() : undefined,
    privateNetwork: settings.privateNetwork,
    session: undefined,
    rested(connection) {
      if (isRetired) cut(connection, new Error('the pool is closed'));
      else idle.push(connection);
    },
    closed(connection) {
      open.delete(connection);
      const at = idle.lastIndexOf(connection);
      if (at >= 0) idle.splice(at, 1);
    },
  };

  return {
    base,
    heads: createHeadWriter(base, provider, settings),
    take(nowMs) {
      for (let latest = idle.pop(); latest; latest = idle.pop()) {
        if (nowMs < latest.deadlineMs) return latest;
        cut(latest, new Error('the connection was idle for too long'));
      }
      const connection = openConnection(origin, nowMs);
      open.add(connection);
      return connection;
    },
    retire() {
      isRetired = true;
      for (let last = idle.pop(); last; last = idle.pop()) {
        cut(last, new Error('the pool is closed'));
      }
    },
  };
}
