// The tools of Responses. Those that the client runs cost prompt tokens and nothing else; those that
// OpenAI runs have prices of their own, or none here. Codex offers a search of OpenAI's cache in every
// request, as a default of its own: that one offer is taken out rather than refused.

import { objectOf, type JsonValue } from '../../base/json.ts';
import { isSet, readObject, readOptionalArray, unpriced } from '../fields.ts';

const CLIENT_TOOLS: ReadonlySet<JsonValue | undefined> = new Set([
  'function',
  'custom',
  'local_shell',
  'apply_patch',
  'computer',
  'computer_use_preview',
]);

/** Refuses every tool that is not run by the client; says whether one sends screens. */
export function refuseHostedTools(tools: JsonValue | undefined, path: string): boolean {
  let sendsScreens = false;
  readOptionalArray(tools, path).forEach((value, i) => {
    const tool = objectOf(value) ?? readObject(value, `${path}[${i}]`);
    const type = tool['type'];
    sendsScreens ||= typeof type === 'string' && type.startsWith('computer');
    if (CLIENT_TOOLS.has(type) || isCachedSearch(value)) return;
    if (type === 'namespace') refuseHostedTools(tool['tools'], `${path}[${i}].tools`);
    else if (!isRunByClient(value)) throw unpriced(`${path}[${i}].type`);
  });
  return sendsScreens;
}

/** Tools that run on either side, by what their definition says. */
function isRunByClient(value: JsonValue): boolean {
  const tool = objectOf(value);
  if (tool?.['type'] === 'tool_search') return tool['execution'] === 'client';
  return tool?.['type'] === 'shell' && objectOf(tool['environment'])?.['type'] === 'local';
}

/** The offer to search OpenAI's own copy of the web, without a call to the outside. */
export function isCachedSearch(value: JsonValue): boolean {
  const tool = objectOf(value);
  return tool?.['type'] === 'web_search' && tool['external_web_access'] === false;
}

/** The tools without that offer; undefined where there is none. */
export function withoutCachedSearch(tools: JsonValue | undefined): JsonValue[] | undefined {
  if (!Array.isArray(tools) || !tools.some(isCachedSearch)) return undefined;
  return tools.filter((tool) => !isCachedSearch(tool));
}

/** The name by which one tool of a namespace goes in protocols that have none. */
export function qualifiedName(namespace: JsonValue | undefined, name: string): string {
  return typeof namespace === 'string' && isSet(namespace) && namespace !== ''
    ? `${namespace}__${name}`
    : name;
}
