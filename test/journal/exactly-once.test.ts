// Each record is booked exactly once whatever breaks: a database that fails before, at and after its
// commits, and nodes that die and begin again on the same folder. The seed is in the message.

import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { openJournal } from '../../src/journal/journal.ts';
import type { UsageRecord } from '../../src/usage/record.ts';
import { expectBooksInOrder } from '../ledger/world.ts';
import { TEST_DATABASES } from '../support/databases.ts';
import { type OpenTestDatabase, openTestDatabase } from '../support/open-database.ts';
import { type Fault, breakAtTimes } from './faulty-database.ts';
import {
  CHARGE_NANOS,
  appendAll,
  drainInto,
  idsOf,
  makeFolder,
  openPayer,
  seededRandom,
} from './world.ts';

const LIVES = 5;
const FAULTS = ['before_commit', 'after_commit', 'statement'] as const;
const LEASED_NANOS = 10_000_000n;

for (const kind of TEST_DATABASES) {
  describe.skipIf(!kind.available)(`a journal of several lives into ${kind.label}`, () => {
    let open: OpenTestDatabase;
    beforeAll(async () => {
      open = await openTestDatabase(kind.name);
    });
    afterAll(() => open.drop());

    test('is booked exactly once though the database fails at any moment', async () => {
      const { seed, below } = seededRandom();
      await using made = await makeFolder();
      const payer = await openPayer(open.database.sql, LEASED_NANOS);
      const sent: UsageRecord[] = [];
      const hit = new Set<Fault>();
      const fault = (): Fault => {
        const what = FAULTS[below(45)];
        hit.add(what);
        return what;
      };
      const faulty = breakAtTimes(open.database, fault);
      for (let life = 0; life < LIVES; life++) {
        const journal = await openJournal(made.folder);
        const drain = drainInto(faulty, journal, payer.nodeId);
        for (let round = below(4); round >= 0; round--) {
          const poisoned = below(3) === 0 ? [payer.record({ outputCap: -1 })] : [];
          const fresh = Array.from({ length: 1 + below(120) }, () => payer.record());
          const again = sent.slice(0, below(3));
          await appendAll(journal, [...fresh, ...poisoned, ...again]);
          sent.push(...fresh);
          if (below(2) === 0) await drain.flush();
        }
        // Left in the middle of whatever it does, as a process that dies leaves its work.
        void drain.close();
        await journal.close();
      }
      const journal = await openJournal(made.folder);
      const last = drainInto(open.database, journal, payer.nodeId);
      expect(await last.flush()).toBe(true);
      const about = `seed ${seed}`;
      expect(await payer.booked(), about).toEqual(idsOf(sent));
      const left = LEASED_NANOS - BigInt(sent.length) * CHARGE_NANOS;
      expect(await payer.leasedNanos(), about).toBe(left);
      expect(hit.size, about).toBeGreaterThan(1);
      await last.close();
      await journal.close();
      await expectBooksInOrder(open.database.sql);
    }, 120_000);
  });
}
