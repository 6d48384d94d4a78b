// The description of the API for programs: it has every route, says the truth about who may ask, and
// what routes answer is what it says.

import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { type Member, addUsage, makeMember } from '../identity/world.ts';
import { ROUTES, addKey } from './routes.ts';
import { type TestConsole, openConsole, signInAs } from './world.ts';

type Schema = Parameters<typeof z.fromJSONSchema>[0];

interface Parameter {
  readonly name: string;
  readonly in: string;
}

interface Operation {
  readonly tags: readonly string[];
  readonly summary: string;
  readonly security: readonly Record<string, readonly string[]>[];
  readonly parameters?: readonly Parameter[];
  readonly requestBody?: unknown;
  readonly responses: Readonly<
    Record<string, { description: string; content?: Record<string, { schema: Schema }> }>
  >;
}

interface Described {
  readonly openapi: string;
  readonly servers: readonly { url: string }[];
  readonly components: { readonly securitySchemes: Readonly<Record<string, object>> };
  readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>;
}

const PREFIX = '/api/v1';
const WORKSPACE = `${PREFIX}/workspaces/{workspaceId}`;

describe('the description of the API', () => {
  let hub: TestConsole;
  let document: Described;
  let owner: Member;
  beforeAll(async () => {
    hub = await openConsole('pglite');
    owner = await makeMember(hub.sql);
    const answer = await fetch(`${hub.url}${PREFIX}/openapi.json`);
    document = (await answer.json()) as Described;
  });
  afterAll(() => hub.close());

  const operations = (): [path: string, method: string, operation: Operation][] =>
    Object.entries(document.paths).flatMap(([path, methods]) =>
      Object.entries(methods).map(([method, operation]): [string, string, Operation] => [
        path,
        method.toUpperCase(),
        operation,
      ]),
    );
  const scopeOf = ({ security }: Operation) => security.flatMap(({ bearer }) => bearer ?? [])[0];

  it('is OpenAPI 3.1 of this hub', () => {
    expect(document).toMatchObject({
      openapi: '3.1.0',
      info: { title: 'InferenceHub', version: '1.2.3' },
      servers: [{ url: hub.url }],
    });
    expect(Object.keys(document.components.securitySchemes)).toEqual(['cookie', 'bearer']);
  });

  it('has every route that the console serves, and none that it does not', () => {
    const served = hub.routes
      .filter(({ method }) => method !== 'HEAD' && method !== 'OPTIONS')
      .map(({ method, url }) => `${method} ${url.replace(/:(\w+)/g, '{$1}')}`);
    const described = operations()
      .filter(([path]) => path.startsWith(PREFIX))
      .map(([path, method]) => `${method} ${path}`);
    expect(described.toSorted()).toEqual(served.toSorted());
    expect(served.length).toBeGreaterThan(40);
  });

  it('has words, a tag and the failures of each, and names what its path needs', () => {
    for (const [path, method, operation] of operations()) {
      const where = `${method} ${path}`;
      expect(operation.summary, where).toMatch(/^[A-Z].{2,}[^.]$/);
      expect(operation.tags, where).toHaveLength(1);
      const { default: failure, ...successes } = operation.responses;
      expect(failure?.content, where).toHaveProperty(['application/json', 'schema']);
      expect(Object.keys(successes).join(), where).toMatch(/^(200|202|204|302)$/);
      const inPath = (operation.parameters ?? []).filter((parameter) => parameter.in === 'path');
      const names = [...path.matchAll(/\{(\w+)\}/g)].map(([, name = '']) => name);
      expect(inPath.map(({ name }) => name).toSorted(), where).toEqual(names.toSorted());
      const known = Object.keys(document.components.securitySchemes);
      for (const scheme of operation.security.flatMap(Object.keys)) expect(known).toContain(scheme);
    }
  });

  it('says of every route of a workspace which scope a key needs, as the routes do', () => {
    const said = operations()
      .filter(([path]) => path.startsWith(WORKSPACE))
      .map(([path, method, operation]) => [`${method} ${path}`, scopeOf(operation)]);
    // Other suites hold this table to what the routes do.
    const done = ROUTES.map((route) => [
      `${route.method} ${WORKSPACE}${route.path.replace('{stranger}', '{personId}')}`,
      route.scope,
    ]);
    const unique = new Map(done as [string, string][]);
    expect(Object.fromEntries(said)).toEqual(Object.fromEntries(unique));
  });

  it('lets no key do what is said to be for people', async () => {
    const of = { workspaceId: owner.workspaceId, createdBy: owner.person.id };
    const { secret } = await addKey(hub, of, { scopes: ['inference', 'usage', 'keys'] });
    for (const [path, method, operation] of operations()) {
      const forPeople = operation.security.some(({ cookie }) => cookie) && !scopeOf(operation);
      if (!forPeople) continue;
      const answer = await fetch(hub.url + path.replace(/\{\w+\}/g, owner.workspaceId), {
        method,
        headers: { authorization: `Bearer ${secret}` },
      });
      // Where a body is asked for, that is looked at first.
      const expected = operation.requestBody ? [400, 403] : [403];
      expect(expected, `${method} ${path}`).toContain(answer.status);
    }
  });

  it('describes what routes answer, failures included', async () => {
    const browser = await signInAs(hub, owner.person.email);
    const { workspaceId } = owner;
    const home = `/workspaces/${workspaceId}`;
    const key = await addKey(hub, { workspaceId, createdBy: owner.person.id });
    const charged = { charge_nanos: 3n, cost_nanos: 3n };
    const requestId = await addUsage(hub.sql, {
      workspace_id: workspaceId,
      key_id: key.id,
      ...charged,
    });
    const grant = {
      callbackUrl: 'https://app.example/',
      codeChallenge: 'E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM',
      keyName: 'App',
      limitUsd: '5',
      span: 'total',
    };
    const at = (path: string) => path.replace(home, WORKSPACE).replace(PREFIX, '');
    const walk: [
      method: 'get' | 'post' | 'put' | 'patch' | 'delete',
      path: string,
      as: string,
      body?: object,
    ][] = [
      ['get', '/session', '/session'],
      ['get', '/models', '/models'],
      ['get', '/openapi.json', '/openapi.json'],
      ['post', '/workspaces', '/workspaces', { name: 'New' }],
      ['get', home, at(home)],
      ['patch', home, at(home), { lowBalanceUsd: '1' }],
      ['get', `${home}/balance`, at(`${home}/balance`)],
      ['get', `${home}/members`, at(`${home}/members`)],
      [
        'post',
        `${home}/invitations`,
        at(`${home}/invitations`),
        { email: 'x@example.com', role: 'viewer' },
      ],
      ['get', `${home}/invitations`, at(`${home}/invitations`)],
      ['post', `${home}/keys`, at(`${home}/keys`), { name: 'x', mode: 'live' }],
      ['get', `${home}/keys`, at(`${home}/keys`)],
      [
        'put',
        `${home}/keys/${key.id}/budgets/daily`,
        at(`${home}/keys/{ownerId}/budgets/{span}`),
        { limitUsd: '1' },
      ],
      ['get', `${home}/keys/${key.id}/budgets`, at(`${home}/keys/{ownerId}/budgets`)],
      [
        'delete',
        `${home}/keys/${key.id}/budgets/daily`,
        at(`${home}/keys/{ownerId}/budgets/{span}`),
      ],
      ['post', `${home}/app-grants`, at(`${home}/app-grants`), grant],
      ['get', `${home}/activity`, at(`${home}/activity`)],
      ['get', `${home}/receipts/${requestId}`, at(`${home}/receipts/{requestId}`)],
      ['get', `${home}/credentials`, at(`${home}/credentials`)],
      ['delete', `${home}/keys/${key.id}`, at(`${home}/keys/{keyId}`)],
      // Failures.
      ['get', '/workspaces/ws_x', at(home)],
      ['post', `${home}/keys`, at(`${home}/keys`), { name: '' }],
      ['post', '/auth/keys', '/auth/keys', { code: 'x', code_verifier: 'y'.repeat(43) }],
      ['get', '/operator/reviews', '/operator/reviews'],
    ];
    const statuses: number[] = [];
    for (const [method, path, as, body] of walk) {
      const call =
        method === 'get' || method === 'delete'
          ? browser[method](path)
          : browser[method](path, body);
      const answer = await call;
      statuses.push(answer.status);
      const responses = document.paths[PREFIX + as]?.[method]?.responses;
      const described = responses?.[answer.status] ?? responses?.['default'];
      const where = `${method} ${path}: ${answer.status}`;
      expect(described, where).toBeDefined();
      const schema = described?.content?.['application/json']?.schema;
      if (schema)
        expect(z.fromJSONSchema(schema).safeParse(answer.body).error, where).toBeUndefined();
      else expect(answer.body, where).toEqual({});
    }
    expect([...new Set(statuses)].toSorted((a, b) => a - b)).toEqual([200, 204, 400, 401, 404]);
  });
});
