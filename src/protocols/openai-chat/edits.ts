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
  const mustGo = quirks.refusesThoughts ? isAny : isSealedDetail;
  const messages = withoutDetails(body['messages'], mustGo);
  if (messages === undefined) return list;
  const edit = editKey('messages', messages);
  list.push(quirks.refusesThoughts ? { ...edit, dropped: 'messages.reasoning_details' } : edit);
  return list;
}

type Judge = (detail: JsonValue) => boolean;

/** The messages without reasoning that may not stay there; undefined where there is none. */
function withoutDetails(messages: JsonValue | undefined, mustGo: Judge): JsonValue[] | undefined {
  if (!Array.isArray(messages)) return undefined;
  const isConcerned = (message: JsonValue): boolean => detailsOf(message).some(mustGo);
  if (!messages.some(isConcerned)) return undefined;
  return messages.map((message) => {
    if (!isConcerned(message)) return message;
    const { reasoning_details: _, ...rest } = objectOf(message) ?? {};
    const own = detailsOf(message).filter((detail) => !mustGo(detail));
    return own.length === 0 ? rest : { ...rest, reasoning_details: own };
  });
}

function detailsOf(message: JsonValue): JsonValue[] {
  return arrayOf(objectOf(message)?.['reasoning_details']);
}

const isAny: Judge = () => true;

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
