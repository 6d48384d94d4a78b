// What the suites of customers' own credentials share: keeping one over the console, as its page does.

import { randomBytes } from 'node:crypto';
import type { CredentialMode, CredentialsReply } from '../../src/console/contract-credentials.ts';
import type { Asked } from '../support/upstream.ts';
import type { ConsoleSession } from './console-session.ts';
import type { Customer } from './world.ts';

/** What providersAt gives the hub itself. */
export const HUBS: readonly string[] = ['sk-stand-in', 'sk-ant-stand-in'];

export const SEALING = Object.freeze({ SECRETS_KEY: randomBytes(32).toString('base64') });

/** Adds one and returns its id. */
export async function addOwn(
  session: ConsoleSession,
  { workspaceId }: Customer,
  secret: string,
  mode: CredentialMode,
  provider = 'openai',
): Promise<string> {
  const path = `/workspaces/${workspaceId}/credentials`;
  const response = await session.request('POST', path, { provider, mode, secret });
  if (response.status !== 200) throw new Error(`adding a credential: ${response.status}`);
  const { credentials } = (await response.json()) as CredentialsReply;
  return credentials[0]?.id ?? '';
}

/** The credential with which a request came, in the header of either protocol. */
export function credentialOf({ headers }: Asked): string {
  return String(headers['x-api-key'] ?? headers.authorization?.replace('Bearer ', ''));
}
