// What a client is to the matrix: one way to ask, whatever its SDK calls it, and the answer as its SDK
// gives it.

export interface Order {
  /** As the hub names it. */
  readonly model: string;
  readonly stream: boolean;
  readonly tools?: boolean;
  readonly image?: boolean;
  readonly schema?: boolean;
  readonly thinking?: boolean;
  /** The model's first answer, with the results of its calls. */
  readonly before?: { readonly said: Said; readonly results: readonly Result[] };
  readonly signal?: AbortSignal;
  /** Is called with each piece of a streamed text. */
  readonly onText?: (piece: string) => void;
}

export interface Result {
  readonly id: string;
  readonly name: string;
  readonly text: string;
}

export interface Call {
  readonly id: string;
  readonly name: string;
  readonly input: unknown;
}

export interface Said {
  readonly text: string;
  readonly thinking: string;
  readonly calls: readonly Call[];
  readonly finish: 'stop' | 'tool_calls' | `other: ${string}`;
  readonly usage: {
    readonly input: number | undefined;
    readonly cacheRead: number;
    readonly output: number | undefined;
  };
  /** The answer as the SDK wants it back in the next turn. */
  readonly history: unknown;
}

export type Ask = (order: Order) => Promise<Said>;

export interface Refusal {
  readonly status: number | undefined;
  /** All that the SDK tells of it. */
  readonly text: string;
}

export interface Connection {
  /** The hub's own address, without a path. */
  readonly baseUrl: string;
  readonly apiKey: string;
  readonly fetch: typeof fetch;
}

export interface Client {
  /** How the document names it. */
  readonly title: string;
  /** Whether its SDK has a place for thoughts. */
  readonly readsThinking: boolean;
  connect(connection: Connection): Ask;
  /** Undefined for what is no answer of the hub's. */
  refusalOf(error: unknown): Refusal | undefined;
}

/** Text, thoughts and calls in the order in which they came are enough to tell why it ended. */
export function finishOf(word: unknown, stop: unknown, toolCalls: unknown): Said['finish'] {
  if (word === stop) return 'stop';
  return word === toolCalls ? 'tool_calls' : `other: ${String(word)}`;
}
