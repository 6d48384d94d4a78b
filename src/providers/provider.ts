// What a provider is: frozen data. Its protocol does the talking; what it does otherwise than its
// protocol says is a typed quirk. Adding an OpenAI-compatible provider is one file like its siblings,
// one line in list.ts, its offers with their prices and a stream (docs/adding-a-provider.md).

import type { Quirks, UpstreamProtocolId } from '../protocols/protocol.ts';

/**
 * Under which header the hub's own key goes to a provider, as a bearer token or bare; `aws`: as a
 * bearer token, or not at all where a pair of keys signs each request instead; `google-oauth`: a
 * token goes that is got with a service account first.
 */
export type AuthScheme =
  | 'bearer'
  | 'x-api-key'
  | 'api-key'
  | 'x-goog-api-key'
  | 'aws'
  | 'google-oauth'
  | 'none';

export interface Provider {
  readonly id: string;
  readonly name: string;
  /** Where it is reached unless a setting says otherwise; undefined where only a setting can say. */
  readonly baseUrl: string | undefined;
  /**
   * The path of an address that was set without one, where it is not that of `baseUrl` or `/v1`. Where
   * this names the root (`/`), `paths` branch below it and a /v1 at the end of an address is ignored.
   */
  readonly basePath?: string;
  /** Of a provider with the scheme `aws`; the region stands in its address for `{region}`. */
  readonly aws?: { readonly service: string; readonly usualRegion: string };
  /**
   * What it is spoken to in. A client of one of these gets its bytes through; conversations of any
   * other are translated into the first, or where that cannot say them, into the next.
   */
  readonly protocols: readonly UpstreamProtocolId[];
  /** An ending of an address that is ignored, for addresses that are often given with it. */
  readonly ignoredEnding?: string;
  /** Where a protocol lies elsewhere than at its usual path below the base URL. */
  readonly paths?: Paths;
  /**
   * Of a provider whose customers deploy models under names of their own, and may be spoken to in a
   * dated version of its API: where that lies, with `{version}` for it.
   */
  readonly dated?: { readonly basePath: string; readonly paths: Paths };
  readonly auth: AuthScheme;
  /** Below the base URL: what costs nothing to read, and is told to nobody without a key that holds. */
  readonly keyCheckPath?: string;
  readonly quirks: Quirks;
  /** Headers that every request to it carries. */
  readonly headers: Readonly<Record<string, string>>;
  /** Whether any model name is passed on (a server of the operator's own), and at what price. */
  readonly openCatalog: boolean;
  readonly dataPolicy: DataPolicy;
}

/** In all of them `{model}` stands for the model's name at the provider. */
export type Paths = Readonly<Partial<Record<UpstreamProtocolId, string | ProtocolPaths>>>;

/** Paths that depend on the request. */
export interface ProtocolPaths {
  readonly whole: string;
  readonly stream: string;
  /** Where the tokens of a request are counted; absent where they are not. */
  readonly count?: string;
}

/** What the provider does with what it is sent, by its own published API terms; in doubt the worse. */
export interface DataPolicy {
  /** Whether its terms leave it that right. */
  readonly trainsOnData: boolean;
  /** Days that requests are kept; 0 means not at all, undefined that the terms set no bound. */
  readonly retentionDays: number | undefined;
  /** Where requests may be answered; `chosen` where the address says it. */
  readonly regions: readonly string[];
}

/** What the operator sets for a provider that is on. */
export interface ProviderSettings {
  /** Without a slash at the end; the protocol's path is appended to it. */
  readonly baseUrl: string;
  /** A key, a pair of keys that signs, or an account with which tokens are got. */
  readonly credential: string | AwsKeys | ServiceAccount | undefined;
  /** Whether the address was set by the operator, who alone may point at a private network. */
  readonly privateNetwork: boolean;
  /** In the place of the provider's own. */
  readonly paths?: Paths;
  /** The names of deployments by those of their models, where they differ. */
  readonly deployments?: ReadonlyMap<string, string>;
  /**
   * Its share of conversations, beside the other offers' of a model; undefined is 1, and what has 0
   * serves only where nobody else can.
   */
  readonly weight?: number;
  /** With each of the hub's accounts there, in the place of this, where the operator named them. */
  readonly accounts?: readonly ProviderSettings[];
  /** Which of them it is. */
  readonly account?: Account | undefined;
}

/** One of the hub's accounts at a provider: frozen, the same object for all models. */
export interface Account {
  /** Tells it from the others, to the operator alone. Conversations are drawn by it. */
  readonly label: string;
  /** Undefined where nothing is limited, and so nothing has to be counted. */
  readonly limits: AccountLimits | undefined;
}

/** What one process sends with an account at most; undefined is no limit. */
export interface AccountLimits {
  readonly requestsPerMinute: number | undefined;
  readonly tokensPerMinute: number | undefined;
  /** Requests at once. */
  readonly concurrency: number | undefined;
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

/** Of a Google service account's key file. */
export interface ServiceAccount {
  readonly email: string;
  /** PKCS #8, as PEM. */
  readonly privateKey: string;
  readonly privateKeyId: string;
  /** Where a signed claim is exchanged for a token; asked at no other address. */
  readonly tokenUrl: string;
}
