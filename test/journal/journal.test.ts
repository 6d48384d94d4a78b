import { mkdtemp, readFile, readdir, rm, writeFile, appendFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { type Journal, openJournal } from '../../src/journal/journal.ts';
import { readBatch } from '../../src/journal/reader.ts';
import { frameRecord, parseLines, segmentPath } from '../../src/journal/segments.ts';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'hub-journal-'));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

/** Everything that can be read from the beginning, with the troubles met on the way. */
async function readAll(journal: Journal) {
  const records: string[] = [];
  const troubles: string[] = [];
  let at = { segment: 0, position: 0 };
  for (let batch = await readBatch(journal, at); batch; batch = await readBatch(journal, at)) {
    records.push(...batch.records);
    troubles.push(...batch.troubles);
    at = batch.next;
  }
  return { records, troubles, at };
}

describe('the journal', () => {
  test('a record is in the file when its append resolves', async () => {
    const journal = await openJournal(folder);
    await journal.append('{"id":1}');
    const { segment } = journal.end();
    expect(await readFile(segmentPath(folder, segment), 'utf8')).toBe(frameRecord('{"id":1}'));
    await journal.close();
  });

  test('records appended at once all arrive, in order, and are read once', async () => {
    const journal = await openJournal(folder);
    const sent = Array.from({ length: 3_000 }, (_, i) =>
      JSON.stringify({ i, text: 'é'.repeat(i % 7) }),
    );
    await Promise.all(sent.map((record) => journal.append(record)));
    const { records, at } = await readAll(journal);
    expect(records).toEqual(sent);
    expect(at).toEqual(journal.end());
    await journal.close();
  });

  test('a new start goes on in a new segment and leaves the old one to be read', async () => {
    const first = await openJournal(folder);
    await first.append('"a"');
    await first.close();
    const second = await openJournal(folder);
    await second.append('"b"');
    expect((await readAll(second)).records).toEqual(['"a"', '"b"']);
    expect(await readdir(folder)).toHaveLength(2);
    await second.close();
  });

  test('a record cut short by a crash is passed over and reported', async () => {
    const first = await openJournal(folder);
    await first.append('"whole"');
    const path = segmentPath(folder, first.end().segment);
    await first.close();
    await appendFile(path, frameRecord('"torn"').slice(0, -4));
    const second = await openJournal(folder);
    await second.append('"next"');
    const { records, troubles } = await readAll(second);
    expect(records).toEqual(['"whole"', '"next"']);
    expect(troubles).toEqual(['torn_record_ignored']);
    await second.close();
  });

  test('a damaged record is reported and kept on disk, the others are read', async () => {
    const first = await openJournal(folder);
    for (const record of ['"one"', '"two"', '"three"']) await first.append(record);
    const path = segmentPath(folder, first.end().segment);
    await first.close();
    await writeFile(path, (await readFile(path, 'utf8')).replace('two', 'twO'));
    const second = await openJournal(folder);
    const { records, troubles } = await readAll(second);
    expect(records).toEqual(['"one"', '"three"']);
    expect(troubles).toEqual(['damaged_segment_kept']);
    expect(await readFile(`${path}.damaged`, 'utf8')).toContain('twO');
    await second.close();
  });

  test('what is being written is not read', async () => {
    const journal = await openJournal(folder);
    await journal.append('"done"');
    // Another writer's bytes behind the acknowledged end, as a flush in progress leaves them.
    await appendFile(segmentPath(folder, journal.end().segment), frameRecord('"not yet"'));
    expect((await readAll(journal)).records).toEqual(['"done"']);
    await journal.close();
  });
});

test('every single flipped byte of a line is noticed', () => {
  const line = Buffer.from(frameRecord('{"id":"req_1","charge_nanos":"17"}'));
  for (let i = 0; i < line.length - 1; i++) {
    const flipped = Buffer.from(line);
    flipped[i]! ^= 1;
    expect(parseLines(flipped, 10).records).not.toContain('{"id":"req_1","charge_nanos":"17"}');
  }
});
