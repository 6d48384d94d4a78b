// Requests of the protocols that only providers speak, as the Chat request that asks the same. What
// it cannot say is named.

import type { JsonObject, JsonValue } from '../../src/base/json.ts';
import { type Loose, countOf, isCount, listOf, textOf } from './draft.ts';

export interface AsChat {
  readonly body: JsonObject;
  /** Top-level fields that had to be left out. */
  readonly without: readonly string[];
}

const CONVERSE_FIELDS = ['messages', 'system', 'inferenceConfig', 'toolConfig'];

export function converseAsChat(given: JsonObject, isStream: boolean): AsChat {
  const body = given as unknown as Loose;
  const system = listOf(body['system']).map(({ text }) => textOf(text));
  const { inferenceConfig: limits, toolConfig } = body;
  const tools = listOf(toolConfig?.['tools']).map(({ toolSpec }) => ({
    name: toolSpec?.['name'],
    description: toolSpec?.['description'],
    parameters: toolSpec?.['inputSchema']?.['json'],
  }));
  const choice = toolConfig?.['toolChoice'];
  const forced = choice?.['tool']?.['name'];
  const messages = listOf(body['messages']).flatMap((message) => [
    ...resultsOf(listOf(message['content'])),
    ...turnOf(textOf(message['role']), listOf(message['content'])),
  ]);
  return {
    body: defined({
      messages: [
        ...(system.length > 0 ? [{ role: 'system', content: system.join('\n') }] : []),
        ...messages,
      ],
      stream: isStream,
      max_tokens: limits?.['maxTokens'],
      temperature: limits?.['temperature'],
      top_p: limits?.['topP'],
      stop: limits?.['stopSequences'],
      tools: tools.length > 0 ? tools.map(functionTool) : undefined,
      tool_choice: choice?.['any']
        ? 'required'
        : forced && { type: 'function', function: { name: forced } },
    }),
    without: unsaid(given, CONVERSE_FIELDS),
  };
}

function resultsOf(content: readonly Loose[]): unknown[] {
  return content.flatMap(({ toolResult }) => {
    if (!toolResult) return [];
    const texts = listOf(toolResult['content']).map(
      ({ text, json }) => textOf(text) || JSON.stringify(json),
    );
    return [{ role: 'tool', tool_call_id: toolResult['toolUseId'], content: texts.join('\n') }];
  });
}

function turnOf(role: string, content: readonly Loose[]): unknown[] {
  const parts = content.flatMap(({ text, image }): object[] => {
    if (image) {
      const url = `data:image/${textOf(image['format'])};base64,${textOf(image['source']?.['bytes'])}`;
      return [{ type: 'image_url', image_url: { url } }];
    }
    return text === undefined ? [] : [{ type: 'text', text }];
  });
  const calls = content.flatMap(({ toolUse }) =>
    toolUse ? [callOf(textOf(toolUse['toolUseId']), toolUse['name'], toolUse['input'])] : [],
  );
  if (parts.length === 0 && calls.length === 0) return [];
  return [defined({ role, content: parts, tool_calls: calls.length > 0 ? calls : undefined })];
}

const COHERE_FIELDS = [
  'model messages stream max_tokens temperature p k seed stop_sequences tools tool_choice',
  'strict_tools frequency_penalty presence_penalty response_format thinking',
].flatMap((line) => line.split(' '));

/** Near to Chat, under names of its own for some settings. */
export function cohereAsChat(given: JsonObject): AsChat {
  const body = given as unknown as Loose;
  const { response_format: format, thinking } = body;
  const schema = format?.['json_schema'] ?? format?.['schema'];
  const isStrict = (body['strict_tools'] as unknown) === true;
  const tools = listOf(body['tools']).map(({ function: tool }) =>
    functionTool({ ...tool, ...(isStrict && { strict: true }) }),
  );
  const choice = textOf(body['tool_choice']).toLowerCase();
  const named = { type: 'json_schema', json_schema: { name: 'answer', schema } };
  const isOff = textOf(thinking?.['type']) === 'disabled';
  return {
    body: defined({
      messages: listOf(body['messages']).map(cohereMessage),
      stream: (body['stream'] as unknown) === true,
      max_tokens: body['max_tokens'],
      temperature: body['temperature'],
      top_p: body['p'],
      top_k: body['k'],
      seed: body['seed'],
      stop: body['stop_sequences'],
      frequency_penalty: body['frequency_penalty'],
      presence_penalty: body['presence_penalty'],
      tools: tools.length > 0 ? tools : undefined,
      tool_choice: choice === '' || tools.length === 0 ? undefined : choice,
      response_format: schema ? named : format,
      reasoning_effort: thinking === undefined ? undefined : isOff ? 'none' : 'medium',
    }),
    // It takes an empty list of documents for none.
    without: unsaid(given, COHERE_FIELDS).filter((key) => listOf(body[key]).length > 0),
  };
}

/** Results of tools are documents, whose data is any text. */
function cohereMessage(message: Loose): JsonObject {
  const { role, content, tool_calls: calls, tool_call_id: id } = message;
  const parts = listOf(content).map((part) => {
    const data = part['document']?.['data'];
    if (data === undefined) return part;
    return { type: 'text', text: textOf(data) || JSON.stringify(data) };
  });
  const isList = Array.isArray(content);
  return defined({ role, content: isList ? parts : content, tool_calls: calls, tool_call_id: id });
}

const OLLAMA_FIELDS = ['model', 'messages', 'options', 'stream', 'think', 'tools', 'format'];

/** Ollama's calls have no ids, and its results name the tool: they belong together in their order. */
export function ollamaAsChat(given: JsonObject): AsChat {
  const body = given as unknown as Loose;
  const { options, format, think } = body;
  const owed: string[] = [];
  let calls = 0;
  const messages = listOf(body['messages']).map((message) => {
    const role = textOf(message['role']);
    if (role === 'tool') {
      return { role, content: message['content'], tool_call_id: owed.shift() ?? 'call_0' };
    }
    const made = listOf(message['tool_calls']).map(({ id, function: called }) => {
      const callId = textOf(id) || `call_${++calls}`;
      owed.push(callId);
      return callOf(callId, called?.['name'], called?.['arguments']);
    });
    const images = listOf(message['images']).map((data) => ({
      type: 'image_url',
      image_url: { url: `data:image/png;base64,${textOf(data)}` },
    }));
    const text = [{ type: 'text', text: textOf(message['content']) }];
    const content = images.length > 0 ? [...text, ...images] : textOf(message['content']);
    return defined({ role, content, tool_calls: made.length > 0 ? made : undefined });
  });
  const schema = { type: 'json_schema', json_schema: { name: 'answer', schema: format } };
  return {
    body: defined({
      messages,
      stream: (body['stream'] as unknown) !== false,
      max_tokens:
        isCount(options?.['num_predict']) && Math.max(countOf(options?.['num_predict']), 1),
      temperature: options?.['temperature'],
      top_p: options?.['top_p'],
      seed: options?.['seed'],
      stop: options?.['stop'],
      reasoning_effort: think === undefined ? undefined : think ? 'medium' : 'none',
      response_format: textOf(format) === 'json' ? { type: 'json_object' } : format && schema,
      tools: body['tools'],
    }),
    without: unsaid(given, OLLAMA_FIELDS),
  };
}

function callOf(id: string, name: unknown, input: unknown): unknown {
  return { id, type: 'function', function: { name, arguments: JSON.stringify(input ?? {}) } };
}

function functionTool(tool: object): unknown {
  return { type: 'function', function: defined({ ...tool }) };
}

function unsaid(body: JsonObject, said: readonly string[]): string[] {
  return Object.keys(body).filter((key) => !said.includes(key));
}

function defined(fields: Readonly<Record<string, unknown>>): JsonObject {
  const told = Object.entries(fields).filter(([, value]) => value !== undefined && value !== false);
  return Object.fromEntries(told) as Record<string, JsonValue>;
}
