// Images and files of Responses, both ways. A file id means something to the provider that gave it
// and to no other, so it is refused by name.

import type { JsonObject } from '../../base/json.ts';
import type { FilePart, ImagePart } from '../../chat/request.ts';
import { isWebUrl, readDataUri, writeDataUri } from '../data-uris.ts';
import { isSet, present, readOptionalString, readString, untranslatable } from '../fields.ts';

export function readImage(part: JsonObject, path: string): ImagePart {
  if (isSet(part['file_id'])) throw untranslatable(`${path}.file_id`);
  const url = readString(part['image_url'], `${path}.image_url`);
  return {
    type: 'image',
    source: isWebUrl(url) ? { kind: 'url', url } : readDataUri(url, `${path}.image_url`),
    ...present({ detail: readOptionalString(part['detail'], `${path}.detail`) }),
  };
}

export function readFile(part: JsonObject, path: string): FilePart {
  if (isSet(part['file_id'])) throw untranslatable(`${path}.file_id`);
  const name = present({ name: readOptionalString(part['filename'], `${path}.filename`) });
  if (isSet(part['file_url'])) {
    const url = readString(part['file_url'], `${path}.file_url`);
    return { type: 'file', source: { kind: 'url', url }, ...name };
  }
  const data = readString(part['file_data'], `${path}.file_data`);
  return { type: 'file', source: readDataUri(data, `${path}.file_data`), ...name };
}

export function writeImage({ source, detail }: ImagePart): JsonObject {
  const url = source.kind === 'url' ? source.url : writeDataUri(source);
  return { type: 'input_image', image_url: url, ...present({ detail }) };
}

export function writeFile({ source, name }: FilePart): JsonObject {
  if (source.kind === 'url') {
    return { type: 'input_file', file_url: source.url, ...present({ filename: name }) };
  }
  return { type: 'input_file', filename: name ?? 'document', file_data: writeDataUri(source) };
}
