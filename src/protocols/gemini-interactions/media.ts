// Images, documents and sounds of interactions, both ways: data in base64 or by address, in the content
// itself. As with generateContent, an address in Google's own storage is one of the hub's account.

import type { JsonObject } from '../../base/json.ts';
import type { AudioPart, FilePart, ImagePart } from '../../chat/request.ts';
import {
  invalid,
  isSet,
  readName,
  readOptionalString,
  readString,
  untranslatable,
} from '../fields.ts';
import { guessType, refuseOwnFile } from '../gemini/media.ts';

type MediaPart = ImagePart | FilePart | AudioPart;

/** Kinds of content that have data; a video has no other place to go. */
export const MEDIA: ReadonlySet<unknown> = new Set(['image', 'document', 'audio']);

/** The data of a content of one of these kinds. */
export function readMedia(content: JsonObject, path: string): MediaPart {
  const source = readSource(content, path);
  if (content['type'] === 'image') return { type: 'image', source };
  if (content['type'] === 'document') return { type: 'file', source };
  if (source.kind === 'url') throw untranslatable(`${path}.uri`);
  return { type: 'audio', mediaType: source.mediaType, data: source.data };
}

function readSource(content: JsonObject, path: string): ImagePart['source'] {
  if (isSet(content['uri'])) {
    if (isSet(content['data'])) throw invalid(path, `\`${path}\` must hold one kind of data.`);
    refuseOwnFile(content['uri'], `${path}.uri`);
    readOptionalString(content['mime_type'], `${path}.mime_type`);
    return { kind: 'url', url: readString(content['uri'], `${path}.uri`) };
  }
  const data = readString(content['data'], `${path}.data`);
  const mediaType = readName(content['mime_type'], `${path}.mime_type`).toLowerCase();
  return { kind: 'base64', mediaType, data };
}

export function writeMedia(part: MediaPart): JsonObject {
  if (part.type === 'audio') return { type: 'audio', data: part.data, mime_type: part.mediaType };
  const type = part.type === 'image' ? 'image' : 'document';
  const { source } = part;
  if (source.kind === 'base64') return { type, data: source.data, mime_type: source.mediaType };
  const fallback = part.type === 'image' ? 'image/jpeg' : 'application/pdf';
  return { type, uri: source.url, mime_type: guessType(source.url) ?? fallback };
}
