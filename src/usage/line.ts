// A line of the journal as the drain reads it: what is charged to whom. Everything else of it goes into
// the database unread.

import type { Nanos } from '../base/money.ts';
import type { Book } from '../db/schema.ts';
import { isFormerLine, rewriteFormerLine } from './former-line.ts';

/** A line that is no record; the database would refuse it for ever. */
export class NoRecordError extends Error {}

export interface Charge {
  readonly requestId: string;
  readonly workspaceId: string;
  readonly book: Book;
  readonly runId: string;
  readonly chargeNanos: Nanos;
  readonly quarantined: boolean;
  readonly allowances: readonly string[];
}

export interface Line extends Charge {
  /** The columns as they stand in the line. */
  readonly columns: string;
  /** JSON as `encodeRecord` writes it; empty where the first try answered. */
  readonly failedAttempts: string;
}

const BEGIN =
  /^(req_[0-9a-z]{26})\t(ws_[0-9a-z]{26})\t(live|test)\t(run_[0-9a-z]{26})\t(\d{1,19})\t([tf])\t\{([^\t]*)\}\t/;

/** Reads a line of the journal, also one of an earlier version; throws `NoRecordError`. */
export function readLine(journalled: string): Line {
  const line = isFormerLine(journalled) ? rewriteFormerLine(journalled) : journalled;
  const match = line === undefined ? null : BEGIN.exec(line);
  if (!match || line === undefined) throw new NoRecordError('A line of the journal is no record');
  const [, requestId = '', workspaceId = '', book, runId = '', charge = '', flag, windows] = match;
  const end = line.lastIndexOf('\t');
  return {
    requestId,
    workspaceId,
    book: book as Book,
    runId,
    chargeNanos: BigInt(charge),
    quarantined: flag === 't',
    allowances: windows ? [...new Set(windows.split(','))] : [],
    columns: line.slice(0, end),
    failedAttempts: line.slice(end + 1),
  };
}

/** Whose record it is, as far as that can be told. */
export function workspaceOf(journalled: string): string | undefined {
  return /^req_[0-9a-z]{26}\t(ws_[0-9a-z]{26})\t/.exec(journalled)?.[1];
}
