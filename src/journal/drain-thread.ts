// The drain in a thread of its own, with a connection of its own to PostgreSQL, so that booking takes
// nothing of the gateway's thread. Up to where records are on disk stands in shared memory, which
// costs nothing to tell; everything else goes by messages. A thread that dies is started again.

import { setTimeout as sleep } from 'node:timers/promises';
import { Worker } from 'node:worker_threads';
import { waitAtMost } from '../base/deadline.ts';
import type { Drain, DrainEvents } from './drain.ts';
import type { Journal } from './journal.ts';
import { type SharedEnd, shareEnd, storeEnd } from './shared-end.ts';
import type { JournalTrouble, TroublePlace } from './steps.ts';

export interface DrainThreadData {
  readonly databaseUrl: string;
  readonly folder: string;
  readonly nodeId: string;
  readonly end: SharedEnd;
}

export type DrainCall = 'flush' | 'troubles' | 'retryRefused' | 'close';

export type ToDrainThread =
  | { readonly kind: 'call'; readonly id: number; readonly name: DrainCall }
  | { readonly kind: 'appended'; readonly id: number; readonly failed: boolean };

type DrainNews =
  | { readonly kind: 'drained'; readonly workspaceIds: ReadonlySet<string> }
  | { readonly kind: 'trouble'; readonly what: JournalTrouble; readonly where: TroublePlace }
  | {
      readonly kind: 'stalled';
      readonly message: string;
      readonly stack: string | undefined;
      readonly code: string | undefined;
    };

export type FromDrainThread =
  | DrainNews
  | { readonly kind: 'append'; readonly id: number; readonly record: string }
  | { readonly kind: 'answer'; readonly id: number; readonly value: unknown }
  | { readonly kind: 'failure'; readonly id: number; readonly message: string };

interface Asked {
  readonly name: DrainCall;
  readonly answer: PromiseWithResolvers<unknown>;
}

const RESTART_MS = 500;
/** The drain itself stops within ten seconds, whatever the database does. */
const CLOSE_MS = 12_000;

/** The same as `startDrain` into the database at this URL, which must be PostgreSQL's. */
export function startDrainThread(
  databaseUrl: string,
  journal: Journal,
  nodeId: string,
  events: DrainEvents,
): Drain {
  const end = shareEnd();
  const asked = new Map<number, Asked>();
  let lastId = 0;
  let isClosed = false;
  const tellEnd = (): void => storeEnd(end, journal.end());
  journal.onFlush(tellEnd);
  tellEnd();
  let worker = begin();

  function begin(): Worker {
    const begun = openThread({ databaseUrl, folder: journal.folder, nodeId, end });
    begun.on('message', hear);
    begun.on('error', events.stalled);
    begun.on('exit', () => void restart());
    return begun;
  }

  async function restart(): Promise<void> {
    await sleep(RESTART_MS, undefined, { ref: false });
    if (isClosed) return;
    worker = begin();
    for (const [id, { name }] of asked) send({ kind: 'call', id, name });
  }

  const send = (message: ToDrainThread): void => worker.postMessage(message);

  function hear(message: FromDrainThread): void {
    if (message.kind === 'drained' || message.kind === 'trouble' || message.kind === 'stalled') {
      return passOn(message, events);
    }
    if (message.kind === 'append') {
      const { id, record } = message;
      return journal.append(record, (error) => {
        send({ kind: 'appended', id, failed: error !== undefined });
      });
    }
    const waiting = asked.get(message.id);
    asked.delete(message.id);
    if (message.kind === 'answer') waiting?.answer.resolve(message.value);
    else waiting?.answer.reject(new Error(message.message));
  }

  /** Asked again of the next thread when this one dies before it answers. */
  function call<T>(name: DrainCall): Promise<T> {
    const id = ++lastId;
    const answer = Promise.withResolvers<unknown>();
    asked.set(id, { name, answer });
    send({ kind: 'call', id, name });
    return answer.promise as Promise<T>;
  }

  async function close(): Promise<void> {
    await waitAtMost(CLOSE_MS, call('close'));
    isClosed = true;
    for (const each of asked.values()) giveUp(each);
    asked.clear();
    await worker.terminate();
  }

  let closed: Promise<void> | undefined;
  return {
    async flush() {
      if (closed) return false;
      tellEnd();
      return call<boolean>('flush');
    },
    troubles: () => call('troubles'),
    retryRefused: () => call('retryRefused'),
    close: () => (closed ??= close()),
  };
}

function openThread(workerData: DrainThreadData): Worker {
  return new Worker(new URL('./drain-worker.ts', import.meta.url), { workerData });
}

function passOn(news: DrainNews, events: DrainEvents): void {
  if (news.kind === 'drained') return events.drained(news.workspaceIds);
  if (news.kind === 'trouble') return events.trouble(news.what, news.where);
  const { message, stack, code } = news;
  return events.stalled(Object.assign(new Error(message), { stack, code }));
}

function giveUp({ name, answer }: Asked): void {
  if (name === 'flush') answer.resolve(false);
  else answer.reject(new Error('The drain has stopped'));
}
