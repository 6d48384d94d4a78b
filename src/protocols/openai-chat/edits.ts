// The declared edits of a Chat Completions body that otherwise passes as it came. Both names of
// the output cap are lowered where both stand, because upstreams differ in which of them they obey.

import { objectOf, type JsonObject } from '../../base/json.ts';
import { editKey } from '../body-edits.ts';
import { isSet } from '../fields.ts';
import type { BodyEdit, PassThroughEdits, Quirks } from '../protocol.ts';

/** Only the edits that change something. */
export function editRequest(
  body: JsonObject,
  edits: PassThroughEdits,
  quirks: Quirks,
): readonly BodyEdit[] {
  const list: BodyEdit[] = [];
  if (body['model'] !== edits.model) list.push(editKey('model', edits.model));
  if (edits.outputCap !== undefined) list.push(...capEdits(body, edits.outputCap, quirks));
  if (body['stream'] === true && quirks.streamUsageOption) {
    const options = objectOf(body['stream_options']);
    if (options?.['include_usage'] !== true) {
      list.push(editKey('stream_options', { ...options, include_usage: true }));
    }
  }
  return list;
}

function capEdits(body: JsonObject, cap: number, quirks: Quirks): BodyEdit[] {
  const standing = ['max_tokens', 'max_completion_tokens'].filter((key) => isSet(body[key]));
  if (standing.length === 0) return [editKey(quirks.outputCapField, cap)];
  return standing
    .filter((key) => {
      const asked = body[key];
      return typeof asked !== 'number' || asked > cap;
    })
    .map((key) => editKey(key, cap));
}
