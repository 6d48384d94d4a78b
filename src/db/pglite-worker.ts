// The thread in which PGlite lives. It answers one message at a time; a query blocks only this
// thread, never the gateway's. Measured on two busy cores while usage was drained
// (bench/journal.ts): a batch of 500 records takes 0.5 to 0.9 s, and another query waits half a
// second for its turn.

import { PGlite, types } from '@electric-sql/pglite';
import { parentPort, workerData } from 'node:worker_threads';
import { assert } from '../base/errors.ts';
import type { PgliteReply, PgliteRequest } from './pglite.ts';

assert(parentPort, 'runs as a worker thread');
const port = parentPort;

const database = await PGlite.create({
  dataDir: (workerData as { dataDir: string }).dataDir,
  parsers: { [types.INT8]: (text: string) => BigInt(text) },
});
reply({ id: 0, ok: true, rows: [], affected: 0 });

let last = Promise.resolve();
port.on('message', (request: PgliteRequest) => {
  last = last.then(() => answer(request));
});

async function answer(request: PgliteRequest): Promise<void> {
  try {
    reply({ id: request.id, ok: true, ...(await run(request)) });
  } catch (error) {
    const { message, code, constraint, detail } = error as Record<string, string | undefined>;
    reply({ id: request.id, ok: false, message: message ?? 'unknown', code, constraint, detail });
  }
}

async function run(request: PgliteRequest): Promise<{ rows: unknown[]; affected: number }> {
  if (request.kind === 'close') {
    await database.close();
    return { rows: [], affected: 0 };
  }
  if (request.kind === 'listen') {
    const { channel } = request;
    await database.listen(channel, () => port.postMessage({ notified: channel }));
    return { rows: [], affected: 0 };
  }
  if (request.kind === 'copy') {
    // PGlite has no standard input; its statement reads the blob that comes along.
    const text = request.sql.replace(/ from stdin$/, " from '/dev/blob'");
    const { affectedRows = 0 } = await database.query(text, [], { blob: blobOf(request.rows) });
    return { rows: [], affected: affectedRows };
  }
  if (request.params.length === 0) {
    const results = await database.exec(request.sql);
    const result = results.at(-1);
    return { rows: result?.rows ?? [], affected: result?.affectedRows ?? 0 };
  }
  const result = await database.query(request.sql, request.params);
  return { rows: result.rows, affected: result.affectedRows ?? 0 };
}

function blobOf(rows: Uint8Array): Blob {
  return new Blob([new Uint8Array(rows)]);
}

function reply(message: PgliteReply): void {
  port.postMessage(message);
}
