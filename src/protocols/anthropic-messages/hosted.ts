// Blocks in a Messages history of what a provider did by itself: searches, code, servers of tools.
// Their contents are mostly sealed for that provider, and what came of them stands in the text, so on
// the translated way they are dropped by name; a turn that is to go on with them is refused.

import { arrayOf, objectOf, type JsonObject, type JsonValue } from '../../base/json.ts';
import { untranslatable } from '../fields.ts';

/** The drops that they make, by the types of their blocks. */
export const HOSTED_BLOCKS = Object.freeze([
  'server_tool_use',
  'web_search_tool_result',
  'web_fetch_tool_result',
  'code_execution_tool_result',
  'bash_code_execution_tool_result',
  'text_editor_code_execution_tool_result',
  'tool_search_tool_result',
  'mcp_tool_use',
  'mcp_tool_result',
]);

export function hostedType(part: JsonObject): string | undefined {
  return HOSTED_BLOCKS.find((type) => type === part['type']);
}

/** A paused turn is sent back as the last message, for the provider to go on with its work. */
export function refuseUnfinished(messages: readonly JsonValue[]): void {
  const last = objectOf(messages.at(-1));
  if (last?.['role'] !== 'assistant') return;
  for (const [j, part] of arrayOf(last['content']).entries()) {
    if (hostedType(objectOf(part) ?? {}) !== undefined) {
      throw untranslatable(`messages[${messages.length - 1}].content[${j}].type`);
    }
  }
}
