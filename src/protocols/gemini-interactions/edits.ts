// The declared edits of an interaction that otherwise passes as it came. Nothing is kept at the provider
// under the hub's account, and thoughts that Google's models did not sign are taken out of the history.

import { objectOf, stringOf, type JsonObject, type JsonValue } from '../../base/json.ts';
import { editKey } from '../body-edits.ts';
import type { BodyEdit, PassThroughEdits, Quirks } from '../protocol.ts';
import { isOwnSeal } from '../seals.ts';

/** Only the edits that change something. */
export function editRequest(
  body: JsonObject,
  edits: PassThroughEdits,
  { refusesThoughts }: Quirks,
): readonly BodyEdit[] {
  const list: BodyEdit[] = [];
  if (body['model'] !== edits.model) list.push(editKey('model', edits.model));
  if (body['store'] !== false) list.push(editKey('store', false));
  const config = objectOf(body['generation_config']) ?? {};
  const asked = config['max_output_tokens'];
  const { outputCap } = edits;
  if (outputCap !== undefined && (typeof asked !== 'number' || asked > outputCap)) {
    list.push(editKey('generation_config', { ...config, max_output_tokens: outputCap }));
  }
  const { input } = body;
  const mustGo = refusesThoughts ? isSigned : isForeign;
  if (Array.isArray(input) && input.some(mustGo)) {
    const own = input.filter((step) => !mustGo(step));
    list.push({ ...editKey('input', own), dropped: 'input.thought' });
  }
  return list;
}

function signatureOf(value: JsonValue): string {
  const step = objectOf(value);
  return step?.['type'] === 'thought' ? (stringOf(step['signature']) ?? '') : '';
}

function isSigned(step: JsonValue): boolean {
  return signatureOf(step) !== '';
}

function isForeign(step: JsonValue): boolean {
  return isSigned(step) && !isOwnSeal(signatureOf(step));
}
