// Holds what the clients saw against what the database says: the set of answers that came to their
// end against the set of usage rows with that outcome, each in one settlement that is their sum.

import { sql as rawSql } from 'kysely';
import type { Sql } from '../../src/db/database.ts';
import type { Sighting } from './client.ts';
import { type StandIn, chargeOf, nonceOf, planOf } from './stand-in.ts';

export interface Verdict {
  readonly violations: string[];
  /** The numbers of the requests that are booked as completed. */
  readonly booked: ReadonlySet<number>;
  /** Answers whose end a client saw. */
  readonly finished: number;
  /** Booked answers whose client was cut off at the last bytes. */
  readonly cutAtLastBytes: number;
  /** Requests that were cut off and left no row: nobody paid for them. */
  readonly lost: number;
}

interface Row {
  readonly id: string;
  readonly outcome: string;
  readonly charge_nanos: bigint;
  readonly prompt: bigint;
  readonly output: bigint;
  readonly settled: bigint;
}

/** The hubs rest. `mayCut`: processes were killed, so that a booked answer may have lost its end. */
export async function judge(
  sql: Sql,
  sightings: readonly Sighting[],
  standIn: StandIn,
  mayCut: boolean,
): Promise<Verdict> {
  const rows = await readRows(sql);
  const violations: string[] = [];
  const byNonce = new Map<number, Row>();
  for (const row of rows) {
    const nonce = nonceOf(row.prompt, row.output);
    if (row.outcome !== 'completed') {
      if (row.charge_nanos > 0n) violations.push(`${row.id}, ${row.outcome}, is charged`);
      continue;
    }
    const earlier = byNonce.get(nonce);
    if (earlier) violations.push(`request ${nonce} is booked twice: ${earlier.id} and ${row.id}`);
    byNonce.set(nonce, row);
  }
  const booked = new Set(byNonce.keys());
  let finished = 0;
  let cutAtLastBytes = 0;
  let lost = 0;
  for (const sighting of sightings) {
    const row = byNonce.get(sighting.nonce);
    byNonce.delete(sighting.nonce);
    if (sighting.finished) finished += 1;
    else if (row) cutAtLastBytes += 1;
    else if (sighting.status === undefined || sighting.status === 200) lost += 1;
    violations.push(...compare(sighting, row, standIn, mayCut));
  }
  for (const [nonce, { id }] of byNonce) violations.push(`${id} (${nonce}) is of no client's`);
  return { violations, booked, finished, cutAtLastBytes, lost };
}

function compare(
  sighting: Sighting,
  row: Row | undefined,
  standIn: StandIn,
  mayCut: boolean,
): string[] {
  const { nonce, status, finished, requestId, fault } = sighting;
  const name = `request ${nonce} (${requestId ?? 'no id'})`;
  if (fault !== undefined) return [`${name}: ${fault}`];
  if (!row) return finished ? [`${name} came to its end and is not booked`] : [];
  if (finished || requestId !== undefined) {
    if (row.id !== requestId) return [`${name} is booked under another id, ${row.id}`];
  }
  const charge = chargeOf(sighting.model, nonce);
  if (row.charge_nanos !== charge || row.settled !== charge) {
    return [`${name} costs ${charge}, is charged ${row.charge_nanos}, settled ${row.settled}`];
  }
  if (finished) return [];
  if (!mayCut) return [`${name} is booked, but its client saw no end (status ${status})`];
  // Nothing but the last bytes may be missing of an answer that is booked.
  if (!standIn.hasAnswered(nonce)) return [`${name} is booked before the provider ended it`];
  if (sighting.streamed && sighting.pieces < planOf(nonce).pieces) {
    return [`${name} is booked, but only ${sighting.pieces} pieces reached the client`];
  }
  if (status !== undefined && status !== 200) return [`${name} is booked and was refused`];
  return [];
}

async function readRows(sql: Sql): Promise<Row[]> {
  // What a settlement booked beyond or below its rows is held against each of them.
  const { rows } = await rawSql<Row>`
    select u.id, u.outcome, u.charge_nanos, u.in_uncached as prompt, u.out_text as output,
      coalesce(u.charge_nanos + s.settled - c.charged, 0)::bigint as settled
    from usage_records u
    left join (
      select settlement_id, sum(charge_nanos) as charged from usage_records group by settlement_id
    ) c on c.settlement_id = u.settlement_id
    left join (
      select t.id, sum(e.amount_nanos) as settled
      from ledger_transactions t join ledger_entries e on e.transaction_id = t.id
      where t.kind = 'settle' and t.book = 'live' and e.amount_nanos > 0
      group by t.id
    ) s on s.id = u.settlement_id`.execute(sql);
  return rows;
}
