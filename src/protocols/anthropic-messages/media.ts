// Images and documents of Messages, both ways. A file id means something to the provider that gave
// it and to no other, so it is refused by name.

import { objectOf, type JsonObject } from '../../base/json.ts';
import type { FilePart, ImagePart, TextPart } from '../../chat/request.ts';
import {
  isSet,
  present,
  readFlag,
  readObject,
  readOptionalString,
  readString,
  untranslatable,
} from '../fields.ts';

export function readImage(part: JsonObject, path: string): ImagePart {
  const source = readObject(part['source'], `${path}.source`);
  return { type: 'image', source: readSource(source, `${path}.source`) };
}

/** A document; one of plain text is text to every other protocol. */
export function readDocument(part: JsonObject, path: string): FilePart | TextPart {
  const citations = objectOf(part['citations'])?.['enabled'];
  if (readFlag(citations, `${path}.citations.enabled`) === true) {
    throw untranslatable(`${path}.citations`);
  }
  if (isSet(part['context'])) throw untranslatable(`${path}.context`);
  const source = readObject(part['source'], `${path}.source`);
  if (source['type'] === 'text') {
    return { type: 'text', text: readString(source['data'], `${path}.source.data`) };
  }
  return {
    type: 'file',
    source: readSource(source, `${path}.source`),
    ...present({ name: readOptionalString(part['title'], `${path}.title`) }),
  };
}

function readSource(source: JsonObject, path: string): ImagePart['source'] {
  if (source['type'] === 'url') {
    return { kind: 'url', url: readString(source['url'], `${path}.url`) };
  }
  if (source['type'] !== 'base64') throw untranslatable(`${path}.type`);
  return {
    kind: 'base64',
    mediaType: readString(source['media_type'], `${path}.media_type`),
    data: readString(source['data'], `${path}.data`),
  };
}

export function writeImage(part: ImagePart): JsonObject {
  return { type: 'image', source: writeSource(part.source) };
}

export function writeDocument(part: FilePart): JsonObject {
  return {
    type: 'document',
    source: writeSource(part.source),
    ...present({ title: part.name }),
  };
}

function writeSource(source: ImagePart['source']): JsonObject {
  return source.kind === 'url'
    ? { type: 'url', url: source.url }
    : { type: 'base64', media_type: source.mediaType, data: source.data };
}
