// Reads the tools of a Chat Completions body and the choice among them. Custom tools and the list of
// allowed ones stand one level deeper here than in the form.

import type { JsonObject, JsonValue } from '../../base/json.ts';
import type { CustomTool, ToolChoice, ToolDefinition } from '../../chat/request.ts';
import {
  invalid,
  isSet,
  noteUnknown,
  present,
  readArray,
  readFlag,
  readName,
  readObject,
  readOptionalString,
  readString,
  untranslatable,
} from '../fields.ts';

const FUNCTION_KEYS: ReadonlySet<string> = new Set(['name', 'description', 'parameters', 'strict']);
const CUSTOM_KEYS: ReadonlySet<string> = new Set(['name', 'description', 'format']);

export function readTool(value: JsonValue, i: number, dropped: Set<string>): ToolDefinition {
  const path = `tools[${i}]`;
  const tool = readObject(value, path);
  if (tool['type'] === 'custom') return readCustomTool(tool, path, dropped);
  if (isSet(tool['type']) && tool['type'] !== 'function') throw untranslatable(`${path}.type`);
  const definition = readObject(tool['function'], `${path}.function`);
  noteUnknown(definition, FUNCTION_KEYS, 'tools.function', dropped);
  return {
    type: 'function',
    name: readName(definition['name'], `${path}.function.name`),
    parameters: isSet(definition['parameters'])
      ? readObject(definition['parameters'], `${path}.function.parameters`)
      : { type: 'object', properties: {} },
    ...present({
      description: readOptionalString(definition['description'], `${path}.function.description`),
      strict: readFlag(definition['strict'], `${path}.function.strict`),
    }),
  };
}

function readCustomTool(tool: JsonObject, path: string, dropped: Set<string>): CustomTool {
  const at = `${path}.custom`;
  const custom = readObject(tool['custom'], at);
  noteUnknown(custom, CUSTOM_KEYS, 'tools.custom', dropped);
  const { format } = custom;
  return {
    type: 'custom',
    name: readName(custom['name'], `${at}.name`),
    ...present({
      description: readOptionalString(custom['description'], `${at}.description`),
      format: isSet(format) ? readCustomFormat(format, `${at}.format`) : undefined,
    }),
  };
}

function readCustomFormat(value: JsonValue, path: string): JsonObject {
  const format = readObject(value, path);
  if (format['type'] === 'text') return { type: 'text' };
  if (format['type'] !== 'grammar') throw untranslatable(`${path}.type`);
  const grammar = readObject(format['grammar'], `${path}.grammar`);
  return {
    type: 'grammar',
    syntax: readString(grammar['syntax'], `${path}.grammar.syntax`),
    definition: readString(grammar['definition'], `${path}.grammar.definition`),
  };
}

export function readToolChoice(value: JsonValue | undefined): ToolChoice | undefined {
  if (!isSet(value)) return undefined;
  if (value === 'none' || value === 'auto' || value === 'required') return { type: value };
  const choice = readObject(value, 'tool_choice');
  if (choice['type'] === 'allowed_tools') return readAllowed(choice);
  return { type: 'tool', name: readToolName(choice, 'tool_choice') };
}

function readAllowed(choice: JsonObject): ToolChoice {
  const path = 'tool_choice.allowed_tools';
  const allowed = readObject(choice['allowed_tools'], path);
  const { mode } = allowed;
  if (mode !== 'auto' && mode !== 'required') {
    throw invalid(`${path}.mode`, `\`${path}.mode\` must be "auto" or "required".`);
  }
  const names = readArray(allowed['tools'], `${path}.tools`).map((tool, i) =>
    readToolName(readObject(tool, `${path}.tools[${i}]`), `${path}.tools[${i}]`),
  );
  if (names.length === 0) throw invalid(`${path}.tools`, `\`${path}.tools\` must not be empty.`);
  return { type: 'allowed', mode, names };
}

/** Of `{type, function: {name}}` or `{type, custom: {name}}`. */
function readToolName(reference: JsonObject, path: string): string {
  const { type } = reference;
  if (type !== 'function' && type !== 'custom') throw untranslatable(`${path}.type`);
  const named = readObject(reference[type], `${path}.${type}`);
  return readName(named['name'], `${path}.${type}.name`);
}
