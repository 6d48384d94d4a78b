// The declared edits of a generateContent body that otherwise passes as it came: the output cap, the
// model where the body names it too, and signatures that Gemini did not make, which it would refuse.

import { arrayOf, objectOf, type JsonObject, type JsonValue } from '../../base/json.ts';
import { editKey } from '../body-edits.ts';
import { isSet } from '../fields.ts';
import type { BodyEdit, PassThroughEdits, Quirks } from '../protocol.ts';
import { isOwnSeal } from '../seals.ts';
import { NO_SIGNATURE } from './signatures.ts';
import { spellingOf } from './spelling.ts';
import { thinksByLevel } from './thinking.ts';

/** Only the edits that change something. */
export function editRequest(
  body: JsonObject,
  edits: PassThroughEdits,
  quirks: Quirks,
): readonly BodyEdit[] {
  const list: BodyEdit[] = [];
  const model = nameModel(edits.model);
  if (isSet(body['model']) && body['model'] !== model) list.push(editKey('model', model));
  const wrapper = spellingOf(body, 'generateContentRequest');
  const wrapped = objectOf(body[wrapper]);
  // Counting tokens takes the whole request, which names its model.
  if (wrapped && wrapped['model'] !== model) list.push(editKey(wrapper, { ...wrapped, model }));
  if (edits.outputCap !== undefined) list.push(...capEdits(body, edits.outputCap));
  const mustGo = quirks.refusesThoughts ? isSignedOrCall : isForeign;
  const contents = withoutSeals(body['contents'], quirks, mustGo);
  if (contents === undefined) return list;
  const edit = editKey('contents', contents);
  list.push(
    quirks.refusesThoughts ? { ...edit, dropped: 'contents.parts.thoughtSignature' } : edit,
  );
  return list;
}

/** The name of a model as a resource, which is how bodies have it. */
export function nameModel(model: string): string {
  return `models/${model}`;
}

function capEdits(body: JsonObject, cap: number): BodyEdit[] {
  const key = spellingOf(body, 'generationConfig');
  const config = objectOf(body[key]) ?? {};
  const name = spellingOf(config, 'maxOutputTokens');
  const asked = config[name];
  if (typeof asked === 'number' && asked <= cap) return [];
  return [editKey(key, { ...config, [name]: cap })];
}

/** The contents without signatures that may not stay there; undefined where there are none. */
function withoutSeals(
  contents: JsonValue | undefined,
  quirks: Quirks,
  mustGo: (part: JsonValue) => boolean,
): JsonValue[] | undefined {
  if (!Array.isArray(contents)) return undefined;
  const isThird = thinksByLevel(quirks);
  let found = false;
  const kept = contents.map((value) => {
    const content = objectOf(value);
    const parts = arrayOf(content?.['parts']);
    if (!parts.some(mustGo)) return value;
    found = true;
    return {
      ...content,
      parts: parts.flatMap((part) => (mustGo(part) ? unseal(part, isThird) : [part])),
    };
  });
  return found ? kept.filter((content) => !isEmptied(content)) : undefined;
}

function sealOf(part: JsonObject | undefined): JsonValue | undefined {
  return part?.['thoughtSignature'] ?? part?.['thought_signature'];
}

function isForeign(value: JsonValue): boolean {
  const seal = sealOf(objectOf(value));
  return typeof seal === 'string' && seal !== '' && !isOwnSeal(seal);
}

/** A call without a signature is refused as one with a wrong one is. */
function isSignedOrCall(value: JsonValue): boolean {
  const part = objectOf(value) ?? {};
  return isSet(sealOf(part)) || isCall(part);
}

function isCall(part: JsonObject): boolean {
  return isSet(part['functionCall']) || isSet(part['function_call']);
}

/** Of a part that was there for its signature alone, nothing is left. */
function unseal(value: JsonValue, isThird: boolean): JsonValue[] {
  const { thoughtSignature: _, thought_signature: _snake, ...part } = objectOf(value) ?? {};
  if (part['text'] === '') return [];
  return [isCall(part) && isThird ? { ...part, thoughtSignature: NO_SIGNATURE } : part];
}

function isEmptied(content: JsonValue): boolean {
  const parts = objectOf(content)?.['parts'];
  return Array.isArray(parts) && parts.length === 0;
}
