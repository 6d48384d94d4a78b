// Flushes begin at once, unless records are many and still come a few at a time.

import { expect, test } from 'vitest';
import { type Pace, createPace } from '../../src/journal/pace.ts';

const turn = () => new Promise<void>((resolve) => void setImmediate(resolve));

/** Whether the next flush begins within three turns of the event loop. */
async function beginsAtOnce(pace: Pace): Promise<boolean> {
  const turns = turn().then(turn).then(turn);
  return Promise.race([pace.gather().then(() => true), turns.then(() => false)]);
}

function paceAfter(...flushes: number[]): Pace {
  const pace = createPace();
  for (const records of flushes) pace.began(records);
  return pace;
}

const often = (records: number): number[] => Array.from({ length: 50 }, () => records);

test('a flush begins at once while records are few', async () => {
  expect(await beginsAtOnce(paceAfter())).toBe(true);
  expect(await beginsAtOnce(paceAfter(...often(1)))).toBe(true);
});

test('a flush waits for more where many come a few at a time', async () => {
  // A busy machine may let the gap pass before it is asked for, so one of several is enough.
  const begun: boolean[] = [];
  for (let i = 0; i < 20; i++) begun.push(await beginsAtOnce(paceAfter(...often(10))));
  expect(begun).toContain(false);
});
