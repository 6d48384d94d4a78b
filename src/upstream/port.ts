// The way from the gateway to providers, as the gateway sees it: a request goes out, an answer comes
// back or a HubError does. Two clients stand behind it and behave alike; nothing here names them.

import type { HubError } from '../base/errors.ts';
import type { Provider, ProviderSettings } from '../providers/provider.ts';

export interface UpstreamRequest {
  readonly provider: Provider;
  readonly settings: ProviderSettings;
  /** Below the provider's base URL. */
  readonly path: string;
  /** Names in lower case. */
  readonly headers: Readonly<Record<string, string>>;
  /** Parts in their order, so that a large body with edits is never copied into one. */
  readonly body: readonly Buffer[];
}

export interface Receiver {
  /** The bytes are the receiver's to keep. Returns false to get no more until `resume` is called. */
  data(chunk: Buffer): boolean;
  /** The body is complete; it may be told to a receiver that has paused. */
  end(): void;
  fail(error: HubError): void;
}

export interface UpstreamAnswer {
  readonly status: number;
  readonly contentType: string;
  readonly retryAfter: string | undefined;
  /** Starts the flow of the body; until then it waits. */
  receive(receiver: Receiver): void;
  resume(): void;
  /** Nothing more is wanted: lets a body that is at its end come to rest, cuts any other. */
  finish(): void;
}

export interface UpstreamCall {
  /** The head of the answer; rejects with the HubError of a connection that failed before it. */
  readonly answer: Promise<UpstreamAnswer>;
  /** Cancels the call at the provider. */
  abort(): void;
}

export interface Upstreams {
  send(request: UpstreamRequest): UpstreamCall;
  close(): Promise<void>;
}
