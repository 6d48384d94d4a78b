import { appendFile, cp, readFile, readdir, rename, truncate, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { crc32 } from 'node:zlib';
import { expect, onTestFinished, test } from 'vitest';
import { frameRecord } from '../../src/journal/frames.ts';
import { FLUSH_RECORDS, openJournal } from '../../src/journal/journal.ts';
import { HEADER_BYTES, parseHeader, segmentPath } from '../../src/journal/segments.ts';
import { makeFolder, readAll } from './world.ts';

async function newFolder(): Promise<string> {
  const made = await makeFolder();
  onTestFinished(() => made[Symbol.asyncDispose]());
  return made.folder;
}

/** Opens the journal, writes, closes; returns the path of its segment. */
async function writeOnce(folder: string, records: readonly string[]): Promise<string> {
  const journal = await openJournal(folder);
  for (const record of records) await journal.append(record);
  const path = segmentPath(folder, journal.end().segment);
  await journal.close();
  return path;
}

test('a record is in the file when its append resolves, behind the header', async () => {
  const folder = await newFolder();
  const journal = await openJournal(folder);
  await journal.append('{"id":1}');
  const bytes = await readFile(segmentPath(folder, 1));
  expect(parseHeader(bytes)).toEqual({ segment: 1, previousEnd: undefined });
  const frame = frameRecord('{"id":1}', 1, HEADER_BYTES);
  expect(bytes.subarray(HEADER_BYTES).equals(frame)).toBe(true);
  expect(journal.end()).toEqual({ segment: 1, position: bytes.length });
  await journal.close();
});

test('records appended at once all arrive, in order, and are read once', async () => {
  const journal = await openJournal(await newFolder());
  const sent = Array.from({ length: 3_000 }, (_, i) =>
    JSON.stringify({ i, text: 'é'.repeat(i % 7) }),
  );
  await Promise.all(sent.map((record) => journal.append(record)));
  const { records, at, damages } = await readAll(journal);
  expect(records).toEqual(sent);
  expect(at).toEqual(journal.end());
  expect(damages).toEqual([]);
  await journal.close();
});

test('a flush takes a bounded number of records and bytes, first come, first served', async () => {
  const journal = await openJournal(await newFolder());
  const flushed: number[] = [];
  let done = 0;
  journal.onFlush(() => flushed.push(done));
  const send = (record: string) => journal.append(record).then(() => (done += 1));
  const small = Array.from({ length: 2 * FLUSH_RECORDS + 1 }, () => send('"small"'));
  const large = Array.from({ length: 3 }, () => send(JSON.stringify('x'.repeat(600 * 1024))));
  await Promise.all([...small, ...large]);
  // What was there at a flush counts as done after it, so each flush is told one late.
  const sizes = [...flushed.slice(1), done].map((count, i) => count - (flushed[i] ?? 0));
  expect(sizes.slice(0, 2)).toEqual([FLUSH_RECORDS, FLUSH_RECORDS]);
  // The last small one goes with two large ones, which are 1 MiB together; the third goes alone.
  expect(sizes.slice(2)).toEqual([3, 1]);
  await journal.close();
});

test('a record that comes during a flush waits for that one and for its own, no longer', async () => {
  const journal = await openJournal(await newFolder());
  let flushes = 0;
  journal.onFlush(() => void (flushes += 1));
  for (let round = 0; round < 50; round++) {
    const before = flushes;
    const first = journal.append('"first"');
    // What comes in the same turn of the loop goes with it.
    await new Promise((resolve) => void setImmediate(resolve));
    const second = Promise.all(Array.from({ length: 100 }, () => journal.append('"second"')));
    await first;
    expect(flushes - before).toBeLessThanOrEqual(1);
    await second;
    expect(flushes - before).toBeLessThanOrEqual(2);
  }
  await journal.close();
});

test('segments rotate, each names the end of the one before, and all are read', async () => {
  const folder = await newFolder();
  const journal = await openJournal(folder);
  const record = JSON.stringify('y'.repeat(1_000_000));
  for (let i = 0; i < 40; i++) await journal.append(record);
  const names = (await readdir(folder)).sort();
  expect(names).toHaveLength(3);
  const files = await Promise.all(names.map((name) => readFile(join(folder, name))));
  for (const [i, bytes] of files.entries()) {
    expect(parseHeader(bytes)).toEqual({ segment: i + 1, previousEnd: files[i - 1]?.length });
    expect(bytes.length).toBeLessThan(18 * 1024 * 1024);
  }
  const { records, damages, torn } = await readAll(journal);
  expect(records.length).toBe(40);
  expect(new Set(records)).toEqual(new Set([record]));
  expect([...damages, ...torn]).toEqual([]);
  await journal.close();
});

test('a new start goes on in a new segment and leaves the old one to be read', async () => {
  const folder = await newFolder();
  await writeOnce(folder, ['"a"']);
  const second = await openJournal(folder);
  await second.append('"b"');
  expect((await readAll(second)).records).toEqual(['"a"', '"b"']);
  expect(await readdir(folder)).toHaveLength(2);
  await second.close();
});

test('what is being written is not read', async () => {
  const folder = await newFolder();
  const journal = await openJournal(folder);
  await journal.append('"done"');
  // Bytes behind the acknowledged end, as a flush in progress leaves them.
  const { segment, position } = journal.end();
  await appendFile(segmentPath(folder, segment), frameRecord('"not yet"', segment, position));
  expect((await readAll(journal)).records).toEqual(['"done"']);
  await journal.close();
});

test('a last record cut short at any byte is passed over, and said in bytes', async () => {
  const folder = await newFolder();
  const path = await writeOnce(folder, ['"whole"', '{"torn":"é"}']);
  const whole = await readFile(path);
  const begin = whole.length - frameRecord('{"torn":"é"}', 1, 0).length;
  const second = await openJournal(folder);
  await second.append('"next"');
  for (let cut = begin; cut < whole.length; cut++) {
    await writeFile(path, whole.subarray(0, cut));
    const { records, torn, damages } = await readAll(second);
    expect(records).toEqual(['"whole"', '"next"']);
    expect(torn).toEqual(cut === begin ? [] : [{ segment: 1, bytes: cut - begin }]);
    expect(damages).toEqual([]);
    // A file is made longer before it is filled: zeros to a length that was never reached.
    await writeFile(path, Buffer.concat([whole.subarray(0, cut), Buffer.alloc(300)]));
    const grown = await readAll(second);
    expect(grown.records).toEqual(['"whole"', '"next"']);
    expect(grown.torn).toEqual([{ segment: 1, bytes: cut - begin + 300 }]);
  }
  await second.close();
});

test('a header cut short at any byte belongs to a segment that holds nothing', async () => {
  const folder = await newFolder();
  const path = await writeOnce(folder, []);
  const header = await readFile(path);
  const second = await openJournal(folder);
  await second.append('"next"');
  for (let cut = 0; cut < header.length; cut++) {
    await writeFile(path, header.subarray(0, cut));
    const { records, torn, damages } = await readAll(second);
    expect(records).toEqual(['"next"']);
    expect(torn).toEqual(cut === 0 ? [] : [{ segment: 1, bytes: cut }]);
    expect(damages).toEqual([]);
  }
  await second.close();
});

test('a segment that lost its end after a rotation is reported, wherever it was cut', async () => {
  const folder = await newFolder();
  const journal = await openJournal(folder);
  const sent = Array.from({ length: 20 }, (_, i) =>
    JSON.stringify(String.fromCharCode(97 + i).repeat(950_000)),
  );
  for (const record of sent) await journal.append(record);
  const path = segmentPath(folder, 1);
  const { records: before } = await readAll({ folder, end: () => ({ segment: 2, position: 0 }) });
  let full = HEADER_BYTES;
  const ends = before.map((record) => (full += frameRecord(record, 1, 0).length));
  for (const [cut, kept] of [
    [full - 1, ends.length - 1],
    [ends.at(-2)!, ends.length - 1],
    [ends[1]! + 10, 2],
    [ends[0]!, 1],
  ] as const) {
    await truncate(path, cut);
    const { records, torn, damages } = await readAll(journal);
    expect(records).toEqual([...sent.slice(0, kept), ...sent.slice(before.length)]);
    expect(torn).toEqual([]);
    const from = ends[kept - 1]!;
    expect(damages).toEqual([{ segment: 1, damage: 'cut_short', from, bytes: full - from }]);
  }
  await journal.close();
});

test('segments that are missing in the middle or before the rest are reported by number', async () => {
  const folder = await newFolder();
  for (let i = 1; i <= 6; i++) await writeOnce(folder, [`"${i}"`]);
  const journal = await openJournal(folder);
  for (const gone of [3, 4, 6]) {
    await rename(segmentPath(folder, gone), join(folder, `gone-${gone}`));
  }
  const { records, damages } = await readAll(journal);
  expect(records).toEqual(['"1"', '"2"', '"5"']);
  expect(damages.map(({ segment, damage }) => [segment, damage])).toEqual([
    [3, 'missing'],
    [4, 'missing'],
    [6, 'missing'],
  ]);
  const later = await readAll(journal, { segment: 4, position: 70 });
  expect(later.damages.map(({ segment }) => segment)).toEqual([4, 6]);
  await journal.close();
});

test('a copy of a segment under another number brings no record in', async () => {
  const folder = await newFolder();
  const path = await writeOnce(folder, ['"once"', '"twice"']);
  await cp(path, segmentPath(folder, 2));
  const journal = await openJournal(folder);
  const { records, damages } = await readAll(journal);
  expect(records).toEqual(['"once"', '"twice"']);
  const { length: bytes } = await readFile(path);
  expect(damages).toEqual([{ segment: 2, damage: 'damaged', from: 0, bytes }]);
  await journal.close();
});

test('a segment of a later format is left alone as a whole and reported', async () => {
  const folder = await newFolder();
  const path = await writeOnce(folder, ['"old"']);
  const journal = await openJournal(folder);
  const text = `journal 02 000000000001 ${'-'.repeat(12)} `;
  const later = `${text}${crc32(text).toString(16).padStart(8, '0')}\nwhatever it may be\n`;
  await writeFile(path, later);
  const { records, damages } = await readAll(journal);
  expect(records).toEqual([]);
  expect(damages).toEqual([{ segment: 1, damage: 'format_unknown', from: 0, bytes: later.length }]);
  await journal.close();
});
