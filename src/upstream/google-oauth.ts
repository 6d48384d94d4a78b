// Signs what goes to Google's cloud: a claim signed with the service account's key is exchanged for a
// token (RFC 7523), at the address that the key file names and at no other. A token is had anew
// before it ends, while requests go on with the old one; only the first request waits.

import { createPrivateKey } from 'node:crypto';
import { SignJWT } from 'jose';
import type { Clock } from '../base/clock.ts';
import { HubError, assert } from '../base/errors.ts';
import { objectOf, parseJson, stringOf } from '../base/json.ts';
import type { ProviderSettings, ServiceAccount } from '../providers/provider.ts';
import type { UpstreamAnswer, UpstreamCall, UpstreamRequest, Upstreams } from './port.ts';

const SCOPE = 'https://www.googleapis.com/auth/cloud-platform';
const GRANT_TYPE = 'urn:ietf:params:oauth:grant-type:jwt-bearer';
const USUAL_TOKEN_URL = 'https://oauth2.googleapis.com/token';
const CLAIM_SECONDS = 3_600;
/** How long before its end a token is replaced, and no longer used. */
const REFRESH_MS = 300_000;
const LAST_USE_MS = 10_000;
const MAX_ANSWER_BYTES = 65_536;

/** The same connections, with a token on every request to a provider that wants one. */
export function withGoogleOauth(upstreams: Upstreams, clock: Clock): Upstreams {
  const sources = new WeakMap<ServiceAccount, TokenSource>();

  function tokenFor(request: UpstreamRequest): string | Promise<string> {
    const account = request.settings.credential;
    assert(isAccount(account), 'a provider that wants tokens is on only with a service account');
    let source = sources.get(account);
    if (!source) {
      source = keepToken(() => askForToken(upstreams, request, account, clock), clock);
      sources.set(account, source);
    }
    return source();
  }

  return {
    send(request) {
      if (request.provider.auth !== 'google-oauth') return upstreams.send(request);
      const token = tokenFor(request);
      return typeof token === 'string'
        ? upstreams.send(signed(request, token))
        : sendLater(upstreams, request, token);
    },
    close: () => upstreams.close(),
  };
}

function isAccount(credential: ProviderSettings['credential']): credential is ServiceAccount {
  return typeof credential === 'object' && 'tokenUrl' in credential;
}

function signed(request: UpstreamRequest, token: string): UpstreamRequest {
  return { ...request, headers: { ...request.headers, authorization: `Bearer ${token}` } };
}

function sendLater(
  upstreams: Upstreams,
  request: UpstreamRequest,
  token: Promise<string>,
): UpstreamCall {
  let call: UpstreamCall | undefined;
  let isAborted = false;
  return {
    answer: token.then((text) => {
      if (isAborted) throw new HubError('client_closed');
      call = upstreams.send(signed(request, text));
      return call.answer;
    }),
    abort() {
      isAborted = true;
      call?.abort();
    },
  };
}

interface Token {
  readonly text: string;
  readonly lifeMs: number;
}

/** At once where there is a token that is still good. */
type TokenSource = () => string | Promise<string>;

function keepToken(ask: () => Promise<Token>, clock: Clock): TokenSource {
  let held: { readonly text: string; readonly endsMs: number } | undefined;
  let asking: Promise<string> | undefined;

  async function renew(): Promise<string> {
    try {
      const askedMs = clock.monotonicMs();
      const { text, lifeMs } = await ask();
      held = { text, endsMs: askedMs + lifeMs };
      return text;
    } finally {
      asking = undefined;
    }
  }

  return () => {
    const leftMs = held === undefined ? 0 : held.endsMs - clock.monotonicMs();
    if (held && leftMs > REFRESH_MS) return held.text;
    asking ??= renew();
    if (!held || leftMs <= LAST_USE_MS) return asking;
    // The old one still does; the next request tries again.
    asking.catch(() => undefined);
    return held.text;
  };
}

async function askForToken(
  upstreams: Upstreams,
  { provider }: UpstreamRequest,
  account: ServiceAccount,
  clock: Clock,
): Promise<Token> {
  const url = new URL(account.tokenUrl);
  const form = new URLSearchParams({
    grant_type: GRANT_TYPE,
    assertion: await claim(account, clock),
  });
  const answer = await upstreams.send({
    // Connections are kept by the provider's id, and these lead elsewhere.
    provider: { ...provider, id: `${provider.id}-token` },
    settings: {
      baseUrl: url.origin,
      credential: undefined,
      privateNetwork: account.tokenUrl !== USUAL_TOKEN_URL,
    },
    path: `${url.pathname}${url.search}`,
    headers: { 'content-type': 'application/x-www-form-urlencoded', accept: 'application/json' },
    body: [Buffer.from(form.toString())],
  }).answer;
  return readToken(answer.status, await readWhole(answer));
}

function claim(account: ServiceAccount, clock: Clock): Promise<string> {
  const seconds = Math.floor(clock.wallMs() / 1_000);
  return new SignJWT({ scope: SCOPE })
    .setProtectedHeader({ alg: 'RS256', typ: 'JWT', kid: account.privateKeyId })
    .setIssuer(account.email)
    .setAudience(account.tokenUrl)
    .setIssuedAt(seconds)
    .setExpirationTime(seconds + CLAIM_SECONDS)
    .sign(createPrivateKey(account.privateKey));
}

function readToken(status: number, body: string): Token {
  // 400 is what an unknown account and a bad signature get.
  if (status >= 400 && status < 500) throw new HubError('upstream_refused_hub');
  const answer = objectOf(parseJson(body));
  const text = stringOf(answer?.['access_token']) ?? '';
  const seconds = answer?.['expires_in'];
  const isToken = status === 200 && /^[\x21-\x7e]+$/.test(text) && typeof seconds === 'number';
  if (!isToken) throw new HubError('upstream_failed');
  return { text, lifeMs: seconds * 1_000 };
}

function readWhole(answer: UpstreamAnswer): Promise<string> {
  const { promise, resolve, reject } = Promise.withResolvers<string>();
  const chunks: Buffer[] = [];
  let bytes = 0;
  answer.receive({
    data(chunk) {
      chunks.push(chunk);
      bytes += chunk.length;
      if (bytes <= MAX_ANSWER_BYTES) return true;
      answer.finish();
      reject(new HubError('upstream_failed'));
      return false;
    },
    end() {
      answer.finish();
      resolve(Buffer.concat(chunks).toString('utf8'));
    },
    fail: reject,
  });
  return promise;
}
