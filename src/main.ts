// The server's process: reads the settings, starts the hub, says where it is, and stops it in order.
// Every failure to start is a sentence and an exit code; a stack trace helps nobody there.

import { startHub } from './app.ts';
import { systemClock } from './base/clock.ts';
import { type Log, framesOf } from './base/log.ts';
import { type Config, readConfig } from './config.ts';
import { createWelcomeLink, hubCommands } from './host/commands.ts';
import { startControl } from './host/control.ts';
import { greet } from './host/greeting.ts';
import { openLog } from './host/log.ts';
import { version } from './host/version.ts';

/** A stop that takes longer than answers may still run, and then some, hangs: it is ended. */
const LONGEST_STOP_MS = 45_000;

/** What runs, and how it is stopped. */
type Running = AsyncDisposable;

function main(): void {
  const config = readConfig();
  const log = openLog(config.logLevel);
  surviveStrayRejections(log);
  const starting = start(config, log);
  starting.catch(fail);

  let stopping = false;
  const stop = (signal: string): void => {
    // A signal to the whole process group arrives here twice: once directly, once by the launcher.
    if (stopping) return;
    stopping = true;
    log.info('stopping', { signal });
    setTimeout(() => fail(new Error('The hub did not stop in time.')), LONGEST_STOP_MS).unref();
    starting.then((running) => running[Symbol.asyncDispose]()).then(() => process.exit(0), fail);
  };
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, stop);
  // The launcher has died: nobody is left to stop this process.
  process.on('disconnect', () => stop('disconnect'));
}

async function start(config: Config, log: Log): Promise<Running> {
  await using opened = new AsyncDisposableStack();
  const hub = await startHub(config, version, log);
  opened.defer(() => hub.stop());
  const { publicUrl, database } = hub;
  const commands = hubCommands(database.sql, systemClock, () => publicUrl);
  const { dataDir } = config;
  const control = await startControl({ dataDir, baseUrl: publicUrl, commands });
  opened.defer(() => control.close());
  const welcomeUrl = await createWelcomeLink(database.sql, systemClock, publicUrl);
  process.stdout.write(greet({ publicUrl, version, welcomeUrl, config }));
  return opened.move();
}

/** A promise that nobody waited for is a mistake of ours, but no reason to end other requests. */
function surviveStrayRejections(log: Log): void {
  process.on('unhandledRejection', (error) => {
    log.error('unhandled_rejection', { frames: framesOf(error) });
  });
}

function fail(error: unknown): void {
  process.stderr.write(`${(error as Error).message}\n`);
  process.exit(1);
}

try {
  main();
} catch (error) {
  fail(error);
}
