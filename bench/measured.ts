// A running subject under measurement: sends it load, knows how much it has answered, and reads
// what that cost the whole of its process trees, until all of it is booked.

import { readFileSync } from 'node:fs';
import { mkdtemp } from 'node:fs/promises';
import { join } from 'node:path';
import { type BodyShape, type Protocol, writeBodies, writeHeaders } from './bodies.ts';
import type { Cell } from './cells.ts';
import { findFreePort } from './child.ts';
import { type Load, type LoadReport, runClients } from './clients.ts';
import { readProcessTimes, spentBetween } from './machine.ts';
import type { Running, Subject } from './subject.ts';
import type { Upstream } from './upstreams.ts';

/** Each of the two protocols wants its own. */
const PROTOCOL_HEADERS: Readonly<Record<Protocol, readonly string[]>> = {
  chat: [],
  messages: ['anthropic-version: 2023-06-01'],
};

export interface Cost {
  /** Microseconds of processor time a request, or an event with text. */
  readonly micros: number;
  /** The same by process tree. */
  readonly byTree: Readonly<Record<string, number>>;
  readonly report: LoadReport;
}

export type Ask = Pick<Cell, 'protocol' | 'provider' | 'answer' | 'bytes'>;

type Volume = Pick<Load, 'clients' | 'seconds' | 'rate' | 'requests'>;

export interface Measured {
  readonly subject: Subject;
  readonly running: Running;
  /** Whether it speaks and translates what the cell wants. */
  can(ask: Ask): boolean;
  /** Sends load and waits for its answers. */
  send(ask: Ask, volume: Volume): Promise<LoadReport>;
  /** Waits until all that was answered is booked. */
  settle(): Promise<void>;
  /** Sends load and waits until it is booked. */
  load(ask: Ask, volume: Volume): Promise<LoadReport>;
  /** The same, and what it cost. */
  measure(cell: Cell, seconds: number): Promise<Cost>;
  /** One request; false unless it was answered with 200. */
  askOnce(): Promise<boolean>;
  stop(): Promise<void>;
}

/** Throws the subject's reason where it cannot be had. */
export async function startMeasured(
  subject: Subject,
  upstream: Upstream,
  root: string,
  core: number | undefined,
): Promise<Measured> {
  // Its own, also when the same subject is started again: nothing of an earlier life is in it.
  const folder = await mkdtemp(join(root, 'subject-'));
  const port = await findFreePort();
  const { url: upstreamUrl, caFile } = upstream;
  const running = await subject.start({ folder, core, port, upstreamUrl, caFile });
  let answered = 0;
  const filesFor = keepRequests(join(folder, 'requests'), running);
  const target = (ask: Ask) => targetOf(running, ask);
  const send: Measured['send'] = async (ask, volume) => {
    const { path, model } = target(ask);
    if (path === undefined || model === undefined)
      throw new Error(`${subject.name} cannot do this.`);
    const report = await runClients({ port, path, ...filesFor(ask, model), ...volume }, ask.answer);
    answered += report.requests;
    return report;
  };
  const settle = async (): Promise<void> => running.settled?.(answered);
  const load: Measured['load'] = async (ask, volume) => {
    const report = await send(ask, volume);
    await settle();
    return report;
  };
  return {
    subject,
    running,
    can(ask) {
      const { path, model } = target(ask);
      const translated = ask.protocol !== ask.provider;
      if (translated && running.translates === false) return false;
      return path !== undefined && model !== undefined;
    },
    send,
    settle,
    load,
    async measure(cell, seconds) {
      const before = readProcessTimes(running.pids);
      const report = await load(cell, { clients: cell.clients, seconds });
      const spent = spentBetween(before, readProcessTimes(running.pids));
      const units = cell.unit === 'event' ? report.texts : report.requests;
      const perUnit = (nanos: number): number => nanos / 1_000 / units;
      const byTree = Object.entries(spent.byRoot).map(([name, nanos]) => [name, perUnit(nanos)]);
      return { micros: perUnit(spent.nanos), byTree: Object.fromEntries(byTree), report };
    },
    async askOnce() {
      const ask = { protocol: 'chat', provider: 'chat', answer: 'json', bytes: 2_048 } as const;
      const { bodies } = filesFor(ask, running.model);
      const ok = await isAnswered(`http://127.0.0.1:${port}${running.chatPath}`, running, bodies);
      if (ok) answered += 1;
      return ok;
    },
    stop: () => running.stop(),
  };
}

type Files = Pick<Load, 'headers' | 'bodies'>;

/** Writes what clients send, each kind of request once. */
function keepRequests(folder: string, { headers }: Running): (ask: Ask, model: string) => Files {
  const kept = new Map<string, Files>();
  return (ask, model) => {
    const shape: BodyShape = { ...ask, model };
    const name = `${ask.protocol}-${ask.provider}-${ask.answer.replaceAll(':', '-')}-${ask.bytes}`;
    const place = join(folder, name);
    const files = kept.get(name) ?? {
      headers: writeHeaders(place, [...headers, ...PROTOCOL_HEADERS[ask.protocol]]),
      bodies: writeBodies(place, shape),
    };
    kept.set(name, files);
    return files;
  };
}

interface Target {
  readonly path: string | undefined;
  readonly model: string | undefined;
}

function targetOf(running: Running, { protocol, provider }: Ask): Target {
  return {
    path: protocol === 'chat' ? running.chatPath : running.messagesPath,
    model: provider === 'chat' ? running.model : running.messagesModel,
  };
}

/** Of a program that is just starting, a refused connection is no fault. */
async function isAnswered(
  url: string,
  { headers }: Running,
  [file = '']: readonly string[],
): Promise<boolean> {
  const lines = headers.map((line) => line.split(/: ?(.*)/s).slice(0, 2) as [string, string]);
  try {
    const response = await fetch(url, {
      method: 'POST',
      headers: [...lines, ['content-type', 'application/json'], ['connection', 'close']],
      body: readFileSync(file),
    });
    await response.arrayBuffer();
    return response.status === 200;
  } catch {
    return false;
  }
}
