// A customer whose whole balance is wanted by one request: its cap is chosen so that what is held for
// it leaves less than one token of what there is. Where it is served in full, all the money was there.

import type { Customer } from '../../test/faults/world.ts';
import { receiptOf } from '../../test/faults/world.ts';
import { type Sighting, send } from './client.ts';
import type { Hubs, Seat } from './hubs.ts';
import { MODELS, chargeOf } from './stand-in.ts';

const { inputNanos, outputNanos } = MODELS.dear;
const RICH_NANOS = 1_000_000_000_000n;
/** Caps of four digits, so that the body, and with it the prompt's bound, keeps its length. */
const LEAST_CAP = 1_000;
const MOST_CAP = 9_999;

export interface Purse {
  readonly key: string;
  /** What the customer has, as the answers tell. */
  leftNanos: bigint;
}

export interface WholeBalance {
  /** A customer with funds for the largest request. */
  open(seat: number): Promise<Purse>;
  /** Asks for everything that the customer has; the answer is charged from `purse`. */
  askForAll(seat: Seat, purse: Purse): Promise<Sighting>;
  /** Asks for a small part of it; a stream may be spread over a time. */
  askForLittle(seat: Seat, purse: Purse, streamedForMs?: number): Promise<Sighting>;
  /** Every request that was sent. */
  readonly sightings: Sighting[];
}

export async function openWholeBalance(hubs: Hubs): Promise<WholeBalance> {
  const sightings: Sighting[] = [];
  let nonce = 0;

  async function ask(seat: Seat, purse: Purse, cap: number, lastsMs?: number): Promise<Sighting> {
    const target = {
      baseUrl: seat.hub().baseUrl,
      seat: seat.index,
      key: purse.key,
      agent: hubs.agent,
    };
    const streamed = lastsMs !== undefined;
    const shape = {
      nonce: nonce++,
      model: 'dear',
      streamed,
      cap,
      ...(streamed && { lastsMs }),
    } as const;
    const sighting = await send(target, shape);
    sightings.push(sighting);
    if (sighting.finished) purse.leftNanos -= chargeOf('dear', sighting.nonce);
    return sighting;
  }

  const rich: Customer = await hubs.customer(RICH_NANOS);
  const sample = await ask(hubs.seats[0]!, { key: rich.liveKey, leftNanos: 0n }, LEAST_CAP);
  const receipt = await receiptOf(hubs.seats[0]!.hub(), rich.liveKey, sample.requestId ?? '');
  const promptNanos = BigInt(receipt.holdNanos) - BigInt(LEAST_CAP) * outputNanos;
  if (promptNanos % inputNanos !== 0n)
    throw new Error('the hold is not made as it is thought here');
  return {
    sightings,
    async open(seat) {
      const leftNanos = promptNanos + BigInt(MOST_CAP) * outputNanos;
      const { liveKey: key } = await hubs.customer(leftNanos, seat);
      return { key, leftNanos };
    },
    askForAll(seat, purse) {
      const cap = Number((purse.leftNanos - promptNanos) / outputNanos);
      if (cap < LEAST_CAP) throw new Error('this customer has spent too much');
      return ask(seat, purse, cap);
    },
    askForLittle: (seat, purse, streamedForMs) => ask(seat, purse, LEAST_CAP, streamedForMs),
  };
}

/** Whether all the money was there. */
export function isServedInFull(sighting: Sighting): boolean {
  return sighting.finished && sighting.loweredCap === undefined;
}
