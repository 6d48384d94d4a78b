// One request of one client, and what the client saw of its answer. Never rejects: an answer that
// breaks off is a sighting too.

import { type Agent, request } from 'undici';
import { type ModelName, PIECE, type RequestShape, bodyOf, planOf } from './stand-in.ts';

export interface Sighting {
  readonly nonce: number;
  readonly model: ModelName;
  readonly streamed: boolean;
  readonly seat: number;
  readonly startedMs: number;
  endedMs: number;
  /** Undefined where not even the head of the answer came. */
  status: number | undefined;
  requestId: string | undefined;
  /** A lowered output cap, where the balance lowered it. */
  loweredCap: number | undefined;
  /** Whether the whole answer came: the stream's end mark, or JSON to its last byte. */
  finished: boolean;
  /** Pieces of the streamed text that came. */
  pieces: number;
  /** What is wrong with an answer that came to its end. */
  fault: string | undefined;
}

export interface Target {
  readonly baseUrl: string;
  readonly seat: number;
  readonly key: string;
  readonly agent: Agent;
}

export async function send(target: Target, shape: RequestShape): Promise<Sighting> {
  const sighting: Sighting = {
    nonce: shape.nonce,
    model: shape.model,
    streamed: shape.streamed,
    seat: target.seat,
    startedMs: performance.now(),
    endedMs: 0,
    status: undefined,
    requestId: undefined,
    loweredCap: undefined,
    finished: false,
    pieces: 0,
    fault: undefined,
  };
  try {
    const answer = await request(`${target.baseUrl}/v1/chat/completions`, {
      method: 'POST',
      headers: { authorization: `Bearer ${target.key}`, 'content-type': 'application/json' },
      body: bodyOf(shape),
      dispatcher: target.agent,
    });
    sighting.status = answer.statusCode;
    sighting.requestId = textOf(answer.headers['x-request-id']);
    const cap = textOf(answer.headers['x-inferencehub-output-cap']);
    sighting.loweredCap = cap === undefined ? undefined : Number(cap);
    if (answer.statusCode === 200 && shape.streamed) await readStream(answer.body, sighting);
    else await readWhole(answer.body, sighting);
  } catch {
    // The hub has gone; what came before is what this client saw.
  }
  sighting.endedMs = performance.now();
  return sighting;
}

function textOf(header: string | string[] | undefined): string | undefined {
  return typeof header === 'string' ? header : header?.[0];
}

async function readStream(body: AsyncIterable<Buffer>, sighting: Sighting): Promise<void> {
  const decoder = new TextDecoder();
  let rest = '';
  try {
    for await (const chunk of body) {
      rest += decoder.decode(chunk, { stream: true });
      const lines = rest.split('\n');
      rest = lines.pop() ?? '';
      for (const line of lines) {
        if (line.includes(`"content":"${PIECE}"`)) sighting.pieces += 1;
        if (line === 'data: [DONE]') sighting.finished = true;
      }
    }
  } finally {
    const { pieces } = planOf(sighting.nonce);
    if (sighting.finished && sighting.pieces !== pieces) {
      sighting.fault = `${sighting.pieces} of ${pieces} pieces came before the end mark`;
    }
  }
}

async function readWhole(
  body: AsyncIterable<Buffer> & { text(): Promise<string> },
  sighting: Sighting,
): Promise<void> {
  const text = await body.text();
  if (sighting.status !== 200) return;
  const answer = JSON.parse(text) as { usage?: { completion_tokens?: number } };
  sighting.finished = true;
  const { outputTokens } = planOf(sighting.nonce);
  if (answer.usage?.completion_tokens !== outputTokens) sighting.fault = 'not the answer asked for';
}
