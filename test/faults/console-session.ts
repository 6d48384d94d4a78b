// A signed-in session of the console without a browser: the one-time link that the hub's command
// line prints, exchanged for its cookie.

import { findRunningHub } from '../../src/host/control.ts';
import type { Hub } from '../support/hub.ts';
import type { Customer } from './world.ts';

export interface ConsoleSession {
  /** Asks below /api/v1 as a browser on the hub's own pages would. */
  request(method: string, path: string, body?: unknown): Promise<Response>;
}

export async function signIn(hub: Hub, customer: Customer): Promise<ConsoleSession> {
  const running = await findRunningHub(hub.dataDir);
  const link = await running?.commands.link({ email: customer.email });
  const token = new URL(link?.url ?? '').hash.slice(1);
  let cookie = '';
  const session: ConsoleSession = {
    request: (method, path, body) =>
      fetch(`${hub.baseUrl}/api/v1${path}`, {
        method,
        headers: {
          origin: hub.baseUrl,
          ...(cookie !== '' && { cookie }),
          ...(body !== undefined && { 'content-type': 'application/json' }),
        },
        ...(body !== undefined && { body: JSON.stringify(body) }),
      }),
  };
  const response = await session.request('POST', '/sign-in/link', { token });
  if (response.status !== 200) throw new Error(`signing in failed: ${response.status}`);
  cookie = response.headers.getSetCookie()[0]?.split(';')[0] ?? '';
  return session;
}
