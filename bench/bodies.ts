// The requests that clients send: conversations of about a given size in the words of each
// protocol. There are several of each, of slightly different lengths, sent in turn, so that
// remembering the last request is worth no more here than it is in life.

import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

export type Protocol = 'chat' | 'messages';

export interface BodyShape {
  readonly protocol: Protocol;
  readonly model: string;
  /** What the upstream shall answer: `json`, `canned`, `paced:50:5`. */
  readonly answer: string;
  readonly bytes: number;
}

const VARIANTS = 7;
/** One body is longer than the one before it by this much. */
const STEP_BYTES = 13;
const OUTPUT_CAP = 1_024;
const TURN_BYTES = 1_500;

const SYSTEM =
  'You answer questions about a code base. Be brief, name files by their path, and quote no more ' +
  'than the lines that matter. Where you are not sure, say so.';
const PROSE =
  'Why does the pool open a second connection here?\n```js\n' +
  'const { body } = await pool.request({ path: "/v1/items", method: "GET" });\n' +
  'for await (const chunk of body) size += chunk.length;\n```\n' +
  'I expected the first one to be free again once the body was read – in the log it is not. ';

/** Writes the bodies into the folder; returns their paths. */
export function writeBodies(folder: string, shape: BodyShape): string[] {
  mkdirSync(folder, { recursive: true });
  return Array.from({ length: VARIANTS }, (_, i) => {
    const file = join(folder, `body-${i}.json`);
    writeFileSync(file, makeBody({ ...shape, bytes: shape.bytes + i * STEP_BYTES }));
    return file;
  });
}

/** Writes the headers of every request, a line each; returns the file's path. */
export function writeHeaders(folder: string, lines: readonly string[]): string {
  mkdirSync(folder, { recursive: true });
  const file = join(folder, 'headers');
  writeFileSync(file, `${lines.join('\n')}\n`, { mode: 0o600 });
  return file;
}

function makeBody(shape: BodyShape): string {
  const bare = encode(shape, []);
  const turns: string[] = [];
  // Each turn has a frame around its text, and some of its characters are escaped.
  for (
    let left = shape.bytes - bare.length;
    left > 60;
    left = shape.bytes - lengthOf(shape, turns)
  ) {
    turns.push(textOf(Math.min(left - 50, TURN_BYTES), turns.length));
  }
  return encode(shape, turns);
}

function lengthOf(shape: BodyShape, turns: readonly string[]): number {
  return Buffer.byteLength(encode(shape, turns));
}

/** Cut from a text without end, at a place of its own. */
function textOf(length: number, seed: number): string {
  const from = (seed * 37) % PROSE.length;
  const text = PROSE.repeat(Math.ceil(length / PROSE.length) + 1);
  return text.slice(from, from + Math.max(1, Math.floor(length * 0.95)));
}

function encode({ protocol, model, answer, bytes }: BodyShape, turns: readonly string[]): string {
  // Bodies of one shape differ from their first lines on.
  const first = { role: 'user', content: `Question ${bytes}, answer=${answer} please.` };
  const messages = [
    first,
    ...turns.map((content, i) => ({ role: i % 2 === 0 ? 'assistant' : 'user', content })),
  ];
  const stream = answer !== 'json';
  if (protocol === 'messages') {
    const last = { role: 'user', content: 'Go on.' };
    return JSON.stringify({
      model,
      max_tokens: OUTPUT_CAP,
      system: SYSTEM,
      messages: turns.length % 2 === 0 ? messages : [...messages, last],
      ...(stream && { stream }),
    });
  }
  return JSON.stringify({
    model,
    messages: [{ role: 'system', content: SYSTEM }, ...messages],
    temperature: 0.7,
    max_completion_tokens: OUTPUT_CAP,
    ...(stream && { stream, stream_options: { include_usage: true } }),
  });
}
