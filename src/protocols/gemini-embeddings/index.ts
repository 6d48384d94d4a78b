// Gemini's embeddings, of one content and of many. The Gemini API does not say what they used, so
// that most are charged by the estimate of their prompt. https://ai.google.dev/api/embeddings

import { arrayOf, isObject, objectOf, type JsonObject, type JsonValue } from '../../base/json.ts';
import type { ReportedUsage } from '../../chat/usage.ts';
import { editKey } from '../body-edits.ts';
import { DIRECT, inspectDirect, readReply, readTokens } from '../direct.ts';
import { invalid, isSet, readModel, readObject, unpriced } from '../fields.ts';
import { modelPath } from '../gemini/address.ts';
import { nameModel } from '../gemini/edits.ts';
import { decodeError, encodeError } from '../gemini/errors.ts';
import type { Address, BodyEdit, DirectProtocol, RequestFacts } from '../protocol.ts';

/** The API's own bound. */
const MAX_BATCH = 100;

const COMMON = Object.freeze({ ...DIRECT, decodeError, encodeError, readUsage });

export const geminiEmbeddings = Object.freeze<DirectProtocol>({
  ...COMMON,
  id: 'gemini-embeddings',
  upstreamPath: ({ model }) => modelPath(model, 'embedContent'),
  inspectRequest: (body, _files, address) =>
    inspect(body, address, (model) => assertRequest(body, '', model)),
  editRequest: (body, { model }) => editModel(body['model'], nameModel(model)),
});

export const geminiBatchEmbeddings = Object.freeze<DirectProtocol>({
  ...COMMON,
  id: 'gemini-batch-embeddings',
  upstreamPath: ({ model }) => modelPath(model, 'batchEmbedContents'),
  inspectRequest: (body, _files, address) =>
    inspect(body, address, (model) => assertRequests(body['requests'], model)),
  editRequest: (body, { model }) => editRequests(body['requests'], nameModel(model)),
});

function inspect(
  body: JsonObject,
  address: Address | undefined,
  assertDemand: (model: string) => void,
): RequestFacts {
  const model = readModel(address?.model);
  return inspectDirect({ ...body, model }, [], () => {
    assertDemand(model);
    return { choices: 1 };
  });
}

function assertRequests(value: JsonValue | undefined, model: string): void {
  if (!Array.isArray(value) || value.length === 0 || value.length > MAX_BATCH) {
    throw invalid('requests', `\`requests\` must be a list of 1 to ${MAX_BATCH}.`);
  }
  value.forEach((request, i) => {
    assertRequest(readObject(request, `requests[${i}]`), `requests[${i}].`, model);
  });
}

/** One content of texts, for the model of the address. */
function assertRequest(request: JsonObject, prefix: string, model: string): void {
  const { model: named } = request;
  if (isSet(named) && named !== model && named !== nameModel(model)) {
    throw invalid(`${prefix}model`, `\`${prefix}model\` must be the model of the address.`);
  }
  const path = `${prefix}content`;
  const parts = readObject(request['content'], path)['parts'];
  const list = isObject(parts) ? [parts] : arrayOf(parts);
  if (list.length === 0) throw invalid(`${path}.parts`, `\`${path}.parts\` must not be empty.`);
  list.forEach((part, j) => {
    // Whatever is not text has a price of its own.
    if (typeof objectOf(part)?.['text'] !== 'string') throw unpriced(`${path}.parts[${j}]`);
  });
}

function editModel(named: JsonValue | undefined, name: string): readonly BodyEdit[] {
  return isSet(named) && named !== name ? [editKey('model', name)] : [];
}

/** Every request of a batch must name the model, and name it alike. */
function editRequests(value: JsonValue | undefined, name: string): readonly BodyEdit[] {
  const requests = arrayOf(value);
  if (requests.every((request) => objectOf(request)?.['model'] === name)) return [];
  const renamed = requests.map((request) => ({ ...objectOf(request), model: name }));
  return [editKey('requests', renamed)];
}

/** Vertex tells; the Gemini API may one day. */
function readUsage(body: JsonValue | undefined): ReportedUsage | undefined {
  const usage = objectOf(readReply(body)['usageMetadata']);
  return usage && readTokens(usage['promptTokenCount'], undefined, usage['totalTokenCount']);
}
