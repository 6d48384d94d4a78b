// What a request takes of things that do not vary with the machine's mood: bytes allocated on the
// heap, system calls, statements and rows. Answers come one at a time, so that none shares a read,
// a write or a flush of the journal with another; the database is held back until all have come, so
// that booking, which goes by time, stays out of their counts and is itself done in full batches.

import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Client } from 'pg';
import { hub } from './hub.ts';
import { readSystemCalls } from './machine.ts';
import { type Ask, type Measured, startMeasured } from './measured.ts';
import { type StatementCounter, startStatementCounter } from './statements.ts';
import { startUpstream } from './upstreams.ts';

/** By the hub's process until the answer has come. */
type Taken = Readonly<Record<'heapBytes' | 'reads' | 'writes', number>>;
/** For booking it. */
type Booked = Readonly<Record<'statements' | 'rows', number>>;

export type Count = Taken & Booked;

/** Each a request, or an event of a stream. */
export type Counts = Readonly<Record<'json' | 'streamed' | 'event', Count>>;

export interface CountOptions {
  /** An empty database; its role may create tables. */
  readonly databaseUrl: string;
  /** The folder of the sources; this checkout unless given. */
  readonly checkout?: string | undefined;
}

const CHAT = { protocol: 'chat', provider: 'chat', bytes: 2_048 } as const;
const JSON_REQUESTS = 1_000;
const SHORT_STREAMS = 500;
/** Several side by side, or what the hub does by time would be much of what so few events take. */
const LONG_STREAMS = 40;
const LONG_STREAMS_AT_ONCE = 5;
const LONG_EVENTS = 150;
/** Enough for the compiler to be done with the hot path. */
const WARMUPS = [
  ['json', 2_000],
  ['canned', 600],
] as const;
const EVENT_GAP_MS = 2;
const LONGEST_SECONDS = 60;
/** Of each count the least is taken: what the compiler has not come to yet only ever adds. */
const ROUNDS = 3;

export async function countCosts({ databaseUrl, checkout }: CountOptions): Promise<Counts> {
  await using opened = new AsyncDisposableStack();
  const folder = opened.adopt(await mkdtemp(join(tmpdir(), 'bench-counts-')), (path) =>
    rm(path, { recursive: true, force: true }),
  );
  const upstream = opened.adopt(await startUpstream('http', folder, undefined), (open) =>
    open.stop(),
  );
  const statements = opened.adopt(await startStatementCounter(databaseUrl), (open) => open.close());
  const probe = join(folder, 'heap');
  const subject = hub({
    name: 'hub',
    variant: 'counted',
    settings: '',
    database: { url: statements.url },
    env: { BENCH_HEAP_PROBE: probe },
    nodeArgs: [`--import=${new URL('./heap-probe.ts', import.meta.url).href}`],
    ...(checkout !== undefined && { checkout }),
  });
  const measured = opened.adopt(await startMeasured(subject, upstream, folder, undefined), (open) =>
    open.stop(),
  );
  const long = `paced:${LONG_EVENTS}:${EVENT_GAP_MS}`;
  const short = `paced:1:${EVENT_GAP_MS}`;
  await warmUp(measured);
  const world: World = { measured, statements, probe, databaseUrl };
  const json = await leastOf(() => countOf(world, 'json', JSON_REQUESTS));
  const streamed = await leastOf(() => countOf(world, short, SHORT_STREAMS));
  const inLong = await leastOf(() => countOf(world, long, LONG_STREAMS, LONG_STREAMS_AT_ONCE));
  // Of long streams, what is more than a short one's is that of their further events.
  const event = scale(subtract(inLong, streamed), 1 / (LONG_EVENTS - 1));
  return { json, streamed, event };
}

interface World {
  readonly measured: Measured;
  readonly statements: StatementCounter;
  readonly probe: string;
  readonly databaseUrl: string;
}

async function warmUp(measured: Measured): Promise<void> {
  for (const [answer, requests] of WARMUPS) {
    await measured.load({ ...CHAT, answer }, { clients: 1, requests, seconds: LONGEST_SECONDS });
  }
}

async function leastOf(count: () => Promise<Count>): Promise<Count> {
  let least = await count();
  for (let round = 1; round < ROUNDS; round += 1) {
    const next = await count();
    const before = least;
    least = combine(before, (name) => Math.min(before[name], next[name]));
  }
  return least;
}

async function countOf(
  world: World,
  answer: string,
  requests: number,
  clients = 1,
): Promise<Count> {
  const { measured, statements } = world;
  const ask: Ask = { ...CHAT, answer };
  const inDatabase = await lookAtDatabase(world);
  statements.hold();
  let taken: Taken;
  try {
    const before = await lookAtProcess(world);
    await measured.send(ask, { clients, requests, seconds: LONGEST_SECONDS });
    taken = subtract(await lookAtProcess(world), before);
  } finally {
    statements.release();
  }
  await measured.settle();
  const booked = subtract(await lookAtDatabase(world), inDatabase);
  return scale({ ...taken, ...booked }, 1 / requests);
}

async function lookAtProcess({ measured, probe }: World): Promise<Taken> {
  const [pid = 0] = measured.running.pids;
  const { reads, writes } = readSystemCalls(pid);
  return { reads, writes, heapBytes: await askProbe(probe) };
}

async function lookAtDatabase({ statements, databaseUrl }: World): Promise<Booked> {
  return { rows: await countRows(databaseUrl), statements: statements.count() };
}

async function askProbe(path: string): Promise<number> {
  const socket = connect(path).setEncoding('utf8');
  const [text] = (await once(socket, 'data')) as [string];
  return Number(text);
}

async function countRows(url: string): Promise<number> {
  const client = new Client({ connectionString: url });
  await client.connect();
  try {
    const { rows } = await client.query<{ name: string }>(
      `select quote_ident(table_name) as name from information_schema.tables
       where table_schema = 'public' and table_type = 'BASE TABLE'`,
    );
    const sum = rows.map(({ name }) => `(select count(*) from ${name})`).join(' + ');
    const { rows: counted } = await client.query<{ n: string }>(`select ${sum} as n`);
    return Number(counted[0]?.n);
  } finally {
    await client.end();
  }
}

function subtract<K extends string>(a: Record<K, number>, b: Record<K, number>): Record<K, number> {
  return combine(a, (name) => a[name] - b[name]);
}

function scale<K extends string>(count: Record<K, number>, factor: number): Record<K, number> {
  return combine(count, (name) => count[name] * factor);
}

function combine<K extends string>(
  like: Record<K, number>,
  of: (name: K) => number,
): Record<K, number> {
  const names = Object.keys(like) as K[];
  return Object.fromEntries(names.map((name) => [name, of(name)])) as Record<K, number>;
}
