// What the journal costs: `node bench/journal.ts [--folder PATH] [--backlog RECORDS]`. Records a second, milliseconds from append
// to disk at three rates, processor time a record, how fast a backlog drains and in how much memory,
// and how long a batch of 500 records blocks the thread of the embedded database.

import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { migrate } from '../src/db/migrate.ts';
import { openPglite } from '../src/db/pglite.ts';
import { openPostgres } from '../src/db/postgres.ts';
import type { Database } from '../src/db/database.ts';
import { openJournal } from '../src/journal/journal.ts';
import { encodeRecord } from '../src/usage/record.ts';
import { startPostgresCluster } from '../test/support/postgres-cluster.ts';
import { drainInto, makeRecord, openPayer } from '../test/journal/world.ts';

const SPAN_MS = 5_000;
const FLAT_OUT_AT_ONCE = 256;
const { values } = parseArgs({
  options: {
    folder: { type: 'string', default: tmpdir() },
    backlog: { type: 'string', default: '200000' },
  },
});

const folder = await mkdtemp(join(values.folder, 'journal-bench-'));
try {
  for (const rate of [200, 2_000]) await measureRate(rate);
  await measureFlatOut();
  await measureDrain('pglite', await openPglite(join(folder, 'database')));
  await measurePostgres();
} finally {
  await rm(folder, { recursive: true, force: true });
}

async function measurePostgres(): Promise<void> {
  const cluster = await startPostgresCluster();
  if ('missing' in cluster) return print(`postgres: ${cluster.missing}`);
  try {
    await measureDrain('postgres', openPostgres(cluster.url));
  } finally {
    await cluster.stop();
  }
}

async function measureRate(rate: number): Promise<void> {
  const journal = await openJournal(join(folder, `at-${rate}`));
  const record = encodeRecord(makeRecord());
  const times: number[] = [];
  const sent: Promise<unknown>[] = [];
  const cpu = process.cpuUsage();
  const startMs = performance.now();
  const send = async (): Promise<void> => {
    const beganMs = performance.now();
    await journal.append(record);
    times.push(performance.now() - beganMs);
  };
  for (let elapsed = 0; elapsed < SPAN_MS; elapsed = performance.now() - startMs) {
    const due = Math.floor((elapsed * rate) / 1_000);
    while (sent.length < due) sent.push(send());
    await sleep(1);
  }
  await Promise.all(sent);
  say(`${rate}/s`, times, performance.now() - startMs, process.cpuUsage(cpu));
  await journal.close();
}

async function measureFlatOut(): Promise<void> {
  const journal = await openJournal(join(folder, 'flat-out'));
  const record = encodeRecord(makeRecord());
  const times: number[] = [];
  const cpu = process.cpuUsage();
  const startMs = performance.now();
  const client = async (): Promise<void> => {
    while (performance.now() - startMs < SPAN_MS) {
      const beganMs = performance.now();
      await journal.append(record);
      times.push(performance.now() - beganMs);
    }
  };
  await Promise.all(Array.from({ length: FLAT_OUT_AT_ONCE }, client));
  say(
    `flat out, ${FLAT_OUT_AT_ONCE} at once`,
    times,
    performance.now() - startMs,
    process.cpuUsage(cpu),
  );
  await journal.close();
}

function say(what: string, times: number[], spanMs: number, cpu: NodeJS.CpuUsage): void {
  times.sort((a, b) => a - b);
  const at = (share: number): string => (times[Math.floor(times.length * share)] ?? 0).toFixed(2);
  const rate = Math.round(times.length / (spanMs / 1_000));
  const cpuMicros = ((cpu.user + cpu.system) / times.length).toFixed(1);
  print(`${what}: ${rate} records/s, p50 ${at(0.5)} ms, p99 ${at(0.99)} ms, ${cpuMicros} us CPU`);
}

async function measureDrain(name: string, database: Database): Promise<void> {
  await migrate(database.sql);
  const count = Number(values.backlog);
  const payer = await openPayer(database.sql, BigInt(count) * 100n);
  const journal = await openJournal(join(folder, `backlog-${name}`));
  for (let sent = 0; sent < count; sent += 1_000) {
    const records = Array.from({ length: 1_000 }, () => encodeRecord(payer.record()));
    await Promise.all(records.map((record) => journal.append(record)));
  }
  const before = process.memoryUsage.rss();
  let most = before;
  const watch = setInterval(() => (most = Math.max(most, process.memoryUsage.rss())), 20);
  const delay = monitorEventLoopDelay({ resolution: 5 });
  delay.enable();
  const startMs = performance.now();
  const drain = drainInto(database, journal, payer.nodeId);
  const waits: number[] = [];
  const probing = new AbortController();
  const probe = probeDatabase(database, waits, probing.signal);
  await drain.flush();
  const seconds = (performance.now() - startMs) / 1_000;
  clearInterval(watch);
  probing.abort();
  await probe;
  waits.sort((a, b) => a - b);
  const wait = (share: number): string => (waits[Math.floor(waits.length * share)] ?? 0).toFixed(0);
  print(
    `${name}: ${count} records drained in ${seconds.toFixed(1)} s, ${Math.round(count / seconds)}/s; ` +
      `memory +${Math.round((most - before) / 1024 / 1024)} MiB; ` +
      `a batch takes ${((seconds * 1_000) / (count / 500)).toFixed(0)} ms; ` +
      `another query waits p50 ${wait(0.5)} ms, p99 ${wait(0.99)} ms; ` +
      `own loop late by p99 ${(delay.percentile(99) / 1e6).toFixed(0)} ms`,
  );
  await drain.close();
  await journal.close();
  await database.close();
}

/** How long a query of somebody else waits while the drain works. */
async function probeDatabase(
  database: Database,
  waits: number[],
  stop: AbortSignal,
): Promise<void> {
  while (!stop.aborted) {
    const beganMs = performance.now();
    await database.sql.selectFrom('journal_positions').select('segment').execute();
    waits.push(performance.now() - beganMs);
    await sleep(20);
  }
}

function print(line: string): void {
  process.stdout.write(`${line}\n`);
}
