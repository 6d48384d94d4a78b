// What booking costs: `node bench/drain.ts [--batches 1,25,250,1000] [--records N]`. Processor time a
// record in batches of several sizes, of this process (client) and of the database's own (server), on
// PostgreSQL and on PGlite, whose thread is a part of this process.

import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { sql as rawSql } from 'kysely';
import type { Database, Sql } from '../src/db/database.ts';
import { migrate } from '../src/db/migrate.ts';
import { openPglite } from '../src/db/pglite.ts';
import { openPostgres } from '../src/db/postgres.ts';
import { openBatchWriter } from '../src/journal/writer.ts';
import { encodeRecord } from '../src/usage/record.ts';
import { type Payer, openPayer } from '../test/journal/world.ts';
import { startPostgresCluster } from '../test/support/postgres-cluster.ts';

const ROUNDS = 5;
const { values } = parseArgs({
  options: {
    batches: { type: 'string', default: '1,25,250,1000' },
    records: { type: 'string', default: '5000' },
    payers: { type: 'string', default: '1' },
  },
});

const folder = await mkdtemp(join(tmpdir(), 'drain-bench-'));
try {
  const cluster = await startPostgresCluster();
  if ('missing' in cluster) print(`postgres: ${cluster.missing}`);
  else {
    await measure('postgres', openPostgres(cluster.url));
    await cluster.stop();
  }
  await measure('pglite', await openPglite(join(folder, 'database')));
} finally {
  await rm(folder, { recursive: true, force: true });
}

async function measure(name: string, database: Database): Promise<void> {
  await migrate(database.sql);
  const count = Number(values.payers);
  const payers: Payer[] = [];
  for (let i = 0; i < count; i++) payers.push(await openPayer(database.sql, 10n ** 12n));
  const nodeId = payers[0]?.nodeId ?? '';
  const writer = openBatchWriter(database.sql, nodeId, Date.now, () =>
    Promise.reject(new Error('a record was refused')),
  );
  for (const size of values.batches.split(',').map(Number)) {
    const batches = Math.max(10, Math.round(Number(values.records) / size / (size === 1 ? 10 : 1)));
    const client: number[] = [];
    const server: number[] = [];
    for (let round = 0; round <= ROUNDS; round++) {
      const lines = Array.from({ length: batches }, () =>
        Array.from({ length: size }, (_, i) => lineOf(payers[i % count]!)),
      );
      let at = await writer.readPosition();
      const serverBefore = await serverMicros(database.sql, name);
      const before = process.cpuUsage();
      for (const batch of lines) {
        const next = { segment: at.segment, position: at.position + 1 };
        await writer.write(batch, at, next);
        at = next;
      }
      const used = process.cpuUsage(before);
      const serverAfter = await serverMicros(database.sql, name);
      // The first round warms up.
      if (round === 0) continue;
      client.push((used.user + used.system) / batches / size);
      server.push((serverAfter - serverBefore) / batches / size);
    }
    const both = name === 'postgres' ? `, server ${median(server)} us` : ' (client and database)';
    print(`${name}, batches of ${size}: ${median(client)} us${both}`);
  }
  await database.close();
}

/** As it is read from a file, in one piece. */
function lineOf(payer: Payer): string {
  return Buffer.from(encodeRecord(payer.record())).toString();
}

/** The processor time of the pool's connections: one works at a time here. */
async function serverMicros(sql: Sql, name: string): Promise<number> {
  if (name !== 'postgres') return 0;
  const { rows } = await rawSql<{ pid: number }>`
    select pid from pg_stat_activity where application_name = 'inferencehub'`.execute(sql);
  let nanos = 0;
  for (const { pid } of rows) {
    nanos += Number((await readFile(`/proc/${pid}/schedstat`, 'utf8')).split(' ')[0]);
  }
  return nanos / 1_000;
}

function median(numbers: number[]): string {
  return (numbers.sort((a, b) => a - b)[Math.floor(numbers.length / 2)] ?? 0).toFixed(1);
}

function print(line: string): void {
  process.stdout.write(`${line}\n`);
}
