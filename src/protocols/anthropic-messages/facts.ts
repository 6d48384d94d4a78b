// What the gateway must know of a Messages body before it admits it, and the refusal of everything
// that would cost more than the price list knows: hosted tools, fast mode, regional inference, and
// the betas that call further models on their own.

import { originalLength } from '../../base/json-scan.ts';
import { arrayOf, objectOf, stringOf, type JsonObject, type JsonValue } from '../../base/json.ts';
import {
  invalid,
  isSet,
  MAX_TOKEN_LIMIT,
  present,
  readFlag,
  readInteger,
  readModel,
  readObject,
  readOptionalArray,
  unpriced,
} from '../fields.ts';
import {
  readServiceTier,
  refuseSmuggling,
  refuseUnpricedFields,
  refuseUnpricedTier,
} from '../guards.ts';
import type { RequestFacts } from '../protocol.ts';
import { canSpareSearch, searchOf } from '../web-search.ts';

const UNPRICED_FIELDS = Object.freeze([
  'mcp_servers',
  'container',
  'fallbacks',
  'fallback_credit_token',
  'billing_policy',
  'compaction',
  'thread',
]);

/** Tools that Anthropic defines and the client runs: they cost prompt tokens and nothing else. */
const CLIENT_TOOL = /^(bash|text_editor|computer|memory)_\d{8}$/;

/** Parts whose cost the length of their text bounds. */
const BOUNDED_PARTS: ReadonlySet<string> = new Set([
  'text',
  'thinking',
  'redacted_thinking',
  'tool_use',
  'tool_result',
  'search_result',
]);

/** Throws `invalid_request` or `unsupported_parameter`, with the field in `param`. */
export function inspectRequest(body: JsonObject): RequestFacts {
  refuseSmuggling(body);
  const model = readModel(body['model']);
  const stream = readFlag(body['stream'], 'stream') ?? false;
  const maxOutputTokens = readOutputCap(body);
  refuseUnpricedFields(body, UNPRICED_FIELDS);
  // Other tiers are agreed on with the organisation and never asked for.
  refuseUnpricedTier(body);
  refusePricedModes(body);
  refuseHostedTools(body);
  return {
    model,
    stream,
    maxOutputTokens,
    choices: 1,
    includeUsage: true,
    ...present({ serviceTier: readServiceTier(body) }),
    ...weighContent(body['messages']),
  };
}

/** The required cap; zero is legal and only warms the cache. */
export function readOutputCap(body: JsonObject): number {
  const cap = readInteger(body['max_tokens'], 'max_tokens', 0, MAX_TOKEN_LIMIT);
  if (cap === undefined) throw invalid('max_tokens', '`max_tokens` is required.');
  return cap;
}

function refusePricedModes(body: JsonObject): void {
  if (isSet(body['speed']) && body['speed'] !== 'standard') throw unpriced('speed');
  const geo = body['inference_geo'];
  if (isSet(geo) && geo !== 'global') throw unpriced('inference_geo');
  const edits = objectOf(body['context_management'])?.['edits'];
  for (const [i, edit] of arrayOf(edits).entries()) {
    // Compaction is another model call, billed outside the answer's own counts.
    const type = objectOf(edit)?.['type'];
    if (typeof type === 'string' && type.startsWith('compact')) {
      throw unpriced(`context_management.edits[${i}].type`);
    }
  }
}

/** A search of the web that is one tool among others is left out, unless it must be called. */
function refuseHostedTools(body: JsonObject): void {
  const tools = readOptionalArray(body['tools'], 'tools');
  let isSpare: boolean | undefined;
  for (const [i, value] of tools.entries()) {
    const tool = readObject(value, `tools[${i}]`);
    const { type } = tool;
    if (!isSet(type) || type === 'custom') continue;
    if (typeof type === 'string' && CLIENT_TOOL.test(type)) continue;
    const isSearch = searchOf(tool) !== undefined;
    if (!isSearch || !(isSpare ??= canSpareSearch(tools))) throw unpriced(`tools[${i}].type`);
    const choice = objectOf(body['tool_choice']);
    if (choice?.['type'] === 'tool' && choice['name'] === tool['name']) {
      throw unpriced('tool_choice.name');
    }
  }
}

function weighContent(
  messages: JsonValue | undefined,
): Pick<RequestFacts, 'images' | 'imageBytes' | 'unboundedInput'> {
  let images = 0;
  let imageBytes = 0;
  let unboundedInput = false;
  if (!Array.isArray(messages)) throw invalid('messages', '`messages` must be an array.');

  function weigh(part: JsonValue): void {
    const type = objectOf(part)?.['type'];
    if (type === 'image') {
      images += 1;
      imageBytes += originalLength(stringOf(objectOf(objectOf(part)?.['source'])?.['data']) ?? '');
    } else if (typeof type !== 'string' || !BOUNDED_PARTS.has(type)) unboundedInput = true;
  }

  for (const message of messages) {
    for (const part of arrayOf(objectOf(message)?.['content'])) {
      weigh(part);
      if (objectOf(part)?.['type'] !== 'tool_result') continue;
      for (const inner of arrayOf(objectOf(part)?.['content'])) weigh(inner);
    }
  }
  return { images, imageBytes, unboundedInput };
}
