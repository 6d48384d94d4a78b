// Replays one recording through a running hub: as a client of the recorded protocol and as one of
// the other, with the answer cut in different places. Returns what did not agree, in words.

import { isDeepStrictEqual } from 'node:util';
import { stringOf } from '../../src/base/json.ts';
import type { Receipt } from '../../src/usage/receipts.ts';
import { type RawProvider, cutAtRandom, cutBytes, uncut } from '../clients/raw-provider.ts';
import { type Dialect, type Reading, readAnswer } from './reading.ts';
import type { Recording } from './recordings.ts';
import { SPEECH, parseRequest, translateReading, translateRequest } from './translation.ts';

export interface Stage {
  readonly baseUrl: string;
  readonly key: string;
  /** The hub's models, by id. */
  readonly models: ReadonlySet<string>;
  readonly provider: RawProvider;
}

export interface Verdict {
  readonly faults: readonly string[];
  /** What else is worth knowing. */
  readonly notes: readonly string[];
}

/** Models that stand in for one that the hub does not have. */
const FALLBACK: Readonly<Record<Dialect, string>> = {
  chat: 'openai/gpt-4o',
  messages: 'anthropic/claude-sonnet-4-6',
};

export const OWN_ONLY = 'in its own protocol only';

const CUTS = [
  { cut: 'uncut', pieces: uncut },
  { cut: 'cut at every byte', pieces: cutBytes },
  { cut: 'cut at random', pieces: (bytes: Buffer) => cutAtRandom(bytes, bytes.length) },
];

/** The dialect of a request's path; undefined for one that is not spoken yet. */
export function dialectOf(path: string): Dialect | undefined {
  if (path === SPEECH.chat.path) return 'chat';
  return path === SPEECH.messages.path ? 'messages' : undefined;
}

export async function replay(
  recording: Recording,
  recorded: Dialect,
  stage: Stage,
): Promise<Verdict> {
  const body = parseRequest(recording.request);
  if (!body) return { faults: ['the recorded request is no JSON object'], notes: [] };
  const isStream = recording.headers['content-type']?.startsWith('text/event-stream') === true;
  const id = `${SPEECH[recorded].provider}/${stringOf(body['model']) ?? ''}`;
  const model = stage.models.has(id) ? id : FALLBACK[recorded];
  const { body: translated, without } = translateRequest(body, recorded);
  const faults: string[] = [];
  const reading =
    recording.status === 200 ? readAnswer(recorded, isStream, recording.answer) : undefined;
  if (reading) {
    // Two empty readings would agree on everything.
    if (!reading.finish) faults.push('the recording has no finish');
    if (Object.keys(reading.tokens).length === 0) faults.push('the recording has no usage');
    faults.push(...differences('the recording', recording.expected, reading));
  }
  for (const client of [recorded, SPEECH[recorded].other]) {
    const asked = client === recorded ? body : translated;
    if (!asked) continue;
    const request = JSON.stringify({ ...asked, model });
    for (const { cut, pieces } of CUTS) {
      const pass = { recording, recorded, client, isStream, request, pieces, reading };
      const found = await replayOnce(pass, stage);
      faults.push(...found.map((fault) => `${client} client, ${cut}: ${fault}`));
    }
  }
  const notes = without.length > 0 ? [`translated without ${without.join(', ')}`] : [];
  return translated ? { faults, notes } : { faults, notes: [OWN_ONLY] };
}

interface Pass {
  readonly recording: Recording;
  readonly recorded: Dialect;
  readonly client: Dialect;
  readonly isStream: boolean;
  readonly request: string;
  readonly pieces: (bytes: Buffer) => Buffer[];
  /** Undefined where the provider refused. */
  readonly reading: Reading | undefined;
}

async function replayOnce(pass: Pass, stage: Stage): Promise<string[]> {
  const { recording, client, reading } = pass;
  const { status, headers, answer } = recording;
  stage.provider.reply = { status, headers, pieces: pass.pieces(answer) };
  const authorization = { authorization: `Bearer ${stage.key}` };
  const response = await fetch(`${stage.baseUrl}${SPEECH[client].path}`, {
    method: 'POST',
    headers: { ...authorization, 'content-type': 'application/json' },
    body: pass.request,
  });
  const bytes = Buffer.from(await response.arrayBuffer());
  const receiptPath = response.headers.get('x-inferencehub-receipt');
  if (receiptPath === null) return [`status ${response.status} and no receipt`];
  const receiptResponse = await fetch(`${stage.baseUrl}${receiptPath}`, { headers: authorization });
  const receipt = (await receiptResponse.json()) as Receipt;
  if (!reading) return judgeRefusal(pass, response.status, bytes, receipt);
  if (response.status !== 200) return [`status ${response.status}: ${bytes.toString('utf8')}`];
  return [...judgeAnswer(pass, reading, bytes), ...judgeReceipt(reading, receipt)];
}

function judgeAnswer(pass: Pass, reading: Reading, bytes: Buffer): string[] {
  const { client, recorded, recording, isStream } = pass;
  const same = client === recorded;
  if (same && trimEnd(bytes) !== trimEnd(recording.answer)) {
    return ['the bytes are not those of the recording'];
  }
  const expected = same ? reading : translateReading(reading, recorded);
  return differences('the answer', expected, readAnswer(client, isStream, bytes));
}

/** Blank lines behind the last event are no part of it. */
function trimEnd(bytes: Buffer): string {
  return bytes.toString('latin1').trimEnd();
}

function judgeReceipt(reading: Reading, receipt: Receipt): string[] {
  const lines = Object.fromEntries(receipt.lines.map((line) => [line.class, line.quantity]));
  const femtos = receipt.lines.reduce((sum, line) => sum + BigInt(line.amountFemtos), 0n);
  const charge = ((femtos + 999_999n) / 1_000_000n).toString();
  return differences(
    'the receipt',
    {
      tokens: reading.tokens,
      usageSource: 'provider',
      outcome: 'completed',
      quarantined: false,
      chargeNanos: charge,
    },
    { ...receipt, tokens: lines },
  );
}

/** Which status a client gets for a provider's: its own faults pass, the hub's own do not. */
const REFUSALS: ReadonlyMap<number, readonly number[]> = new Map([
  [400, [400]],
  [422, [400, 422]],
  [429, [429]],
  [503, [503, 529]],
  [529, [503, 529]],
]);

function judgeRefusal(pass: Pass, status: number, bytes: Buffer, receipt: Receipt): string[] {
  const faults = differences(
    'the receipt',
    { chargeNanos: '0', lines: [], outcome: 'upstream_error' },
    receipt,
  );
  const allowed = REFUSALS.get(pass.recording.status) ?? [502];
  if (!allowed.includes(status)) faults.push(`status ${status} instead of ${allowed.join(' or ')}`);
  const body = JSON.parse(bytes.toString('utf8')) as { type?: string; error?: { type?: string } };
  const isShaped = typeof body.error?.type === 'string';
  if (!isShaped || (pass.client === 'messages') !== (body.type === 'error')) {
    faults.push('the error is not in the shape of the client');
  }
  return faults;
}

/** Compares the keys that are expected, and names those that differ with both values. */
function differences(what: string, expected: object, found: object): string[] {
  return Object.entries(expected).flatMap(([key, value]) => {
    const other = (found as Record<string, unknown>)[key];
    if (isDeepStrictEqual(value, other)) return [];
    return [`${what} has ${key} ${JSON.stringify(other)} instead of ${JSON.stringify(value)}`];
  });
}
