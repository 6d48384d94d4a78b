// Reads a request's body, bounded, and parses it. Whatever is wrong with it is said in words that
// repeat nothing of it.

import { isUtf8 } from 'node:buffer';
import type { IncomingMessage } from 'node:http';
import { HubError } from '../base/errors.ts';
import { type JsonObject, isObject, parseJson } from '../base/json.ts';
import { refuseDeepNesting } from '../protocols/fields.ts';

export interface Body {
  readonly bytes: Buffer;
  readonly text: string;
  readonly json: JsonObject;
}

export async function readBody(request: IncomingMessage, maxBytes: number): Promise<Body> {
  const encoding = request.headers['content-encoding'];
  if (encoding !== undefined && encoding !== 'identity') throw new HubError('unsupported_encoding');
  if (Number(request.headers['content-length'] ?? 0) > maxBytes) throw tooLarge(maxBytes);
  const bytes = await gather(request, maxBytes);
  if (!isUtf8(bytes)) throw new HubError('invalid_json', { message: 'The body is not UTF-8.' });
  const text = bytes.toString('utf8');
  const json = parseJson(text);
  if (json === undefined) throw new HubError('invalid_json');
  if (!isObject(json)) {
    throw new HubError('invalid_json', { message: 'The request body must be a JSON object.' });
  }
  refuseDeepNesting(json);
  return { bytes, text, json };
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
