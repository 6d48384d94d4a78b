// Reads the tools of a Responses body. A namespace is a group of tools under one name, which other
// protocols have not: its tools go there under the name of both, and the encoder of the answer puts
// them back (echo.ts).

import type { JsonObject, JsonValue } from '../../base/json.ts';
import type { ToolChoice, ToolDefinition } from '../../chat/request.ts';
import {
  invalid,
  isSet,
  noteUnknown,
  present,
  readArray,
  readFlag,
  readName,
  readObject,
  readOptionalArray,
  readOptionalString,
  untranslatable,
} from '../fields.ts';
import { leftOutOf, qualifiedName } from './tools.ts';

const FUNCTION_KEYS = new Set(['type', 'name', 'description', 'parameters', 'strict']);
const CUSTOM_KEYS = new Set(['type', 'name', 'description', 'format']);
const NAMESPACE_KEYS = new Set(['type', 'name', 'description', 'tools']);

/** The tools of the body and those that its items add. */
export function decodeTools(body: JsonObject, dropped: Set<string>): ToolDefinition[] {
  const tools = readTools(body['tools'], 'tools', undefined, dropped);
  const input = body['input'];
  if (!Array.isArray(input)) return tools;
  const added = input.flatMap((value, i) => {
    const item = readObject(value, `input[${i}]`);
    if (item['type'] !== 'additional_tools') return [];
    return readTools(item['tools'], `input[${i}].tools`, undefined, dropped);
  });
  return [...tools, ...added];
}

function readTools(
  value: JsonValue | undefined,
  path: string,
  namespace: string | undefined,
  dropped: Set<string>,
): ToolDefinition[] {
  const list = readOptionalArray(value, path);
  const isLeftOut = leftOutOf(list);
  return list.flatMap((each, i): ToolDefinition[] => {
    const at = `${path}[${i}]`;
    const tool = readObject(each, at);
    if (isLeftOut(each)) {
      dropped.add('tools.web_search');
      return [];
    }
    if (tool['type'] === 'function') return [readFunction(tool, at, namespace, dropped)];
    if (tool['type'] === 'custom') return [readCustom(tool, at, namespace, dropped)];
    if (tool['type'] !== 'namespace' || namespace !== undefined) throw untranslatable(`${at}.type`);
    noteUnknown(tool, NAMESPACE_KEYS, 'tools', dropped);
    const name = readName(tool['name'], `${at}.name`);
    const tools = readTools(tool['tools'], `${at}.tools`, name, dropped);
    return introduce(tools, readOptionalString(tool['description'], `${at}.description`), dropped);
  });
}

/** The words about a whole namespace stand before those about its first tool, once. */
function introduce(
  tools: readonly ToolDefinition[],
  words: string | undefined,
  dropped: Set<string>,
): ToolDefinition[] {
  const [first, ...others] = tools;
  if (words === undefined || words === '') return [...tools];
  if (first === undefined) {
    dropped.add('tools.description');
    return [];
  }
  const description = [words, ...(first.description === undefined ? [] : [first.description])];
  return [{ ...first, description: description.join('\n\n') }, ...others];
}

function readFunction(
  tool: JsonObject,
  path: string,
  namespace: string | undefined,
  dropped: Set<string>,
): ToolDefinition {
  noteUnknown(tool, FUNCTION_KEYS, 'tools', dropped);
  return {
    type: 'function',
    name: qualifiedName(namespace, readName(tool['name'], `${path}.name`)),
    parameters: isSet(tool['parameters'])
      ? readObject(tool['parameters'], `${path}.parameters`)
      : { type: 'object', properties: {} },
    ...present({
      description: readOptionalString(tool['description'], `${path}.description`),
      strict: readFlag(tool['strict'], `${path}.strict`),
    }),
  };
}

function readCustom(
  tool: JsonObject,
  path: string,
  namespace: string | undefined,
  dropped: Set<string>,
): ToolDefinition {
  noteUnknown(tool, CUSTOM_KEYS, 'tools', dropped);
  const format = tool['format'];
  return {
    type: 'custom',
    name: qualifiedName(namespace, readName(tool['name'], `${path}.name`)),
    ...present({
      description: readOptionalString(tool['description'], `${path}.description`),
      format: isSet(format) ? readObject(format, `${path}.format`) : undefined,
    }),
  };
}

export function decodeToolChoice(value: JsonValue | undefined): ToolChoice | undefined {
  if (!isSet(value)) return undefined;
  if (value === 'none' || value === 'auto' || value === 'required') return { type: value };
  const choice = readObject(value, 'tool_choice');
  if (choice['type'] !== 'allowed_tools') {
    return { type: 'tool', name: readChosen(choice, 'tool_choice') };
  }
  const { mode } = choice;
  if (mode !== 'auto' && mode !== 'required') {
    throw invalid('tool_choice.mode', '`tool_choice.mode` must be `auto` or `required`.');
  }
  const names = readArray(choice['tools'], 'tool_choice.tools').map((tool, i) => {
    const path = `tool_choice.tools[${i}]`;
    return readChosen(readObject(tool, path), path);
  });
  return { type: 'allowed', mode, names };
}

function readChosen(tool: JsonObject, path: string): string {
  if (tool['type'] !== 'function' && tool['type'] !== 'custom') {
    throw untranslatable(`${path}.type`);
  }
  return qualifiedName(tool['namespace'], readName(tool['name'], `${path}.name`));
}
