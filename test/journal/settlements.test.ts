// Which charges go together: those of one payer, wherever in a batch they stand, and never others.

import { expect, test } from 'vitest';
import { settleTogether } from '../../src/journal/settlements.ts';
import type { Charge } from '../../src/usage/line.ts';

const FIRST: Charge = {
  requestId: 'req_b',
  workspaceId: 'ws_a',
  book: 'live',
  runId: 'run_a',
  chargeNanos: 10n,
  quarantined: false,
  allowances: [],
};

test('charges of one payer are one settlement, others’ between them are not in it', () => {
  const charges: Charge[] = [
    FIRST,
    { ...FIRST, requestId: 'req_c', workspaceId: 'ws_b' },
    { ...FIRST, requestId: 'req_d' },
    { ...FIRST, requestId: 'req_e', runId: 'run_b' },
    { ...FIRST, requestId: 'req_a' },
    { ...FIRST, requestId: 'req_f', book: 'test' },
    { ...FIRST, requestId: 'req_g', quarantined: true },
    { ...FIRST, requestId: 'req_h', quarantined: true },
    { ...FIRST, requestId: 'req_i', chargeNanos: 0n },
  ];
  const { transactions, keys } = settleTogether(charges, new Set(['run_a', 'run_b']));
  const keyOf = (letter: string) => `settle:req_${letter}`;
  expect(keys).toEqual(
    ['a', 'c', 'a', 'e', 'a', 'f', 'g', 'h', undefined].map((at) => at && keyOf(at)),
  );
  expect(
    transactions.map(({ idempotencyKey, kind, entries }) => [
      idempotencyKey,
      kind,
      entries[1]?.amountNanos,
    ]),
  ).toEqual([
    [keyOf('a'), 'settle', 30n],
    [keyOf('c'), 'settle', 10n],
    [keyOf('e'), 'settle', 10n],
    [keyOf('f'), 'settle', 10n],
    [keyOf('g'), 'quarantine', 10n],
    [keyOf('h'), 'quarantine', 10n],
  ]);
});
