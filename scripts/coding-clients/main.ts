// `npm run clients [-- --only NAME] [--keep]`: coding clients as npm has them, each through a task with
// the built-in provider behind a real hub. One line a client at the end; the exit code is 0 where all
// did it. `--keep` leaves the folder of what was installed, set and written.

import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { type Receipt, readReceipt } from '../../src/usage/receipts.ts';
import type { Sql } from '../../src/db/database.ts';
import { expectExactBooks, makeCustomer, withDatabase } from '../../test/faults/world.ts';
import { type Hub, startHub } from '../../test/support/hub.ts';
import type { CodingClient } from './client.ts';
import { judge } from './judge.ts';
import { CODING_CLIENTS } from './list.ts';
import { refuseOutside } from './outside.ts';
import { type Sighting, type Stage, install, remove, runTask } from './session.ts';

const MODEL = 'sandbox/agent';
const GRANT_NANOS = 10_000_000_000n;
const INTERRUPTED = 130;

process.exitCode = await main(process.argv.slice(2));

async function main(args: readonly string[]): Promise<number> {
  const wish = readWish(args);
  if (!wish) {
    const ids = CODING_CLIENTS.map(({ id }) => id).join(' | ');
    process.stderr.write(`Usage: npm run clients -- [--only ${ids}] [--keep]\n`);
    return 2;
  }
  const abort = new AbortController();
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
    process.on(signal, () => abort.abort());
  }
  await using opened = new AsyncDisposableStack();
  const folder = await mkdtemp(join(tmpdir(), 'coding-clients-'));
  opened.defer(() => (wish.keep ? say(`kept: ${folder}`) : remove(folder)));
  const outside = opened.adopt(await refuseOutside(), (open) => open.close());
  const hub = opened.adopt(await startHub(), (open) => open.stop());
  const played: Played[] = [];
  for (const client of wish.clients) {
    const stage = { folder: join(folder, client.id), outside, signal: abort.signal };
    played.push(await play(client, hub, stage));
    if (abort.signal.aborted) return INTERRUPTED;
    if (!wish.keep) await remove(stage.folder);
  }
  return await report(played, hub);
}

interface Wish {
  readonly clients: readonly CodingClient[];
  readonly keep: boolean;
}

/** Undefined where the arguments are not what this program takes. */
function readWish(args: readonly string[]): Wish | undefined {
  const options = {
    only: { type: 'string', multiple: true },
    keep: { type: 'boolean', default: false },
  } as const;
  try {
    const { only, keep } = parseArgs({ args: [...args], options }).values;
    const known = new Set(CODING_CLIENTS.map(({ id }) => id));
    if (only?.some((id) => !known.has(id))) return undefined;
    return { clients: CODING_CLIENTS.filter(({ id }) => only?.includes(id) ?? true), keep };
  } catch {
    return undefined;
  }
}

interface Played {
  readonly client: CodingClient;
  /** Who paid. */
  readonly workspaceId: string;
  /** Why it was not run, or what was seen of it. */
  readonly seen: string | Sighting;
}

async function play(client: CodingClient, hub: Hub, stage: Stage): Promise<Played> {
  const { workspaceId, liveKey } = await makeCustomer(hub, GRANT_NANOS);
  say(`${client.name} ${client.version}: installing`);
  const { fault } = await install(client, stage);
  if (fault !== undefined) return { client, workspaceId, seen: fault };
  say(`${client.name} ${client.version}: at work`);
  const place = { url: hub.baseUrl, key: liveKey, model: MODEL };
  return { client, workspaceId, seen: await runTask(client, place, stage) };
}

/** Stops the hub, whose books are read when it rests. Returns the exit code. */
async function report(played: readonly Played[], hub: Hub): Promise<number> {
  const hubCode = await hub.terminate();
  const { lines, failed } = await withDatabase(hub.dataDir, undefined, async (sql) => {
    const verdicts = [];
    for (const each of played) verdicts.push(verdictOf(each, await readReceipts(sql, each)));
    const unbalanced = await expectExactBooks(sql).then(
      () => [],
      (error: Error) => [`✗ the books of the hub: ${error.message}`],
    );
    return {
      lines: [...verdicts.flatMap((verdict) => verdict.lines), ...unbalanced],
      failed: verdicts.filter(({ ok }) => !ok).length + unbalanced.length,
    };
  });
  if (hubCode !== 0) lines.push(`✗ the hub ended with ${hubCode}`);
  const done = played.length - failed;
  lines.push(`${played.length} clients, ${done} did their task, ${failed} failed`);
  process.stdout.write(`${lines.join('\n')}\n`);
  return failed === 0 && hubCode === 0 ? 0 : 1;
}

function verdictOf(
  { client, seen }: Played,
  receipts: readonly Receipt[],
): { readonly ok: boolean; readonly lines: readonly string[] } {
  const name = `${client.name} ${client.version}`;
  if (typeof seen === 'string') return { ok: false, lines: [`✗ ${name}`, `    ${seen}`] };
  const faults = judge(client, seen, receipts, MODEL);
  const tokens = receipts.flatMap(({ lines }) => lines).reduce((sum, l) => sum + l.quantity, 0);
  const outside = seen.outside.length > 0 ? seen.outside.join(', ') : 'nobody';
  const ok = faults.length === 0;
  const facts = `${client.protocol}, ${receipts.length} requests, ${tokens} tokens`;
  return {
    ok,
    lines: [
      `${ok ? '✓' : '✗'} ${name} (${facts}; asked for beyond this machine: ${outside})`,
      ...faults.map((fault) => `    ${fault}`),
    ],
  };
}

async function readReceipts(sql: Sql, { workspaceId }: Played): Promise<Receipt[]> {
  const rows = await sql
    .selectFrom('usage_records')
    .select('id')
    .where('workspace_id', '=', workspaceId)
    .orderBy('id')
    .execute();
  const receipts = rows.map(({ id }) => readReceipt(sql, workspaceId, id, 'customer'));
  return (await Promise.all(receipts)).filter((receipt) => receipt !== undefined);
}

function say(line: string): void {
  process.stderr.write(`${line}\n`);
}
