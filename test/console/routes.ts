// Every route of a workspace as a table: what is sent, who may, by which scope a key may, and what
// those who may are answered. Suites of roles and of keys walk it.

import { inTransaction } from '../../src/db/database.ts';
import type { KeyScope, Role } from '../../src/db/schema-people.ts';
import type { KeyLimits } from '../../src/keys/limits.ts';
import { type NewKey, createKey } from '../../src/keys/manage.ts';
import { type Member, makeMember } from '../identity/world.ts';
import type { TestConsole } from './world.ts';

export const ROLES = Object.freeze(['owner', 'admin', 'developer', 'billing', 'viewer'] as const);
export const SCOPES = Object.freeze(['inference', 'usage', 'keys'] as const);

const MANAGERS: readonly Role[] = ['owner', 'admin'];
const MAKERS: readonly Role[] = [...MANAGERS, 'developer'];

/** Things of the workspace that paths may name. */
export interface Things {
  readonly workspaceId: string;
  readonly keyId: string;
  /** A member whom no test signs in. */
  readonly personId: string;
}

export interface Route {
  readonly method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  /** As the description of the API has it, below /api/v1/workspaces/{workspaceId}. */
  readonly path: string;
  readonly body?: unknown;
  readonly roles: readonly Role[];
  readonly scope?: KeyScope;
  /** What those who may are answered. */
  readonly status: number;
}

const CHALLENGE = 'E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM';
const LIMIT = { limitUsd: '5' };
const GRANT = { callbackUrl: 'https://app.example/cb', codeChallenge: CHALLENGE, keyName: 'App' };

export const ROUTES: readonly Route[] = Object.freeze([
  { method: 'GET', path: '', roles: ROLES, scope: 'usage', status: 200 },
  { method: 'PATCH', path: '', body: { name: 'Home' }, roles: MANAGERS, status: 200 },
  {
    method: 'PATCH',
    path: '',
    body: { lowBalanceUsd: '5' },
    roles: [...MANAGERS, 'billing'],
    status: 200,
  },
  { method: 'POST', path: '/transfer', body: { personId: 'x' }, roles: ['owner'], status: 404 },
  { method: 'GET', path: '/balance', roles: ROLES, scope: 'usage', status: 200 },
  {
    method: 'POST',
    path: '/grants',
    body: { book: 'test', amountUsd: '1', idempotencyKey: 'press-0001' },
    roles: [],
    status: 200,
  },
  { method: 'GET', path: '/members', roles: ROLES, scope: 'usage', status: 200 },
  {
    method: 'PATCH',
    path: '/members/{personId}',
    body: { role: 'viewer' },
    roles: MANAGERS,
    status: 204,
  },
  // Nobody who is a member: whoever may remove is told so.
  { method: 'DELETE', path: '/members/{stranger}', roles: MANAGERS, status: 404 },
  { method: 'GET', path: '/invitations', roles: MANAGERS, status: 200 },
  {
    method: 'POST',
    path: '/invitations',
    body: { email: 'new@example.com', role: 'viewer' },
    roles: MANAGERS,
    status: 200,
  },
  { method: 'DELETE', path: '/invitations/{invitationId}', roles: MANAGERS, status: 404 },
  { method: 'GET', path: '/keys', roles: ROLES, scope: 'keys', status: 200 },
  {
    method: 'POST',
    path: '/keys',
    body: { name: 'New', mode: 'test' },
    roles: MAKERS,
    scope: 'keys',
    status: 200,
  },
  {
    method: 'PATCH',
    path: '/keys/{keyId}',
    // The owner's, as with the next.
    body: { name: 'Other' },
    roles: MANAGERS,
    scope: 'keys',
    status: 200,
  },
  {
    method: 'POST',
    path: '/keys/{keyId}/rotate',
    body: {},
    roles: MANAGERS,
    scope: 'keys',
    status: 200,
  },
  { method: 'DELETE', path: '/keys/{keyId}', roles: MAKERS, scope: 'keys', status: 204 },
  {
    method: 'POST',
    path: '/app-grants',
    body: { ...GRANT, ...LIMIT, span: 'monthly' },
    roles: MAKERS,
    scope: 'keys',
    status: 200,
  },
  ...(['keys', 'members'] as const).flatMap((room): readonly Route[] => {
    const path = `/${room}/{ownerId}/budgets`;
    const set = { roles: MANAGERS, scope: 'keys' } as const;
    return [
      { method: 'GET', path, roles: ROLES, scope: room === 'keys' ? 'keys' : 'usage', status: 200 },
      { method: 'PUT', path: `${path}/{span}`, body: LIMIT, ...set, status: 200 },
      { method: 'DELETE', path: `${path}/{span}`, ...set, status: 204 },
    ];
  }),
  { method: 'GET', path: '/activity', roles: ROLES, scope: 'usage', status: 200 },
  { method: 'GET', path: '/receipts/{requestId}', roles: ROLES, scope: 'usage', status: 404 },
  { method: 'GET', path: '/events', roles: ROLES, scope: 'usage', status: 200 },
  { method: 'GET', path: '/credentials', roles: MANAGERS, status: 200 },
  {
    method: 'POST',
    path: '/credentials',
    body: { provider: 'openai', mode: 'first', secret: 'sk-0123456789abcdef' },
    roles: MANAGERS,
    status: 409,
  },
  {
    method: 'PUT',
    path: '/credentials/{credentialId}',
    body: { mode: 'first', isDisabled: true },
    roles: MANAGERS,
    status: 404,
  },
  { method: 'DELETE', path: '/credentials/{credentialId}', roles: MANAGERS, status: 404 },
  { method: 'POST', path: '/credentials/{credentialId}/check', roles: MANAGERS, status: 409 },
  {
    method: 'POST',
    path: '/credentials/{credentialId}/replacement',
    body: { secret: 'sk-0123456789abcdef' },
    roles: MANAGERS,
    status: 409,
  },
]);

/** One more member of a workspace. */
export async function addMember(
  hub: TestConsole,
  workspaceId: string,
  role: Role,
): Promise<Member['person']> {
  const { person } = await makeMember(hub.sql);
  const row = { workspace_id: workspaceId, person_id: person.id, role };
  await hub.sql.insertInto('members').values(row).execute();
  return person;
}

/** A live key, unless it says otherwise; its text is told by nobody else. */
export async function addKey(
  hub: TestConsole,
  of: Pick<NewKey, 'workspaceId' | 'createdBy'>,
  details: Partial<Pick<NewKey, 'mode'>> & Partial<KeyLimits> = {},
): Promise<{ id: string; secret: string }> {
  const { mode = 'live', ...limits } = details;
  const order = { ...of, name: 'Key', mode, limits };
  const { key, secret } = await inTransaction(hub.sql, (tx) =>
    createKey(tx, order, hub.clock.wallMs()),
  );
  return { id: key.id, secret };
}

export interface RouteAnswer {
  readonly status: number;
  /** Of a failure. */
  readonly code: unknown;
  readonly headers: Headers;
}

/** Sends what the row says, with these headers, and reads no more of a stream than its head. */
export async function callRoute(
  url: string,
  route: Route,
  things: Things,
  headers: Readonly<Record<string, string>>,
): Promise<RouteAnswer> {
  const hasBody = route.body !== undefined;
  const answer = await fetch(`${url}/api/v1${fillIn(route, things)}`, {
    method: route.method,
    headers: { ...headers, ...(hasBody && { 'content-type': 'application/json' }) },
    ...(hasBody && { body: JSON.stringify(route.body) }),
  });
  const read = { status: answer.status, headers: answer.headers };
  if (answer.headers.get('content-type') === 'text/event-stream') {
    await answer.body?.cancel();
    return { ...read, code: undefined };
  }
  const text = await answer.text();
  const json = (text === '' ? {} : JSON.parse(text)) as { error?: { code: unknown } };
  return { ...read, code: json.error?.code };
}

/** The path with the things that it names; what it does not know does not exist. */
function fillIn({ path }: Route, things: Things): string {
  const names: Readonly<Record<string, string>> = {
    ...things,
    ownerId: path.startsWith('/keys') ? things.keyId : things.personId,
    span: 'daily',
    stranger: 'usr_00000000000000000000000000',
    invitationId: 'inv_00000000000000000000000000',
    requestId: 'req_00000000000000000000000000',
    credentialId: 'cred_00000000000000000000000000',
  };
  const filled = path.replace(/\{(\w+)\}/g, (_, name: string) => names[name] ?? name);
  return `/workspaces/${things.workspaceId}${filled}`;
}
