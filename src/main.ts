// The server's process: reads the settings, starts the hub, says where it is, and stops it in order.
// Every failure to start is a sentence and an exit code; a stack trace helps nobody there.

import { type Hub, startHub } from './app.ts';
import { systemClock } from './base/clock.ts';
import { type Log, framesOf } from './base/log.ts';
import { createWelcomeLink, hubCommands } from './host/commands.ts';
import { readConfig } from './config.ts';
import { startControl } from './host/control.ts';
import { greet } from './host/greeting.ts';
import { openLog } from './host/log.ts';
import { version } from './host/version.ts';

async function main(): Promise<void> {
  const config = readConfig();
  const log = openLog(config.logLevel);
  surviveStrayRejections(log);
  const hub = await startHub(config, version, log);
  const { publicUrl, database } = hub;
  const control = await startControl({
    dataDir: config.dataDir,
    baseUrl: publicUrl,
    commands: hubCommands(database.sql, systemClock, () => publicUrl),
  });
  const welcomeUrl = await createWelcomeLink(database.sql, systemClock, publicUrl);
  process.stdout.write(greet({ publicUrl, version, welcomeUrl, config }));
  log.info('started', { url: publicUrl });

  let stopping: Promise<void> | undefined;
  const stop = (signal: string): void => {
    // A signal to the whole process group arrives here twice: once directly, once by the launcher.
    stopping ??= (async () => {
      log.info('stopping', { signal });
      await control.close();
      await stopHub(hub);
    })();
  };
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, stop);
  // The launcher has died: nobody is left to stop this process.
  process.on('disconnect', () => stop('disconnect'));
}

/** A promise that nobody waited for is a mistake of ours, but no reason to end other requests. */
function surviveStrayRejections(log: Log): void {
  process.on('unhandledRejection', (error) => {
    log.error('unhandled_rejection', { frames: framesOf(error) });
  });
}

async function stopHub(hub: Hub): Promise<void> {
  try {
    await hub.stop();
    process.exit(0);
  } catch (error) {
    process.stderr.write(`The hub did not stop cleanly: ${(error as Error).message}\n`);
    process.exit(1);
  }
}

main().catch((error: unknown) => {
  process.stderr.write(`${(error as Error).message}\n`);
  process.exit(1);
});
