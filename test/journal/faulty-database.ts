// A real database whose connection breaks at chosen moments: before a commit, after one (the answer
// is lost), or at any statement. Everything else goes to the real one as it is.

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
import type { Database } from '../../src/db/database.ts';
import type { Tables } from '../../src/db/schema.ts';

export type Fault = 'before_commit' | 'after_commit' | 'statement' | undefined;

class BrokenConnection extends Error {}

/** `next` is asked at each transaction and each statement what is to go wrong. */
export function breakAtTimes(real: Database, next: () => Fault): Database {
  const sql = new Kysely<Tables>({
    dialect: {
      createAdapter: () => new PostgresAdapter(),
      createDriver: () => createDriver(real, next),
      createIntrospector: (db) => new PostgresIntrospector(db),
      createQueryCompiler: () => new PostgresQueryCompiler(),
    },
  });
  return { ...real, sql };
}

interface Lent extends DatabaseConnection {
  readonly real: DatabaseConnection;
  giveBack(): void;
}

function createDriver(real: Database, next: () => Fault): Driver {
  const run = (connection: DatabaseConnection, text: string) =>
    (connection as Lent).real.executeQuery(CompiledQuery.raw(text));
  return {
    async init() {},
    acquireConnection() {
      const lent = Promise.withResolvers<DatabaseConnection>();
      const done = Promise.withResolvers<void>();
      const provided = real.sql.getExecutor().provideConnection(async (connection) => {
        lent.resolve({
          real: connection,
          giveBack: done.resolve,
          executeQuery<R>(query: CompiledQuery): Promise<QueryResult<R>> {
            if (next() === 'statement') return Promise.reject(new BrokenConnection('statement'));
            return connection.executeQuery<R>(query);
          },
          streamQuery() {
            throw new Error('nothing here streams');
          },
        } as Lent);
        await done.promise;
      });
      provided.catch(lent.reject);
      return lent.promise;
    },
    async releaseConnection(connection) {
      (connection as Lent).giveBack();
    },
    async beginTransaction(connection) {
      await run(connection, 'begin');
    },
    async commitTransaction(connection) {
      const fault = next();
      if (fault === 'before_commit') throw new BrokenConnection('before the commit');
      await run(connection, 'commit');
      if (fault === 'after_commit') throw new BrokenConnection('after the commit');
    },
    async rollbackTransaction(connection) {
      await run(connection, 'rollback');
    },
    async destroy() {},
  };
}
