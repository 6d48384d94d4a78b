// Asks a provider whether a credential holds: one reading of what costs nothing, at the address at which
// the hub itself reaches it. Of the answer nothing is read but its status.

import { Agent, request } from 'undici';
import type { Provider, ProviderSettings } from '../providers/provider.ts';
import { CONNECT_TIMEOUT_MS, lookUpPublic, usualHeaders } from './target.ts';

export interface KeyCheck {
  /** `unclear`: the provider answers, but says nothing of the credential. */
  readonly result: 'accepted' | 'refused' | 'unclear' | 'unreachable';
  /** The provider's HTTP status, where it answered. */
  readonly status: number | null;
}

/** Google says 400 of a key that is none. */
const REFUSALS: ReadonlySet<number> = new Set([400, 401, 403]);
const ANSWER_TIMEOUT_MS = 10_000;

export async function checkKey(
  provider: Provider,
  settings: ProviderSettings,
  path: string,
): Promise<KeyCheck> {
  const dispatcher = new Agent({
    connect: {
      timeout: CONNECT_TIMEOUT_MS,
      ...(settings.privateNetwork ? {} : { lookup: lookUpPublic }),
    },
  });
  // There is no body that it could be of.
  const { 'content-type': _type, ...headers } = usualHeaders(provider, settings);
  try {
    const { statusCode: status, body } = await request(settings.baseUrl + path, {
      dispatcher,
      headers: { ...headers, ...provider.headers },
      headersTimeout: ANSWER_TIMEOUT_MS,
    });
    // Nobody reads it, so it must not keep the connection; that it is cut is no fault.
    body.on('error', () => undefined).destroy();
    return { result: resultOf(status), status };
  } catch {
    return { result: 'unreachable', status: null };
  } finally {
    await dispatcher.destroy();
  }
}

function resultOf(status: number): KeyCheck['result'] {
  if (status === 200) return 'accepted';
  return REFUSALS.has(status) ? 'refused' : 'unclear';
}
