// The vectors of a reply, in the encoding and the order that the client counts on: as numbers or as
// base64 of float32, the lowest byte first, whatever the order of this machine.

import { isObject, type JsonObject, type JsonValue } from '../../base/json.ts';
import type { RequestFacts, RewrittenReply } from '../protocol.ts';

const FLOAT_BYTES = 4;

/** Undefined where the reply is as it was asked for, so that its bytes can pass. */
export function rewriteVectors(
  reply: JsonObject,
  { answerFormat }: RequestFacts,
): RewrittenReply | undefined {
  const { data } = reply;
  if (!Array.isArray(data)) return undefined;
  const items = data.map((item) =>
    isObject(item) ? withVector(item, answerFormat === 'base64') : item,
  );
  const isOrdered = items.every((item, i) => i === 0 || indexOf(items[i - 1]) <= indexOf(item));
  if (isOrdered && items.every((item, i) => item === data[i])) return undefined;
  const sorted = isOrdered ? items : items.toSorted((a, b) => indexOf(a) - indexOf(b));
  const text = JSON.stringify({ ...reply, data: sorted });
  return { contentType: 'application/json', text };
}

/** The same object where its vector is in this encoding already, or is none. */
function withVector(item: JsonObject, asBase64: boolean): JsonObject {
  const { embedding } = item;
  if (asBase64 && isVector(embedding)) return { ...item, embedding: encodeVector(embedding) };
  if (!asBase64 && typeof embedding === 'string') {
    return { ...item, embedding: decodeVector(embedding) };
  }
  return item;
}

function isVector(value: JsonValue | undefined): value is number[] {
  return Array.isArray(value) && value.every((number) => typeof number === 'number');
}

export function encodeVector(vector: readonly number[]): string {
  const bytes = Buffer.alloc(vector.length * FLOAT_BYTES);
  for (const [i, value] of vector.entries()) bytes.writeFloatLE(value, i * FLOAT_BYTES);
  return bytes.toString('base64');
}

export function decodeVector(text: string): number[] {
  const bytes = Buffer.from(text, 'base64');
  const length = Math.floor(bytes.length / FLOAT_BYTES);
  return Array.from({ length }, (_, i) => bytes.readFloatLE(i * FLOAT_BYTES));
}

/** What has no index stays where it stands: behind all that have one. */
function indexOf(item: JsonValue | undefined): number {
  const index = isObject(item) ? item['index'] : undefined;
  return typeof index === 'number' ? index : Number.MAX_SAFE_INTEGER;
}
