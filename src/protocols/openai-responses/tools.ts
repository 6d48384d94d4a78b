// The tools of Responses. Those that the client runs cost prompt tokens and nothing else; those that
// OpenAI runs have prices of their own, or none here. Codex offers a search in every request, of the web
// or of OpenAI's copy of it: an offer that the model can do without is left out rather than refused.

import { objectOf, type JsonValue } from '../../base/json.ts';
import { isSet, readObject, readOptionalArray, unpriced } from '../fields.ts';
import { canSpareSearch, searchOf } from '../web-search.ts';

const CLIENT_TOOLS: ReadonlySet<JsonValue | undefined> = new Set([
  'function',
  'custom',
  'local_shell',
  'apply_patch',
  'computer',
  'computer_use_preview',
]);

/** Refuses every tool that is not run by the client or left out; says whether one sends screens. */
export function refuseHostedTools(
  tools: JsonValue | undefined,
  path: string,
  leftOut = leftOutOf,
): boolean {
  let sendsScreens = false;
  const list = readOptionalArray(tools, path);
  const isLeftOut = leftOut(list);
  list.forEach((value, i) => {
    const tool = objectOf(value) ?? readObject(value, `${path}[${i}]`);
    const type = tool['type'];
    sendsScreens ||= typeof type === 'string' && type.startsWith('computer');
    if (CLIENT_TOOLS.has(type) || isLeftOut(value)) return;
    if (type === 'namespace') refuseHostedTools(tool['tools'], `${path}[${i}].tools`, noneLeftOut);
    else if (!isRunByClient(value)) throw unpriced(`${path}[${i}].type`);
  });
  return sendsScreens;
}

/** Nothing is taken out of a namespace, so nothing there may need to be. */
function noneLeftOut(): () => boolean {
  return () => false;
}

/** Tools that run on either side, by what their definition says. */
function isRunByClient(value: JsonValue): boolean {
  const tool = objectOf(value);
  if (tool?.['type'] === 'tool_search') return tool['execution'] === 'client';
  return tool?.['type'] === 'shell' && objectOf(tool['environment'])?.['type'] === 'local';
}

/** Which of these tools are left out: searches beside others, and those of OpenAI's copy always. */
export function leftOutOf(tools: readonly JsonValue[]): (tool: JsonValue) => boolean {
  const isSpare = canSpareSearch(tools);
  return (tool) =>
    searchOf(tool) !== undefined && (isSpare || objectOf(tool)?.['external_web_access'] === false);
}

/** The tools without those; undefined where there are none of them. */
export function withoutSearch(tools: JsonValue | undefined): JsonValue[] | undefined {
  if (!Array.isArray(tools)) return undefined;
  const isLeftOut = leftOutOf(tools);
  return tools.some(isLeftOut) ? tools.filter((tool) => !isLeftOut(tool)) : undefined;
}

/** The name by which one tool of a namespace goes in protocols that have none. */
export function qualifiedName(namespace: JsonValue | undefined, name: string): string {
  return typeof namespace === 'string' && isSet(namespace) && namespace !== ''
    ? `${namespace}__${name}`
    : name;
}
