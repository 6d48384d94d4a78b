// Keys that are revoked while two nodes know them. Each is made, used on both nodes, revoked on one of
// them, and asked with on both until both refuse it; the time is from when the revocation is asked for.

import { setTimeout as sleep } from 'node:timers/promises';
import { chatAnswer } from '../../test/faults/answers.ts';
import { type ConsoleSession, signIn } from '../../test/faults/console-session.ts';
import {
  CHEAPEST,
  type Customer,
  ask,
  call,
  makeCustomer,
  providersAt,
} from '../../test/faults/world.ts';
import { createDatabaseUrl } from '../../test/support/databases.ts';
import { type Hub, startHub } from '../../test/support/hub.ts';
import { answerJson, startUpstream } from '../../test/support/upstream.ts';
import { startDeafProxy } from './deaf-proxy.ts';
import { type Findings, type Run, createRandom, percentile } from './part.ts';

const NOTIFIED_MS = 1_000;
const POLLED_MS = 5_000;
const GRANT_NANOS = 100_000_000_000n;
/** A sign-in is fresh enough to make keys for some minutes only. */
const TRIALS_A_SIGN_IN = 50;
const GIVE_UP_MS = 20_000;
const REFUSED = 401;

/** Where notifications arrive: the slowest of a hundred takes a second at the most. */
export function runNotified(run: Run): Promise<Findings> {
  return runTrials(
    run,
    async (url) => ({ url }),
    ({ slowMs, slowestMs }) => {
      if (slowMs <= NOTIFIED_MS && slowestMs <= POLLED_MS) return [];
      return [`a key was accepted for ${slowMs} ms (p99), ${slowestMs} ms (max) after all`];
    },
  );
}

/** Where none arrives, at no node: every one takes five seconds at the most. */
export function runPolled(run: Run): Promise<Findings> {
  return runTrials(run, startDeafProxy, ({ slowestMs }) => {
    if (slowestMs <= POLLED_MS) return [];
    return [`without notifications a key was accepted for ${slowestMs} ms`];
  });
}

interface Delays {
  readonly slowMs: number;
  readonly slowestMs: number;
}

type Route = (databaseUrl: string) => Promise<{ readonly url: string; close?(): Promise<void> }>;

async function runTrials(
  run: Run,
  route: Route,
  judge: (delays: Delays) => string[],
): Promise<Findings> {
  await using opened = new AsyncDisposableStack();
  const nodes = await openNodes(route, opened);
  const random = createRandom(run.seed);
  const delaysMs: number[] = [];
  const violations: string[] = [];
  let sessions: ConsoleSession[] = [];
  for (let trial = 0; trial < run.rounds; trial++) {
    run.signal.throwIfAborted();
    if (trial % TRIALS_A_SIGN_IN === 0) sessions = await signInOnBoth(nodes);
    const at = random() < 0.5 ? 0 : 1;
    const result = await runTrial(nodes, sessions[at]!);
    if (typeof result === 'string') violations.push(`key ${trial + 1}: ${result}`);
    else delaysMs.push(result);
    run.note(`${trial + 1} of ${run.rounds} revoked`);
  }
  const [middleMs, slowMs, slowestMs] = [0.5, 0.99, 1].map((share) =>
    Math.round(percentile(delaysMs, share)),
  ) as [number, number, number];
  violations.push(...judge({ slowMs, slowestMs }));
  const figure =
    `${delaysMs.length} keys were refused on both nodes after ` +
    `${middleMs} ms (p50), ${slowMs} ms (p99), ${slowestMs} ms (max)`;
  return { violations, figures: [figure] };
}

interface Nodes {
  readonly hubs: readonly Hub[];
  readonly customer: Customer;
}

async function openNodes(route: Route, opened: AsyncDisposableStack): Promise<Nodes> {
  const upstream = opened.adopt(await startUpstream(), (open) => open.close());
  upstream.answer = (response, asked) => {
    // Nobody reads what was asked, and a long run asks for much.
    upstream.asked.length = 0;
    return answerJson(chatAnswer())(response, asked);
  };
  const { url, drop } = await createDatabaseUrl();
  opened.defer(drop);
  const hubs: Hub[] = [];
  for (let node = 0; node < 2; node++) {
    const way = await route(url);
    opened.defer(async () => way.close?.());
    const env = { ...providersAt(upstream.baseUrl), DATABASE_URL: way.url };
    hubs.push(opened.adopt(await startHub({ env }), (hub) => hub.stop()));
  }
  return { hubs, customer: await makeCustomer(hubs[0]!, GRANT_NANOS) };
}

/** One after the other: a new link ends the one before. */
async function signInOnBoth({ hubs, customer }: Nodes): Promise<ConsoleSession[]> {
  const sessions: ConsoleSession[] = [];
  for (const hub of hubs) sessions.push(await signIn(hub, customer));
  return sessions;
}

/** Milliseconds until both nodes refuse, or what went wrong. */
async function runTrial(
  { hubs, customer }: Nodes,
  session: ConsoleSession,
): Promise<number | string> {
  const home = `/workspaces/${customer.workspaceId}/keys`;
  const made = await session.request('POST', home, { name: 'doomed', mode: 'live' });
  if (made.status !== 200) return `making it was answered ${made.status}`;
  const { key, secret } = (await made.json()) as { key: { id: string }; secret: string };
  const first = await Promise.all(hubs.map((hub) => statusOn(hub, secret)));
  if (first.some((status) => status !== 200)) return `it was answered ${first.join(' and ')}`;
  const startedMs = performance.now();
  const { status } = await session.request('DELETE', `${home}/${key.id}`);
  if (status !== 204) return `revoking it was answered ${status}`;
  await Promise.all(hubs.map((hub) => untilRefused(hub, secret, startedMs)));
  const tookMs = performance.now() - startedMs;
  // Refused once is refused for ever.
  const later = await Promise.all(hubs.map((hub) => statusOn(hub, secret)));
  if (later.some((each) => each !== REFUSED)) return `it came back: ${later.join(' and ')}`;
  return tookMs;
}

async function untilRefused(hub: Hub, secret: string, startedMs: number): Promise<void> {
  while ((await statusOn(hub, secret)) !== REFUSED) {
    if (performance.now() - startedMs > GIVE_UP_MS) return;
    await sleep(2);
  }
}

async function statusOn(hub: Hub, secret: string): Promise<number> {
  const response = await call(hub, secret, ask(CHEAPEST, { max_completion_tokens: 16 }));
  await response.arrayBuffer();
  return response.status;
}
