// Reads an interaction into the intermediate form. Every field is translated, dropped by the published
// list, or refused by name.

import type { JsonObject, JsonValue } from '../../base/json.ts';
import type {
  ChatMessage,
  ChatRequest,
  FunctionTool,
  Reasoning,
  ToolChoice,
} from '../../chat/request.ts';
import {
  type FieldRules,
  invalid,
  isSet,
  noteUnknown,
  present,
  readFlag,
  readModel,
  readName,
  readNumber,
  readObject,
  readOptionalArray,
  readOptionalString,
  readString,
  refuseDeepNesting,
  sortFields,
  untranslatable,
} from '../fields.ts';
import { readLabels } from '../gemini/decode-request.ts';
import { readLevel } from '../gemini/thinking.ts';
import { readMode } from '../gemini/tool-choice.ts';
import { readServiceTier } from '../guards.ts';
import { decodeInput } from './decode-input.ts';
import { readConfig, readOutputCap } from './facts.ts';
import { readFormat } from './response-format.ts';

const BODY_FIELDS: FieldRules = Object.freeze({
  translated: new Set(
    [
      'model input system_instruction tools generation_config response_format response_mime_type',
      'response_modalities stream store background labels service_tier',
    ].flatMap((line) => line.split(' ')),
  ),
  droppable: new Set(['safety_settings']),
});

const CONFIG = 'generation_config';
const CONFIG_FIELDS: FieldRules = Object.freeze({
  translated: new Set(
    [
      'max_output_tokens temperature top_p seed stop_sequences thinking_level thinking_summaries',
      'tool_choice',
    ].flatMap((line) => line.split(' ')),
  ),
  droppable: new Set<string>(),
});

/** Throws `invalid_request` or `unsupported_parameter`, with the field in `param`. */
export function decodeRequest(body: JsonObject): ChatRequest {
  refuseDeepNesting(body);
  const dropped = new Set<string>();
  sortFields(body, BODY_FIELDS, dropped);
  if (readFlag(body['store'], 'store') === true) dropped.add('store');
  const config = readConfig(body);
  sortFields(config, CONFIG_FIELDS, dropped, CONFIG);
  return {
    model: readModel(body['model']),
    messages: [...readSystem(body['system_instruction']), ...decodeInput(body['input'], dropped)],
    tools: readTools(body['tools'], dropped),
    stream: readFlag(body['stream'], 'stream') ?? false,
    includeUsage: true,
    ...present({
      toolChoice: readToolChoice(config['tool_choice'], dropped),
      maxOutputTokens: readOutputCap(config),
      temperature: readNumber(config['temperature'], `${CONFIG}.temperature`),
      topP: readNumber(config['top_p'], `${CONFIG}.top_p`),
      seed: readNumber(config['seed'], `${CONFIG}.seed`),
      stop: readStop(config['stop_sequences']),
      reasoning: readReasoning(config),
      responseFormat: readFormat(body),
      metadata: readLabels(body['labels']),
      serviceTier: readServiceTier(body),
    }),
    dropped: [...dropped],
  };
}

function readSystem(value: JsonValue | undefined): ChatMessage[] {
  const text = readOptionalString(value, 'system_instruction') ?? '';
  return text === '' ? [] : [{ role: 'system', content: [{ type: 'text', text }] }];
}

function readStop(value: JsonValue | undefined): readonly string[] | undefined {
  const path = `${CONFIG}.stop_sequences`;
  const list = readOptionalArray(value, path);
  return list.length === 0 ? undefined : list.map((text, i) => readString(text, `${path}[${i}]`));
}

function readReasoning(config: JsonObject): Reasoning | undefined {
  const effort = readLevel(config['thinking_level'], `${CONFIG}.thinking_level`);
  const path = `${CONFIG}.thinking_summaries`;
  const summaries = readOptionalString(config['thinking_summaries'], path);
  if (summaries !== undefined && summaries !== 'auto' && summaries !== 'none') {
    throw invalid(path, `\`${path}\` is not one of the known values.`);
  }
  if (effort === undefined && summaries !== 'auto') return undefined;
  return present({ effort, summary: summaries === 'auto' ? ('auto' as const) : undefined });
}

const TOOL_KEYS: ReadonlySet<string> = new Set(['type', 'name', 'description', 'parameters']);

function readTools(value: JsonValue | undefined, dropped: Set<string>): FunctionTool[] {
  return readOptionalArray(value, 'tools').map((item, i) => {
    const path = `tools[${i}]`;
    const tool = readObject(item, path);
    if (tool['type'] !== 'function') throw untranslatable(`${path}.type`);
    noteUnknown(tool, TOOL_KEYS, 'tools', dropped);
    const schema = readObject(tool['parameters'] ?? {}, `${path}.parameters`);
    return {
      type: 'function',
      name: readName(tool['name'], `${path}.name`),
      parameters:
        schema['type'] === undefined ? { type: 'object', properties: {}, ...schema } : schema,
      ...present({
        description: readOptionalString(tool['description'], `${path}.description`),
      }),
    };
  });
}

/** A mode alone, or one with the names of the tools that it allows. */
function readToolChoice(
  value: JsonValue | undefined,
  dropped: Set<string>,
): ToolChoice | undefined {
  const path = `${CONFIG}.tool_choice`;
  if (!isSet(value)) return undefined;
  if (typeof value === 'string') return readMode(value, [], path);
  const choice = readObject(value, path);
  noteUnknown(choice, new Set(['allowed_tools']), path, dropped);
  if (!isSet(choice['allowed_tools'])) return undefined;
  const at = `${path}.allowed_tools`;
  const allowed = readObject(choice['allowed_tools'], at);
  noteUnknown(allowed, new Set(['mode', 'tools']), at, dropped);
  const names = readOptionalArray(allowed['tools'], `${at}.tools`).map((name, i) =>
    readName(name, `${at}.tools[${i}]`),
  );
  const mode = readOptionalString(allowed['mode'], `${at}.mode`) ?? 'auto';
  // To choose among some tools without having to: `auto` says it here, as `validated` does.
  const isOpen = mode.toLowerCase() === 'auto' && names.length > 0;
  return readMode(isOpen ? 'validated' : mode, names, `${at}.mode`);
}
