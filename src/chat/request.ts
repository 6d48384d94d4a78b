// The intermediate form of a request: what the translated way carries from one protocol to another.
// It holds what at least two protocols can say. What a protocol alone can say passes on the
// same-protocol way untouched, and is refused by name or dropped by the published list on this one.

import type { JsonObject } from '../base/json.ts';

export interface ChatRequest {
  readonly model: string;
  readonly messages: readonly ChatMessage[];
  readonly tools: readonly ToolDefinition[];
  readonly toolChoice?: ToolChoice;
  /** False forbids several calls in one turn; undefined leaves the protocol's default. */
  readonly parallelToolCalls?: boolean;
  readonly maxOutputTokens?: number;
  readonly temperature?: number;
  readonly topP?: number;
  readonly topK?: number;
  readonly stop?: readonly string[];
  readonly seed?: number;
  readonly frequencyPenalty?: number;
  readonly presencePenalty?: number;
  /** Biases by token id, which only protocols over one tokenizer can say to each other. */
  readonly logitBias?: JsonObject;
  /** Log probabilities of the answer's tokens are wanted, each with this many alternatives. */
  readonly topLogprobs?: number;
  /** How many answers; undefined is one. */
  readonly choices?: number;
  readonly responseFormat?: ResponseFormat;
  readonly reasoning?: Reasoning;
  readonly verbosity?: Verbosity;
  /** The caller's own opaque id of the person behind the request. */
  readonly endUser?: string;
  readonly metadata?: Readonly<Record<string, string>>;
  /** Requests with the same key find the same prompt cache. */
  readonly promptCacheKey?: string;
  /** By OpenAI's names (`auto`, `default`, `flex`, …); undefined leaves the protocol's default. */
  readonly serviceTier?: string;
  readonly stream: boolean;
  /** Whether the client itself asked for usage in the stream; some protocols always send it. */
  readonly includeUsage: boolean;
  /** Hints that the source protocol carried and the form does not: names, for the drop list. */
  readonly dropped: readonly string[];
}

export type ChatMessage =
  | { readonly role: 'system'; readonly content: readonly TextPart[] }
  | { readonly role: 'user'; readonly content: readonly UserPart[] }
  | { readonly role: 'assistant'; readonly content: readonly AssistantPart[] }
  /** The results of one turn's calls, in the order of the calls. */
  | { readonly role: 'tool'; readonly results: readonly ToolResult[] };

export interface TextPart {
  readonly type: 'text';
  readonly text: string;
  /** Sources that an answer's text cites. */
  readonly citations?: readonly Citation[];
  readonly cache?: CacheMark;
}

/** A web page that a stretch of an answer rests on. */
export interface Citation {
  readonly url: string;
  readonly title?: string;
  /** The words of the source. */
  readonly quote?: string;
  /** The stretch, in UTF-16 units of its text part; absent where the protocol does not tell. */
  readonly start?: number;
  readonly end?: number;
}

/** A prompt-cache breakpoint after this part. */
export interface CacheMark {
  readonly ttl: '5m' | '1h';
}

export interface ImagePart {
  readonly type: 'image';
  readonly source:
    | { readonly kind: 'base64'; readonly mediaType: string; readonly data: string }
    | { readonly kind: 'url'; readonly url: string };
  readonly detail?: string;
  readonly cache?: CacheMark;
}

export interface FilePart {
  readonly type: 'file';
  readonly source:
    | { readonly kind: 'base64'; readonly mediaType: string; readonly data: string }
    | { readonly kind: 'url'; readonly url: string };
  readonly name?: string;
  readonly cache?: CacheMark;
}

export interface AudioPart {
  readonly type: 'audio';
  readonly mediaType: string;
  /** Base64. */
  readonly data: string;
  readonly cache?: CacheMark;
}

export type UserPart = TextPart | ImagePart | FilePart | AudioPart;

export interface ThinkingPart {
  readonly type: 'thinking';
  readonly text: string;
  /** Opaque; goes back only to the protocol that made it. */
  readonly signature?: string;
  /** The id of the protocol that made the signature; present if and only if there is one. */
  readonly maker?: string;
}

export interface RedactedThinkingPart {
  readonly type: 'redacted_thinking';
  readonly data: string;
  readonly maker: string;
}

export interface ToolCallPart {
  readonly type: 'tool_call';
  readonly id: string;
  readonly name: string;
  /**
   * The arguments as JSON text, exactly as the model wrote them; `{}` where it wrote nothing. Of a
   * custom tool its input, which is any text.
   */
  readonly argumentsJson: string;
  readonly custom?: true;
  readonly cache?: CacheMark;
}

export interface RefusalPart {
  readonly type: 'refusal';
  readonly text: string;
}

export type AssistantPart =
  | TextPart
  | ThinkingPart
  | RedactedThinkingPart
  | ToolCallPart
  | RefusalPart;

export interface ToolResult {
  readonly callId: string;
  readonly content: readonly (TextPart | ImagePart | FilePart)[];
  readonly isError: boolean;
  readonly cache?: CacheMark;
}

export type ToolDefinition = FunctionTool | CustomTool;

export interface FunctionTool {
  readonly type: 'function';
  readonly name: string;
  readonly description?: string;
  /** JSON Schema of the arguments; always an object schema. */
  readonly parameters: JsonObject;
  readonly strict?: boolean;
  readonly cache?: CacheMark;
}

/** A tool whose input is text, free or of a grammar; OpenAI's protocols alone have it. */
export interface CustomTool {
  readonly type: 'custom';
  readonly name: string;
  readonly description?: string;
  /** As OpenAI's protocols write it: `{type: "text"}` or `{type: "grammar", syntax, definition}`. */
  readonly format?: JsonObject;
}

export type ToolChoice =
  | { readonly type: 'none' }
  | { readonly type: 'auto' }
  | { readonly type: 'required' }
  | { readonly type: 'tool'; readonly name: string }
  /** One of these, or none where the mode is `auto`. */
  | {
      readonly type: 'allowed';
      readonly mode: 'auto' | 'required';
      readonly names: readonly string[];
    };

export type ResponseFormat =
  | { readonly type: 'text' }
  | { readonly type: 'json_object' }
  | {
      readonly type: 'json_schema';
      readonly name?: string;
      readonly schema: JsonObject;
      readonly strict?: boolean;
    };

export type ReasoningEffort = 'none' | 'minimal' | 'low' | 'medium' | 'high' | 'xhigh' | 'max';

export type Verbosity = 'low' | 'medium' | 'high';

export interface Reasoning {
  readonly effort?: ReasoningEffort;
  /** Tokens set apart for thinking, where the source protocol counts them. */
  readonly budgetTokens?: number;
  /** The summary of its thinking that the client wants to read. */
  readonly summary?: 'auto' | 'concise' | 'detailed';
}
