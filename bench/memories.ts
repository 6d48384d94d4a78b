// Memory of the whole process trees, each time of a subject that was just started: at rest after
// some streams, with 100 slow ones, with 500. Pages that processes share count once (PSS).

import { setTimeout as sleep } from 'node:timers/promises';
import { readMemory } from './machine.ts';
import type { Measured } from './measured.ts';
import type { MemoryReport } from './report.ts';
import { openStage, reasonOf, say } from './stage.ts';
import type { Subject } from './subject.ts';

const CHAT = { protocol: 'chat', provider: 'chat', bytes: 2_048 } as const;
/** Slow streams as later on: a flood would leave garbage that hides what streams take. */
const WARMUP = { answer: 'paced:30:100', volume: { clients: 100, requests: 100, seconds: 10 } };
const REST_MS = 2_000;
/** Six seconds a stream, of which the middle is looked at. */
const STREAM = 'paced:60:100';
const SETTLE_MS = 2_500;
const LOOKS = 6;
const LOOK_GAP_MS = 400;

export async function measureMemories(
  subjects: readonly Subject[],
  rounds: number,
  folder: string,
): Promise<MemoryReport[]> {
  const reports: MemoryReport[] = [];
  for (const subject of subjects) {
    const idleBytes: number[] = [];
    const streamBytes = { to100: [] as number[], to500: [] as number[] };
    let failed: string | undefined;
    for (let round = 0; round < rounds && failed === undefined; round++) {
      try {
        const found = await measureOnce(subject, folder);
        idleBytes.push(found.idle);
        streamBytes.to100.push((found.at100 - found.idle) / 100);
        streamBytes.to500.push((found.at500 - found.at100) / 400);
        say(`  memory ${subject.name}: ${JSON.stringify(found)}`);
      } catch (error) {
        failed = reasonOf(error);
      }
    }
    const row = { subject: subject.name, idleBytes, streamBytes };
    reports.push({ ...row, ...(failed !== undefined && { failed }) });
  }
  return reports;
}

async function measureOnce(
  subject: Subject,
  folder: string,
): Promise<Record<'idle' | 'at100' | 'at500', number>> {
  await using stage = await openStage('http', [subject], folder);
  const [measured] = stage.measured;
  if (!measured) throw new Error(stage.subjects[0]?.missing ?? 'It did not start.');
  await measured.load({ ...CHAT, answer: WARMUP.answer }, WARMUP.volume);
  await sleep(REST_MS);
  const idle = readMemory(measured.running.pids).pssBytes;
  const at100 = await lookWith(measured, 100);
  const at500 = await lookWith(measured, 500);
  return { idle, at100, at500 };
}

async function lookWith(measured: Measured, streams: number): Promise<number> {
  const volume = { clients: streams, requests: streams, seconds: 10 };
  const running = measured.load({ ...CHAT, answer: STREAM }, volume);
  // It is waited for below, whatever the looks find.
  running.catch(() => undefined);
  await sleep(SETTLE_MS);
  const looks: number[] = [];
  for (let i = 0; i < LOOKS; i++) {
    looks.push(readMemory(measured.running.pids).pssBytes);
    await sleep(LOOK_GAP_MS);
  }
  await running;
  return Math.min(...looks);
}
