// One batch of the journal after the other into the database. Reading a part again is harmless,
// passing over one is not: so a position that nobody here can have written never carries it forward.

import { assert } from '../base/errors.ts';
import { workspaceOf } from '../usage/line.ts';
import type { DrainedJournal, JournalEnd } from './journal.ts';
import { type Damage, type JournalTroubles, keepReason, retireSegment } from './quarantine.ts';
import { type Batch, readBatch } from './reader.ts';
import { listSegments } from './segments.ts';
import { type BatchWriter, PositionMovedError } from './writer.ts';

export type JournalTrouble =
  | `journal_segment_${Damage}`
  | 'torn_record_ignored'
  | 'record_refused'
  /** The position is not where this drain left it: another drain moves it, or it was set back. */
  | 'journal_position_moved'
  /** The position is beyond the journal's end: the folder is not the one that was drained. */
  | 'journal_replaced'
  /** At the start: there is something in the folder that waits for a person. */
  | 'journal_troubles_wait';

export interface TroublePlace extends Partial<JournalTroubles> {
  readonly segment?: number;
  readonly position?: number;
  readonly bytes?: number;
}

export interface StepEvents {
  /** After a batch: the workspaces whose usage is new. */
  drained(workspaceIds: ReadonlySet<string>): void;
  /** Something that a person must look at; what can be kept of it is kept on disk. */
  trouble(what: JournalTrouble, where: TroublePlace): void;
}

export interface Steps {
  /** Drains one batch; false when all is drained. After a throw the next call finds out where it is. */
  next(): Promise<boolean>;
  reached(): JournalEnd | undefined;
}

export function createSteps(
  journal: DrainedJournal,
  writer: BatchWriter,
  events: StepEvents,
): Steps {
  const { folder } = journal;
  /** Up to where this drain knows that all is in the database. */
  let reached: JournalEnd | undefined;
  /** What the database's row says; undefined when that has to be asked. */
  let row: JournalEnd | undefined;
  /** Where a batch went whose commit was not answered. */
  let attempted: JournalEnd | undefined;
  let retiredBelow = 0;

  async function locate(found: JournalEnd): Promise<JournalEnd> {
    if (reached === undefined) {
      if (!isBefore(journal.end(), found)) return found;
      events.trouble('journal_replaced', found);
      return { segment: (await listSegments(folder))[0] ?? journal.end().segment, position: 0 };
    }
    if (isSame(found, reached)) return reached;
    if (attempted && isSame(found, attempted)) return attempted;
    events.trouble('journal_position_moved', found);
    return isBefore(found, reached) ? found : reached;
  }

  async function write(batch: Batch): Promise<void> {
    for (const { damage, ...where } of batch.damages) {
      await keepReason(folder, { damage, ...where });
      events.trouble(`journal_segment_${damage}`, where);
    }
    if (batch.torn) events.trouble('torn_record_ignored', batch.torn);
    const from = row;
    assert(from, 'the position is known');
    attempted = batch.next;
    row = undefined;
    await writer.write(batch.records, from, batch.next).catch((error: unknown) => {
      // Whoever stands at the same place now got there with records of its own.
      if (error instanceof PositionMovedError) attempted = undefined;
      throw error;
    });
    reached = row = batch.next;
    if (batch.records.length > 0) events.drained(workspacesOf(batch.records));
  }

  /** Mere tidying: what cannot be removed now is removed with the next segment. */
  async function retire(below: number): Promise<void> {
    retiredBelow = below;
    const segments = await listSegments(folder);
    for (const segment of segments) if (segment < below) await retireSegment(folder, segment);
  }

  return {
    reached: () => reached,
    async next() {
      if (row === undefined) {
        const found = await writer.readPosition();
        reached = await locate(found);
        row = found;
      }
      assert(reached, 'the position is known');
      const batch = await readBatch(journal, reached);
      if (!batch) return false;
      await write(batch);
      if (batch.next.segment > retiredBelow)
        await retire(batch.next.segment).catch(() => undefined);
      return true;
    },
  };
}

/**
 * A record that the database refused need not even be readable. The ids are texts of their own: a part
 * of a batch's text would keep all of it in memory.
 */
function workspacesOf(records: readonly string[]): ReadonlySet<string> {
  const ids = new Set(records.map(workspaceOf));
  ids.delete(undefined);
  return new Set([...ids].map((id) => Buffer.from(id ?? '').toString()));
}

/** Whether `a` lies before `b` in the journal. */
export function isBefore(a: JournalEnd, b: JournalEnd): boolean {
  return a.segment < b.segment || (a.segment === b.segment && a.position < b.position);
}

function isSame(a: JournalEnd, b: JournalEnd): boolean {
  return a.segment === b.segment && a.position === b.position;
}
