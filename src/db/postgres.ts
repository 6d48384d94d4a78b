// PostgreSQL through pg's pool, and one more connection that only listens. A lost connection is
// normal: the pool makes new ones by itself, the listener comes back with a growing pause.

import { Kysely, PostgresDialect } from 'kysely';
import { Client, Pool, types } from 'pg';
import { copyOf } from './copy.ts';
import type { Database } from './database.ts';
import { sendCopy } from './postgres-copy.ts';
import type { Tables } from './schema.ts';

const POOL_SIZE = 10;
const CONNECT_TIMEOUT_MS = 5_000;
const QUERY_TIMEOUT_MS = 30_000;
const FIRST_PAUSE_MS = 200;
const LONGEST_PAUSE_MS = 5_000;

/** Opens the database at a `postgres://` URL. Connects lazily: the first query says what is wrong. */
export function openPostgres(url: string): Database {
  const common = {
    connectionString: url,
    connectionTimeoutMillis: CONNECT_TIMEOUT_MS,
    application_name: 'inferencehub',
    keepAlive: true,
  };
  const pool = new Pool({
    ...common,
    max: POOL_SIZE,
    query_timeout: QUERY_TIMEOUT_MS,
    statement_timeout: QUERY_TIMEOUT_MS,
    types: {
      getTypeParser: (oid, format) =>
        oid === types.builtins.INT8 ? BigInt : types.getTypeParser(oid, format),
    },
  });
  // An idle connection that the server closes is replaced on next use; nobody waits for it here.
  pool.on('error', () => undefined);
  // One that breaks while it is lent out fails its query, which is error enough for its borrower.
  pool.on('connect', (client) => {
    client.on('error', () => undefined);
    teachCopy(client);
  });
  const listener = keepListening(common);
  const sql = new Kysely<Tables>({ dialect: new PostgresDialect({ pool }) });
  return {
    kind: 'postgres',
    sql,
    listen: listener.listen,
    async close() {
      await listener.close();
      await sql.destroy();
    },
  };
}

/** Kysely hands a statement and its parameters to `query`; rows to copy go by their own protocol. */
function teachCopy(client: Client): void {
  const query: (...of: unknown[]) => unknown = client.query.bind(client);
  Object.assign(client, {
    query(...of: [string, unknown[]]) {
      const rows = Array.isArray(of[1]) ? copyOf(of[0], of[1]) : undefined;
      return rows ? sendCopy(query, of[0], rows) : query(...of);
    },
  });
}

type Listener = Pick<Database, 'listen' | 'close'>;

function keepListening(connection: ConstructorParameters<typeof Client>[0]): Listener {
  const callbacks = new Map<string, Set<() => void>>();
  let client: Client | undefined;
  let connecting: Promise<void> | undefined;
  let timer: NodeJS.Timeout | undefined;
  let closed = false;

  async function connect(pauseMs: number): Promise<void> {
    const fresh = new Client(connection);
    const lost = (): void => {
      if (closed || client !== fresh) return;
      client = undefined;
      retry(FIRST_PAUSE_MS);
    };
    fresh.on('error', lost);
    fresh.on('end', lost);
    fresh.on('notification', (message) => notify(message.channel));
    try {
      await fresh.connect();
      for (const channel of callbacks.keys()) await fresh.query(`listen ${quote(channel)}`);
      client = fresh;
      for (const channel of callbacks.keys()) notify(channel);
    } catch {
      fresh.removeAllListeners();
      fresh.on('error', () => undefined);
      fresh.end().catch(() => undefined);
      retry(Math.min(pauseMs * 2, LONGEST_PAUSE_MS));
    }
  }

  function retry(pauseMs: number): void {
    if (closed) return;
    timer = setTimeout(() => {
      connecting = connect(pauseMs);
    }, pauseMs);
    timer.unref();
  }

  function notify(channel: string): void {
    for (const callback of callbacks.get(channel) ?? []) callback();
  }

  return {
    async listen(channel, onNotify) {
      const known = callbacks.get(channel);
      callbacks.set(channel, (known ?? new Set()).add(onNotify));
      if (connecting === undefined) connecting = connect(FIRST_PAUSE_MS);
      await connecting;
      if (!known && client) await client.query(`listen ${quote(channel)}`).catch(() => undefined);
    },
    async close() {
      closed = true;
      clearTimeout(timer);
      await connecting;
      await client?.end().catch(() => undefined);
    },
  };
}

function quote(identifier: string): string {
  return `"${identifier.replaceAll('"', '""')}"`;
}
