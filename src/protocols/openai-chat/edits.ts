// The declared edits of a Chat Completions body that otherwise passes as it came. Both names of
// the output cap are lowered where both stand, because upstreams differ in which of them they obey.
// Reasoning that the provider of another protocol made is taken out of the history.

import { arrayOf, objectOf, type JsonObject, type JsonValue } from '../../base/json.ts';
import { editKey } from '../body-edits.ts';
import { isSet } from '../fields.ts';
import type { BodyEdit, PassThroughEdits, Quirks } from '../protocol.ts';
import { isSealed } from './reasoning.ts';

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
  const messages = withoutSealed(body['messages']);
  if (messages !== undefined) list.push(editKey('messages', messages));
  return list;
}

/** The messages without reasoning of other makers; undefined where there is none. */
function withoutSealed(messages: JsonValue | undefined): JsonValue[] | undefined {
  if (!Array.isArray(messages) || !messages.some(holdsSealed)) return undefined;
  return messages.map((message) => {
    if (!holdsSealed(message)) return message;
    const { reasoning_details: details, ...rest } = objectOf(message) ?? {};
    const own = arrayOf(details).filter((detail) => !isSealedDetail(detail));
    return own.length === 0 ? rest : { ...rest, reasoning_details: own };
  });
}

function holdsSealed(message: JsonValue): boolean {
  const details = objectOf(message)?.['reasoning_details'];
  return Array.isArray(details) && details.some(isSealedDetail);
}

function isSealedDetail(value: JsonValue): boolean {
  const detail = objectOf(value);
  return detail !== undefined && isSealed(detail);
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
