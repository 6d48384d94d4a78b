// Reads a request's body, bounded, and parses it: JSON, or a form where the protocol has forms.
// Whatever is wrong with it is said in words that repeat nothing of it. Of a large conversation only
// the outline is parsed, and its bytes are forwarded where they lie.

import { isAscii, isUtf8 } from 'node:buffer';
import { HubError } from '../base/errors.ts';
import { editJson, rewriteJson } from '../base/json-edit.ts';
import { type Spans, isOutlined, scanJson } from '../base/json-scan.ts';
import { type JsonObject, isObject, parseJson } from '../base/json.ts';
import { type Inbound, bodyTooLarge } from '../http/inbound.ts';
import { MAX_DEPTH, tooDeep } from '../protocols/fields.ts';
import type { BodyEdit, Files, Protocol } from '../protocols/protocol.ts';
import { type Decompress, decompressorOf } from './content-encoding.ts';
import type { GatewayDeps } from './deps.ts';
import { parseForm } from './multipart.ts';

export interface Body {
  /** As it came. */
  readonly bytes: Buffer;
  /** The object, perhaps with its long strings cut short; or the text fields of the form. */
  readonly json: JsonObject;
  readonly files: Files;
  /** What it takes of the memory for bodies. */
  readonly room: number;
  /** The object with all that is in it. */
  whole(): JsonObject;
  /** What goes to a provider of the same protocol; `edits` of a body that reads like this. */
  edit(edits: (json: JsonObject) => readonly BodyEdit[]): EditedBody;
}

export interface EditedBody {
  readonly parts: readonly Buffer[];
  readonly contentType: string;
}

export const JSON_TYPE = 'application/json';
const NO_FILES: Files = new Map();
const NOT_ASCII = /[\x80-\xff]/;
/** As it came, for as long as it may have to be sent again, and as a text while it is read. */
const COPIES = 2;

type Limits = Pick<GatewayDeps, 'maxBodyBytes' | 'bodyRoom'>;

/**
 * At once where the body has come already. It leaves its room when it is forgotten. Throws what is
 * wrong with it as a HubError of the caller's.
 */
export function readBody(
  inbound: Inbound,
  protocol: Pick<Protocol, 'bodyFormat' | 'kind'>,
  limits: Limits,
): Body | Promise<Body> {
  const { maxBodyBytes, bodyRoom } = limits;
  const decompress = decompressorOf(inbound);
  const { bodyLength = maxBodyBytes } = inbound;
  if (bodyLength > maxBodyBytes) throw bodyTooLarge(maxBodyBytes);
  // What a compressed body grows to is not known before.
  const announced = (decompress ? maxBodyBytes : bodyLength) * COPIES;
  const waiting = bodyRoom.enter(announced, inbound);
  const take = (): Body | Promise<Body> =>
    takeBody(inbound, protocol, limits, announced, decompress);
  return waiting ? waiting.then(take) : take();
}

function takeBody(
  inbound: Inbound,
  { bodyFormat, kind }: Pick<Protocol, 'bodyFormat' | 'kind'>,
  { maxBodyBytes, bodyRoom }: Limits,
  announced: number,
  decompress: Decompress | undefined,
): Body | Promise<Body> {
  const settle = (parsed: Parsed): Body => {
    parsed.room = parsed.bytes.length * COPIES;
    if (parsed.room !== announced) bodyRoom.leave(announced - parsed.room);
    return parsed;
  };
  const give = (error: unknown): never => {
    bodyRoom.leave(announced);
    throw error;
  };
  const type = inbound.headers['content-type'];
  const parse = (bytes: Buffer): Parsed | Promise<Parsed> =>
    bodyFormat === 'json'
      ? parseBody(bytes, kind)
      : readForm(bytes, typeof type === 'string' ? type : '');
  try {
    const read = inbound.readBody(maxBodyBytes);
    const bytes = decompress ? decompressBody(read, decompress, maxBodyBytes) : read;
    const parsed = bytes instanceof Promise ? bytes.then(parse) : parse(bytes);
    return parsed instanceof Promise ? parsed.then(settle).catch(give) : settle(parsed);
  } catch (error) {
    return give(error);
  }
}

async function decompressBody(
  read: Buffer | Promise<Buffer>,
  decompress: Decompress,
  maxBytes: number,
): Promise<Buffer> {
  return decompress(await read, maxBytes);
}

/** The room is known to whoever let it in. */
type Parsed = Omit<Body, 'room'> & { room: number };

async function readForm(bytes: Buffer, contentType: string): Promise<Parsed> {
  const { fields, files, encode } = await parseForm(bytes, contentType);
  return {
    bytes,
    json: fields,
    files,
    room: 0,
    whole: () => fields,
    edit: (edits) => encode(edits(fields)),
  };
}

/** What is not a conversation may be charged by the length of its texts, so it is read whole. */
function parseBody(bytes: Buffer, kind: Protocol['kind']): Parsed {
  if (!isUtf8(bytes)) throw new HubError('invalid_json', { message: 'The body is not UTF-8.' });
  const { json, spans } = readOutline(bytes, kind);
  let whole: JsonObject | undefined;
  const readWhole = (): JsonObject => (whole ??= parseWhole(bytes));
  return {
    bytes,
    json: json ?? readWhole(),
    files: NO_FILES,
    room: 0,
    whole: readWhole,
    edit(editsOf) {
      let edits = editsOf(json ?? readWhole());
      if (edits.some(({ json: text }) => text !== undefined && isOutlined(text)))
        edits = editsOf(readWhole());
      const parts = spans ? splice(bytes, spans, edits) : [rewrite(readWhole(), edits)];
      return { parts, contentType: JSON_TYPE };
    },
  };
}

interface Outline {
  /** Undefined where all of the body has to be read. */
  readonly json: JsonObject | undefined;
  readonly spans: Spans | undefined;
}

/** The texts that it takes are garbage when this returns: nothing of them lasts as long as the request. */
function readOutline(bytes: Buffer, kind: Protocol['kind']): Outline {
  // Every character of it is one byte, so that a place in the text is a place in the body.
  const text = bytes.toString('latin1');
  const { outline, spans, depth } = scanJson(text);
  if (depth > MAX_DEPTH) throw tooDeep();
  // Where keys are ambiguous, what is priced and what is sent come from the same reading.
  if (kind !== 'chat' || !spans || outline === text) return { json: undefined, spans };
  // Mostly what was cut out was all that is not ASCII.
  const isPlain = !NOT_ASCII.test(outline);
  return { json: parseObject(isPlain ? outline : decode(outline)), spans };
}

function parseWhole(bytes: Buffer): JsonObject {
  return parseObject(isAscii(bytes) ? bytes.toString('latin1') : bytes.toString('utf8'));
}

function parseObject(text: string): JsonObject {
  const json = parseJson(text);
  if (json === undefined) throw new HubError('invalid_json');
  if (!isObject(json)) {
    throw new HubError('invalid_json', { message: 'The request body must be a JSON object.' });
  }
  return json;
}

function decode(text: string): string {
  return Buffer.from(text, 'latin1').toString('utf8');
}

function rewrite(json: JsonObject, edits: readonly BodyEdit[]): Buffer {
  return Buffer.from(rewriteJson(json, edits));
}

function splice(bytes: Buffer, spans: Spans, edits: readonly BodyEdit[]): Buffer[] {
  if (edits.length === 0) return [bytes];
  return editJson(bytes, spans, edits).map((piece) =>
    typeof piece === 'string' ? Buffer.from(piece) : bytes.subarray(piece.start, piece.end),
  );
}
