// What an answer repeats of its request: the settings, by which schema-strict clients check it, and
// the names of tools in namespaces. Instructions and tools are left out: they are the bulk of a
// request, and what is here is kept in memory for as long as the answer takes.

import { arrayOf, isObject, objectOf, stringOf, type JsonObject } from '../../base/json.ts';
import { isSet } from '../fields.ts';
import { ENCRYPTED_REASONING } from './edits.ts';
import { qualifiedName } from './tools.ts';

const SETTINGS = Object.freeze([
  'max_output_tokens',
  'max_tool_calls',
  'metadata',
  'parallel_tool_calls',
  'prompt_cache_key',
  'safety_identifier',
  'temperature',
  'tool_choice',
  'top_logprobs',
  'top_p',
  'truncation',
  'user',
]);

export function echoOf(body: JsonObject): JsonObject {
  const settings: JsonObject = {};
  for (const key of SETTINGS) if (isSet(body[key])) settings[key] = body[key];
  const { effort = null, summary = null } = objectOf(body['reasoning']) ?? {};
  const text = objectOf(body['text']);
  return {
    settings: {
      ...settings,
      reasoning: { effort, summary },
      text: { ...text, format: text?.['format'] ?? { type: 'text' } },
    },
    namespaces: namespacesOf(body),
    ...(sealsPlain(body) && { sealsPlain: true }),
  };
}

/** Whether the client counts on reasoning that it can send back, for it lets nothing be stored. */
function sealsPlain(body: JsonObject): boolean {
  return body['store'] === false || arrayOf(body['include']).includes(ENCRYPTED_REASONING);
}

/** The settings as a response shows them; those of a request that is not known are OpenAI's defaults. */
export function settingsOf(echo: JsonObject | undefined): JsonObject {
  return {
    max_output_tokens: null,
    max_tool_calls: null,
    metadata: {},
    parallel_tool_calls: true,
    prompt_cache_key: null,
    reasoning: { effort: null, summary: null },
    safety_identifier: null,
    temperature: null,
    text: { format: { type: 'text' } },
    tool_choice: 'auto',
    top_logprobs: 0,
    top_p: null,
    truncation: 'disabled',
    user: null,
    ...objectOf(echo?.['settings']),
  };
}

/** Name and namespace of a tool by the name under which it was asked for. */
export function readToolName(name: string, echo: JsonObject | undefined): JsonObject {
  const known = objectOf(echo?.['namespaces']);
  const tool = known !== undefined && Object.hasOwn(known, name) ? known[name] : undefined;
  return isObject(tool) ? tool : { name };
}

function namespacesOf(body: JsonObject): JsonObject {
  const added = arrayOf(body['input']).flatMap((item) => arrayOf(objectOf(item)?.['tools']));
  const names: [string, JsonObject][] = [];
  for (const value of [...arrayOf(body['tools']), ...added]) {
    const group = objectOf(value);
    if (group?.['type'] !== 'namespace') continue;
    for (const tool of arrayOf(group['tools'])) {
      const name = stringOf(objectOf(tool)?.['name']) ?? '';
      const namespace = group['name'];
      names.push([qualifiedName(namespace, name), { name, namespace }]);
    }
  }
  return Object.fromEntries(names);
}
