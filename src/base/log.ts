// What may be logged: an event's name and named fields from this list, nothing else. There is no way
// to log an object as it is, so no header, body or prompt can slip into a log.

export interface LogFields {
  readonly requestId?: string | undefined;
  readonly code?: string | undefined;
  /** The pattern of a route, never the address that was asked for. */
  readonly route?: string | undefined;
  readonly sqlState?: string | undefined;
  /** Where it happened: stack frames without the message, which might quote what was being read. */
  readonly frames?: string | undefined;
  /** One life of a gateway node. */
  readonly runId?: string | undefined;
  /** A place in the journal, and how much of it is meant. */
  readonly segment?: number | undefined;
  readonly position?: number | undefined;
  readonly bytes?: number | undefined;
  /** How much of the journal waits for a person. */
  readonly refusedRecords?: number | undefined;
  readonly damagedSegments?: number | undefined;
  readonly missingSegments?: number | undefined;
  readonly signal?: string | undefined;
  /** Which worker of the hub, counted from 1. */
  readonly worker?: number | undefined;
  readonly job?: string | undefined;
  /** Which message: its id, never whom it goes to. */
  readonly mailId?: string | undefined;
  /** The name of a reconciliation's proof. */
  readonly proof?: string | undefined;
}

export interface Log {
  info(event: string, fields?: LogFields): void;
  warn(event: string, fields?: LogFields): void;
  error(event: string, fields?: LogFields): void;
}

/** The stack frames of an error and of its causes, without their messages. */
export function framesOf(error: unknown): string {
  const frames: string[] = [];
  for (let at = error; at instanceof Error && frames.length < 40; at = at.cause) {
    frames.push(at.name, ...(at.stack ?? '').split('\n').filter((line) => /^\s+at /.test(line)));
  }
  return frames.map((line) => line.trim()).join(' | ');
}
