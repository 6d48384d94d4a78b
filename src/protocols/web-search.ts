// Searches of the web that a provider runs by itself and bills apart, which has no price here. Coding
// clients offer one in every request beside their own tools: there the model can do without it, so it is
// left out and named. Where it is the only tool, or must be called, the answer depends on it.

import { objectOf, type JsonValue } from '../base/json.ts';
import { unpriced } from './fields.ts';

const TYPE = /^web_(search|fetch)(_|$)/;

/** Whether a tool is one of these: the name by which it is dropped; undefined for any other. */
export function searchOf(tool: JsonValue | undefined): string | undefined {
  const type = objectOf(tool)?.['type'];
  const kind = typeof type === 'string' ? TYPE.exec(type)?.[1] : undefined;
  return kind === undefined ? undefined : `tools.web_${kind}`;
}

/** Whether a search among these tools is one offer of several. */
export function canSpareSearch(tools: readonly JsonValue[]): boolean {
  return tools.some((tool) => searchOf(tool) === undefined);
}

/** Refuses a choice that names a search. */
export function refuseSearchChoice(choice: JsonValue | undefined): void {
  const chosen = objectOf(choice);
  if (searchOf(chosen) !== undefined) throw unpriced('tool_choice.type');
  const tools = chosen?.['tools'];
  const at = Array.isArray(tools) ? tools.findIndex((tool) => searchOf(tool) !== undefined) : -1;
  if (at >= 0) throw unpriced(`tool_choice.tools[${at}].type`);
}
