// Data URIs, OpenAI's form of base64. They are split by position, for a pattern over megabytes of
// base64 would be slow.

import { invalid } from './fields.ts';

const BASE64_MARK = ';base64,';

export interface Base64Source {
  readonly kind: 'base64';
  readonly mediaType: string;
  readonly data: string;
}

export function readDataUri(uri: string, path: string): Base64Source {
  const mark = uri.indexOf(BASE64_MARK);
  if (!uri.startsWith('data:') || mark < 0 || mark > 128) {
    throw invalid(path, `\`${path}\` must be an http(s) URL or a base64 data URI.`);
  }
  const mediaType = uri.slice('data:'.length, mark).toLowerCase();
  return { kind: 'base64', mediaType, data: uri.slice(mark + BASE64_MARK.length) };
}

export function writeDataUri(source: Base64Source): string {
  return `data:${source.mediaType}${BASE64_MARK}${source.data}`;
}

export function isWebUrl(url: string): boolean {
  return /^https?:\/\//i.test(url);
}
