// The log on standard error, as JSON lines by pino. Standard output belongs to people and commands.

import { destination, pino } from 'pino';
import type { Log } from '../base/log.ts';
import type { LogLevel } from '../config.ts';

/** `worker`: which of several processes of one hub this is. */
export function openLog(level: LogLevel, worker?: number): Log {
  const base = worker === undefined ? null : { worker };
  const logger = pino({ level, base }, destination({ fd: 2, sync: false }));
  return {
    info: (event, fields) => logger.info(fields ?? {}, event),
    warn: (event, fields) => logger.warn(fields ?? {}, event),
    error: (event, fields) => logger.error(fields ?? {}, event),
  };
}
