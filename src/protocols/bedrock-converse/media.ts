// Images and documents of Converse, which takes bytes alone: a URL is refused by name, for the hub
// does not fetch what clients point at.

import type { JsonObject } from '../../base/json.ts';
import type { FilePart, ImagePart } from '../../chat/request.ts';
import { untranslatable } from '../fields.ts';

const IMAGE_FORMATS: ReadonlyMap<string, string> = new Map([
  ['image/png', 'png'],
  ['image/jpeg', 'jpeg'],
  ['image/jpg', 'jpeg'],
  ['image/gif', 'gif'],
  ['image/webp', 'webp'],
]);

const DOCUMENT_FORMATS: ReadonlyMap<string, string> = new Map([
  ['application/pdf', 'pdf'],
  ['text/csv', 'csv'],
  ['application/msword', 'doc'],
  ['application/vnd.openxmlformats-officedocument.wordprocessingml.document', 'docx'],
  ['application/vnd.ms-excel', 'xls'],
  ['application/vnd.openxmlformats-officedocument.spreadsheetml.sheet', 'xlsx'],
  ['text/html', 'html'],
  ['text/plain', 'txt'],
  ['text/markdown', 'md'],
]);

const MAX_NAME_LENGTH = 200;

export function writeImage({ source, detail }: ImagePart, dropped: Set<string>): JsonObject {
  if (detail !== undefined && detail !== 'auto') dropped.add('messages.content.image_url.detail');
  return { image: writeSource(source, IMAGE_FORMATS) };
}

/** `names` are those of the documents before it: two of one name are refused by Bedrock. */
export function writeDocument({ source, name }: FilePart, names: Set<string>): JsonObject {
  const written = writeSource(source, DOCUMENT_FORMATS);
  const plain = plainName(name ?? '') || 'document';
  let unique = plain;
  for (let number = 2; names.has(unique); number++) unique = `${plain} ${number}`;
  names.add(unique);
  return { document: { ...written, name: unique } };
}

function writeSource(
  source: ImagePart['source'],
  formats: ReadonlyMap<string, string>,
): JsonObject {
  if (source.kind === 'url') throw untranslatable('messages.content.source.url');
  const format = formats.get(source.mediaType.toLowerCase());
  if (format === undefined) throw untranslatable('messages.content.source.media_type');
  return { format, source: { bytes: source.data } };
}

/** Letters, digits, hyphens, brackets and single spaces are all that a name may hold. */
function plainName(name: string): string {
  const plain = name.replace(/[^A-Za-z0-9\-()[\]]+/g, ' ').trim();
  return plain.slice(0, MAX_NAME_LENGTH).trimEnd();
}
