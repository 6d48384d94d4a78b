// Reads a generateContent body into the intermediate form; model and stream stand in its address.
// Every field is translated, dropped by the published list, or refused by name.

import { arrayOf, type JsonObject, type JsonValue } from '../../base/json.ts';
import type {
  ChatMessage,
  ChatRequest,
  FunctionTool,
  ResponseFormat,
  ToolChoice,
} from '../../chat/request.ts';
import {
  type FieldRules,
  isSet,
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
} from '../fields.ts';
import type { Address } from '../protocol.ts';
import { decodeContents, readContent, readTexts } from './decode-contents.ts';
import { readOutputCap, readTier } from './facts.ts';
import { toJsonSchema } from './schema.ts';
import { respell } from './spelling.ts';
import { readThinking } from './thinking.ts';
import { readMode } from './tool-choice.ts';

const BODY_FIELDS: FieldRules = Object.freeze({
  translated: new Set(
    'model contents systemInstruction tools toolConfig generationConfig labels serviceTier'.split(
      ' ',
    ),
  ),
  droppable: new Set(['safetySettings', 'store']),
});

const CONFIG = 'generationConfig';
const CONFIG_FIELDS: FieldRules = Object.freeze({
  translated: new Set(
    [
      'maxOutputTokens temperature topP topK candidateCount stopSequences seed presencePenalty',
      'frequencyPenalty responseMimeType responseSchema responseJsonSchema responseLogprobs',
      'logprobs thinkingConfig responseModalities',
    ].flatMap((line) => line.split(' ')),
  ),
  droppable: new Set(['mediaResolution', 'enableEnhancedCivicAnswers', 'audioTimestamp']),
});

/** Throws `invalid_request` or `unsupported_parameter`, with the field in `param`. */
export function decodeRequest(given: JsonObject, address?: Address): ChatRequest {
  refuseDeepNesting(given);
  const dropped = new Set<string>();
  const body = respell(given);
  sortFields(body, BODY_FIELDS, dropped);
  const config = isSet(body[CONFIG]) ? respell(readObject(body[CONFIG], CONFIG), CONFIG) : {};
  sortFields(config, CONFIG_FIELDS, dropped, CONFIG);
  if (arrayOf(config['responseModalities']).some((modality) => modality !== 'TEXT')) {
    throw untranslatable(`${CONFIG}.responseModalities`);
  }
  return {
    model: readModel(address?.model),
    messages: [
      ...readSystem(body['systemInstruction'], dropped),
      ...decodeContents(readArray(body['contents'], 'contents'), dropped),
    ],
    tools: readTools(body['tools'], dropped),
    stream: address?.stream ?? false,
    includeUsage: true,
    ...present({
      toolChoice: readToolChoice(body['toolConfig'], dropped),
      metadata: readLabels(body['labels']),
      serviceTier: readTier(body),
      reasoning: readThinking(config['thinkingConfig'], dropped),
      responseFormat: readFormat(config),
      ...readSampling(config),
    }),
    dropped: [...dropped],
  };
}

function readSampling(config: JsonObject) {
  const number = (key: string) => readNumber(config[key], `${CONFIG}.${key}`);
  const isLogged = readFlag(config['responseLogprobs'], `${CONFIG}.responseLogprobs`) === true;
  const top = readInteger(config['logprobs'], `${CONFIG}.logprobs`, 0, 20);
  const choices = readInteger(config['candidateCount'], `${CONFIG}.candidateCount`, 1, 8);
  return {
    maxOutputTokens: readOutputCap(config),
    temperature: number('temperature'),
    topP: number('topP'),
    topK: number('topK'),
    seed: number('seed'),
    frequencyPenalty: number('frequencyPenalty'),
    presencePenalty: number('presencePenalty'),
    stop: readStop(config['stopSequences']),
    choices: choices === 1 ? undefined : choices,
    topLogprobs: isLogged ? (top ?? 0) : undefined,
  };
}

function readStop(value: JsonValue | undefined): readonly string[] | undefined {
  const path = `${CONFIG}.stopSequences`;
  const list = readOptionalArray(value, path);
  return list.length === 0 ? undefined : list.map((text, i) => readString(text, `${path}[${i}]`));
}

function readSystem(value: JsonValue | undefined, dropped: Set<string>): ChatMessage[] {
  if (!isSet(value)) return [];
  const path = 'systemInstruction';
  const content = readTexts(readContent(value, path), path, dropped);
  return content.length === 0 ? [] : [{ role: 'system', content }];
}

function readTools(value: JsonValue | undefined, dropped: Set<string>): FunctionTool[] {
  return readOptionalArray(value, 'tools').flatMap((given, i) => {
    const path = `tools[${i}]`;
    const tool = respell(readObject(given, path), path);
    const other = Object.keys(tool).find(
      (key) => key !== 'functionDeclarations' && isSet(tool[key]),
    );
    if (other !== undefined) throw untranslatable(`${path}.${other}`);
    const at = `${path}.functionDeclarations`;
    return readOptionalArray(tool['functionDeclarations'], at).map((item, j) =>
      readDeclaration(item, `${at}[${j}]`, dropped),
    );
  });
}

const DECLARATION_KEYS: ReadonlySet<string> = new Set([
  'name',
  'description',
  'parameters',
  'parametersJsonSchema',
]);

function readDeclaration(value: JsonValue, path: string, dropped: Set<string>): FunctionTool {
  const tool = respell(readObject(value, path), path);
  noteUnknown(tool, DECLARATION_KEYS, 'tools.functionDeclarations', dropped);
  const schema = isSet(tool['parametersJsonSchema'])
    ? readObject(tool['parametersJsonSchema'], `${path}.parametersJsonSchema`)
    : toJsonSchema(readObject(tool['parameters'] ?? {}, `${path}.parameters`));
  return {
    type: 'function',
    name: readName(tool['name'], `${path}.name`),
    parameters:
      schema['type'] === undefined ? { type: 'object', properties: {}, ...schema } : schema,
    ...present({
      description: readOptionalString(tool['description'], `${path}.description`),
    }),
  };
}

const CALLING = 'toolConfig.functionCallingConfig';

function readToolChoice(
  value: JsonValue | undefined,
  dropped: Set<string>,
): ToolChoice | undefined {
  if (!isSet(value)) return undefined;
  const toolConfig = respell(readObject(value, 'toolConfig'), 'toolConfig');
  noteUnknown(toolConfig, new Set(['functionCallingConfig']), 'toolConfig', dropped);
  if (!isSet(toolConfig['functionCallingConfig'])) return undefined;
  const config = respell(readObject(toolConfig['functionCallingConfig'], CALLING), CALLING);
  noteUnknown(config, new Set(['mode', 'allowedFunctionNames']), CALLING, dropped);
  const path = `${CALLING}.allowedFunctionNames`;
  const names = readOptionalArray(config['allowedFunctionNames'], path).map((name, i) =>
    readName(name, `${path}[${i}]`),
  );
  const mode = readOptionalString(config['mode'], `${CALLING}.mode`);
  return readMode(mode, names, `${CALLING}.mode`);
}

export function readLabels(
  value: JsonValue | undefined,
): Readonly<Record<string, string>> | undefined {
  if (!isSet(value)) return undefined;
  const labels = Object.entries(readObject(value, 'labels')).map(([key, text]) => [
    key,
    readString(text, `labels.${key}`),
  ]);
  return Object.fromEntries(labels) as Record<string, string>;
}

function readFormat(config: JsonObject): ResponseFormat | undefined {
  const type = readOptionalString(config['responseMimeType'], `${CONFIG}.responseMimeType`);
  if (type !== undefined && type !== 'application/json' && type !== 'text/plain') {
    throw untranslatable(`${CONFIG}.responseMimeType`);
  }
  const { responseJsonSchema: json, responseSchema: older } = config;
  if (isSet(json)) {
    return { type: 'json_schema', schema: readObject(json, `${CONFIG}.responseJsonSchema`) };
  }
  if (isSet(older)) {
    const schema = readObject(older, `${CONFIG}.responseSchema`);
    return { type: 'json_schema', schema: toJsonSchema(schema) };
  }
  return type === 'application/json' ? { type: 'json_object' } : undefined;
}
