// Replays one recording through the hubs of the stage: asked by a client of each protocol, answered whole
// and in pieces. Returns what did not agree, in words.

import type { JsonObject } from '../../src/base/json.ts';
import type { Provider } from '../../src/providers/provider.ts';
import type { Receipt } from '../../src/usage/receipts.ts';
import { type Asked, askIn, readRequest } from './asking.ts';
import { CUTS, type Cut, UNCUT, singleCuts } from './cuts.ts';
import { type Case, type Result, judge, judgeRecording } from './judging.ts';
import { readAnswer } from './reading.ts';
import type { Recording } from './recordings.ts';
import type { Stage } from './stage.ts';
import { CLIENTS, type Client, type Wire, labelOf, pairId } from './wires.ts';

/** How a client was served: with the provider's bytes, by a translation, or not at all. */
export type WayTaken = 'same' | 'translated' | 'not asked';

export interface Verdict {
  readonly faults: readonly string[];
  /** What else is worth knowing. */
  readonly notes: readonly string[];
  readonly ways: ReadonlyMap<Client, WayTaken>;
}

/** What is replayed as what. */
export interface Cast {
  readonly recording: Recording;
  readonly wire: Wire;
  readonly provider: Provider;
  /** How many cuts of a stream are tried alone as well, by one client after the other. */
  readonly singleCuts: number;
}

/** Requests under way at once. */
const AT_ONCE = 32;
const STREAM =
  /^(?:text\/event-stream|application\/vnd\.amazon\.eventstream|application\/x-ndjson)/;

export async function replay(cast: Cast, stage: Stage): Promise<Verdict> {
  const { recording, wire, provider } = cast;
  const source = readRequest(recording, wire);
  if (!source) throw new Error('the recorded request is no JSON object');
  const isStream = STREAM.test(recording.headers['content-type'] ?? '');
  const reading =
    recording.status === 200 ? readAnswer(wire, isStream, recording.answer) : undefined;
  const notes: string[] = [];
  const ways = new Map<Client, WayTaken>();
  const cases: Case[] = [];
  for (const client of CLIENTS) {
    const asked = askIn(client, source, wire, provider.quirks);
    ways.set(client, !asked.body ? 'not asked' : client === wire ? 'same' : 'translated');
    notes.push(...notesOn(client, asked));
    if (asked.body) cases.push({ recording, wire, client, reading, isStream, asked });
  }
  const tries = cases.flatMap((each) =>
    [UNCUT, ...CUTS].map((cut) => () => tryOnce(each, cut, cast, stage)),
  );
  const single = isStream ? singleCuts(recording.answer.length, cast.singleCuts) : [];
  for (const [i, cut] of single.entries()) {
    const each = cases[i % cases.length];
    if (each) tries.push(() => tryOnce(each, cut, cast, stage));
  }
  const faults = reading ? judgeRecording(recording, reading) : [];
  return { faults: [...faults, ...(await inTurns(tries))], notes, ways };
}

function notesOn(client: Client, { body, without }: Asked): string[] {
  if (without.length === 0) return [];
  return [
    `${body ? '' : 'not in '}${labelOf(client)}${body ? ' without' : ':'} ${without.join(', ')}`,
  ];
}

async function tryOnce(given: Case, cut: Cut, cast: Cast, stage: Stage): Promise<string[]> {
  const { recording, client } = given;
  const { status, headers, answer } = recording;
  const offered = stage.provider.offer({ status, headers, pieces: cut.pieces(answer) });
  try {
    const result = await ask(given, cut, `${pairId(cast)}/${offered}`, stage);
    return judge(given, result).map((fault) => `${labelOf(client)} client, ${cut.name}: ${fault}`);
  } finally {
    stage.provider.forget(offered);
  }
}

async function ask(given: Case, cut: Cut, model: string, stage: Stage): Promise<Result> {
  const { client, asked } = given;
  const { baseUrl, key } = cut === UNCUT ? stage.usual : stage.piecewise;
  const authorization = { authorization: `Bearer ${key}` };
  const { path, body } = addressed(client, asked, model);
  const response = await fetch(`${baseUrl}${path}`, {
    method: 'POST',
    headers: { ...authorization, 'content-type': 'application/json' },
    body: JSON.stringify(body),
  });
  const bytes = Buffer.from(await response.arrayBuffer());
  const contentType = response.headers.get('content-type') ?? '';
  const receiptPath = response.headers.get('x-inferencehub-receipt');
  const got = { status: response.status, contentType, bytes };
  if (receiptPath === null) return { ...got, receipt: undefined };
  if (cut.isSingle) return { ...got, receipt: 'not read' };
  const receipt = await fetch(`${baseUrl}${receiptPath}`, { headers: authorization });
  return { ...got, receipt: (await receipt.json()) as Receipt };
}

const PATHS: Readonly<Record<Exclude<Client, 'gemini'>, string>> = Object.freeze({
  'openai-chat': '/v1/chat/completions',
  'openai-completions': '/v1/completions',
  'openai-responses': '/v1/responses',
  'anthropic-messages': '/v1/messages',
  'gemini-interactions': '/v1beta/interactions',
});

function addressed(
  client: Client,
  { body, isStream }: Asked,
  model: string,
): { readonly path: string; readonly body: JsonObject } {
  if (client === 'gemini') {
    const method = isStream ? 'streamGenerateContent?alt=sse' : 'generateContent';
    const { model: _, ...rest } = body ?? {};
    return { path: `/v1beta/models/${model}:${method}`, body: rest };
  }
  // The usage of these streams is to be compared, so it is asked for.
  const isSilent = isStream && client.startsWith('openai-c');
  const options = isSilent ? { stream_options: { include_usage: true } } : {};
  return { path: PATHS[client], body: { ...body, ...options, model } };
}

/** Each of them once, some at a time; their faults in the order of the tries. */
async function inTurns(tries: readonly (() => Promise<string[]>)[]): Promise<string[]> {
  const faults: string[][] = [];
  let next = 0;
  async function work(): Promise<void> {
    for (let i = next++; i < tries.length; i = next++) {
      faults[i] = await tries[i]!().catch((error: unknown) => [(error as Error).message]);
    }
  }
  await Promise.all(Array.from({ length: AT_ONCE }, work));
  return faults.flat();
}
