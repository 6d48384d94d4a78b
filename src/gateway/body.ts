// Reads a request's body, bounded, and parses it: JSON, or a form where the protocol has forms.
// Whatever is wrong with it is said in words that repeat nothing of it.

import { isUtf8 } from 'node:buffer';
import type { IncomingMessage } from 'node:http';
import { HubError } from '../base/errors.ts';
import { editJson } from '../base/json-edit.ts';
import { type JsonObject, isObject, parseJson } from '../base/json.ts';
import { refuseDeepNesting } from '../protocols/fields.ts';
import type { BodyEdit, Files, Protocol } from '../protocols/protocol.ts';
import { parseForm } from './multipart.ts';

export interface Body {
  /** As it came. */
  readonly bytes: Buffer;
  /** The object, or the text fields of the form. */
  readonly json: JsonObject;
  readonly files: Files;
  /** What goes to a provider of the same protocol. */
  edit(edits: readonly BodyEdit[]): EditedBody;
}

export interface EditedBody {
  readonly bytes: Buffer;
  readonly contentType: string;
}

const JSON_TYPE = 'application/json';
const NO_FILES: Files = new Map();

export async function readBody(
  request: IncomingMessage,
  format: Protocol['bodyFormat'],
  maxBytes: number,
): Promise<Body> {
  const encoding = request.headers['content-encoding'];
  if (encoding !== undefined && encoding !== 'identity') throw new HubError('unsupported_encoding');
  if (Number(request.headers['content-length'] ?? 0) > maxBytes) throw tooLarge(maxBytes);
  const bytes = await gather(request, maxBytes);
  return format === 'json'
    ? parseBody(bytes)
    : readForm(bytes, request.headers['content-type'] ?? '');
}

async function readForm(bytes: Buffer, contentType: string): Promise<Body> {
  const { fields, files, encode } = await parseForm(bytes, contentType);
  return { bytes, json: fields, files, edit: encode };
}

function parseBody(bytes: Buffer): Body {
  if (!isUtf8(bytes)) throw new HubError('invalid_json', { message: 'The body is not UTF-8.' });
  const text = bytes.toString('utf8');
  const json = parseJson(text);
  if (json === undefined) throw new HubError('invalid_json');
  if (!isObject(json)) {
    throw new HubError('invalid_json', { message: 'The request body must be a JSON object.' });
  }
  refuseDeepNesting(json);
  return {
    bytes,
    json,
    files: NO_FILES,
    edit(edits) {
      const edited = editJson(text, json, edits);
      return {
        bytes: edited === text ? bytes : Buffer.from(edited),
        contentType: JSON_TYPE,
      };
    },
  };
}

function gather(request: IncomingMessage, maxBytes: number): Promise<Buffer> {
  const result = Promise.withResolvers<Buffer>();
  const chunks: Buffer[] = [];
  let bytes = 0;
  request.on('data', (chunk: Buffer) => {
    bytes += chunk.length;
    if (bytes <= maxBytes) {
      chunks.push(chunk);
      return;
    }
    chunks.length = 0;
    result.reject(tooLarge(maxBytes));
  });
  request.on('end', () => {
    const [first] = chunks;
    result.resolve(chunks.length === 1 && first ? first : Buffer.concat(chunks));
  });
  request.on('close', () => result.reject(new HubError('client_closed')));
  return result.promise;
}

function tooLarge(maxBytes: number): HubError {
  return new HubError('body_too_large', {
    message: `The request body is larger than ${maxBytes} bytes.`,
  });
}
