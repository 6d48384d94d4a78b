// What is read of a body before it is forwarded: of a large one only its outline.

import { expect, test } from 'vitest';
import { originalLength } from '../../src/base/json-scan.ts';
import { stringOf } from '../../src/base/json.ts';
import { type Body, readBody } from '../../src/gateway/body.ts';
import { openBodyRoom } from '../../src/gateway/body-room.ts';
import type { Inbound } from '../../src/http/inbound.ts';

const LARGE = 'x'.repeat(20_000);

async function bodyOf(json: unknown): Promise<Body> {
  const bytes = Buffer.from(JSON.stringify(json));
  const inbound: Partial<Inbound> = {
    headers: {},
    bodyLength: bytes.length,
    readBody: () => bytes,
  };
  const limits = { maxBodyBytes: 1_000_000, bodyRoom: openBodyRoom(1_000_000) };
  return readBody(inbound as Inbound, { bodyFormat: 'json', kind: 'chat' }, limits);
}

for (const [kind, text] of [
  ['ASCII alone', 'bonjour'],
  ['other letters too', 'déjà vu'],
] as const) {
  test(`a long string is known by its length, in a body of ${kind}`, async () => {
    const { json, whole } = await bodyOf({ text, url: `data:image/png;base64,${LARGE}` });
    expect(json['text']).toBe(text);
    const url = stringOf(json['url']) ?? '';
    expect(url.startsWith('data:image/png')).toBe(true);
    expect(originalLength(url)).toBe(LARGE.length + 22);
    expect(whole()['url']).toBe(`data:image/png;base64,${LARGE}`);
  });

  test(`an edit never sends a string that was cut, in a body of ${kind}`, async () => {
    const body = await bodyOf({ text, options: { a: LARGE } });
    const { parts } = body.edit((json) => [
      { key: 'options', json: JSON.stringify(json['options']) },
    ]);
    expect(JSON.parse(Buffer.concat(parts).toString())).toEqual({ text, options: { a: LARGE } });
  });
}
