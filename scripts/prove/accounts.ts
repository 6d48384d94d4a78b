// `npm run prove:accounts [-- --part NAME] [--pairs N] [--database pglite | postgres]`: that the time of
// an answer does not tell whether an address has an account. A hub as a real process is asked about
// addresses with and without one, in pairs in random order, each from a network of its own; Welch's t
// of the two lots of times must stay below 4.5, the limit that is usual for leakage.

import { randomInt } from 'node:crypto';
import { rm } from 'node:fs/promises';
import { Agent, request as httpRequest } from 'node:http';
import { parseArgs } from 'node:util';
import { newId } from '../../src/base/ids.ts';
import type { Sql } from '../../src/db/database.ts';
import { migrate } from '../../src/db/migrate.ts';
import { openPglite } from '../../src/db/pglite.ts';
import { openPostgres } from '../../src/db/postgres.ts';
import { embeddedDatabaseDir } from '../../src/host/data-dir.ts';
import { hashPassword } from '../../src/identity/passwords.ts';
import { createPerson } from '../../src/identity/people.ts';
import { DOCUMENTS } from '../../src/policy/documents.ts';
import { createDatabaseUrl } from '../../test/support/databases.ts';
import { setup } from '../../test/support/global-setup.ts';
import { makeDataDir, startHub } from '../../test/support/hub.ts';
import { proveWork } from '../../test/support/work.ts';
import { medianOf, welchT } from '../../bench/statistics.ts';

const FULL_PAIRS = 2_000;
/** The first pairs find code that is not compiled yet. */
const WARM_UP_PAIRS = 20;
const MOST_T = 4.5;
/** What the slowest tenth measures is the machine. */
const KEPT = 0.9;
const PASSWORD = 'correct horse battery staple';

/** What is sent about an address, and the status that comes back in either case. */
interface Part {
  readonly path: string;
  readonly status: number;
  body(url: string): Promise<object>;
}

const PARTS: Readonly<Record<string, Part>> = {
  'sign-in': {
    path: '/sign-in',
    status: 401,
    body: async () => ({ password: 'a wrong password' }),
  },
  reset: {
    path: '/password-reset',
    status: 202,
    body: async (url) => ({ proofOfWork: await proveWork(url) }),
  },
  'sign-up': {
    path: '/sign-up',
    status: 202,
    body: async (url) => ({
      name: 'Grace',
      password: PASSWORD,
      isAdult: true,
      termsVersion: DOCUMENTS.terms.version,
      privacyVersion: DOCUMENTS.privacy.version,
      proofOfWork: await proveWork(url),
    }),
  },
};

process.exitCode = await main(process.argv.slice(2));

async function main(args: readonly string[]): Promise<number> {
  const order = readOrder(args);
  if (!order) {
    const names = Object.keys(PARTS).join(' | ');
    say(`Usage: npm run prove:accounts -- [--part ${names}] [--pairs N] [--database NAME]`);
    return 2;
  }
  await using opened = new AsyncDisposableStack();
  opened.defer(await setup());
  const { url, known } = await openHub(order, opened);
  let isSilent = true;
  for (const name of order.parts) {
    const times = await measure(url, name, known, order.pairs);
    isSilent = report(name, times) && isSilent;
  }
  return isSilent ? 0 : 1;
}

interface Order {
  readonly parts: readonly string[];
  readonly pairs: number;
  readonly database: 'pglite' | 'postgres';
}

/** Undefined where the arguments are not what this program takes. */
function readOrder(args: readonly string[]): Order | undefined {
  const text = { type: 'string' } as const;
  try {
    const options = { part: text, pairs: text, database: text } as const;
    const { values } = parseArgs({ args: [...args], options });
    const { part, pairs = String(FULL_PAIRS), database = 'pglite' } = values;
    if (part !== undefined && !(part in PARTS)) return undefined;
    if (!/^[1-9]\d{0,6}$/.test(pairs)) return undefined;
    if (database !== 'pglite' && database !== 'postgres') return undefined;
    return { parts: part ? [part] : Object.keys(PARTS), pairs: Number(pairs), database };
  } catch {
    return undefined;
  }
}

/** A hub with as many people as there are pairs: no account meets its limit. */
async function openHub(
  { pairs, database }: Order,
  opened: AsyncDisposableStack,
): Promise<{ url: string; known: string[] }> {
  const server = database === 'postgres' ? await createDatabaseUrl() : undefined;
  if (server) opened.defer(server.drop);
  const env = {
    TRUSTED_PROXIES: '127.0.0.1',
    ...(server && { DATABASE_URL: server.url }),
  };
  const dataDir = await makeDataDir(env);
  opened.defer(() => rm(dataDir, { recursive: true, force: true }));
  const storage = server
    ? openPostgres(server.url)
    : await openPglite(embeddedDatabaseDir(dataDir));
  await migrate(storage.sql);
  const known = await addPeople(storage.sql, pairs + WARM_UP_PAIRS);
  await storage.close();
  const hub = opened.adopt(await startHub({ dataDir, env }), (open) => open.stop());
  return { url: hub.baseUrl, known };
}

async function addPeople(sql: Sql, count: number): Promise<string[]> {
  const passwordHash = await hashPassword(PASSWORD);
  const known = Array.from({ length: count }, newAddress);
  for (const email of known) {
    const state = { isOperator: false, emailVerified: true };
    await createPerson(sql, { email, name: 'Ada', passwordHash, ...state }, Date.now());
  }
  return known;
}

/** Of one length, whether it has an account or not. */
function newAddress(): string {
  return `${newId('usr', Date.now())}@example.com`;
}

interface Times {
  readonly known: readonly number[];
  readonly unknown: readonly number[];
}

async function measure(
  url: string,
  name: string,
  addresses: readonly string[],
  pairs: number,
): Promise<Times> {
  const part = PARTS[name]!;
  const agent = new Agent({ keepAlive: true, maxSockets: 1 });
  const known: number[] = [];
  const unknown: number[] = [];
  for (let pair = 0; pair < pairs + WARM_UP_PAIRS; pair++) {
    const both = [
      { times: known, email: addresses[pair]! },
      { times: unknown, email: newAddress() },
    ];
    if (randomInt(2) === 1) both.reverse();
    for (const { times, email } of both) {
      const body = { email, ...(await part.body(url)) };
      const latencyMs = await time(`${url}/api/v1${part.path}`, agent, body, part.status);
      if (pair >= WARM_UP_PAIRS) times.push(latencyMs);
    }
    if (pair % 100 === 99) say(`${name}: ${pair + 1 - WARM_UP_PAIRS} of ${pairs} pairs`);
  }
  agent.destroy();
  return { known, unknown };
}

/** Milliseconds from the request to the last byte of its answer, from an address of its own. */
function time(url: string, agent: Agent, body: object, status: number): Promise<number> {
  const text = JSON.stringify(body);
  const headers = {
    origin: new URL(url).origin,
    'content-type': 'application/json',
    'content-length': Buffer.byteLength(text),
    'x-forwarded-for': `10.${randomInt(256)}.${randomInt(256)}.${randomInt(256)}`,
  };
  return new Promise((resolve, reject) => {
    const began = performance.now();
    const sent = httpRequest(url, { method: 'POST', agent, headers }, (answer) => {
      answer.resume();
      answer.on('end', () => {
        const latencyMs = performance.now() - began;
        if (answer.statusCode === status) resolve(latencyMs);
        else reject(new Error(`${url} answered with ${answer.statusCode}`));
      });
    });
    sent.on('error', reject);
    sent.end(text);
  });
}

/** One line of all times and one without the slowest; whether both stay below the limit. */
function report(name: string, { known, unknown }: Times): boolean {
  const sorted = [...known, ...unknown].toSorted((a, b) => a - b);
  const slowest = sorted[Math.ceil(sorted.length * KEPT) - 1] ?? 0;
  const kept = (times: readonly number[]) => times.filter((latencyMs) => latencyMs <= slowest);
  const lots = [
    ['all', known, unknown],
    ['without the slowest tenth', kept(known), kept(unknown)],
  ] as const;
  return lots
    .map(([label, a, b]) => {
      const t = welchT(a, b);
      const isSilent = Math.abs(t) < MOST_T;
      const medians = `${medianOf(a).toFixed(3)} ms with, ${medianOf(b).toFixed(3)} ms without`;
      const verdict = isSilent ? 'does not tell' : 'TELLS';
      say(`${name}, ${label}: medians ${medians} an account; t = ${t.toFixed(2)}: ${verdict}`);
      return isSilent;
    })
    .every(Boolean);
}

function say(line: string): void {
  process.stdout.write(`${line}\n`);
}
