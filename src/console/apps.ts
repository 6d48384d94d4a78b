// Keys for apps of others: a person promises one, the app fetches it. The app may run in a browser at
// its own address, so fetching is open to every origin: it looks at no cookie, and the code with its
// verifier alone opens it.

import { z } from 'zod';
import { HubError } from '../base/errors.ts';
import { parseIp } from '../base/ip.ts';
import { parseUsd } from '../base/money.ts';
import { setBudget } from '../budgets/manage.ts';
import { type Sql, inTransaction } from '../db/database.ts';
import { type AppGrant, createAppGrant, redeemAppGrant } from '../identity/app-grants.ts';
import { createKey } from '../keys/manage.ts';
import { requireAccess } from './access.ts';
import {
  fetchAppKeyReply,
  fetchAppKeyRequest,
  grantAppReply,
  grantAppRequest,
} from './contract-keys.ts';
import type { ConsoleApp, ConsoleDeps } from './deps.ts';
import { answerPreflight } from './origin.ts';

const params = z.object({ workspaceId: z.string() });
const FETCH_PATH = '/auth/keys';
const MOST_HOST_CHARACTERS = 253;

export function addAppRoutes(app: ConsoleApp, deps: ConsoleDeps): void {
  const { sql } = deps.database;
  const config = { anyOrigin: true };

  app.post(
    '/workspaces/:workspaceId/app-grants',
    { schema: { params, body: grantAppRequest, response: { 200: grantAppReply } } },
    async (request) => {
      const { workspaceId } = request.params;
      const recent = { recent: true };
      const { person } = await requireAccess(deps, request, workspaceId, 'keys.manage', recent);
      const { callbackUrl, codeChallenge, keyName, limitUsd, span } = request.body;
      const callback = readCallback(callbackUrl);
      const of = { workspaceId, personId: person.id, app: callback.hostname };
      const grant = { ...of, keyName, limitNanos: parseUsd(limitUsd), span };
      const code = await inTransaction(sql, (tx) =>
        createAppGrant(tx, grant, codeChallenge, deps.clock.wallMs()),
      );
      callback.searchParams.set('code', code);
      return { redirectUrl: callback.href };
    },
  );

  app.options(FETCH_PATH, { config, schema: { hide: true } }, (_, reply) =>
    answerPreflight(reply, 'POST'),
  );

  app.post(
    FETCH_PATH,
    { config, schema: { body: fetchAppKeyRequest, response: { 200: fetchAppKeyReply } } },
    async (request) => {
      const { code, code_verifier: verifier } = request.body;
      const wallMs = deps.clock.wallMs();
      const made = await inTransaction(sql, async (tx) => {
        const grant = await redeemAppGrant(tx, code, verifier, wallMs);
        return grant && { grant, secret: await makeKey(tx, grant, wallMs) };
      });
      // Only now, so that the code of a wrong try stays used up.
      if (!made) {
        const message =
          'The code is unknown, used or expired, or the verifier does not belong to it.';
        throw new HubError('link_invalid', { message });
      }
      deps.changes.notify(made.grant.workspaceId, 'keys');
      return { key: made.secret, user_id: made.grant.personId };
    },
  );
}

/** A live key of the person who promised it, with its budget; returns its text. */
async function makeKey(tx: Sql, grant: AppGrant, wallMs: number): Promise<string> {
  const { workspaceId, personId: createdBy, keyName: name, app, span, limitNanos } = grant;
  const order = { workspaceId, name, mode: 'live', createdBy, app } as const;
  const { key, secret } = await createKey(tx, order, wallMs);
  await setBudget(tx, { workspaceId, keyId: key.id }, span, limitNanos, wallMs);
  return secret;
}

/** Where a code may be sent: over TLS, or to a program on the person's own machine. */
function readCallback(text: string): URL {
  const callback = URL.parse(text);
  const isSafe =
    callback?.protocol === 'https:' ||
    (callback?.protocol === 'http:' && isLoopback(callback.hostname));
  if (!callback || !isSafe) {
    throw refuse('The callback is an https address, or an http address on loopback.');
  }
  if (callback.username !== '' || callback.password !== '') {
    throw refuse('The callback has no user name and no password.');
  }
  if (text.includes('#')) throw refuse('The callback has no fragment.');
  if (callback.hostname.length > MOST_HOST_CHARACTERS) throw refuse('The host is too long.');
  return callback;
}

function isLoopback(hostname: string): boolean {
  if (hostname === 'localhost') return true;
  return parseIp(hostname.replace(/^\[(.*)\]$/, '$1'))?.range() === 'loopback';
}

function refuse(message: string): HubError {
  return new HubError('invalid_request', { param: 'callbackUrl', message });
}
