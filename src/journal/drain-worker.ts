// The thread of drain-thread.ts: an ordinary drain whose journal is the gateway's, as far as it can be
// seen from here. What it appends goes back to the gateway's thread, the only one that writes.

import { readlinkSync } from 'node:fs';
import { getPriority, setPriority } from 'node:os';
import { setTimeout as sleep } from 'node:timers/promises';
import { parentPort, workerData } from 'node:worker_threads';
import { systemClock } from '../base/clock.ts';
import { HubError, assert } from '../base/errors.ts';
import { sqlState } from '../db/database.ts';
import { openPostgres } from '../db/postgres.ts';
import { startDrain } from './drain.ts';
import type { DrainCall, DrainThreadData, FromDrainThread, ToDrainThread } from './drain-thread.ts';
import type { Done, DrainedJournal } from './journal.ts';
import { loadEnd, nextEnd } from './shared-end.ts';

/** While records come all the time the drain need not hear of each flush. */
const LISTEN_MS = 250;
/** A third of the usual share: more than it needs on a core that is full. */
const PRIORITY = 5;

assert(parentPort, 'runs as a worker thread');
giveWay();
const port = parentPort;
const { databaseUrl, folder, nodeId, end } = workerData as DrainThreadData;
const appending = new Map<number, Done>();
let lastId = 0;

const database = openPostgres(databaseUrl);
const drain = startDrain(database, journalOfGateway(), nodeId, systemClock, {
  drained: (workspaceIds) => send({ kind: 'drained', workspaceIds }),
  trouble: (what, where) => send({ kind: 'trouble', what, where }),
  stalled(error) {
    const { message, stack } = error as Error;
    send({ kind: 'stalled', message, stack, code: sqlState(error) });
  },
});

port.on('message', (message: ToDrainThread) => {
  if (message.kind === 'call') return void answer(message.id, message.name);
  const done = appending.get(message.id);
  appending.delete(message.id);
  done?.(message.failed ? new HubError('journal_unavailable') : undefined);
});

/**
 * Where both want the same core, the gateway's thread goes first; a priority is a thread's on Linux. A
 * system that does not let it books all the same, only not so politely.
 */
function giveWay(): void {
  if (process.platform !== 'linux') return;
  try {
    const thread = Number(readlinkSync('/proc/thread-self').split('/').at(-1));
    // Who was started with less keeps it: nobody may take more than he has.
    if (getPriority(thread) < PRIORITY) setPriority(thread, PRIORITY);
  } catch {
    // No /proc, or no right to it.
  }
}

async function answer(id: number, name: DrainCall): Promise<void> {
  try {
    const value = await drain[name]();
    if (name === 'close') await database.close();
    send({ kind: 'answer', id, value });
  } catch (error) {
    send({ kind: 'failure', id, message: (error as Error).message });
  }
}

function send(message: FromDrainThread): void {
  port.postMessage(message);
}

function journalOfGateway(): DrainedJournal {
  function append(record: string): Promise<void>;
  function append(record: string, done: Done): void;
  function append(record: string, done?: Done): Promise<void> | undefined {
    const written = Promise.withResolvers<void>();
    const id = ++lastId;
    appending.set(id, done ?? ((error) => (error ? written.reject(error) : written.resolve())));
    send({ kind: 'append', id, record });
    return done ? undefined : written.promise;
  }
  return {
    folder,
    end: () => loadEnd(end),
    append,
    onFlush(callback) {
      void listen(callback);
    },
  };
}

async function listen(callback: () => void): Promise<void> {
  for (let seen = loadEnd(end); ; ) {
    await nextEnd(end, seen);
    seen = loadEnd(end);
    callback();
    await sleep(LISTEN_MS);
  }
}
