// Compressed request bodies, as Codex and some SDKs send them. What they grow to is bounded like any
// body, whatever their own size; a body that is compressed twice is refused, for each further layer
// multiplies the work that a few bytes can cause.

import { promisify } from 'node:util';
import { brotliDecompress, gunzip, inflate, zstdDecompress } from 'node:zlib';
import { HubError } from '../base/errors.ts';
import { type Inbound, bodyTooLarge } from '../http/inbound.ts';

export type Decompress = (bytes: Buffer, maxBytes: number) => Promise<Buffer>;

interface Bound {
  readonly maxOutputLength: number;
}

/** https://www.iana.org/assignments/http-parameters/http-parameters.xhtml#content-coding */
const CODINGS: ReadonlyMap<string, Decompress> = new Map(
  Object.entries({
    gzip: promisify<Buffer, Bound, Buffer>(gunzip),
    'x-gzip': promisify<Buffer, Bound, Buffer>(gunzip),
    deflate: promisify<Buffer, Bound, Buffer>(inflate),
    br: promisify<Buffer, Bound, Buffer>(brotliDecompress),
    zstd: promisify<Buffer, Bound, Buffer>(zstdDecompress),
  }).map(([name, decompress]) => [name, bounded(name, decompress)]),
);

/** How to read a body; undefined where it is as it came. Throws `unsupported_encoding`. */
export function decompressorOf({ headers }: Inbound): Decompress | undefined {
  const coding = headers['content-encoding'];
  if (coding === undefined) return undefined;
  const name = String(coding).trim().toLowerCase();
  if (name === 'identity' || name === '') return undefined;
  const decompress = CODINGS.get(name);
  if (!decompress) throw new HubError('unsupported_encoding');
  return decompress;
}

/** Throws `body_too_large` for what grows beyond the bound, `invalid_request` for what is broken. */
function bounded(
  name: string,
  decompress: (bytes: Buffer, bound: Bound) => Promise<Buffer>,
): Decompress {
  return async (bytes, maxBytes) => {
    try {
      return await decompress(bytes, { maxOutputLength: maxBytes });
    } catch (error) {
      if ((error as { code?: string }).code === 'ERR_BUFFER_TOO_LARGE') {
        throw bodyTooLarge(maxBytes);
      }
      throw new HubError('invalid_request', { message: `The body is not valid ${name}.` });
    }
  };
}
