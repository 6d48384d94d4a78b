// What a request to a provider costs in the hub, by the raw client and by the standard one:
// `node bench/upstream.ts [--rounds N]`. Microseconds of processor time of this process alone; the
// provider is another process. Both clients take turns, each figure is the median of its rounds.

import { fork } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { setDefaultCACertificates } from 'node:tls';
import { parseArgs } from 'node:util';
import { vllm } from '../src/providers/vllm.ts';
import type { ProviderSettings } from '../src/providers/provider.ts';
import type { Upstreams } from '../src/upstream/port.ts';
import { openRawUpstreams } from '../src/upstream/raw.ts';
import { openStandardUpstreams } from '../src/upstream/standard.ts';
import { EVENTS_PACED, type Offered } from './upstream-provider.ts';

const CLIENTS = { raw: openRawUpstreams, standard: openStandardUpstreams };
const PROVIDER = join(import.meta.dirname, 'upstream-provider.ts');
const SILENCE_MS = 60_000;
const BODY = Buffer.from(JSON.stringify({ model: 'm', messages: 'x'.repeat(2_000) }));
const HEADERS = { accept: 'application/json', 'content-type': 'application/json' };

interface Kind {
  readonly name: string;
  readonly requests: number;
  readonly atOnce: number;
  /** By how many the cost of a request is divided. */
  readonly parts: number;
  readonly unit: string;
}

const KINDS: readonly Kind[] = [
  { name: 'json', requests: 12_000, atOnce: 32, parts: 1, unit: 'request' },
  { name: 'canned', requests: 4_000, atOnce: 32, parts: 1, unit: 'answer' },
  { name: 'paced', requests: 240, atOnce: 80, parts: EVENTS_PACED, unit: 'event' },
];

await measure();

async function measure(): Promise<void> {
  const { rounds } = parseArgs({ options: { rounds: { type: 'string', default: '5' } } }).values;
  const provider = fork(PROVIDER);
  try {
    const [offered] = (await once(provider, 'message')) as [Offered];
    setDefaultCACertificates([offered.certificate.cert]);
    for (const secure of [false, true]) {
      for (const kind of KINDS) await compare(kind, addressOf(offered, secure), Number(rounds));
    }
  } finally {
    provider.disconnect();
  }
}

function addressOf({ plainPort, securePort }: Offered, secure: boolean): ProviderSettings {
  const baseUrl = secure ? `https://localhost:${securePort}` : `http://127.0.0.1:${plainPort}`;
  return { baseUrl, credential: undefined, privateNetwork: true };
}

async function compare(kind: Kind, settings: ProviderSettings, rounds: number): Promise<void> {
  const taken: Record<keyof typeof CLIENTS, number[]> = { raw: [], standard: [] };
  const names = Object.keys(CLIENTS) as (keyof typeof CLIENTS)[];
  // The first round of each warms up.
  for (let round = 0; round <= rounds; round++) {
    for (const name of names) {
      const upstreams = CLIENTS[name](SILENCE_MS);
      const micros = await run(upstreams, kind, settings);
      if (round > 0) taken[name].push(micros);
      await upstreams.close();
    }
  }
  const [raw, standard] = names.map((name) => median(taken[name])) as [number, number];
  const way = settings.baseUrl.startsWith('https') ? 'TLS' : 'http';
  const share = Math.round((100 * raw) / standard);
  process.stdout.write(
    `${kind.name} over ${way}: raw ${raw.toFixed(1)}, standard ${standard.toFixed(1)} ` +
      `us CPU an ${kind.unit}, ${share} %\n`.replace('an request', 'a request'),
  );
}

/** Microseconds of processor time a part. */
async function run(upstreams: Upstreams, kind: Kind, settings: ProviderSettings): Promise<number> {
  let left = kind.requests;
  const client = async (): Promise<void> => {
    while (left-- > 0) await ask(upstreams, kind.name, settings);
  };
  const before = process.cpuUsage();
  await Promise.all(Array.from({ length: kind.atOnce }, client));
  const { user, system } = process.cpuUsage(before);
  return (user + system) / kind.requests / kind.parts;
}

async function ask(upstreams: Upstreams, path: string, settings: ProviderSettings): Promise<void> {
  const request = { provider: vllm, settings, path: `/${path}`, headers: HEADERS, body: [BODY] };
  const answer = await upstreams.send(request).answer;
  const ended = Promise.withResolvers<void>();
  answer.receive({ data: () => true, end: ended.resolve, fail: ended.reject });
  await ended.promise;
}

function median(values: readonly number[]): number {
  return [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)] ?? 0;
}
