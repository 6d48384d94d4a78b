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
  const contents = withoutForeignSeals(body['contents'], quirks);
  if (contents !== undefined) list.push(editKey('contents', contents));
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

/** The contents without the signatures of other makers; undefined where there are none. */
function withoutForeignSeals(
  contents: JsonValue | undefined,
  quirks: Quirks,
): JsonValue[] | undefined {
  if (!Array.isArray(contents)) return undefined;
  const isThird = thinksByLevel(quirks);
  let found = false;
  const kept = contents.map((value) => {
    const content = objectOf(value);
    const parts = arrayOf(content?.['parts']);
    if (!parts.some(isForeign)) return value;
    found = true;
    return { ...content, parts: parts.flatMap((part) => unseal(part, isThird)) };
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

/** Of a part that was there for its signature alone, nothing is left. */
function unseal(value: JsonValue, isThird: boolean): JsonValue[] {
  if (!isForeign(value)) return [value];
  const { thoughtSignature: _, thought_signature: _snake, ...part } = objectOf(value) ?? {};
  if (part['text'] === '') return [];
  const isCall = isSet(part['functionCall']) || isSet(part['function_call']);
  return [isCall && isThird ? { ...part, thoughtSignature: NO_SIGNATURE } : part];
}

function isEmptied(content: JsonValue): boolean {
  const parts = objectOf(content)?.['parts'];
  return Array.isArray(parts) && parts.length === 0;
}
