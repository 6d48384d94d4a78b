// The embedded database: PGlite in a worker thread behind kysely's PostgreSQL dialect. PGlite has
// one backend, so connections are handed out one at a time; a transaction keeps it until its end.

import { Worker } from 'node:worker_threads';
import {
  CompiledQuery,
  type DatabaseConnection,
  type Driver,
  Kysely,
  PostgresAdapter,
  PostgresIntrospector,
  PostgresQueryCompiler,
  type QueryResult,
} from 'kysely';
import { copyOf } from './copy.ts';
import type { Database } from './database.ts';
import type { Tables } from './schema.ts';

type PgliteCommand =
  | { readonly kind: 'query'; readonly sql: string; readonly params: unknown[] }
  | { readonly kind: 'copy'; readonly sql: string; readonly rows: Uint8Array }
  | { readonly kind: 'listen'; readonly channel: string }
  | { readonly kind: 'close' };

export type PgliteRequest = PgliteCommand & { readonly id: number };

export type PgliteReply =
  | { readonly id: number; readonly ok: true; readonly rows: unknown[]; readonly affected: number }
  | ({ readonly id: number; readonly ok: false; readonly message: string } & PgliteErrorFields);

interface PgliteErrorFields {
  readonly code: string | undefined;
  readonly constraint: string | undefined;
  readonly detail: string | undefined;
}

type Answer = Extract<PgliteReply, { ok: true }>;
type Ask = (command: PgliteCommand) => Promise<Answer>;

/** Opens (or creates) the embedded database in a folder that this process alone uses. */
export async function openPglite(dataDir: string): Promise<Database> {
  const callbacks = new Map<string, Set<() => void>>();
  const thread = await startThread(dataDir, (channel) => {
    for (const callback of callbacks.get(channel) ?? []) callback();
  });
  const sql = new Kysely<Tables>({
    dialect: {
      createAdapter: () => new PostgresAdapter(),
      createDriver: () => createDriver(thread.ask),
      createIntrospector: (db) => new PostgresIntrospector(db),
      createQueryCompiler: () => new PostgresQueryCompiler(),
    },
  });
  return {
    kind: 'pglite',
    sql,
    async listen(channel, onNotify) {
      const known = callbacks.get(channel);
      callbacks.set(channel, (known ?? new Set()).add(onNotify));
      if (!known) await thread.ask({ kind: 'listen', channel });
    },
    async close() {
      await sql.destroy();
      await thread.ask({ kind: 'close' });
      await thread.stop();
    },
  };
}

interface Thread {
  readonly ask: Ask;
  stop(): Promise<void>;
}

async function startThread(dataDir: string, onNotify: (channel: string) => void): Promise<Thread> {
  const worker = new Worker(new URL('./pglite-worker.ts', import.meta.url), {
    workerData: { dataDir },
  });
  const waiting = new Map<number, PromiseWithResolvers<Answer>>();
  let lastId = 0;
  let failure: Error | undefined;
  const ready = Promise.withResolvers<Answer>();
  waiting.set(0, ready);

  worker.on('message', (message: PgliteReply | { notified: string }) => {
    if ('notified' in message) return onNotify(message.notified);
    const waiter = waiting.get(message.id);
    waiting.delete(message.id);
    if (message.ok) return waiter?.resolve(message);
    const { code, constraint, detail } = message;
    waiter?.reject(Object.assign(new Error(message.message), { code, constraint, detail }));
  });
  const fail = (error: Error): void => {
    failure = error;
    for (const waiter of waiting.values()) waiter.reject(error);
    waiting.clear();
  };
  worker.on('error', fail);
  worker.on('exit', () => fail(failure ?? new Error('The embedded database has stopped')));

  await ready.promise;
  return {
    ask(command) {
      if (failure) return Promise.reject(failure);
      const id = ++lastId;
      const waiter = Promise.withResolvers<Answer>();
      waiting.set(id, waiter);
      worker.postMessage({ ...command, id });
      return waiter.promise;
    },
    async stop() {
      await worker.terminate();
    },
  };
}

function createDriver(ask: Ask): Driver {
  const connection: DatabaseConnection = {
    async executeQuery<R>(query: CompiledQuery): Promise<QueryResult<R>> {
      const params = [...query.parameters];
      const rows = copyOf(query.sql, params);
      const answer = await ask(
        rows ? { kind: 'copy', sql: query.sql, rows } : { kind: 'query', sql: query.sql, params },
      );
      return { rows: answer.rows as R[], numAffectedRows: BigInt(answer.affected) };
    },
    streamQuery() {
      throw new Error('PGlite has no cursors');
    },
  };
  const run = (sql: string): Promise<unknown> => connection.executeQuery(CompiledQuery.raw(sql));
  let free = Promise.resolve();
  let release: () => void = () => undefined;
  return {
    async init() {},
    async acquireConnection() {
      const previous = free;
      const mine = Promise.withResolvers<void>();
      free = mine.promise;
      await previous;
      release = mine.resolve;
      return connection;
    },
    async releaseConnection() {
      release();
    },
    async beginTransaction() {
      await run('begin');
    },
    async commitTransaction() {
      await run('commit');
    },
    async rollbackTransaction() {
      await run('rollback');
    },
    async destroy() {},
  };
}
