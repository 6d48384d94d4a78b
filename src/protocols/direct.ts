// What the protocols of no conversations have in common: OpenAI's errors and headers, a body of which
// the model alone is edited, and replies whose usage is read without being rewritten.

import { HubError } from '../base/errors.ts';
import { isObject, type JsonObject, type JsonValue } from '../base/json.ts';
import type { ReportedUsage } from '../chat/usage.ts';
import { editKey } from './body-edits.ts';
import { readModel, unpriced } from './fields.ts';
import { readServiceTier, refuseSmuggling, refuseUnpricedFields } from './guards.ts';
import { decodeError, decodeErrorBody, encodeError, isErrorBody } from './openai-errors.ts';
import type { BodyEdit, PassThroughEdits, RequestFacts } from './protocol.ts';
import { readCounts } from './token-counts.ts';

/** The part of a protocol that is the same for all of them. */
export const DIRECT = Object.freeze({
  kind: 'direct',
  requestIdHeader: 'x-request-id',
  bodyFormat: 'json',
  answer: 'whole',
  editRequest: editModel,
  forwardHeaders: () => ({}),
  decodeError,
  encodeError,
} as const);

type Demand = Pick<RequestFacts, 'choices'> & Partial<Omit<RequestFacts, 'model' | 'choices'>>;

/** The facts of a body that asks for this. */
export function inspectDirect(
  body: JsonObject,
  unpricedFields: readonly string[],
  demand: () => Demand,
): RequestFacts {
  refuseSmuggling(body);
  const model = readModel(body['model']);
  if (readServiceTier(body) !== undefined) throw unpriced('service_tier');
  refuseUnpricedFields(body, unpricedFields);
  return {
    model,
    stream: false,
    includeUsage: false,
    images: 0,
    imageBytes: 0,
    unboundedInput: false,
    // One answer cannot be made shorter, so there are fewer of them or none.
    lowersChoices: true,
    ...demand(),
  };
}

export function editModel(body: JsonObject, edits: PassThroughEdits): readonly BodyEdit[] {
  return body['model'] === edits.model ? [] : [editKey('model', edits.model)];
}

/** The body of a reply that must be an object; throws for anything else, and for an error. */
export function readReply(body: JsonValue | undefined): JsonObject {
  if (!isObject(body)) throw brokenReply();
  if (isErrorBody(body)) throw decodeErrorBody(body);
  return body;
}

export function brokenReply(): HubError {
  return new HubError('upstream_failed', {
    message: 'The provider sent something that is no reply.',
  });
}

/** Counts of tokens; undefined where nothing is told. Caches are not part of these endpoints. */
export function readTokens(
  inputCount: JsonValue | undefined,
  outputCount: JsonValue | undefined,
  totalCount: JsonValue | undefined,
): ReportedUsage | undefined {
  const counts = readCounts();
  const total = counts.required(totalCount);
  const output = counts.required(outputCount) ?? 0;
  const input = counts.required(inputCount) ?? (total === undefined ? undefined : total - output);
  if (counts.isBroken()) return { final: true, problem: 'not_a_count' };
  if (input === undefined) return undefined;
  if (input < 0) return { final: true, problem: 'parts_exceed_whole' };
  if (total !== undefined && total !== input + output) {
    return { final: true, problem: 'total_does_not_reconcile' };
  }
  return {
    input: {
      inUncached: input,
      inCacheRead: 0,
      inCacheWrite5m: 0,
      inCacheWrite1h: 0,
      inCacheWriteOther: 0,
    },
    output: { outText: output, outReasoning: 0 },
    final: true,
  };
}
