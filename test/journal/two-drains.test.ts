// Two processes that take themselves for the same node: a machine that was cloned, folder and all.

import { spawn } from 'node:child_process';
import { cp } from 'node:fs/promises';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { openJournal } from '../../src/journal/journal.ts';
import { encodeRecord } from '../../src/usage/record.ts';
import { expectBooksInOrder } from '../ledger/world.ts';
import { TEST_DATABASES } from '../support/databases.ts';
import { openTestDatabase } from '../support/open-database.ts';
import { CHARGE_NANOS, appendAll, idsOf, makeFolder, openPayer } from './world.ts';

const PROGRAM = fileURLToPath(new URL('draining-process.ts', import.meta.url));
const LEASED_NANOS = 10_000_000n;
const { available, label } = TEST_DATABASES.find(({ name }) => name === 'postgres')!;

describe.skipIf(!available)(`two drains of one node: ${label}`, () => {
  test('are refused each other’s steps and say so; every record is booked once', async () => {
    const open = await openTestDatabase('postgres');
    await using first = await makeFolder();
    await using second = await makeFolder();
    const payer = await openPayer(open.database.sql, LEASED_NANOS);
    const common = Array.from({ length: 3_000 }, () => payer.record());
    const journal = await openJournal(first.folder);
    await appendAll(journal, common);
    await journal.close();
    await cp(first.folder, second.folder, { recursive: true });

    const own = Array.from({ length: 2 }, () => Array.from({ length: 500 }, () => payer.record()));
    const results = await Promise.all(
      [first, second].map(async ({ folder }, i) => {
        const args = [PROGRAM, folder, open.url!, payer.nodeId];
        const child = spawn(process.execPath, args, { stdio: ['pipe', 'pipe', 'inherit'] });
        for (const record of own[i]!) child.stdin.write(`${encodeRecord(record)}\n`);
        child.stdin.end();
        return JSON.parse(await text(child.stdout)) as { drained: boolean; troubles: string[] };
      }),
    );
    expect(results.map(({ drained }) => drained)).toEqual([true, true]);
    // The second says what it meets: a position that moves, or one that is past its journal's end
    // already, where the first was done before the second began.
    const troubles = results.flatMap((result) => result.troubles);
    expect(troubles.join()).toMatch(/journal_position_moved|journal_replaced/);
    expect(await payer.booked()).toEqual(idsOf([...common, ...own.flat()]));
    expect(await payer.leasedNanos()).toBe(LEASED_NANOS - 4_000n * CHARGE_NANOS);
    await expectBooksInOrder(open.database.sql);
    await open.drop();
  });
});
