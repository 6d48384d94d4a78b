// Waits until a hub has booked every answer, and holds the books to it: each answer of the upstream
// has the same usage, so what was charged must be exactly as many times its price. A bench that
// measured a hub which charges wrongly would measure nothing.

import { setTimeout as sleep } from 'node:timers/promises';
import { Client } from 'pg';
import { assert } from '../src/base/errors.ts';

/** 412 tokens at 1 and 50 at 2 dollars a million. */
export const ANSWER_NANOS = 512_000n;

const POLL_MS = 100;
const PATIENCE_MS = 60_000;

export interface Bookings {
  /** Resolves once this many answers are booked; throws where they are not, or charged wrongly. */
  settled(answered: number): Promise<void>;
  close(): Promise<void>;
}

interface Booked {
  readonly answers: number;
  readonly nanos: bigint;
}

/** Counts the rows of the usage table, each time only those that are new: ids rise with time. */
export async function countBySql(url: string): Promise<Bookings> {
  const client = new Client({ connectionString: url });
  await client.connect();
  let known = { answers: 0, nanos: 0n, lastId: '' };
  const read = async (): Promise<typeof known> => {
    const { rows } = await client.query<{ n: string; sum: string; last: string | null }>(
      `select count(*) as n, coalesce(sum(charge_nanos), 0) as sum, max(id) as last
       from usage_records where id > $1 and status = 200`,
      [known.lastId],
    );
    const [row] = rows;
    assert(row, 'a count is one row');
    return {
      answers: known.answers + Number(row.n),
      nanos: known.nanos + BigInt(row.sum),
      lastId: row.last ?? known.lastId,
    };
  };
  return {
    async settled(answered) {
      known = await waitFor(answered, read);
    },
    close: () => client.end(),
  };
}

/** By what the customer's account says was used; asking for it hurries the booking. */
export function countByCredits(baseUrl: string, key: string): Bookings {
  const read = async (): Promise<Booked> => {
    const response = await fetch(`${baseUrl}/v1/credits`, {
      headers: { authorization: `Bearer ${key}` },
    });
    const text = await response.text();
    const digits = /"total_usage":(\d+)(?:\.(\d+))?[,}]/.exec(text);
    assert(digits, 'the account says what was used');
    const nanos = BigInt(`${digits[1]}${(digits[2] ?? '').padEnd(9, '0')}`);
    return { answers: Number(nanos / ANSWER_NANOS), nanos };
  };
  return {
    settled: async (answered) => void (await waitFor(answered, read)),
    close: async () => {},
  };
}

async function waitFor<T extends Booked>(answered: number, read: () => Promise<T>): Promise<T> {
  const deadline = performance.now() + PATIENCE_MS;
  for (;;) {
    const booked = await read();
    if (booked.answers === answered) {
      if (booked.nanos === BigInt(answered) * ANSWER_NANOS) return booked;
      throw new Error(`${answered} answers cost ${booked.nanos} nano-dollars, not their price.`);
    }
    if (booked.answers > answered || performance.now() > deadline) {
      throw new Error(`${answered} answers were seen, but ${booked.answers} booked.`);
    }
    await sleep(POLL_MS);
  }
}
