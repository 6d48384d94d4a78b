// Reads a Messages body into the intermediate form. Every top-level field is translated, dropped by
// the published list, or refused by name; nothing disappears silently.

import type { JsonObject, JsonValue } from '../../base/json.ts';
import type {
  ChatMessage,
  ChatRequest,
  Reasoning,
  ReasoningEffort,
  ResponseFormat,
  ToolChoice,
  ToolDefinition,
} from '../../chat/request.ts';
import {
  invalid,
  isSet,
  MAX_TOKEN_LIMIT,
  noteUnknown,
  present,
  readArray,
  readFlag,
  readInteger,
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
  type FieldRules,
} from '../fields.ts';
import { searchOf } from '../web-search.ts';
import { isEffort } from '../efforts.ts';
import { decodeMessages, readCacheMark, readTexts } from './decode-messages.ts';
import { readOutputCap } from './facts.ts';

/** The fields of a Messages body on the translated way. */
export const MESSAGES_FIELDS: FieldRules = Object.freeze({
  translated: new Set(
    [
      'model messages system max_tokens stream temperature top_p top_k stop_sequences',
      'tools tool_choice thinking output_config output_format metadata service_tier',
    ].flatMap((line) => line.split(' ')),
  ),
  droppable: new Set(
    [
      'cache_control context_management speed inference_geo diagnostics mcp_servers',
      'user_profile_id',
    ].flatMap((line) => line.split(' ')),
  ),
});

/** Throws `invalid_request` or `unsupported_parameter`, with the field in `param`. */
export function decodeRequest(body: JsonObject): ChatRequest {
  refuseDeepNesting(body);
  const dropped = new Set<string>();
  sortFields(body, MESSAGES_FIELDS, dropped);
  const toolChoice = isSet(body['tool_choice'])
    ? readObject(body['tool_choice'], 'tool_choice')
    : undefined;
  const noParallel = readFlag(
    toolChoice?.['disable_parallel_tool_use'],
    'tool_choice.disable_parallel_tool_use',
  );
  return {
    model: readModel(body['model']),
    messages: [
      ...readSystem(body['system'], dropped),
      ...decodeMessages(readArray(body['messages'], 'messages'), dropped),
    ],
    tools: readTools(body['tools'], dropped),
    maxOutputTokens: readOutputCap(body),
    stream: readFlag(body['stream'], 'stream') ?? false,
    includeUsage: true,
    ...present({
      toolChoice: toolChoice && readToolChoice(toolChoice),
      parallelToolCalls: noParallel === undefined ? undefined : !noParallel,
      temperature: readNumber(body['temperature'], 'temperature'),
      topP: readNumber(body['top_p'], 'top_p'),
      topK: readInteger(body['top_k'], 'top_k', 0, Number.MAX_SAFE_INTEGER),
      stop: readStop(body['stop_sequences']),
      responseFormat: readFormat(body, dropped),
      reasoning: readReasoning(body, dropped),
      endUser: readEndUser(body['metadata'], dropped),
      serviceTier: readTier(body['service_tier']),
    }),
    dropped: [...dropped],
  };
}

function readSystem(value: JsonValue | undefined, dropped: Set<string>): ChatMessage[] {
  if (!isSet(value)) return [];
  const content = readTexts(value, 'system', dropped);
  return content.length === 0 ? [] : [{ role: 'system', content }];
}

/** A search of the web is one tool among others here: alone it was refused. */
function readTools(value: JsonValue | undefined, dropped: Set<string>): ToolDefinition[] {
  return readOptionalArray(value, 'tools').flatMap((tool, i): ToolDefinition[] => {
    const search = searchOf(tool);
    if (search === undefined) return [readTool(tool, i, dropped)];
    dropped.add(search);
    return [];
  });
}

function readTool(value: JsonValue, i: number, dropped: Set<string>): ToolDefinition {
  const path = `tools[${i}]`;
  const tool = readObject(value, path);
  if (isSet(tool['type']) && tool['type'] !== 'custom') throw untranslatable(`${path}.type`);
  const known = ['type', 'name', 'description', 'input_schema', 'strict', 'cache_control'];
  noteUnknown(tool, new Set(known), 'tools', dropped);
  return {
    type: 'function',
    name: readName(tool['name'], `${path}.name`),
    parameters: readObject(tool['input_schema'], `${path}.input_schema`),
    ...present({
      description: readOptionalString(tool['description'], `${path}.description`),
      strict: readFlag(tool['strict'], `${path}.strict`),
      cache: readCacheMark(tool),
    }),
  };
}

function readToolChoice(choice: JsonObject): ToolChoice {
  switch (choice['type']) {
    case 'none':
    case 'auto':
      return { type: choice['type'] };
    case 'any':
      return { type: 'required' };
    case 'tool':
      return { type: 'tool', name: readName(choice['name'], 'tool_choice.name') };
    default:
      throw invalid('tool_choice.type', '`tool_choice.type` is not a known choice.');
  }
}

function readStop(value: JsonValue | undefined): readonly string[] | undefined {
  const list = readOptionalArray(value, 'stop_sequences');
  if (list.length === 0) return undefined;
  return list.map((text, i) => readString(text, `stop_sequences[${i}]`));
}

/** `output_format` is the older name of `output_config.format`. */
function readFormat(body: JsonObject, dropped: Set<string>): ResponseFormat | undefined {
  const config = isSet(body['output_config'])
    ? readObject(body['output_config'], 'output_config')
    : {};
  noteUnknown(config, new Set(['format', 'effort']), 'output_config', dropped);
  const path = isSet(config['format']) ? 'output_config.format' : 'output_format';
  const value = config['format'] ?? body['output_format'];
  if (!isSet(value)) return undefined;
  const format = readObject(value, path);
  if (format['type'] !== 'json_schema') throw untranslatable(`${path}.type`);
  return { type: 'json_schema', schema: readObject(format['schema'], `${path}.schema`) };
}

function readReasoning(body: JsonObject, dropped: Set<string>): Reasoning | undefined {
  const effort = readEffort(body['output_config']);
  if (!isSet(body['thinking'])) return effort && { effort };
  const thinking = readObject(body['thinking'], 'thinking');
  noteUnknown(thinking, THINKING_KEYS, 'thinking', dropped);
  const summary = readDisplay(thinking, dropped);
  switch (thinking['type']) {
    case 'disabled':
      // An effort bounds the answer too, which no other protocol can say without thinking.
      if (effort !== undefined) dropped.add('output_config.effort');
      return { effort: 'none' };
    case 'between_tools':
      dropped.add('thinking.type');
      return present({ effort, summary });
    case 'adaptive':
      return present({ effort, summary });
    case 'enabled': {
      const budget = thinking['budget_tokens'];
      return present({
        effort,
        budgetTokens: readInteger(budget, 'thinking.budget_tokens', 1, MAX_TOKEN_LIMIT),
        summary,
      });
    }
    default:
      throw invalid('thinking.type', '`thinking.type` is not a known type.');
  }
}

const THINKING_KEYS: ReadonlySet<string> = new Set(['type', 'budget_tokens', 'display']);

/** Thoughts are summarised where they are shown at all; that they be kept back is a hint. */
function readDisplay(thinking: JsonObject, dropped: Set<string>): 'auto' | undefined {
  const { display } = thinking;
  if (display === 'summarized') return 'auto';
  if (isSet(display)) dropped.add('thinking.display');
  return undefined;
}

function readEffort(config: JsonValue | undefined): ReasoningEffort | undefined {
  const value = isSet(config) ? readObject(config, 'output_config')['effort'] : undefined;
  if (!isSet(value)) return undefined;
  if (isEffort(value) && value !== 'none') return value;
  throw invalid('output_config.effort', '`output_config.effort` is not a known effort.');
}

function readEndUser(value: JsonValue | undefined, dropped: Set<string>): string | undefined {
  if (!isSet(value)) return undefined;
  const metadata = readObject(value, 'metadata');
  noteUnknown(metadata, new Set(['user_id']), 'metadata', dropped);
  return readOptionalString(metadata['user_id'], 'metadata.user_id');
}

function readTier(value: JsonValue | undefined): string | undefined {
  const tier = readOptionalString(value, 'service_tier');
  return tier === 'standard_only' ? 'default' : tier;
}
