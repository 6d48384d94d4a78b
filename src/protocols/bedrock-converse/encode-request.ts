// Writes the intermediate form as a Converse body; the model and the stream are said in the path. What
// the protocol cannot say is named in `dropped` when it is a hint, and refused by name when the answer
// would depend on it. What is Claude's own goes beside Converse's fields, under Anthropic's names.

import { assert } from '../../base/errors.ts';
import type { JsonObject } from '../../base/json.ts';
import type { ChatRequest } from '../../chat/request.ts';
import { encodeReasoning, isClaudes, isThinking, limitSampling, writeStop } from '../claude.ts';
import { present, untranslatable } from '../fields.ts';
import type { EncodedRequest, Quirks } from '../protocol.ts';
import { countCachePoints } from './cache-points.ts';
import { encodeMessages, encodeSystem, type Writing } from './encode-messages.ts';
import { writeSingleCall, writeToolConfig } from './tools.ts';
import { MAKER } from './maker.ts';

/** Throws `unsupported_parameter` with the field in `param`. Needs `maxOutputTokens`. */
export function encodeRequest(request: ChatRequest, quirks: Quirks): EncodedRequest {
  const { maxOutputTokens } = request;
  assert(maxOutputTokens !== undefined, 'a request for Bedrock has an output cap');
  // Zero only warms a cache, and only Anthropic's own protocol has that.
  if (maxOutputTokens === 0) throw untranslatable('max_tokens');
  const dropped = new Set(request.dropped);
  const writing: Writing = {
    quirks,
    dropped,
    cachePoints: countCachePoints(quirks, dropped),
    documentNames: new Set(),
  };
  noteHints(request, dropped);
  const model = writeModelFields(request, maxOutputTokens, writing);
  // In the order of the prompt, by which cache points are counted.
  const toolConfig = writeToolConfig(request, writing);
  const system = encodeSystem(request.messages, writing);
  const messages = encodeMessages(request.messages, writing);
  const { temperature, topP } = model;
  const stopSequences = writeStop(request.stop);
  return {
    body: {
      ...(system.length > 0 && { system }),
      messages,
      inferenceConfig: {
        maxTokens: maxOutputTokens,
        ...present({ temperature, topP, stopSequences }),
      },
      ...present({
        toolConfig,
        additionalModelRequestFields: objectWith(model.fields),
        additionalModelResponseFieldPaths:
          stopSequences && model.isClaude ? [...STOP_SEQUENCE_PATHS] : undefined,
        outputConfig: objectWith({ textFormat: writeFormat(request), effort: model.effort }),
        serviceTier: writeTier(request.serviceTier, dropped),
        requestMetadata: writeMetadata(request.metadata, dropped),
      }),
    },
    dropped: [...dropped],
  };
}

/** Where Claude says which stop sequence it met, whole and in a stream. */
const STOP_SEQUENCE_PATHS = Object.freeze(['/stop_sequence', '/delta/stop_sequence']);

interface ModelFields {
  readonly isClaude: boolean;
  readonly fields: JsonObject;
  readonly effort?: string | undefined;
  readonly temperature?: number | undefined;
  readonly topP?: number | undefined;
}

/** What depends on whose model it is. Of others than Claude's no own fields are known. */
function writeModelFields(request: ChatRequest, cap: number, writing: Writing): ModelFields {
  const { quirks, dropped } = writing;
  const { reasoning } = request;
  const isClaude = isClaudes(quirks);
  const single = writeSingleCall(request, writing);
  if (!isClaude) {
    if (reasoning !== undefined && reasoning.effort !== 'none') dropped.add('reasoning_effort');
    if (request.topK !== undefined) dropped.add('top_k');
    const { temperature, topP } = request;
    if (temperature !== undefined && temperature > 1) dropped.add('temperature>1');
    const clamped = temperature === undefined ? undefined : Math.min(temperature, 1);
    return { isClaude, fields: {}, temperature: clamped, topP };
  }
  const { thinking, effort } = encodeReasoning(request, cap, quirks, dropped, MAKER);
  const { temperature, topP, topK } = limitSampling(request, isThinking(thinking), quirks, dropped);
  return {
    isClaude,
    fields: present({ thinking, top_k: topK, tool_choice: single }),
    effort,
    temperature,
    topP,
  };
}

function noteHints(request: ChatRequest, dropped: Set<string>): void {
  if (request.choices !== undefined && request.choices > 1) throw untranslatable('n');
  if (request.topLogprobs !== undefined) throw untranslatable('logprobs');
  if (request.logitBias !== undefined) throw untranslatable('logit_bias');
  if (request.seed !== undefined) dropped.add('seed');
  if (request.frequencyPenalty !== undefined) dropped.add('frequency_penalty');
  if (request.presencePenalty !== undefined) dropped.add('presence_penalty');
  if (request.verbosity !== undefined) dropped.add('verbosity');
  if (request.endUser !== undefined) dropped.add('user');
  if (request.promptCacheKey !== undefined) dropped.add('prompt_cache_key');
}

function writeFormat({ responseFormat }: ChatRequest): JsonObject | undefined {
  if (responseFormat === undefined || responseFormat.type === 'text') return undefined;
  if (responseFormat.type === 'json_object') throw untranslatable('response_format');
  const { name, schema } = responseFormat;
  // The schema is a text here.
  const jsonSchema = { schema: JSON.stringify(schema), ...present({ name }) };
  return { type: 'json_schema', structure: { jsonSchema } };
}

const TIERS: ReadonlySet<string> = new Set(['default', 'flex', 'priority']);

/** `auto` leaves it to the provider, and Bedrock has no such word. */
function writeTier(tier: string | undefined, dropped: Set<string>): JsonObject | undefined {
  if (tier === undefined || tier === 'auto') return undefined;
  if (TIERS.has(tier)) return { type: tier };
  dropped.add('service_tier');
  return undefined;
}

const MAX_PAIRS = 16;
const METADATA = /^[a-zA-Z0-9\s:_@$#=/+,.-]{0,256}$/;

/** All of it or, where Bedrock would refuse some, none: half of a label means something else. */
function writeMetadata(
  metadata: ChatRequest['metadata'],
  dropped: Set<string>,
): JsonObject | undefined {
  const pairs = Object.entries(metadata ?? {});
  if (pairs.length === 0) return undefined;
  const isTaken =
    pairs.length <= MAX_PAIRS &&
    pairs.every(([key, value]) => key !== '' && METADATA.test(key) && METADATA.test(value));
  if (!isTaken) dropped.add('metadata');
  return isTaken ? { ...metadata } : undefined;
}

/** The members that are set; undefined where there are none. */
function objectWith(members: Readonly<Record<string, unknown>>): JsonObject | undefined {
  const set = present(members) as JsonObject;
  return Object.keys(set).length > 0 ? set : undefined;
}
