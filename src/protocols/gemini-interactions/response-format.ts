// The form of answer that a client asks for. It is one object or a list of them; the API's preview
// had a bare schema there, and the media type beside it.

import { isObject, type JsonObject, type JsonValue } from '../../base/json.ts';
import type { ResponseFormat } from '../../chat/request.ts';
import {
  isSet,
  readObject,
  readOptionalArray,
  readOptionalString,
  unpriced,
  untranslatable,
} from '../fields.ts';

const KINDS: ReadonlySet<JsonValue | undefined> = new Set(['text', 'image', 'audio', 'video']);
const JSON_TYPE = 'application/json';

interface Placed {
  readonly format: JsonObject;
  readonly path: string;
}

/** Refuses answers in sound or pictures, which have no price. */
export function refuseOtherFormats(body: JsonObject): void {
  for (const { format, path } of formatsOf(body)) {
    const { type } = format;
    if (type !== 'text' && KINDS.has(type)) throw unpriced(`${path}.type`);
  }
  const modalities = readOptionalArray(body['response_modalities'], 'response_modalities');
  for (const modality of modalities) {
    const word = typeof modality === 'string' ? modality.toLowerCase() : modality;
    if (word !== 'text') throw unpriced('response_modalities');
  }
}

export function readFormat(body: JsonObject): ResponseFormat | undefined {
  const [only, ...others] = formatsOf(body);
  if (others.length > 0) throw untranslatable('response_format');
  const type = readOptionalString(body['response_mime_type'], 'response_mime_type');
  const { format, path } = only ?? { format: { type: 'text' }, path: 'response_format' };
  const isNamed = KINDS.has(format['type']);
  const named = isNamed ? readOptionalString(format['mime_type'], `${path}.mime_type`) : undefined;
  const mime = named ?? type;
  if (mime !== undefined && mime !== JSON_TYPE && mime !== 'text/plain') {
    throw untranslatable(named === undefined ? 'response_mime_type' : `${path}.mime_type`);
  }
  if (isNamed && format['type'] !== 'text') throw untranslatable(`${path}.type`);
  const schema = isNamed ? format['schema'] : format;
  if (isSet(schema)) {
    return { type: 'json_schema', schema: readObject(schema, `${path}.schema`) };
  }
  return mime === JSON_TYPE ? { type: 'json_object' } : undefined;
}

function formatsOf({ response_format: given }: JsonObject): Placed[] {
  if (!isSet(given)) return [];
  if (isObject(given)) return [{ format: given, path: 'response_format' }];
  return readOptionalArray(given, 'response_format').map((value, i) => {
    const path = `response_format[${i}]`;
    return { format: readObject(value, path), path };
  });
}
