// The server's process: reads the settings, starts what it is to be (a whole hub, one worker of a hub,
// or the supervisor of several), says where the hub is, and stops it in order. Every failure to start
// is a sentence and an exit code; a stack trace helps nobody there.

import cluster from 'node:cluster';
import { type Hub, startHub } from './app.ts';
import { systemClock } from './base/clock.ts';
import { HubError } from './base/errors.ts';
import { type Log, framesOf } from './base/log.ts';
import { type Config, readConfig } from './config.ts';
import { openWorkerChannel } from './host/channel.ts';
import { createWelcomeLink, hubCommands } from './host/commands.ts';
import { startControl } from './host/control.ts';
import { lockDataDir } from './host/data-dir.ts';
import { greet } from './host/greeting.ts';
import { openLog } from './host/log.ts';
import { workerConfig, workerPlace } from './host/seats.ts';
import { AWAY_EXIT_CODE, supervise } from './host/supervisor.ts';
import { version } from './host/version.ts';

/** A stop that takes longer than answers may still run, and then some, hangs: it is ended. */
const LONGEST_STOP_MS = 45_000;
/** A supervisor gives its workers the time to say so themselves. */
const SAY_SO_MS = 2_000;

/** What runs, and how it is stopped. */
type Running = AsyncDisposable;

function main(): void {
  const config = readConfig();
  const worker = workerNumber();
  const log = openLog(config.logLevel, worker);
  surviveStrayRejections(log);
  const isSupervisor = worker === undefined && config.workers > 1;
  const starting =
    worker !== undefined ? startWorker(config, log, worker) : startFirst(config, log);
  starting.catch(fail);

  let stopping = false;
  const stop = (signal: string): void => {
    // A signal to the whole process group arrives here twice: once directly, once by the launcher.
    if (stopping) return;
    stopping = true;
    log.info('stopping', { signal });
    const longestMs = LONGEST_STOP_MS + (isSupervisor ? 2 * SAY_SO_MS : 0);
    setTimeout(() => fail(new Error('The hub did not stop in time.')), longestMs).unref();
    starting.then((running) => running[Symbol.asyncDispose]()).then(() => process.exit(0), fail);
  };
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, stop);
  // The launcher has died: nobody is left to stop this process. (A worker that loses its supervisor
  // is ended by node:cluster at once, so that the next start finds its folder free.)
  process.on('disconnect', () => stop('disconnect'));
}

/** Which worker of a hub this process is; undefined for the process that was started by a person. */
function workerNumber(): number | undefined {
  const [role, number] = process.argv.slice(2);
  return cluster.isWorker && role === 'worker' ? Number(number) : undefined;
}

function startFirst(config: Config, log: Log): Promise<Running> {
  return config.workers > 1 ? startSupervisor(config, log) : startAlone(config, log);
}

async function startAlone(config: Config, log: Log): Promise<Running> {
  await using opened = new AsyncDisposableStack();
  const hub = await startHub(config, version, log);
  opened.defer(() => hub.stop());
  await openControl(config.dataDir, hub, opened);
  await sayWhere(config, hub);
  return opened.move();
}

async function startSupervisor(config: Config, log: Log): Promise<Running> {
  await using opened = new AsyncDisposableStack();
  opened.adopt(lockDataDir(config.dataDir), (lock) => lock.release());
  const longestStopMs = LONGEST_STOP_MS + SAY_SO_MS;
  const supervisor = supervise({ count: config.workers, longestStopMs, log });
  opened.defer(() => supervisor.stop());
  supervisor.failed.catch(fail);
  return opened.move();
}

async function startWorker(config: Config, log: Log, worker: number): Promise<Running> {
  await using opened = new AsyncDisposableStack();
  const channel = openWorkerChannel();
  const own = workerConfig(config, worker);
  const hub = await startHub(own, version, log, workerPlace(config, worker, channel.siblings));
  opened.defer(() => hub.stop());
  if (worker === 1) await openControl(config.dataDir, hub, opened);
  channel.onGreet(() => {
    sayWhere(config, hub).then(() => channel.say({ kind: 'greeted' }), fail);
  });
  channel.say({ kind: 'serves' });
  return opened.move();
}

/** The command line finds the hub in its data folder, however many processes it has. */
async function openControl(
  dataDir: string,
  { publicUrl, database }: Hub,
  opened: AsyncDisposableStack,
): Promise<void> {
  const commands = hubCommands(database.sql, systemClock, () => publicUrl);
  const control = await startControl({ dataDir, baseUrl: publicUrl, commands });
  opened.defer(() => control.close());
}

async function sayWhere(config: Config, { publicUrl, database }: Hub): Promise<void> {
  const welcomeUrl = await createWelcomeLink(database.sql, systemClock, publicUrl);
  process.stdout.write(greet({ publicUrl, version, welcomeUrl, config }));
}

/** A promise that nobody waited for is a mistake of ours, but no reason to end other requests. */
function surviveStrayRejections(log: Log): void {
  process.on('unhandledRejection', (error) => {
    log.error('unhandled_rejection', { frames: framesOf(error) });
  });
}

function fail(error: unknown): void {
  process.stderr.write(`${(error as Error).message}\n`);
  const isAway = error instanceof HubError && error.code === 'storage_unavailable';
  process.exit(isAway && cluster.isWorker ? AWAY_EXIT_CODE : 1);
}

try {
  main();
} catch (error) {
  fail(error);
}
