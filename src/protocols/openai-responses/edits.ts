// The declared edits of a Responses body that otherwise passes as it came. Nothing is stored at the
// provider under the hub's account, so reasoning must come back encrypted to survive; reasoning that
// OpenAI did not make is taken out of the history, and the search that Codex offers out of the tools.

import { arrayOf, type JsonObject } from '../../base/json.ts';
import { editKey } from '../body-edits.ts';
import type { BodyEdit, PassThroughEdits, Quirks } from '../protocol.ts';
import { isUnreadable } from './reasoning.ts';
import { withoutCachedSearch } from './tools.ts';

export const ENCRYPTED_REASONING = 'reasoning.encrypted_content';

/** Only the edits that change something. */
export function editRequest(
  body: JsonObject,
  edits: PassThroughEdits,
  quirks: Quirks,
): readonly BodyEdit[] {
  const list = editPrompt(body, edits);
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
  return list;
}

/** The edits of what is read, for calls that answer with less than a response. */
export function editPrompt(body: JsonObject, edits: PassThroughEdits): BodyEdit[] {
  const list: BodyEdit[] = [];
  if (body['model'] !== edits.model) list.push(editKey('model', edits.model));
  const tools = withoutCachedSearch(body['tools']);
  if (tools !== undefined) {
    list.push({ ...editKey('tools', tools), dropped: 'tools.web_search' });
  }
  const input = body['input'];
  if (Array.isArray(input) && input.some(isUnreadable)) {
    const readable = input.filter((item) => !isUnreadable(item));
    list.push({ ...editKey('input', readable), dropped: 'input.reasoning' });
  }
  return list;
}
