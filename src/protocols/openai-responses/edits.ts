// The declared edits of a Responses body that otherwise passes as it came. Nothing is stored at the
// provider under the hub's account, so reasoning must come back encrypted to survive; reasoning that
// OpenAI did not make is taken out of the history, and the search that Codex offers out of the tools.

import { arrayOf, isObject, objectOf, type JsonObject, type JsonValue } from '../../base/json.ts';
import { editKey } from '../body-edits.ts';
import { isSet } from '../fields.ts';
import type { BodyEdit, PassThroughEdits, Quirks } from '../protocol.ts';
import { isUnreadable } from './reasoning.ts';
import { withoutSearch } from './tools.ts';

export const ENCRYPTED_REASONING = 'reasoning.encrypted_content';

/** Only the edits that change something. */
export function editRequest(
  body: JsonObject,
  edits: PassThroughEdits,
  quirks: Quirks,
): readonly BodyEdit[] {
  const list = editPrompt(body, edits, quirks);
  const { outputCap } = edits;
  const asked = body['max_output_tokens'];
  if (outputCap !== undefined && (typeof asked !== 'number' || asked > outputCap)) {
    list.push(editKey('max_output_tokens', outputCap));
  }
  if (body['store'] !== false) list.push(editKey('store', false));
  const include = arrayOf(body['include']);
  if (quirks.thinkingStyle !== 'none' && !include.includes(ENCRYPTED_REASONING)) {
    list.push(editKey('include', [...include, ENCRYPTED_REASONING]));
  }
  if (quirks.refusesSummaries) list.push(...summaryEdits(body));
  return list;
}

function summaryEdits(body: JsonObject): BodyEdit[] {
  const { summary, generate_summary: older, ...rest } = objectOf(body['reasoning']) ?? {};
  if (!isSet(summary) && !isSet(older)) return [];
  return [{ ...editKey('reasoning', rest), dropped: 'reasoning.summary' }];
}

/** The edits of what is read, for calls that answer with less than a response. */
export function editPrompt(
  body: JsonObject,
  edits: PassThroughEdits,
  { refusesThoughts }: Quirks,
): BodyEdit[] {
  const list: BodyEdit[] = [];
  if (body['model'] !== edits.model) list.push(editKey('model', edits.model));
  const tools = withoutSearch(body['tools']);
  if (tools !== undefined) {
    list.push({ ...editKey('tools', tools), dropped: 'tools.web_search' });
  }
  const { input } = body;
  if (Array.isArray(input)) list.push(...inputEdits(input, refusesThoughts));
  return list;
}

function inputEdits(input: readonly JsonValue[], refusesThoughts: true | undefined): BodyEdit[] {
  const mustGo = refusesThoughts ? isReasoning : isUnreadable;
  const hasThoughts = input.some(mustGo);
  const hasSearch = input.some((item) => withoutSearch(addedTools(item)) !== undefined);
  if (!hasThoughts && !hasSearch) return [];
  const kept = input.filter((item) => !mustGo(item)).map(withoutAddedSearch);
  const edit = editKey('input', refusesThoughts ? kept.map(withoutId) : kept);
  const dropped = [hasThoughts && 'input.reasoning', hasSearch && 'tools.web_search'];
  return [{ ...edit, dropped: dropped.filter(Boolean).join(',') }];
}

function addedTools(value: JsonValue): JsonValue | undefined {
  const item = objectOf(value);
  return item?.['type'] === 'additional_tools' ? item['tools'] : undefined;
}

function withoutAddedSearch(value: JsonValue): JsonValue {
  const tools = withoutSearch(addedTools(value));
  return tools === undefined ? value : { ...objectOf(value), tools };
}

function isReasoning(value: JsonValue): boolean {
  return objectOf(value)?.['type'] === 'reasoning';
}

/** By its id OpenAI knows which reasoning an item needs before it. */
function withoutId(value: JsonValue): JsonValue {
  const { id: _, ...item } = objectOf(value) ?? {};
  return isObject(value) ? item : value;
}
