// What the gateway must know of a Responses body before it admits it, and the refusal of everything
// that would cost more than the price list knows, or that rests on what a provider has stored: this
// hub has stored nothing there. The rest of the body is the upstream's to judge.

import { HubError } from '../../base/errors.ts';
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
  unpriced,
  unsupported,
} from '../fields.ts';
import { readServiceTier, refuseSmuggling, refuseUnpricedFields } from '../guards.ts';
import type { RequestFacts } from '../protocol.ts';
import { refuseSearchChoice } from '../web-search.ts';
import { refuseHostedTools } from './tools.ts';

/** Templates of the account's own, answers that nobody waits for, and further model calls. */
const UNPRICED_FIELDS = Object.freeze(['background', 'prompt', 'context_management', 'plugins']);

/** Items whose cost the length of their text, or a number of images, bounds. */
const BOUNDED_ITEMS: ReadonlySet<JsonValue | undefined> = new Set([
  // A message may leave its type out.
  undefined,
  'message',
  'reasoning',
  'function_call',
  'function_call_output',
  'custom_tool_call',
  'custom_tool_call_output',
  'local_shell_call',
  'local_shell_call_output',
  'shell_call',
  'shell_call_output',
  'apply_patch_call',
  'apply_patch_call_output',
  'additional_tools',
  'configuration_update',
]);

const BOUNDED_PARTS: ReadonlySet<JsonValue | undefined> = new Set([
  'input_text',
  'output_text',
  'refusal',
  'summary_text',
  'reasoning_text',
  'input_image',
]);

/** Throws `invalid_request`, `unsupported_parameter` or `previous_response_not_found`. */
export function inspectRequest(body: JsonObject): RequestFacts {
  refuseSmuggling(body);
  const model = readModel(body['model']);
  const stream = readFlag(body['stream'], 'stream') ?? false;
  const maxOutputTokens = readOutputCap(body);
  refuseStored(body);
  refuseUnpricedFields(body, UNPRICED_FIELDS);
  refusePricedModes(body);
  const serviceTier = readServiceTier(body);
  const sendsScreens = refuseHostedTools(body['tools'], 'tools');
  refuseSearchChoice(body['tool_choice']);
  const input = weighInput(body['input']);
  return {
    model,
    stream,
    choices: 1,
    includeUsage: true,
    ...present({ maxOutputTokens, serviceTier }),
    ...input,
    unboundedInput: input.unboundedInput || sendsScreens,
  };
}

export function readOutputCap(body: JsonObject): number | undefined {
  return readInteger(body['max_output_tokens'], 'max_output_tokens', 1, MAX_TOKEN_LIMIT);
}

/** What a provider would have to have kept from an earlier request. */
export function refuseStored(body: JsonObject): void {
  for (const key of ['previous_response_id', 'conversation']) {
    if (isSet(body[key])) throw new HubError('previous_response_not_found', { param: key });
  }
}

/** Such a mode reads the prompt several times over, which the prompt's length does not bound. */
function refusePricedModes(body: JsonObject): void {
  const mode = objectOf(body['reasoning'])?.['mode'];
  if (isSet(mode) && mode !== 'standard') throw unpriced('reasoning.mode');
}

type Weight = Pick<RequestFacts, 'images' | 'imageBytes' | 'unboundedInput'>;

/** Throws for items that only name what is stored. */
export function weighInput(input: JsonValue | undefined): Weight {
  let images = 0;
  let imageBytes = 0;
  let unboundedInput = false;
  if (isSet(input) && typeof input !== 'string' && !Array.isArray(input)) {
    throw invalid('input', '`input` must be a string or an array.');
  }

  function weighPart(value: JsonValue): void {
    const part = objectOf(value);
    const type = part?.['type'];
    if (!BOUNDED_PARTS.has(type)) unboundedInput = true;
    if (type !== 'input_image') return;
    images += 1;
    const url = stringOf(part?.['image_url']) ?? '';
    if (url.startsWith('data:image/')) imageBytes += originalLength(url);
  }

  arrayOf(input).forEach((value, i) => {
    const item = objectOf(value);
    const type = item?.['type'];
    if (type === 'item_reference') {
      throw unsupported(`input[${i}].type`, 'Nothing is stored here: send the item itself.');
    }
    if (type === 'additional_tools') {
      unboundedInput ||= refuseHostedTools(item?.['tools'], `input[${i}].tools`);
    }
    if (!BOUNDED_ITEMS.has(type)) unboundedInput = true;
    arrayOf(item?.['content']).forEach(weighPart);
    if (type === 'function_call_output' || type === 'custom_tool_call_output') {
      arrayOf(item?.['output']).forEach(weighPart);
    }
  });
  return { images, imageBytes, unboundedInput };
}
