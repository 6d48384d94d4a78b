// Reads a Chat Completions body into what the sandbox needs of it. Fields that would change nothing
// in a deterministic answer (temperature, seed, penalties …) are accepted and not looked at.

import { HubError } from '../base/errors.ts';
import type { JsonObject, JsonValue } from '../base/json.ts';
import { arrayOf, isObject, objectOf, stringOf } from '../base/json.ts';
import type { SandboxMessage } from './messages.ts';
import { lastUserIndex, readMessages } from './messages.ts';
import type { SandboxModelId } from './models.ts';
import { findSandboxModel, SANDBOX_MAX_OUTPUT_TOKENS } from './models.ts';

export interface SandboxTool {
  readonly name: string;
  readonly parameters: JsonObject;
}

export interface SandboxRequest {
  readonly model: SandboxModelId;
  readonly messages: readonly SandboxMessage[];
  /** The text of the last user message, where the answering models look for their orders. */
  readonly userText: string;
  readonly stream: boolean;
  readonly includeUsage: boolean;
  readonly choices: number;
  readonly outputCap: number;
  readonly stop: readonly string[];
  readonly tools: readonly SandboxTool[];
  /** The tools as JSON text, which is what they cost as prompt. */
  readonly toolsJson: string;
  /** The tool to call, or undefined where the answer must be text. */
  readonly chosenTool: SandboxTool | undefined;
  readonly parallelToolCalls: boolean;
  /** The schema of a JSON answer; undefined asks for text. */
  readonly answerSchema: JsonObject | undefined;
  readonly reasoningTokens: number;
  /** Milliseconds per token that the user text asks for as `[pace N]`. */
  readonly askedPaceMs: number | undefined;
}

const MAX_CHOICES = 8;
const MAX_STOPS = 4;
const MAX_PACE_MS = 1_000;
/** JSON.stringify takes minutes for millions of levels, and everybody else would wait as long. */
const MAX_TOOLS_DEPTH = 100;

const REASONING_TOKENS: ReadonlyMap<string, number> = new Map([
  ['none', 0],
  ['minimal', 0],
  ['low', 32],
  ['medium', 64],
  ['high', 128],
  ['xhigh', 256],
  ['max', 512],
]);

/** What `json_object` answers, since it names no schema. */
const ANY_OBJECT: JsonObject = Object.freeze({
  type: 'object',
  properties: { text: { type: 'string' } },
  required: ['text'],
});

/** Throws `invalid_request` with `param`, or `model_not_found`. */
export function readRequest(body: JsonValue): SandboxRequest {
  if (!isObject(body)) throw new HubError('invalid_request');
  const messages = readMessages(body['messages']);
  const userText = messages[lastUserIndex(messages)]?.text ?? '';
  const tools = readTools(body['tools']);
  return {
    model: readModel(body['model']),
    messages,
    userText,
    stream: body['stream'] === true,
    includeUsage: objectOf(body['stream_options'])?.['include_usage'] === true,
    choices: readCount(body, 'n', MAX_CHOICES) ?? 1,
    outputCap: Math.min(
      readCount(body, 'max_tokens') ?? SANDBOX_MAX_OUTPUT_TOKENS,
      readCount(body, 'max_completion_tokens') ?? SANDBOX_MAX_OUTPUT_TOKENS,
      SANDBOX_MAX_OUTPUT_TOKENS,
    ),
    stop: readStop(body['stop']),
    tools,
    toolsJson: tools.length === 0 ? '' : JSON.stringify(body['tools']),
    chosenTool: readToolChoice(body['tool_choice'], tools),
    parallelToolCalls: body['parallel_tool_calls'] !== false,
    answerSchema: readAnswerSchema(body['response_format']),
    reasoningTokens: readEffort(body['reasoning_effort']),
    askedPaceMs: readPace(userText),
  };
}

function invalid(param: string, message: string): HubError {
  return new HubError('invalid_request', { param, message });
}

function readModel(value: JsonValue | undefined): SandboxModelId {
  if (typeof value !== 'string') throw invalid('model', 'The model must be named.');
  const model = findSandboxModel(value);
  if (model === undefined) {
    const message = 'The model does not exist in the sandbox.';
    throw new HubError('model_not_found', { param: 'model', message });
  }
  return model.id;
}

function readCount(body: JsonObject, param: string, most?: number): number | undefined {
  const value = body[param] ?? undefined;
  if (value === undefined) return undefined;
  const limit = most ?? Number.MAX_SAFE_INTEGER;
  if (typeof value === 'number' && Number.isInteger(value) && value >= 1 && value <= limit) {
    return value;
  }
  throw invalid(param, `${param} must be a whole number from 1${most ? ` to ${most}` : ''}.`);
}

function readStop(value: JsonValue | undefined): string[] {
  const stops = typeof value === 'string' ? [value] : arrayOf(value);
  if (stops.length > MAX_STOPS) throw invalid('stop', `At most ${MAX_STOPS} stop sequences.`);
  return stops.filter((stop): stop is string => typeof stop === 'string' && stop !== '');
}

function readTools(value: JsonValue | undefined): SandboxTool[] {
  if (isDeeper(value, MAX_TOOLS_DEPTH)) throw invalid('tools', 'Tools nest at most 100 levels.');
  return arrayOf(value).flatMap((tool, index) => {
    if (objectOf(tool)?.['type'] !== 'function') return [];
    const definition = objectOf(objectOf(tool)?.['function']);
    const name = stringOf(definition?.['name']);
    if (name === undefined) throw invalid(`tools[${index}].function.name`, 'A tool needs a name.');
    return [{ name, parameters: objectOf(definition?.['parameters']) ?? { type: 'object' } }];
  });
}

function isDeeper(value: JsonValue | undefined, levels: number): boolean {
  if (typeof value !== 'object' || value === null) return false;
  return levels === 0 || Object.values(value).some((inner) => isDeeper(inner, levels - 1));
}

function readToolChoice(
  value: JsonValue | undefined,
  tools: readonly SandboxTool[],
): SandboxTool | undefined {
  if (value === 'none') return undefined;
  const name = stringOf(objectOf(objectOf(value)?.['function'])?.['name']);
  if (name === undefined) return tools[0];
  const chosen = tools.find((tool) => tool.name === name);
  if (chosen === undefined) throw invalid('tool_choice', 'tool_choice names no tool of this body.');
  return chosen;
}

function readAnswerSchema(value: JsonValue | undefined): JsonObject | undefined {
  const format = objectOf(value);
  if (format?.['type'] === 'json_object') return ANY_OBJECT;
  if (format?.['type'] !== 'json_schema') return undefined;
  return objectOf(objectOf(format['json_schema'])?.['schema']) ?? ANY_OBJECT;
}

function readEffort(value: JsonValue | undefined): number {
  if (value === undefined || value === null) return 0;
  const tokens = typeof value === 'string' ? REASONING_TOKENS.get(value) : undefined;
  if (tokens === undefined) throw invalid('reasoning_effort', 'reasoning_effort is not known.');
  return tokens;
}

function readPace(userText: string): number | undefined {
  const digits = /\[pace (\d{1,9})\]/.exec(userText)?.[1];
  return digits === undefined ? undefined : Math.min(Number(digits), MAX_PACE_MS);
}
