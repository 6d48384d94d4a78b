// A line of the journal as the drain reads it: what is charged to whom. Everything else of it goes into
// the database unread.

import type { Nanos } from '../base/money.ts';
import type { Book } from '../db/schema.ts';
import { updateLine } from './former-line.ts';

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

/** What stands first is always as long, so that it is cut out by its place: half of a match's cost. */
const WORKSPACE_AT = 31;
const BOOK_AT = 61;
const RUN_AT = 66;
const CHARGE_AT = 97;
const TAB = '\t';
const CHARGE = /^\d{1,19}$/;

/** Reads a line of the journal, also one of an earlier version; throws `NoRecordError`. */
export function readLine(journalled: string): Line {
  const line = updateLine(journalled);
  if (line === undefined) throw new NoRecordError('A line of the journal is no record');
  const book = line.slice(BOOK_AT, RUN_AT - 1);
  const chargeEnd = line.indexOf(TAB, CHARGE_AT);
  const charge = line.slice(CHARGE_AT, chargeEnd);
  const windowsAt = chargeEnd + '\tf\t{'.length;
  const windowsEnd = line.indexOf(TAB, windowsAt) - 1;
  const flag = line.slice(chargeEnd, windowsAt);
  const isRecord =
    haveTheirPlaces(line) &&
    (book === 'live' || book === 'test') &&
    CHARGE.test(charge) &&
    (flag === '\tf\t{' || flag === '\tt\t{') &&
    windowsEnd >= windowsAt &&
    line[windowsEnd] === '}';
  if (!isRecord) throw new NoRecordError('A line of the journal is no record');
  const end = line.lastIndexOf('\t');
  return {
    requestId: line.slice(0, WORKSPACE_AT - 1),
    workspaceId: line.slice(WORKSPACE_AT, BOOK_AT - 1),
    book,
    runId: line.slice(RUN_AT, CHARGE_AT - 1),
    chargeNanos: BigInt(charge),
    quarantined: flag === '\tt\t{',
    allowances:
      windowsEnd > windowsAt ? [...new Set(line.slice(windowsAt, windowsEnd).split(','))] : [],
    columns: line.slice(0, end),
    failedAttempts: line.slice(end + 1),
  };
}

/** Whether the ids are where they should be; what they name is the database's to judge. */
function haveTheirPlaces(line: string): boolean {
  return (
    line.startsWith('req_') &&
    line.startsWith('\tws_', WORKSPACE_AT - 1) &&
    line[BOOK_AT - 1] === TAB &&
    line.startsWith('\trun_', RUN_AT - 1) &&
    line[CHARGE_AT - 1] === TAB
  );
}

/** Whose record it is, as far as that can be told. */
export function workspaceOf(journalled: string): string | undefined {
  return haveTheirPlaces(journalled) ? journalled.slice(WORKSPACE_AT, BOOK_AT - 1) : undefined;
}
