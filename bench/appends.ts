// What writing a record costs: `node bench/appends.ts [--folder PATH]`. Processor time a record, records
// a flush and milliseconds from append to disk, by so many that wait at once, and at steady rates.

import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { type Journal, openJournal } from '../src/journal/journal.ts';
import { encodeRecord } from '../src/usage/record.ts';
import { makeRecord } from '../test/journal/world.ts';

const SPAN_MS = 2_000;
const { values } = parseArgs({ options: { folder: { type: 'string', default: tmpdir() } } });
const folder = await mkdtemp(join(values.folder, 'appends-bench-'));
const record = makeRecord();

try {
  for (const atOnce of [1, 64, 256]) {
    await measure(`${atOnce} at once`, (send, isOver) =>
      Promise.all(
        Array.from({ length: atOnce }, async () => {
          while (!isOver()) await send();
        }),
      ),
    );
  }
  for (const rate of [500, 5_000]) {
    await measure(`${rate}/s`, async (send, isOver) => {
      const sent: Promise<void>[] = [];
      const startMs = performance.now();
      while (!isOver()) {
        const due = ((performance.now() - startMs) * rate) / 1_000;
        while (sent.length < due) sent.push(send());
        await sleep(1);
      }
      await Promise.all(sent);
    });
  }
} finally {
  await rm(folder, { recursive: true, force: true });
}

async function measure(
  what: string,
  run: (send: () => Promise<void>, isOver: () => boolean) => Promise<unknown>,
): Promise<void> {
  const journal: Journal = await openJournal(join(folder, what.replaceAll(/\W/g, '-')));
  const times: number[] = [];
  let flushes = 0;
  journal.onFlush(() => void (flushes += 1));
  const endMs = performance.now() + SPAN_MS;
  const cpu = process.cpuUsage();
  const send = async (): Promise<void> => {
    const beganMs = performance.now();
    await journal.append(encodeRecord(record));
    times.push(performance.now() - beganMs);
  };
  await run(send, () => performance.now() > endMs);
  const used = process.cpuUsage(cpu);
  await journal.close();
  times.sort((a, b) => a - b);
  const at = (share: number): string => (times[Math.floor(times.length * share)] ?? 0).toFixed(2);
  const micros = ((used.user + used.system) / times.length).toFixed(1);
  process.stdout.write(
    `${what}: ${micros} us a record, ${(times.length / flushes).toFixed(1)} a flush, ` +
      `${Math.round(times.length / (SPAN_MS / 1_000))}/s, p50 ${at(0.5)} ms, p99 ${at(0.99)} ms\n`,
  );
}
