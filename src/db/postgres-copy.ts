// COPY FROM STDIN over pg's connection: the statement, all rows in one message, and the end. What pg
// asks of a query object is in https://node-postgres.com/apis/client (Submittable) and its own types.

import type { Connection, Submittable } from 'pg';

interface CopyConnection extends Connection {
  sendCopyFromChunk(chunk: Uint8Array): void;
  endCopyFrom(): void;
}

interface Copied {
  readonly command: 'COPY';
  readonly rowCount: number;
  readonly rows: readonly never[];
}

interface CopyQuery extends Submittable {
  /** Set here and wrapped by pg, which calls it first when the time limit of queries is over. */
  callback: (error: Error | null) => void;
  handleCopyInResponse(connection: CopyConnection): void;
  handleCommandComplete(): void;
  handleEmptyQuery(): void;
  handleRowDescription(): void;
  handleError(error: Error): void;
  handleReadyForQuery(): void;
}

/** Sends rows by a `copy … from stdin`; rejects with what the database says. */
export function sendCopy(
  send: (query: Submittable) => unknown,
  text: string,
  rows: Uint8Array,
): Promise<Copied> {
  return new Promise((resolve, reject) => {
    const query: CopyQuery = {
      submit: (connection) => connection.query(text),
      callback: (error) =>
        error ? reject(error) : resolve({ command: 'COPY', rowCount: 0, rows: [] }),
      handleCopyInResponse(connection) {
        connection.sendCopyFromChunk(rows);
        connection.endCopyFrom();
      },
      handleCommandComplete: () => undefined,
      handleEmptyQuery: () => undefined,
      handleRowDescription: () => undefined,
      // After an error pg lets go of the query, so nothing else comes.
      handleError: (error) => query.callback(error),
      handleReadyForQuery: () => query.callback(null),
    };
    send(query);
  });
}
