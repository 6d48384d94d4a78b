// Bits flipped anywhere in a journal: what is intact is booked once, what is not is reported and kept
// aside, and nothing is made up. The seed of a failing run is in its message.

import { readFile, readdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import { FRAME_BYTES, frameRecord, parseFrames } from '../../src/journal/frames.ts';
import { openJournal } from '../../src/journal/journal.ts';
import { journalTroubles } from '../../src/journal/quarantine.ts';
import { HEADER_BYTES, segmentPath } from '../../src/journal/segments.ts';
import { encodeRecord } from '../../src/usage/record.ts';
import { expectBooksInOrder } from '../ledger/world.ts';
import { TEST_DATABASES } from '../support/databases.ts';
import { type OpenTestDatabase, openTestDatabase } from '../support/open-database.ts';
import {
  CHARGE_NANOS,
  appendAll,
  drainInto,
  idsOf,
  makeFolder,
  makeRecord,
  openPayer,
  readAll,
  seededRandom,
} from './world.ts';

const ROUNDS = 150;

async function newFolder(): Promise<string> {
  const made = await makeFolder();
  onTestFinished(() => made[Symbol.asyncDispose]());
  return made.folder;
}

test('every single flipped bit of a frame is noticed', () => {
  const record = '{"id":"req_1","charge_nanos":"17"}';
  const frame = frameRecord(record, 3, 460);
  expect(parseFrames(frame, 3, 460, 10).records).toEqual([record]);
  for (let bit = 0; bit < frame.length * 8; bit++) {
    const flipped = Buffer.from(frame);
    flipped[bit >> 3]! ^= 1 << (bit & 7);
    expect(parseFrames(flipped, 3, 460, 10).records, `bit ${bit}`).toEqual([]);
  }
});

test('a frame is worth nothing in any other place', () => {
  const frame = frameRecord('{"id":"req_1"}', 3, 460);
  for (let segment = 0; segment < 300; segment++) {
    for (const position of [0, 46, 459, 460, 461, 920, 16_777_676]) {
      const isHome = segment === 3 && position === 460;
      expect(parseFrames(frame, segment, position, 1).records.length).toBe(isHome ? 1 : 0);
    }
  }
});

/** Which records' frames lie outside every flipped byte, and the harm that was done. */
async function harm(folder: string, sent: readonly string[], random: (n: number) => number) {
  const path = segmentPath(folder, 1);
  const bytes = await readFile(path);
  const flips = 1 + random(6);
  const harmed = new Set<number>();
  for (let i = 0; i < flips; i++) {
    const at = random(bytes.length);
    const span = random(4) === 0 ? 1 + random(400) : 1;
    for (let j = at; j < Math.min(bytes.length, at + span); j++) {
      const flip = span === 1 ? 1 << random(8) : 1 + random(255);
      bytes[j]! ^= harmed.has(j) ? 0 : flip;
      harmed.add(j);
    }
  }
  await writeFile(path, bytes);
  let position = HEADER_BYTES;
  return sent.filter((record) => {
    const begin = position;
    position += Buffer.byteLength(record) + FRAME_BYTES;
    for (const at of harmed) if (at >= begin && at < position) return false;
    return true;
  });
}

test('of a segment with bits flipped at random every intact record is read, and no other', async () => {
  const { seed, below } = seededRandom();
  for (let round = 0; round < ROUNDS; round++) {
    await using made = await makeFolder();
    const { folder } = made;
    const first = await openJournal(folder);
    const sent = Array.from({ length: 1 + below(40) }, () => encodeRecord(makeRecord()));
    for (const record of sent) await first.append(record);
    await first.close();
    const intact = await harm(folder, sent, below);
    const second = await openJournal(folder);
    const { records, damages, torn } = await readAll(second);
    await second.close();
    const about = `seed ${seed}, round ${round}`;
    expect(records, about).toEqual(intact);
    expect(damages.length + torn.length, about).toBeGreaterThan(0);
    const unread = [...damages, ...torn].reduce((sum, { bytes }) => sum + bytes, 0);
    const lost = sent.filter((record) => !intact.includes(record));
    const least = lost.reduce((sum, record) => sum + Buffer.byteLength(record) + FRAME_BYTES, 0);
    expect(unread, about).toBeGreaterThanOrEqual(least);
    expect(unread, about).toBeLessThanOrEqual(least + HEADER_BYTES);
  }
});

for (const kind of TEST_DATABASES) {
  describe.skipIf(!kind.available)(`a damaged journal and ${kind.label}`, () => {
    let open: OpenTestDatabase;
    beforeAll(async () => {
      open = await openTestDatabase(kind.name);
    });
    afterAll(() => open.drop());

    test('books what is intact once, keeps the segment with the reason, and says so', async () => {
      const { seed, below } = seededRandom();
      const folder = await newFolder();
      const payer = await openPayer(open.database.sql, 1_000_000n);
      const first = await openJournal(folder);
      const records = Array.from({ length: 300 }, () => payer.record());
      await appendAll(first, records);
      await first.close();
      const sent = records.map(encodeRecord);
      const intact = await harm(folder, sent, below);
      const damaged = await readFile(segmentPath(folder, 1));

      const troubles: string[] = [];
      const journal = await openJournal(folder);
      const drain = drainInto(open.database, journal, payer.nodeId, troubles);
      await drain.flush();
      const expected = idsOf(records.filter((record) => intact.includes(encodeRecord(record))));
      expect(await payer.booked(), `seed ${seed}`).toEqual(expected);
      expect(await payer.leasedNanos()).toBe(1_000_000n - BigInt(expected.length) * CHARGE_NANOS);
      expect(new Set(troubles)).toEqual(new Set(['journal_segment_damaged']));
      const kept = join(folder, 'quarantine', '000000000001.journal');
      expect((await readFile(kept)).equals(damaged)).toBe(true);
      const reasons = await readFile(`${kept}.reasons`, 'utf8');
      expect(JSON.parse(reasons.split('\n')[0]!)).toMatchObject({ segment: 1, damage: 'damaged' });
      const counts = { refusedRecords: 0, damagedSegments: 1, missingSegments: 0 };
      expect(await drain.troubles()).toEqual(counts);
      expect((await readdir(folder)).filter((name) => name.endsWith('.journal'))).toHaveLength(1);
      await drain.close();
      await journal.close();

      const atStart: string[] = [];
      const third = await openJournal(folder);
      const again = drainInto(open.database, third, payer.nodeId, atStart);
      await again.flush();
      expect(atStart).toEqual(['journal_troubles_wait']);
      expect(await payer.booked()).toEqual(expected);
      await again.close();
      await third.close();
      await expectBooksInOrder(open.database.sql);
    });

    test('says of a segment that is gone that it is, and goes on behind it', async () => {
      const folder = await newFolder();
      const payer = await openPayer(open.database.sql, 1_000_000n);
      const kept = [payer.record(), payer.record()];
      for (const record of [kept[0]!, payer.record(), kept[1]!]) {
        const journal = await openJournal(folder);
        await appendAll(journal, [record]);
        await journal.close();
      }
      await rm(segmentPath(folder, 2));
      const troubles: string[] = [];
      const journal = await openJournal(folder);
      const drain = drainInto(open.database, journal, payer.nodeId, troubles);
      await drain.flush();
      expect(await payer.booked()).toEqual(idsOf(kept));
      expect(troubles).toEqual(['journal_segment_missing']);
      const counts = { refusedRecords: 0, damagedSegments: 0, missingSegments: 1 };
      expect(await journalTroubles(folder)).toEqual(counts);
      await drain.close();
      await journal.close();
    });
  });
}
