// What a protocol is: pure functions that read and write its wire. Chat protocols are written once,
// both ways, and any pair of them meets in `src/chat/`; the others (images, speech, …) pass through to
// providers that speak the same, and into a dialect of theirs where there is one. A protocol knows no
// provider: what differs between providers of one protocol comes in as typed quirks.

import type { HubError } from '../base/errors.ts';
import type { JsonObject, JsonValue } from '../base/json.ts';
import type { LimitStanding } from '../base/minute.ts';
import type { SseEvent } from '../base/sse.ts';
import type { ChatEvent } from '../chat/events.ts';
import type { ChatRequest, ReasoningEffort } from '../chat/request.ts';
import type { MediaKind, ReportedUsage, UnitCounts } from '../chat/usage.ts';
import type { ReasoningField, ThinkingBudget } from './thinking-words.ts';

/** Spoken by clients and by providers. */
export type ChatProtocolId =
  | 'openai-chat'
  | 'openai-completions'
  | 'openai-responses'
  | 'anthropic-messages'
  | 'gemini'
  | 'gemini-interactions';
/** Spoken by providers alone. */
export type ProviderProtocolId = 'bedrock-converse' | 'cohere-chat' | 'ollama-chat';
export type DirectProtocolId =
  | 'gemini-embeddings'
  | 'gemini-batch-embeddings'
  | 'openai-embeddings'
  | 'openai-image-edits'
  | 'openai-image-variations'
  | 'openai-images'
  | 'openai-moderations'
  | 'openai-speech'
  | 'openai-transcriptions'
  | 'openai-translations'
  | 'openai-compaction'
  | 'rerank';
/** How some providers say what a direct protocol says. */
export type DialectId = 'cohere-embeddings' | 'cohere-rerank' | 'voyage-rerank';
export type ProtocolId = ChatProtocolId | DirectProtocolId;
export type UpstreamProtocolId = ProtocolId | ProviderProtocolId | DialectId;

/** How a stream is cut into events. */
export type Framing = 'sse' | 'aws-event-stream' | 'ndjson';

/** How a provider departs from its protocol. A closed vocabulary: a new quirk is a field here. */
export interface Quirks {
  /** The body field that carries the output cap; newer OpenAI models refuse the older name. */
  readonly outputCapField: 'max_completion_tokens' | 'max_tokens';
  /** Whether the provider takes `stream_options.include_usage`. */
  readonly streamUsageOption: boolean;
  /** Assistant turns that must carry `reasoning_content`, even empty: those with calls, or all. */
  readonly reasoningInHistory?: 'with_calls' | 'always';
  /** Where thinking goes back to the provider; `reasoning_content` is the usual place. */
  readonly reasoningField?: ReasoningField;
  /**
   * How models are told to think: Claude up to 4.5 by budget, later ones adaptively; `none` where
   * they do not think and refuse to be told.
   */
  readonly thinkingStyle?: 'adaptive' | 'budget' | 'none';
  /** Whether `thinking: {type: "disabled"}` is what tells it not to think. */
  readonly thinkingSwitch?: true;
  /** Whether it takes no forced choice of tool while it thinks. */
  readonly forcedChoiceStopsThinking?: true;
  /** Whether the model takes cache points (Bedrock refuses them for most). */
  readonly cachePoints?: boolean;
  /** Whether cache writes for an hour are sold: what has no price is not asked for. */
  readonly hourCaches?: boolean;
  /** The efforts that the model knows; another is said as the nearest lower one. Absent: all. */
  readonly efforts?: readonly ReasoningEffort[];
  /** Whether it refuses `temperature`, `top_p` and `top_k` (Claude after 4.6). */
  readonly refusesSampling?: true;
  /** Whether it refuses `frequency_penalty` and `presence_penalty`. */
  readonly refusesPenalties?: true;
  /**
   * Whether it takes OpenAI's hints (`safety_identifier`, `prompt_cache_key`, breakpoints of the
   * prompt cache, `service_tier`, `verbosity`); other servers may refuse what they do not know.
   */
  readonly takesHints?: true;
  /** The bounds of a thinking budget, where they are known (Gemini). */
  readonly thinkingBudget?: ThinkingBudget;
  /** The field of the seed, where it is not `seed`. */
  readonly seedField?: 'random_seed';
  /** Whether ids of calls must be exactly nine letters and digits. */
  readonly nineCharacterIds?: true;
  /** Whether system messages may stand only before all others. */
  readonly systemFirst?: true;
  /** Whether after the results of calls it is the assistant's turn, never the user's. */
  readonly assistantAfterResults?: true;
  /** Whether no two messages of the user's may stand in a row. */
  readonly alternatingTurns?: true;
  /** Whether its completion leaves out reasoning, and its prompt may leave out what was cached. */
  readonly countsOnTop?: true;
  /** Whether it has no call that counts the tokens of a request. */
  readonly noTokenCounting?: true;
  /** Whether every answer is billed as one search beside its tokens. */
  readonly searchesEachAnswer?: true;
  /** Whether it shows the hub's account no summaries of its thinking, and refuses to be asked. */
  readonly refusesSummaries?: true;
  /** Whether it refuses the signed thoughts of earlier answers. */
  readonly refusesThoughts?: true;
  /** Whether `role: "system"` may stand in the middle of a Messages conversation. */
  readonly systemInMessages?: boolean;
  /** The `anthropic_version` of a Messages body, where the path names the model (Vertex). */
  readonly versionInBody?: string;
  /** Anthropic's betas that it takes, where it refuses requests that name any other. */
  readonly betas?: readonly string[];
}

/** What of a request's body the gateway must know before it can admit it, whatever the protocol. */
export interface RequestFacts {
  readonly model: string;
  readonly stream: boolean;
  /** The cap on output tokens that the client asked for; undefined leaves the model's own limit. */
  readonly maxOutputTokens?: number;
  /** How many answers the client wants; the cap holds for each of them. */
  readonly choices: number;
  /** Whether the client itself asked for usage in the stream. */
  readonly includeUsage: boolean;
  /** Images, which cost tokens that the body's length does not tell. */
  readonly images: number;
  /** Bytes of the body that are image data in base64, and so are no text. */
  readonly imageBytes: number;
  /** Files, audio and hosted tools: the prompt may then cost up to the whole context window. */
  readonly unboundedInput: boolean;
  /** The service tier asked for; `auto` leaves it to the provider, undefined is the standard one. */
  readonly serviceTier?: string;
  /** What each answer uses at the most beside tokens; absent where all is counted in tokens. */
  readonly units?: Partial<UnitCounts>;
  /** About what each answer uses, where `units` is a bound and not a count. */
  readonly likelyUnits?: Partial<UnitCounts>;
  /** Whether a balance that falls short lowers the number of answers rather than their length. */
  readonly lowersChoices?: true;
  /** Bytes of the body that a provider reads more than once, as a query with every document. */
  readonly repeatedBytes?: number;
  /** Sound and pictures that it brings or orders and that cost other tokens than those of text. */
  readonly media?: readonly MediaDemand[];
  /** The form in which the client wants its answer, where the provider may answer in another. */
  readonly answerFormat?: string;
}

export interface MediaDemand {
  readonly class: MediaKind;
  /** The field to refuse where the class has no price; without it that is no matter. */
  readonly param?: string;
  /** Of sound in the prompt: the most tokens, where the model's own limit is not the only bound. */
  readonly most?: number;
  /** About how many. */
  readonly likely?: number;
  /** Bytes of the body that are such data in base64, and so are no text. */
  readonly bytes?: number;
}

/** What a client says in the address of its request, where its protocol does so. */
export interface Address {
  readonly model: string;
  readonly stream: boolean;
  /** Whether the stream is wanted as server-sent events rather than as one JSON array. */
  readonly sse: boolean;
}

/** What a request to a provider is about; some protocols say it in the path. */
export interface UpstreamTarget {
  /** The model's name at the provider. */
  readonly model: string;
  readonly stream: boolean;
}

/** The files of a multipart body by field name; empty where the body is JSON. */
export type Files = ReadonlyMap<string, readonly Buffer[]>;

/** What the gateway changes in a body that it otherwise forwards as it came. */
export interface PassThroughEdits {
  readonly model: string;
  /** The lowered output cap, when the balance does not cover what was asked. */
  readonly outputCap?: number;
  /** The lowered number of answers, likewise. */
  readonly choices?: number;
  /** Whether the answer is priced by the token, of which bytes of sound do not tell. */
  readonly isByToken?: true;
}

/** An edit of one top-level key: a JSON text to put there, or undefined to take the key out. */
export interface BodyEdit {
  readonly key: string;
  readonly json: string | undefined;
  /** What of the client's own is missing after it, by name, where something is. */
  readonly dropped?: string;
}

export interface EncodedRequest {
  readonly body: JsonObject;
  /** Fields of the client's request that this protocol cannot say and that only were hints. */
  readonly dropped: readonly string[];
}

/** Reads an upstream answer, streamed or whole, into events. One instance an answer. */
export interface EventDecoder {
  push(event: SseEvent): ChatEvent[];
  /** The stream ended; a missing terminal event becomes `error` with `upstream_broke_off`. */
  end(): ChatEvent[];
  /**
   * What a client that got the stream as it came must read after a failure, where that depends on
   * what it got. Absent: the protocol's error event.
   */
  failure?(error: HubError, requestId: string): string;
}

/** Writes events as the client's stream. One instance an answer. */
export interface EventEncoder {
  /** The bytes of this event; may be empty, when the protocol says it later or not at all. */
  push(event: ChatEvent): string;
  /** Everything that is still owed, the terminal event included. Nothing comes after it. */
  end(): string;
}

/** What an encoder of answers must know about the request that it answers. */
export interface AnswerContext {
  readonly requestId: string;
  /** The model as the client named it. */
  readonly model: string;
  readonly createdSeconds: number;
  /** Whether the client itself asked for usage in the stream. */
  readonly includeUsage: boolean;
  /** What the client's protocol took of the request by `echoOf`, for itself alone to read. */
  readonly echo?: JsonObject;
}

/** As node:http gives them: lower-case names, one text or several. */
export type Headers = Readonly<Record<string, string | readonly string[] | undefined>>;

/** Where it is noted, by name, what of a request is not sent on. */
export interface Noted {
  dropped: readonly string[];
}

export interface WireError {
  readonly status: number;
  readonly body: JsonObject;
}

/** What the gateway asks of every protocol. */
interface Endpoint {
  /** The header under which this protocol's clients look for the request id. */
  readonly requestIdHeader: 'x-request-id' | 'request-id';
  /**
   * Names and values in turn, of the headers by which its clients learn where their limits stand.
   * Absent: OpenAI's, which clients of most protocols know.
   */
  limitHeaders?(standings: readonly LimitStanding[]): string[];
  /** The path, with its query, below a provider's base URL. */
  upstreamPath(target: UpstreamTarget): string;
  readonly bodyFormat: 'json' | 'multipart';

  /**
   * Checks what concerns money and routing, nothing else. Throws `invalid_request`, or
   * `unsupported_parameter` for what has no price, with the field in `param`. The fields of a
   * multipart body come as an object of texts.
   */
  inspectRequest(body: JsonObject, files?: Files, address?: Address): RequestFacts;
  /** The edits of the same-protocol way. */
  editRequest(body: JsonObject, edits: PassThroughEdits, quirks: Quirks): readonly BodyEdit[];

  /**
   * Of a client's headers those that go with its body to a provider of the same protocol. What the
   * provider would refuse stays behind, by name.
   */
  forwardHeaders(
    headers: Headers,
    body: JsonObject,
    quirks: Quirks,
    noted: Noted,
  ): Record<string, string>;

  /** Classifies a provider's refusal by status and body; the result carries no word of the body. */
  decodeError(status: number, body: JsonValue | undefined, retryAfter?: string): HubError;
  encodeError(error: HubError, requestId: string): WireError;
}

/** What the gateway asks of a protocol of conversations in which providers are spoken to. */
export interface ProviderProtocol {
  readonly id: ChatProtocolId | ProviderProtocolId;
  readonly kind: 'chat';
  readonly framing: Framing;
  upstreamPath(target: UpstreamTarget): string;

  encodeRequest(request: ChatRequest, quirks: Quirks): EncodedRequest;
  decodeEvents(quirks: Quirks): EventDecoder;
  /** The events of an answer that came whole. */
  decodeReply(body: JsonValue, quirks: Quirks): ChatEvent[];
  decodeError(status: number, body: JsonValue | undefined, retryAfter?: string): HubError;
  /** Whether this event of a stream ends it: the record must be on disk first. */
  isTerminal(event: SseEvent): boolean;
}

/** How a protocol's clients ask how many tokens a request would be. */
export interface TokenCounting {
  upstreamPath(target: UpstreamTarget): string;
  /** The facts of the request that is asked about; what a count leaves out is not required. */
  inspect(body: JsonObject, address?: Address): RequestFacts;
  /** The edits of the same-protocol way; absent where they are those of the request asked about. */
  editRequest?(body: JsonObject, edits: PassThroughEdits, quirks: Quirks): readonly BodyEdit[];
  /** The provider's count; undefined where there is none in it. */
  read(body: JsonValue | undefined): number | undefined;
  write(tokens: number): JsonObject;
}

/** A protocol of conversations that clients speak too: any of them is translated into any other. */
export interface ChatProtocol extends Endpoint, ProviderProtocol {
  readonly id: ChatProtocolId;
  readonly kind: 'chat';

  decodeRequest(body: JsonObject, address?: Address): ChatRequest;
  readonly tokenCounting?: TokenCounting;
  /**
   * What the answer to a request repeats of it. Small, for it is kept as long as the answer takes.
   * Absent where answers repeat nothing.
   */
  echoOf?(body: JsonObject): JsonObject;
  encodeEvents(context: AnswerContext): EventEncoder;
  /** An answer folded from its events. */
  encodeReply(events: readonly ChatEvent[], context: AnswerContext): JsonObject;

  /**
   * What tells a client between two events, even before the first, that the provider is still at
   * work. Whole on its own: it neither begins an answer nor belongs to one.
   */
  readonly keepAlive: string;
  /** An error after the stream has begun, as this protocol's error event. */
  encodeErrorEvent(error: HubError, requestId: string): string;

  /** Whether this event exists only because the hub asked for usage; it is kept from the client. */
  isOnlyUsage(event: SseEvent): boolean;
  /**
   * Where nothing but its end says that a stream is complete: whether this event may be the last
   * one. It waits for what follows it, or for the record.
   */
  mayBeLast?(event: SseEvent): boolean;
}

/** An answer written anew. */
export interface RewrittenReply {
  readonly contentType: string;
  readonly text: string;
}

/** The streams of a direct protocol, whose events pass as they come. */
export interface DirectStreams {
  /** Reads along for the meter: `text` and `usage`, and `start` once a part is delivered. */
  decodeEvents(facts: RequestFacts): EventDecoder;
  /** Whether this event ends the stream: the record must be on disk first. */
  isTerminal(event: SseEvent): boolean;
  encodeErrorEvent(error: HubError, requestId: string): string;
  /** How an answer of bytes is taken out of a stream that was asked for in its place. */
  readonly unwrap?: {
    /** What this event holds of it. */
    bytesOf(event: SseEvent): Buffer | undefined;
    contentType(facts: RequestFacts): string;
  };
}

/** A protocol of no conversations: the provider's bytes are the answer. */
export interface DirectProtocol extends Endpoint {
  readonly id: DirectProtocolId;
  readonly kind: 'direct';
  /** What an answer is that is no stream: JSON or text that comes whole, or bytes as they come. */
  readonly answer: 'whole' | 'flowing';
  /**
   * What a whole answer reports as used; `body` is undefined where it is no JSON. Throws the
   * HubError of an answer that is none, whatever its status was.
   */
  readUsage(body: JsonValue | undefined, facts: RequestFacts): ReportedUsage | undefined;
  /** A whole answer as the client asked for it; undefined where it is so already. */
  readonly rewriteReply?: (body: JsonObject, facts: RequestFacts) => RewrittenReply | undefined;
  readonly streams?: DirectStreams;
}

/** A provider's own way to say what a direct protocol says: its requests and whole replies. */
export interface Dialect {
  readonly id: DialectId;
  readonly kind: 'dialect';
  /** What its clients speak. */
  readonly of: DirectProtocolId;
  upstreamPath(target: UpstreamTarget): string;

  /** From the body of a client's request, which names the provider's model. */
  encodeRequest(body: JsonObject, quirks: Quirks): EncodedRequest;
  /** To the reply that the client's protocol has; throws where it is none. */
  decodeReply(body: JsonObject, context: AnswerContext): JsonObject;
  decodeError(status: number, body: JsonValue | undefined, retryAfter?: string): HubError;
}

/** What a client speaks. */
export type Protocol = ChatProtocol | DirectProtocol;
/** What a provider is spoken to in. */
export type UpstreamProtocol = Protocol | ProviderProtocol | Dialect;
