// What an app asks for by the address to which it sends people (docs/apps.md). The address is anyone's
// to fill in, so whatever is not as the hub documents it is refused with words for the app's author.

export interface AppRequest {
  readonly callbackUrl: string;
  /** The host that gets the key. */
  readonly host: string;
  readonly codeChallenge: string;
  readonly keyName: string;
}

/** The parameters as they stand in the address. */
export interface AppParameters {
  readonly callback_url?: string;
  readonly code_challenge?: string;
  readonly code_challenge_method?: string;
  readonly name?: string;
}

const MOST_CALLBACK = 2_000;
const MOST_NAME = 120;
const LOOPBACK = /^(127(\.\d{1,3}){3}|\[::1\]|localhost)$/;

/** The request, or what is wrong with it as one sentence. */
export function readAppRequest(parameters: AppParameters): AppRequest | { readonly fault: string } {
  const { callback_url: callbackUrl, code_challenge: codeChallenge } = parameters;
  const url = URL.parse(callbackUrl ?? '');
  const fault =
    faultOfCallback(callbackUrl, url) ??
    faultOfChallenge(codeChallenge, parameters.code_challenge_method);
  if (fault !== undefined) return { fault };
  const host = url?.host ?? '';
  const name = parameters.name
    ?.replace(/\p{Cc}/gu, '')
    .trim()
    .slice(0, MOST_NAME);
  return {
    callbackUrl: callbackUrl ?? '',
    host,
    codeChallenge: codeChallenge ?? '',
    keyName: name || host,
  };
}

/** Where the app hears that its person does not want to. */
export function deniedUrl(callbackUrl: string): string {
  const url = new URL(callbackUrl);
  url.searchParams.set('error', 'access_denied');
  return url.href;
}

function faultOfCallback(text: string | undefined, url: URL | null): string | undefined {
  if (text === undefined) return 'callback_url is missing.';
  if (url === null) return 'callback_url is not an address.';
  if (text.length > MOST_CALLBACK)
    return `callback_url is longer than ${MOST_CALLBACK} characters.`;
  const isSafe =
    url.protocol === 'https:' || (url.protocol === 'http:' && LOOPBACK.test(url.hostname));
  if (!isSafe) return 'callback_url must begin with https://, or http:// on a loopback address.';
  if (url.username || url.password) return 'callback_url must not carry a name or a password.';
  return text.includes('#') ? 'callback_url must not have a part after #.' : undefined;
}

function faultOfChallenge(text: string | undefined, method = ''): string | undefined {
  if (text === undefined) return 'code_challenge is missing.';
  if (method !== 'S256') return 'code_challenge_method must be S256.';
  return /^[A-Za-z0-9_-]{43}$/.test(text)
    ? undefined
    : 'code_challenge must be the SHA-256 of the verifier as 43 characters of base64url.';
}
