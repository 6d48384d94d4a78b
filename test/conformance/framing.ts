// How streams are cut into events, once more and by the letter: server-sent events, lines of JSON, and
// Amazon's binary frames.

import type { Loose } from './draft.ts';

/** The data of each event, in any of the three line ends; comments and `[DONE]` say nothing. */
export function readEvents(bytes: Buffer): Loose[] {
  return bytes
    .toString('utf8')
    .replaceAll(/\r\n?/g, '\n')
    .split(/\n{2,}/)
    .map((event) =>
      event
        .split('\n')
        .filter((line) => line.startsWith('data:'))
        .map((line) => line.slice('data:'.length))
        .join('\n')
        .trim(),
    )
    .filter((data) => data !== '' && data !== '[DONE]')
    .map((data) => JSON.parse(data) as Loose);
}

export function readLines(bytes: Buffer): Loose[] {
  return bytes
    .toString('utf8')
    .split('\n')
    .filter((line) => line.trim() !== '')
    .map((line) => JSON.parse(line) as Loose);
}

/** The length of a header's value by its type; texts and bytes tell their own. */
const VALUE_BYTES: readonly (number | undefined)[] = [
  0,
  0,
  1,
  2,
  4,
  8,
  undefined,
  undefined,
  8,
  16,
];

/** Each frame as `{[its type]: payload}`; an exception or error has the type `error`. */
export function readFrames(bytes: Buffer): Loose[] {
  const events: Loose[] = [];
  for (let at = 0; at < bytes.length; at += bytes.readUInt32BE(at)) {
    const frame = bytes.subarray(at, at + bytes.readUInt32BE(at));
    const headersEnd = 12 + frame.readUInt32BE(4);
    const headers = readHeaders(frame.subarray(12, headersEnd));
    const payload = frame.toString('utf8', headersEnd, frame.length - 4);
    const isEvent = headers.get(':message-type') === 'event';
    const type = isEvent ? (headers.get(':event-type') ?? '') : 'error';
    events.push({ [type]: JSON.parse(payload || '{}') as Loose });
  }
  return events;
}

/** The headers that are texts. */
function readHeaders(bytes: Buffer): Map<string, string> {
  const headers = new Map<string, string>();
  for (let at = 0; at < bytes.length; ) {
    const nameEnd = at + 1 + bytes.readUInt8(at);
    const name = bytes.toString('utf8', at + 1, nameEnd);
    const type = bytes.readUInt8(nameEnd);
    const fixed = VALUE_BYTES[type];
    const from = nameEnd + (fixed === undefined ? 3 : 1);
    at = from + (fixed ?? bytes.readUInt16BE(nameEnd + 1));
    if (type === 7) headers.set(name, bytes.toString('utf8', from, at));
  }
  return headers;
}
