// The only file that reads the environment. One table: variable, parser, default, whether it is a
// secret, one sentence; the documentation is tested against it. All faults are reported together.

import { resolve } from 'node:path';
import {
  type ReadableSetting,
  type Setting,
  integer,
  onOff,
  oneOf,
  optional,
  sealingKey,
  secureUrl,
  sender,
  setting,
  url,
} from './base/setting.ts';
import { parseRanges } from './http/client-ip.ts';
import type { ProviderSettings } from './providers/provider.ts';
import { PROVIDERS } from './providers/list.ts';
import { PROVIDER_WEIGHTS, providerSettings, readProviders } from './providers/settings.ts';

export interface Config {
  readonly port: number;
  readonly host: string;
  readonly dataDir: string;
  /** A `postgres://` URL; undefined means the embedded database in `dataDir`. */
  readonly databaseUrl: string | undefined;
  /** How many processes serve; each is a node of its own. */
  readonly workers: number;
  /** Origin (and path) under which people and clients reach the hub; undefined: host and port. */
  readonly publicUrl: string | undefined;
  readonly trustedProxies: readonly string[];
  readonly sandbox: boolean;
  /** Whether real money comes in, so that sandbox models answer test keys only. */
  readonly livePayments: boolean;
  readonly upstreamTimeoutMs: number;
  readonly keepAliveMs: number;
  readonly upstreamClient: UpstreamClient;
  /** How long a node may spend what it has leased without reaching the database. */
  readonly nodeLeaseMs: number;
  /** Whether people may make accounts themselves. */
  readonly signUp: boolean;
  /** An `smtp://` or `smtps://` URL; undefined: messages land in a folder that the operator reads. */
  readonly smtpUrl: string | undefined;
  readonly mailFrom: string;
  /** Undefined where nobody signs in with Google. */
  readonly google: GoogleSettings | undefined;
  /** Seals what must be read back; undefined: no customers' credentials (src/host/sealing-keys.ts). */
  readonly secretsKey: Uint8Array | undefined;
  /** The one from before, which still opens. */
  readonly secretsKeyPrevious: Uint8Array | undefined;
  /** What is taken for an answer by a customer's own credential, in basis points of the list price. */
  readonly byokFeeBps: number;
  readonly maxBodyBytes: number;
  readonly bodyMemoryBytes: number;
  readonly fastDoor: boolean;
  readonly logLevel: LogLevel;
  /** Price data that is looked at daily; undefined: none. */
  readonly priceFeedFile: string | undefined;
  /** By provider id; a provider without an entry is off. */
  readonly providers: ReadonlyMap<string, ProviderSettings>;
}

/** The hub as a client of Google's OpenID Connect. */
export interface GoogleSettings {
  readonly issuer: string;
  readonly clientId: string;
  readonly clientSecret: string;
}

const LOG_LEVELS = ['silent', 'error', 'warn', 'info', 'debug'] as const;
export type LogLevel = (typeof LOG_LEVELS)[number];

const UPSTREAM_CLIENTS = ['raw', 'standard'] as const;
type UpstreamClient = (typeof UPSTREAM_CLIENTS)[number];

/** The environment as text by name; nothing else reads it. */
export type Environment = Readonly<Record<string, string | undefined>>;

export const environment: Environment = process.env;

/** Throws one ConfigError that names every setting at fault. */
export function readConfig(env: Environment = environment): Config {
  const faults: string[] = [];
  const read = <T>({ name, defaultText, secret, parse }: ReadableSetting<T>): T => {
    const text = env[name]?.trim() || defaultText;
    try {
      return parse(text);
    } catch (error) {
      // A secret's value must not come back on a terminal or in a log.
      const shown = secret ? '' : ` (it is ${JSON.stringify(text)})`;
      faults.push(`${name} ${(error as Error).message}${shown}`);
      return undefined as T;
    }
  };
  const config: Config = {
    port: read(CORE.port),
    host: read(CORE.host),
    dataDir: read(CORE.dataDir),
    databaseUrl: read(CORE.databaseUrl),
    workers: read(CORE.workers),
    publicUrl: read(CORE.publicUrl)?.replace(/\/+$/, ''),
    trustedProxies: read(CORE.trustedProxies),
    sandbox: read(CORE.sandbox),
    livePayments: read(CORE.stripeSecretKey) || read(CORE.nowpaymentsApiKey),
    upstreamTimeoutMs: read(CORE.upstreamTimeoutMs),
    keepAliveMs: read(CORE.keepAliveMs),
    upstreamClient: read(CORE.upstreamClient),
    nodeLeaseMs: read(CORE.nodeLeaseSeconds) * 1_000,
    signUp: read(CORE.signUp),
    smtpUrl: read(CORE.smtpUrl),
    mailFrom: read(CORE.mailFrom),
    google: readGoogle(read, faults),
    secretsKey: read(CORE.secretsKey),
    secretsKeyPrevious: read(CORE.secretsKeyPrevious),
    byokFeeBps: read(CORE.byokFeeBps),
    maxBodyBytes: read(CORE.maxBodyBytes),
    bodyMemoryBytes: read(CORE.bodyMemoryBytes),
    fastDoor: read(CORE.fastDoor),
    logLevel: read(CORE.logLevel),
    priceFeedFile: read(CORE.priceFeedFile),
    providers: readProviders(read, faults),
  };
  if (config.workers > 1 && !env[CORE.databaseUrl.name]?.trim()) {
    faults.push(
      'WORKERS above 1 needs DATABASE_URL, as one process alone has the embedded database',
    );
  }
  if (config.smtpUrl && !config.mailFrom) {
    faults.push('SMTP_URL needs MAIL_FROM, the sender of the messages');
  }
  if (config.secretsKeyPrevious && !config.secretsKey) {
    faults.push('SECRETS_KEY_PREVIOUS needs SECRETS_KEY, under which secrets are sealed anew');
  }
  if (faults.length > 0) throw new ConfigError(faults);
  return Object.freeze(config);
}

function readGoogle(
  read: <T>(setting: ReadableSetting<T>) => T,
  faults: string[],
): GoogleSettings | undefined {
  const issuer = read(CORE.googleIssuer);
  const clientId = read(CORE.googleClientId);
  const clientSecret = read(CORE.googleClientSecret);
  if (!clientId && !clientSecret) return undefined;
  if (!clientId || !clientSecret) {
    faults.push('GOOGLE_CLIENT_ID and GOOGLE_CLIENT_SECRET are set together or not at all');
  }
  return { issuer: issuer?.replace(/\/+$/, '') ?? '', clientId, clientSecret };
}

export class ConfigError extends Error {
  readonly faults: readonly string[];

  constructor(faults: readonly string[]) {
    super(`Wrong settings: ${faults.join('; ')}.`);
    this.name = 'ConfigError';
    this.faults = faults;
  }
}

/** Each has some ten connections to the database. */
const MOST_WORKERS = 64;

const CORE = {
  port: setting('PORT', '3000', integer(0, 65_535), 'The port of everything; 0 takes a free one.'),
  host: setting('HOST', '127.0.0.1', (text) => text, 'The address to listen on; 0.0.0.0 for all.'),
  dataDir: setting(
    'DATA_DIR',
    './data',
    (text) => resolve(text),
    'The folder of the embedded database and of the usage journal; one process a folder.',
  ),
  databaseUrl: setting(
    'DATABASE_URL',
    '',
    optional(url(['postgres:', 'postgresql:'])),
    'A PostgreSQL server; empty means the embedded database.',
    true,
  ),
  workers: setting(
    'WORKERS',
    '1',
    integer(1, MOST_WORKERS),
    'How many processes serve the one address; more than one needs DATABASE_URL.',
  ),
  publicUrl: setting(
    'PUBLIC_URL',
    '',
    optional(url(['http:', 'https:'])),
    'How people and clients reach the hub: set it behind a proxy or for a name of its own; empty means http, HOST and PORT.',
  ),
  trustedProxies: setting(
    'TRUSTED_PROXIES',
    '',
    proxies,
    'Addresses or CIDR ranges of proxies whose X-Forwarded-For is believed, comma-separated.',
  ),
  sandbox: setting('SANDBOX', 'on', onOff, 'Whether the built-in sandbox provider is on.'),
  stripeSecretKey: setting(
    'STRIPE_SECRET_KEY',
    '',
    (text) => text.startsWith('sk_live_') || text.startsWith('rk_live_'),
    'A live key here makes sandbox models answer test keys only.',
    true,
  ),
  nowpaymentsApiKey: setting(
    'NOWPAYMENTS_API_KEY',
    '',
    (text) => text !== '',
    'A key here makes sandbox models answer test keys only.',
    true,
  ),
  upstreamTimeoutMs: setting(
    'UPSTREAM_TIMEOUT_MS',
    '600000',
    integer(100, 3_600_000),
    'How long a provider may be silent, in milliseconds, before the request is given up.',
  ),
  keepAliveMs: setting(
    'KEEP_ALIVE_MS',
    '15000',
    integer(50, 600_000),
    'After how much silence of a provider the client of a stream gets a sign of life, in milliseconds.',
  ),
  upstreamClient: setting(
    'UPSTREAM_CLIENT',
    'raw',
    oneOf(UPSTREAM_CLIENTS),
    'How providers are spoken to: raw, by a client that is made for it; standard, by undici.',
  ),
  nodeLeaseSeconds: setting(
    'NODE_LEASE_SECONDS',
    '300',
    integer(5, 86_400),
    'How long a node serves without reaching the database; a fifth later its leases are given back.',
  ),
  signUp: setting('SIGN_UP', 'on', onOff, 'Whether people may make accounts themselves.'),
  smtpUrl: setting(
    'SMTP_URL',
    '',
    optional(url(['smtp:', 'smtps:'])),
    'The mail server, as smtp://user:password@host:587; empty, messages land in DATA_DIR/outbox.',
    true,
  ),
  mailFrom: setting(
    'MAIL_FROM',
    '',
    sender,
    'The sender of all messages, as Name <hub@example.com>; needed where SMTP_URL is set.',
  ),
  googleClientId: setting(
    'GOOGLE_CLIENT_ID',
    '',
    (text) => text,
    "The hub's client ID at Google; with the secret, people can sign in with Google.",
  ),
  googleClientSecret: setting(
    'GOOGLE_CLIENT_SECRET',
    '',
    (text) => text,
    "The hub's client secret at Google.",
    true,
  ),
  googleIssuer: setting(
    'GOOGLE_ISSUER',
    'https://accounts.google.com',
    secureUrl,
    'Who vouches for people who sign in with Google; another OpenID Connect issuer for a trial.',
  ),
  secretsKey: setting(
    'SECRETS_KEY',
    '',
    optional(sealingKey),
    "Seals authenticator secrets and customers' own provider credentials: 32 bytes as base64 or hex; empty, the hub takes none of the latter.",
    true,
  ),
  secretsKeyPrevious: setting(
    'SECRETS_KEY_PREVIOUS',
    '',
    optional(sealingKey),
    'The SECRETS_KEY from before: what it sealed is sealed anew at the start.',
    true,
  ),
  byokFeeBps: setting(
    'BYOK_FEE_BPS',
    '500',
    integer(0, 10_000),
    "The fee for an answer by a customer's own credential, in hundredths of a per cent of the list price.",
  ),
  maxBodyBytes: setting(
    'MAX_BODY_BYTES',
    '33554432',
    integer(1024, 268_435_456),
    'The largest request body, in bytes.',
  ),
  bodyMemoryBytes: setting(
    'BODY_MEMORY_BYTES',
    '268435456',
    integer(1_048_576, 1_099_511_627_776),
    'How much memory the bodies of running requests may take together; more of them wait.',
  ),
  fastDoor: setting(
    'FAST_DOOR',
    'on',
    onOff,
    'Whether plain requests for inference are read by the fast door instead of node:http.',
  ),
  logLevel: setting('LOG_LEVEL', 'info', oneOf(LOG_LEVELS), 'silent, error, warn, info or debug.'),
  priceFeedFile: setting(
    'PRICE_FEED_FILE',
    '',
    (text) => (text === '' ? undefined : resolve(text)),
    'A file of price data (docs/prices.md), of which changes are proposed daily; empty for none.',
  ),
};

/** Every setting, for the documentation and for `inferencehub settings`. */
export const SETTINGS: readonly Setting[] = Object.freeze([
  ...Object.values(CORE),
  PROVIDER_WEIGHTS,
  ...PROVIDERS.flatMap(providerSettings),
]);

function proxies(text: string): readonly string[] {
  const list = text.split(',').flatMap((item) => item.trim() || []);
  try {
    parseRanges(list);
  } catch {
    throw new Error('must be addresses or CIDR ranges, separated by commas');
  }
  return list;
}
