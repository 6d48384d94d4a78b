// What waits for a person in all journals of a hub. Each process has a journal of its own, and
// whichever answers an operator speaks for all of them; folders that nobody writes any more are
// counted too, and tried again at each start.

import type { Siblings } from '../base/siblings.ts';
import type { Drain } from './drain.ts';
import { type JournalTroubles, journalTroubles } from './quarantine.ts';

const RETRY = 'journal.retry';

export interface Desk {
  troubles(): Promise<JournalTroubles>;
  /** Tries the records again that the database refused; returns how many there were. */
  retryRefused(): Promise<number>;
}

export interface DeskFolders {
  /** The journals of the other processes. */
  readonly siblings: readonly string[];
  readonly former: readonly string[];
}

export function openDesk(drain: Drain, folders: DeskFolders, siblings: Siblings): Desk {
  siblings.on(RETRY, () => drain.retryRefused());
  return {
    async troubles() {
      return addUp(await Promise.all([drain.troubles(), ...allOf(folders).map(journalTroubles)]));
    },
    async retryRefused() {
      const others = addUp(await Promise.all(folders.siblings.map(journalTroubles)));
      const [own] = await Promise.all([drain.retryRefused(), siblings.tell(RETRY)]);
      return own + others.refusedRecords;
    },
  };
}

function allOf({ siblings, former }: DeskFolders): readonly string[] {
  return [...siblings, ...former];
}

function addUp(all: readonly JournalTroubles[]): JournalTroubles {
  const total = (count: (of: JournalTroubles) => number): number =>
    all.reduce((sum, of) => sum + count(of), 0);
  return {
    refusedRecords: total((of) => of.refusedRecords),
    damagedSegments: total((of) => of.damagedSegments),
    missingSegments: total((of) => of.missingSegments),
  };
}
