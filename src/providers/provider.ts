// What a provider is: frozen data. Its protocol does the talking; what it does otherwise than its
// protocol says is a typed quirk. Adding an OpenAI-compatible provider is one file like its siblings,
// one line in list.ts and its offers with their prices (src/catalog/offers).

import type { Quirks, UpstreamProtocolId } from '../protocols/protocol.ts';

/**
 * Under which header the hub's own key goes to a provider, as a bearer token or bare; `aws`: as a
 * bearer token, or not at all where a pair of keys signs each request instead.
 */
export type AuthScheme = 'bearer' | 'x-api-key' | 'api-key' | 'x-goog-api-key' | 'aws' | 'none';

export interface Provider {
  readonly id: string;
  readonly name: string;
  /** Where it is reached unless a setting says otherwise; undefined where only a setting can say. */
  readonly baseUrl: string | undefined;
  /** Whether it is the root of a server, below which `paths` branch; a /v1 at its end is ignored. */
  readonly baseIsRoot?: true;
  /** Of a provider with the scheme `aws`; the region stands in its address for `{region}`. */
  readonly aws?: { readonly service: string; readonly usualRegion: string };
  /**
   * What it is spoken to in. A client of one of these gets its bytes through; conversations of any
   * other are translated into the first, or where that cannot say them, into the next.
   */
  readonly protocols: readonly UpstreamProtocolId[];
  /** Where a protocol lies elsewhere than at its usual path below the base URL. */
  readonly paths?: Readonly<Partial<Record<UpstreamProtocolId, string>>>;
  readonly auth: AuthScheme;
  readonly quirks: Quirks;
  /** Headers that every request to it carries. */
  readonly headers: Readonly<Record<string, string>>;
  /** Whether any model name is passed on (a server of the operator's own), and at what price. */
  readonly openCatalog: boolean;
  readonly dataPolicy: DataPolicy;
}

/** What the provider does with what it is sent, by its own published API terms. */
export interface DataPolicy {
  readonly trainsOnData: boolean;
  /** Days that requests are kept; 0 means not at all. */
  readonly retentionDays: number;
  readonly regions: readonly string[];
}

/** What the operator sets for a provider that is on. */
export interface ProviderSettings {
  /** Without a slash at the end; the protocol's path is appended to it. */
  readonly baseUrl: string;
  /** A key, or a pair of keys that signs. */
  readonly credential: string | AwsKeys | undefined;
  /** Whether the address was set by the operator, who alone may point at a private network. */
  readonly privateNetwork: boolean;
}

/** Signs requests to one service in one region, https://docs.aws.amazon.com/general/latest/gr/sigv4.html */
export interface AwsKeys {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  /** Of temporary keys. */
  readonly sessionToken: string | undefined;
  readonly region: string;
  readonly service: string;
}
