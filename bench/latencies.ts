// What a subject adds to the time of a request at a modest, fixed rate. Requests are due whether or
// not answers come; the same load straight at the upstream, in each round, is taken off.

import { join } from 'node:path';
import { writeBodies, writeHeaders } from './bodies.ts';
import { runClients } from './clients.ts';
import type { Measured } from './measured.ts';
import type { LatencyReport } from './report.ts';
import { reasonOf, say } from './stage.ts';
import type { Upstream } from './upstreams.ts';

export const RATE = 500;
const CLIENTS = 64;
const ASK = { protocol: 'chat', provider: 'chat', answer: 'json', bytes: 2_048 } as const;

export interface LatencyOptions {
  readonly rounds: number;
  readonly seconds: number;
  readonly folder: string;
}

export async function measureLatencies(
  upstream: Upstream,
  subjects: readonly Measured[],
  options: LatencyOptions,
): Promise<LatencyReport[]> {
  const folder = join(options.folder, 'direct');
  const direct = {
    port: upstream.port,
    path: '/v1/chat/completions',
    headers: writeHeaders(folder, ['authorization: Bearer none']),
    bodies: writeBodies(folder, { ...ASK, model: 'gpt-4o' }),
  };
  const volume = { clients: CLIENTS, rate: RATE, seconds: options.seconds };
  const found = subjects.map(({ subject }) => ({
    subject: subject.name,
    addedP50Micros: [] as number[],
    addedP99Micros: [] as number[],
    failed: undefined as string | undefined,
  }));
  for (let round = 0; round < options.rounds; round++) {
    const base = (await runClients({ ...direct, ...volume }, ASK.answer)).latencyMicros;
    say(`  latency direct: p50 ${base.p50} p99 ${base.p99} µs`);
    for (const [i, measured] of subjects.entries()) {
      const row = found[i];
      if (!row || row.failed !== undefined) continue;
      try {
        const { p50, p99 } = (await measured.load(ASK, volume)).latencyMicros;
        row.addedP50Micros.push(p50 - base.p50);
        row.addedP99Micros.push(p99 - base.p99);
        say(`  latency ${row.subject}: p50 ${p50} p99 ${p99} µs`);
      } catch (error) {
        row.failed = reasonOf(error);
        say(`  latency ${row.subject}: ${row.failed}`);
      }
    }
  }
  return found.map(({ failed, ...row }) => ({ ...row, ...(failed !== undefined && { failed }) }));
}
