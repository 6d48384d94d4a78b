// Whether a client did its task, and whether the hub booked what it did: every rule a sentence that is
// said where it does not hold.

import type { Receipt } from '../../src/usage/receipts.ts';
import type { CodingClient } from './client.ts';
import type { Sighting } from './session.ts';

type Booked = Pick<
  Receipt,
  'id' | 'protocol' | 'outcome' | 'modelServed' | 'usageSource' | 'lines' | 'chargeNanos' | 'ledger'
>;

const MOST_WORDS = 600;

export function judge(
  client: Pick<CodingClient, 'protocol'>,
  sighting: Sighting,
  receipts: readonly Booked[],
  model: string,
): string[] {
  const faults = [
    ...judgeTask(sighting),
    ...receipts.flatMap((receipt) => judgeReceipt(client, receipt, model)),
  ];
  // One for each call, and one that brings the result of the last.
  if (receipts.length <= sighting.orders) {
    faults.push(`it left ${receipts.length} receipts, fewer than ${sighting.orders + 1}`);
  }
  return faults;
}

function judgeTask({ end, note, reportText, report, copy }: Sighting): string[] {
  const faults: string[] = [];
  if (end.timedOut) faults.push('it did not come to an end');
  else if (end.code !== 0) faults.push(`it ended with ${end.code}`);
  if (report?.trimEnd() !== reportText) faults.push(`the report is ${quote(report)}`);
  if (copy !== `${note}\n`) faults.push(`the copy of the note is ${quote(copy)}`);
  // The model's last words quote what the tools answered, the note among it.
  if (!end.stdout.includes('The tool answered: "') || !end.stdout.includes(note)) {
    faults.push("it did not print the model's last words");
  }
  if (faults.length > 0) faults.push(`its own words: ${quote(`${end.stdout}\n${end.stderr}`)}`);
  return faults;
}

function judgeReceipt(
  { protocol }: Pick<CodingClient, 'protocol'>,
  receipt: Booked,
  model: string,
): string[] {
  const quantityOf = (...classes: string[]): number =>
    receipt.lines.reduce(
      (sum, line) => sum + (classes.includes(line.class) ? line.quantity : 0),
      0,
    );
  const entries = receipt.ledger?.entries ?? [];
  const revenue = entries.find(({ account }) => account.endsWith(':revenue'));
  const rules: readonly (readonly [holds: boolean, fault: string])[] = [
    [receipt.protocol === protocol, `was asked in ${receipt.protocol}`],
    [receipt.outcome === 'completed', `is ${receipt.outcome}`],
    [receipt.modelServed === model, `was served by ${receipt.modelServed}`],
    [receipt.usageSource === 'provider', `takes its usage from: ${receipt.usageSource}`],
    [quantityOf('inUncached', 'inCacheRead') > 0, 'has no prompt tokens'],
    [quantityOf('outText', 'outReasoning') > 0, 'has no answer tokens'],
    [revenue?.amountNanos === receipt.chargeNanos, 'is not booked at its charge'],
  ];
  return rules.flatMap(([holds, fault]) => (holds ? [] : [`${receipt.id} ${fault}`]));
}

function quote(text: string | undefined): string {
  return text === undefined ? 'not there' : JSON.stringify(text.trim().slice(-MOST_WORDS));
}
