// Reads the input of a Responses body. Its items are flat, so those of one turn are gathered.

import type { JsonObject, JsonValue } from '../../base/json.ts';
import type {
  AssistantPart,
  ChatMessage,
  TextPart,
  ToolCallPart,
  ToolResult,
  UserPart,
} from '../../chat/request.ts';
import {
  invalid,
  isSet,
  noteUnknown,
  present,
  readArray,
  readName,
  readObject,
  readOptionalArray,
  readString,
  untranslatable,
} from '../fields.ts';
import { readCacheMark } from '../openai-breakpoints.ts';
import { gatherTurns, type Turns } from '../turns.ts';
import { readFile, readImage } from './media.ts';
import { readReasoning } from './reasoning.ts';
import { qualifiedName } from './tools.ts';

const ITEM_KEYS: ReadonlySet<string> = new Set(
  [
    'type id status role content summary encrypted_content call_id name namespace arguments input',
    'output tools',
  ].flatMap((line) => line.split(' ')),
);
const PART_KEYS: ReadonlySet<string> = new Set(
  [
    'type text refusal image_url file_id detail file_data file_url filename',
    'prompt_cache_breakpoint annotations logprobs',
  ].flatMap((line) => line.split(' ')),
);

/** Throws `invalid_request` or `unsupported_parameter`; notes dropped fields in `dropped`. */
export function decodeInput(input: JsonValue | undefined, dropped: Set<string>): ChatMessage[] {
  if (typeof input === 'string') {
    return [{ role: 'user', content: [{ type: 'text', text: input }] }];
  }
  const turns = gatherTurns();
  readArray(input, 'input').forEach((value, i) => {
    const path = `input[${i}]`;
    const item = readObject(value, path);
    noteUnknown(item, ITEM_KEYS, 'input', dropped);
    readItem(item, path, turns, dropped);
  });
  const messages = turns.close();
  if (messages.length === 0) throw invalid('input', '`input` must not be empty.');
  return messages;
}

function readItem(item: JsonObject, path: string, turns: Turns, dropped: Set<string>): void {
  switch (item['type']) {
    case undefined:
    case 'message':
      readMessage(item, path, turns, dropped);
      return;
    case 'reasoning': {
      const part = readReasoning(item);
      if (part !== undefined) turns.say([part]);
      return;
    }
    case 'function_call':
      turns.say([readCall(item, path)]);
      return;
    case 'custom_tool_call':
      turns.say([readCustomCall(item, path)]);
      return;
    case 'function_call_output':
    case 'custom_tool_call_output':
      turns.answer(readResult(item, path, dropped), `${path}.call_id`);
      return;
    case 'additional_tools':
      // Read with the tools: to other protocols a tool exists from the start.
      return;
    default:
      throw untranslatable(`${path}.type`);
  }
}

function readMessage(item: JsonObject, path: string, turns: Turns, dropped: Set<string>): void {
  const at = `${path}.content`;
  const parts = readParts(item['content'], at, dropped);
  switch (item['role']) {
    case 'user':
      turns.add({ role: 'user', content: parts.map(readUserPart) });
      return;
    case 'system':
    case 'developer':
      turns.add({ role: 'system', content: parts.map(readSystemPart) });
      return;
    case 'assistant':
      turns.say(parts.map((placed) => readAssistantPart(placed, dropped)));
      return;
    default:
      throw invalid(`${path}.role`, `\`${path}.role\` is not a known role.`);
  }
}

interface PlacedPart {
  readonly part: JsonObject;
  readonly path: string;
}

/** Content as a list of parts; a bare string is one text. */
function readParts(
  content: JsonValue | undefined,
  path: string,
  dropped: Set<string>,
): PlacedPart[] {
  if (typeof content === 'string') return [{ part: { type: 'input_text', text: content }, path }];
  return readArray(content, path).map((value, j) => {
    const part = readObject(value, `${path}[${j}]`);
    noteUnknown(part, PART_KEYS, 'input.content', dropped);
    return { part, path: `${path}[${j}]` };
  });
}

function readUserPart({ part, path }: PlacedPart): Exclude<UserPart, { type: 'audio' }> {
  const cache = present({ cache: readCacheMark(part) });
  switch (part['type']) {
    case 'input_text':
      return { ...readText(part, path), ...cache };
    case 'input_image':
      return { ...readImage(part, path), ...cache };
    case 'input_file':
      return { ...readFile(part, path), ...cache };
    default:
      throw untranslatable(`${path}.type`);
  }
}

function readSystemPart({ part, path }: PlacedPart): TextPart {
  if (part['type'] !== 'input_text') throw untranslatable(`${path}.type`);
  return { ...readText(part, path), ...present({ cache: readCacheMark(part) }) };
}

function readAssistantPart({ part, path }: PlacedPart, dropped: Set<string>): AssistantPart {
  if (part['type'] === 'refusal') {
    return { type: 'refusal', text: readString(part['refusal'], `${path}.refusal`) };
  }
  if (part['type'] !== 'output_text' && part['type'] !== 'input_text') {
    throw untranslatable(`${path}.type`);
  }
  // Where an earlier answer took its words from, and how sure it was; another model needs neither.
  for (const key of ['annotations', 'logprobs']) {
    if (readOptionalArray(part[key], `${path}.${key}`).length > 0) {
      dropped.add(`input.content.${key}`);
    }
  }
  return readText(part, path);
}

function readText(part: JsonObject, path: string): TextPart {
  return { type: 'text', text: readString(part['text'], `${path}.text`) };
}

function readCall(item: JsonObject, path: string): ToolCallPart {
  const json = readString(item['arguments'], `${path}.arguments`);
  return { ...readCalled(item, path), argumentsJson: json.trim() === '' ? '{}' : json };
}

function readCustomCall(item: JsonObject, path: string): ToolCallPart {
  const input = readString(item['input'], `${path}.input`);
  return { ...readCalled(item, path), argumentsJson: input, custom: true };
}

function readCalled(item: JsonObject, path: string) {
  return {
    type: 'tool_call' as const,
    id: readName(item['call_id'], `${path}.call_id`),
    name: qualifiedName(item['namespace'], readName(item['name'], `${path}.name`)),
  };
}

function readResult(item: JsonObject, path: string, dropped: Set<string>): ToolResult {
  const callId = readName(item['call_id'], `${path}.call_id`);
  const output = item['output'];
  const parts = isSet(output) ? readParts(output, `${path}.output`, dropped) : [];
  return { callId, content: parts.map(readUserPart), isError: false };
}
