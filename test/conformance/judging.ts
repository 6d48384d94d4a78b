// Whether what a client got, and what was metered, is what was recorded. Answers are compared wholly;
// of a refusal or a failure its status and its class, for its words are the hub's own.

import { isDeepStrictEqual } from 'node:util';
import type { Receipt } from '../../src/usage/receipts.ts';
import type { Asked } from './asking.ts';
import { expectedOf, foundOf } from './expecting.ts';
import { type Reading, readAnswer, readLastWord } from './reading.ts';
import type { Recording } from './recordings.ts';
import type { Client, Wire } from './wires.ts';

/** One recording, asked by one client. */
export interface Case {
  readonly recording: Recording;
  readonly wire: Wire;
  readonly client: Client;
  /** Undefined where the provider refused. */
  readonly reading: Reading | undefined;
  /** Whether the recorded answer is a stream. */
  readonly isStream: boolean;
  readonly asked: Asked;
}

export interface Result {
  readonly status: number;
  readonly contentType: string;
  readonly bytes: Buffer;
  readonly receipt: Receipt | 'not read' | undefined;
}

/** What is wrong with the recording, or with the runner's own reader of it. */
export function judgeRecording({ expected }: Recording, reading: Reading): string[] {
  const faults = differences('the recording', expected, reading);
  // Two empty readings would agree on everything.
  const isEmpty = reading.text + reading.thinking === '' && reading.calls.length === 0;
  if (isEmpty && !reading.failed && reading.end === 'natural' && !reading.tokens) {
    faults.push('the recording says nothing');
  }
  return faults;
}

export function judge(given: Case, result: Result): string[] {
  const { reading, recording } = given;
  const { status, receipt } = result;
  if (!receipt) return [`status ${status} and no receipt: ${result.bytes.toString('utf8')}`];
  if (!reading) {
    const allowed = REFUSALS.get(recording.status) ?? [502];
    const isAllowed = allowed.includes(status);
    const fault = `status ${status} instead of ${allowed.join(' or ')}`;
    return [...(isAllowed ? [] : [fault]), ...judgeFailure(given, result)];
  }
  if (reading.failed || reading.finish === '') return judgeFailure(given, result);
  if (status !== 200) return [`status ${status}: ${result.bytes.toString('utf8')}`];
  const faults = judgeAnswer(given, reading, result);
  return receipt === 'not read' ? faults : [...faults, ...judgeReceipt(reading, receipt)];
}

function judgeAnswer(given: Case, reading: Reading, { bytes, contentType }: Result): string[] {
  const { client, wire, recording, isStream, asked } = given;
  const isSame = client === wire;
  const streams = contentType.startsWith('text/event-stream');
  if (streams !== asked.isStream) return [`the answer is of type ${contentType}`];
  if (isSame && streams === isStream && trimEnd(bytes) !== trimEnd(recording.answer)) {
    return ['the bytes are not those of the recording'];
  }
  const found = readAnswer(client, streams, bytes);
  if (isSame) return differences('the answer', reading, found);
  const expected = expectedOf(reading, client);
  const faults = differences('the answer', expected, foundOf(found, client, reading.calls));
  if (client !== 'openai-responses' || !streams) return faults;
  return [...faults, ...differences('the last event', found, readLastWord(bytes))];
}

/** Blank lines behind the last event are no part of it. */
function trimEnd(bytes: Buffer): string {
  return bytes.toString('latin1').trimEnd();
}

function judgeReceipt({ tokens, unpriced }: Reading, receipt: Receipt): string[] {
  const lines = Object.fromEntries(receipt.lines.map((line) => [line.class, line.quantity]));
  const femtos = receipt.lines.reduce((sum, line) => sum + BigInt(line.amountFemtos), 0n);
  const charge = ((femtos + 999_999n) / 1_000_000n).toString();
  if (unpriced) {
    const expected = { usageSource: 'unreadable', quarantined: true };
    return differences('the receipt', expected, receipt);
  }
  const expected = {
    usageSource: tokens ? 'provider' : 'estimated',
    outcome: 'completed',
    quarantined: false,
    chargeNanos: charge,
    ...(tokens && { tokens }),
  };
  return differences('the receipt', expected, { ...receipt, tokens: lines });
}

/** Which status a client gets for a provider's: its own faults pass, the hub's own do not. */
const REFUSALS: ReadonlyMap<number, readonly number[]> = new Map([
  [400, [400, 502]],
  [413, [400, 413, 502]],
  [422, [400, 422, 502]],
  [429, [429, 502]],
  [503, [503, 529]],
  [529, [503, 529]],
]);

/** Nothing but an error, or a stream that ends with one; and nothing charged that was not delivered. */
function judgeFailure({ client, reading }: Case, result: Result): string[] {
  const { status, bytes, contentType, receipt } = result;
  const faults: string[] = [];
  if (receipt !== 'not read' && receipt?.outcome === 'completed') {
    faults.push('the receipt says that it was completed');
  }
  if (!reading && typeof receipt === 'object') {
    const expected = { chargeNanos: '0', lines: [], outcome: 'upstream_error' };
    faults.push(...differences('the receipt', expected, receipt));
  }
  const isEvent = status === 200 && contentType.startsWith('text/event-stream');
  if (isEvent) {
    if (!readAnswer(client, true, bytes).failed) faults.push('the stream ends without its error');
  } else if (status === 200 || !isErrorOf(client, bytes)) {
    faults.push(`status ${status}, and the error is not in the shape of the client`);
  }
  return faults;
}

function isErrorOf(client: Client, bytes: Buffer): boolean {
  const body = JSON.parse(bytes.toString('utf8')) as {
    type?: string;
    error?: { type?: string; status?: string };
  };
  if (client.startsWith('gemini')) return typeof body.error?.status === 'string';
  const isMessages = client === 'anthropic-messages';
  return typeof body.error?.type === 'string' && isMessages === (body.type === 'error');
}

/** Compares the keys that are expected, and names those that differ with both values. */
function differences(what: string, expected: object, found: object): string[] {
  return Object.entries(expected).flatMap(([key, value]) => {
    const other = (found as Record<string, unknown>)[key];
    if (isDeepStrictEqual(value, other)) return [];
    return [`${what} has ${key} ${JSON.stringify(other)} instead of ${JSON.stringify(value)}`];
  });
}
