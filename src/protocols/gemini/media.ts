// Images, files and audio of Gemini, both ways: data in base64 (`inlineData`) or by address
// (`fileData`). Only what lies in the open can be named: an address in Google's own storage is one
// of the hub's account, which no customer may read through the hub.

import type { JsonObject, JsonValue } from '../../base/json.ts';
import { objectOf, stringOf } from '../../base/json.ts';
import type { AudioPart, FilePart, ImagePart } from '../../chat/request.ts';
import {
  invalid,
  isSet,
  present,
  readObject,
  readOptionalString,
  readString,
  unsupported,
  untranslatable,
} from '../fields.ts';
import { respell } from './spelling.ts';

type MediaPart = ImagePart | FilePart | AudioPart;

/** Where the Files API keeps what was uploaded: its first letters, for a long text may be cut. */
const FILES_API = 'https://generativelanguage.googleapis.com/'.slice(0, 24);

const TYPES_BY_ENDING: ReadonlyMap<string, string> = new Map([
  ['png', 'image/png'],
  ['jpg', 'image/jpeg'],
  ['jpeg', 'image/jpeg'],
  ['gif', 'image/gif'],
  ['webp', 'image/webp'],
  ['heic', 'image/heic'],
  ['pdf', 'application/pdf'],
  ['txt', 'text/plain'],
]);

/** The media type of a part's data; undefined where it holds none, empty where none is told. */
export function mediaTypeOf(part: JsonObject): string | undefined {
  const holder = objectOf(part['inlineData']) ?? objectOf(part['fileData']);
  if (holder === undefined) return undefined;
  const blob = respell(holder);
  const type = stringOf(blob['mimeType']) ?? guessType(stringOf(blob['fileUri']) ?? '') ?? '';
  return type.toLowerCase();
}

/** Refuses an address that only the hub's own account can read. */
export function refuseOwnFile(uri: JsonValue | undefined, path: string): void {
  if (typeof uri !== 'string' || !/^https?:\/\//i.test(uri) || uri.startsWith(FILES_API)) {
    throw unsupported(path, `\`${path}\` must be a public http(s) URL.`);
  }
}

/** The data of a part that has `inlineData` or `fileData`. */
export function readMedia(part: JsonObject, path: string): MediaPart {
  const type = mediaTypeOf(part) ?? '';
  const source = readSource(part, path, type);
  if (type.startsWith('image/')) return { type: 'image', source };
  if (type.startsWith('audio/') && source.kind === 'base64') {
    return { type: 'audio', mediaType: source.mediaType, data: source.data };
  }
  if (!/^(application|text)\//.test(type)) throw untranslatable(path);
  const name = stringOf(respell(objectOf(part['inlineData']) ?? {})['displayName']);
  return { type: 'file', source, ...present({ name }) };
}

function readSource(part: JsonObject, path: string, type: string): ImagePart['source'] {
  if (isSet(part['inlineData'])) {
    const at = `${path}.inlineData`;
    const blob = respell(readObject(part['inlineData'], at), at);
    const data = readString(blob['data'], `${at}.data`);
    if (type === '') throw invalid(`${at}.mimeType`, `\`${at}.mimeType\` is required.`);
    return { kind: 'base64', mediaType: type, data };
  }
  const at = `${path}.fileData`;
  const file = respell(readObject(part['fileData'], at), at);
  readOptionalString(file['mimeType'], `${at}.mimeType`);
  refuseOwnFile(file['fileUri'], `${at}.fileUri`);
  return { kind: 'url', url: readString(file['fileUri'], `${at}.fileUri`) };
}

export function writeMedia(part: MediaPart): JsonObject {
  if (part.type === 'audio') return { inlineData: { mimeType: part.mediaType, data: part.data } };
  const { source } = part;
  if (source.kind === 'url') {
    const fallback = part.type === 'image' ? 'image/jpeg' : undefined;
    const mimeType = guessType(source.url) ?? fallback;
    return { fileData: { fileUri: source.url, ...present({ mimeType }) } };
  }
  const displayName = part.type === 'file' ? part.name : undefined;
  const { mediaType: mimeType, data } = source;
  return { inlineData: { mimeType, data, ...present({ displayName }) } };
}

export function guessType(uri: string): string | undefined {
  const path = uri.split(/[?#]/, 1)[0] ?? '';
  return TYPES_BY_ENDING.get(/\.([a-z]{3,4})$/i.exec(path)?.[1]?.toLowerCase() ?? '');
}
