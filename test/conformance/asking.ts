// How a recorded request is asked in each of the clients' protocols: by the hub's own functions, and
// without the fields that this protocol, or the hub, cannot say. These are named. What answers a request
// is recorded, so that a field less changes nothing of what has to arrive.

import { HubError } from '../../src/base/errors.ts';
import { type JsonObject, isObject, parseJson, stringOf } from '../../src/base/json.ts';
import type { ChatRequest } from '../../src/chat/request.ts';
import { PROTOCOLS } from '../../src/protocols/list.ts';
import type { Address, Quirks } from '../../src/protocols/protocol.ts';
import { type AsChat, cohereAsChat, converseAsChat, ollamaAsChat } from './provider-requests.ts';
import type { Recording } from './recordings.ts';
import { type Client, type Wire, isClient } from './wires.ts';

/** The cap of a request that has none, where the client's protocol must have one. */
const CAP = 4_096;

/** Fields without which the answer would be none to the request. */
const MEANINGFUL: ReadonlySet<string> = new Set([
  'n',
  'candidateCount',
  'messages',
  'input',
  'contents',
  'prompt',
]);

/** Fields by the name that other protocols have for them. */
const ELSEWHERE: ReadonlyMap<string, string> = new Map([['stop', 'stop_sequences']]);

/** What every client of the stage can say: all of it, for a hint that is dropped asks no less. */
const CLIENT_QUIRKS: Quirks = { outputCapField: 'max_tokens', streamUsageOption: true };

export interface Asked {
  /** Without a model. Undefined where the protocol has no way to ask for this answer. */
  readonly body: JsonObject | undefined;
  readonly isStream: boolean;
  /** Fields that had to be left out; where there is no body, the one for which it cannot be asked. */
  readonly without: readonly string[];
}

/** A request in the form in which clients may send it. */
interface Source {
  readonly client: Client;
  readonly body: JsonObject;
  readonly address: Address;
  readonly without: readonly string[];
}

/** How requests in the protocols that only providers speak are asked in Chat. */
const NATIVE: ReadonlyMap<Wire, (given: JsonObject, isStream: boolean) => AsChat> = new Map<
  Wire,
  (given: JsonObject, isStream: boolean) => AsChat
>([
  ['bedrock-converse', converseAsChat],
  ['cohere-chat', cohereAsChat],
  ['ollama-chat', ollamaAsChat],
]);

/** Undefined where the recorded request is no JSON object. */
export function readRequest(recording: Recording, wire: Wire): Source | undefined {
  const given = parseJson(recording.request);
  if (!isObject(given)) return undefined;
  const isStreamPath = /:streamGenerateContent|\/converse-stream/.test(recording.path);
  const native = NATIVE.get(wire)?.(given, isStreamPath);
  const { body, without } = native ?? { body: given, without: [] };
  const stream = isStreamPath || body['stream'] === true;
  const address = { model: stringOf(body['model']) ?? 'recorded', stream, sse: true };
  const client: Client = isClient(wire) ? wire : 'openai-chat';
  return { client, body: { ...body, model: address.model }, address, without };
}

/** `quirks`: of the provider that the hub will ask. */
export function askIn(client: Client, source: Source, wire: Wire, quirks: Quirks): Asked {
  const without = [...source.without];
  const isStream = source.address.stream;
  for (let rest = source.body; ; ) {
    try {
      const body = client === wire ? rest : translate(client, { ...source, body: rest });
      assertAdmitted(client, body, source.address, wire, quirks);
      return { body, isStream, without };
    } catch (error) {
      if (!(error instanceof HubError) || error.kind.owner !== 'caller') throw error;
      const named = error.param?.split(/[.[]/)[0] ?? '';
      const field = named in rest ? named : (ELSEWHERE.get(named) ?? named);
      // Only what is a plain prompt is asked in Completions.
      const isMeaningful = client === 'openai-completions' || MEANINGFUL.has(field);
      if (!(field in rest) || isMeaningful) {
        return { body: undefined, isStream, without: [error.param ?? error.message] };
      }
      const { [field]: _, ...kept } = rest;
      rest = kept;
      without.push(field);
    }
  }
}

function translate(client: Client, { client: from, body, address }: Source): JsonObject {
  const request: ChatRequest = PROTOCOLS[from].decodeRequest(body, address);
  const maxOutputTokens = request.maxOutputTokens ?? CAP;
  const asked = { ...request, maxOutputTokens, includeUsage: true };
  return PROTOCOLS[client].encodeRequest(asked, CLIENT_QUIRKS).body;
}

/** Throws what the hub would answer. */
function assertAdmitted(
  client: Client,
  body: JsonObject,
  address: Address,
  wire: Wire,
  quirks: Quirks,
): void {
  const named = client === 'gemini' ? body : { ...body, model: address.model };
  PROTOCOLS[client].inspectRequest(named, undefined, address);
  if (client === wire) return;
  PROTOCOLS[wire].encodeRequest(PROTOCOLS[client].decodeRequest(named, address), quirks);
}
