// Images, files and sounds of Chat Completions, both ways.

import type { JsonObject } from '../../base/json.ts';
import type { AudioPart, FilePart, ImagePart } from '../../chat/request.ts';
import { isWebUrl, readDataUri, writeDataUri } from '../data-uris.ts';
import {
  invalid,
  isSet,
  present,
  readObject,
  readOptionalString,
  readString,
  untranslatable,
} from '../fields.ts';
import { refuse } from './drops.ts';

/** The formats that OpenAI takes, by their media types. */
const AUDIO_TYPES: ReadonlyMap<string, string> = new Map([
  ['wav', 'audio/wav'],
  ['mp3', 'audio/mpeg'],
]);

export function readImage(part: JsonObject, path: string): ImagePart {
  const image = readObject(part['image_url'], `${path}.image_url`);
  const url = readString(image['url'], `${path}.image_url.url`);
  return {
    type: 'image',
    source: isWebUrl(url) ? { kind: 'url', url } : readDataUri(url, `${path}.image_url.url`),
    ...present({ detail: readOptionalString(image['detail'], `${path}.image_url.detail`) }),
  };
}

export function readFile(part: JsonObject, path: string): FilePart {
  const file = readObject(part['file'], `${path}.file`);
  // A file id means something to the provider that gave it, and to no other.
  if (isSet(file['file_id'])) throw untranslatable(`${path}.file.file_id`);
  const data = readString(file['file_data'], `${path}.file.file_data`);
  return {
    type: 'file',
    source: readDataUri(data, `${path}.file.file_data`),
    ...present({ name: readOptionalString(file['filename'], `${path}.file.filename`) }),
  };
}

export function readAudio(part: JsonObject, path: string): AudioPart {
  const at = `${path}.input_audio`;
  const audio = readObject(part['input_audio'], at);
  const mediaType = AUDIO_TYPES.get(readString(audio['format'], `${at}.format`));
  if (mediaType === undefined) throw invalid(`${at}.format`, `\`${at}.format\` is not known.`);
  return { type: 'audio', mediaType, data: readString(audio['data'], `${at}.data`) };
}

export function writeImage(part: ImagePart): JsonObject {
  const url = part.source.kind === 'url' ? part.source.url : writeDataUri(part.source);
  return { type: 'image_url', image_url: { url, ...present({ detail: part.detail }) } };
}

export function writeFile(part: FilePart): JsonObject {
  if (part.source.kind === 'url') throw refuse('messages.content.source.url');
  const filename = part.name ?? 'document';
  return { type: 'file', file: { filename, file_data: writeDataUri(part.source) } };
}

export function writeAudio({ mediaType, data }: AudioPart): JsonObject {
  const [format] = [...AUDIO_TYPES].find(([, type]) => type === mediaType) ?? [];
  if (format === undefined) throw refuse('messages.content.audio.format');
  return { type: 'input_audio', input_audio: { data, format } };
}
