// The description of the API for programs, OpenAPI 3.1: made from the schemas by which the server reads
// and writes, from operations.ts, and from the table of roles and scopes. The data plane's routes about
// a key itself stand beside them; what it serves to models is described by its protocols.

import swagger from '@fastify/swagger';
import type { FastifyInstance } from 'fastify';
import { jsonSchemaTransform } from 'fastify-type-provider-zod';
import { z } from 'zod';
import { type Permission, rolesWith, scopeFor } from '../identity/roles.ts';
import { errorReply, receiptReply } from './contract.ts';
import { ownCreditsReply, ownKeyReply } from './contract-keys.ts';
import type { ConsoleApp, ConsoleDeps } from './deps.ts';
import { type Asker, operationOf } from './operations.ts';
import { SESSION_COOKIE } from './session-cookie.ts';

const PREFIX = '/api/v1';
const ABOUT = `Every amount is nano-dollars as decimal text, every time ISO 8601 in UTC. Programs send
\`authorization: Bearer ih_…\`: an API key works in its own workspace alone, where one of its scopes is
the one that a route names, and never goes further than the role of whoever made it.`;

/** Must come before the routes that it describes. */
export async function describeRoutes(app: FastifyInstance, version: string): Promise<void> {
  const info = { title: 'InferenceHub', version, description: ABOUT };
  const components = { securitySchemes: SECURITY_SCHEMES };
  await app.register(swagger, {
    openapi: { openapi: '3.1.0', info, components },
    transform: describeRoute,
  });
}

export function addOpenApiRoute(app: ConsoleApp, deps: ConsoleDeps): void {
  const response = { 200: z.record(z.string(), z.unknown()) };
  const ofKeys = describeKeyRoutes();
  app.get('/openapi.json', { schema: { response } }, async () => {
    const document = app.swagger();
    const paths = { ...document.paths, ...ofKeys };
    return { ...document, servers: [{ url: deps.publicUrl() }], paths };
  });
}

const SECURITY_SCHEMES = Object.freeze({
  cookie: {
    type: 'apiKey',
    in: 'cookie',
    name: SESSION_COOKIE,
    description: 'The session of somebody who has signed in, as the pages send it.',
  },
  bearer: {
    type: 'http',
    scheme: 'bearer',
    description: 'An API key, live or test, with the scope that the route names.',
  },
} as const);

const DONE = 'Done.';
const FAILED = 'Refused or failed; `error.code` says why.';
const NOTHING = Object.freeze({ type: 'null', description: DONE });

type RouteDescription = Parameters<typeof jsonSchemaTransform>[0];

function describeRoute(description: RouteDescription): ReturnType<typeof jsonSchemaTransform> {
  const { route, url, schema } = description;
  const operation = operationOf(`${String(route.method)} ${url.slice(PREFIX.length)}`);
  const answers = schema?.response as Record<string, unknown> | undefined;
  const response = { ...answers, default: errorReply };
  const described = jsonSchemaTransform({ ...description, schema: { ...schema, response } });
  const answer = described.schema.response as Record<string, Record<string, unknown>> | undefined;
  if (!operation || !answer) return described;
  for (const [status, body] of Object.entries(answer)) {
    body['x-response-description'] = status === 'default' ? FAILED : DONE;
  }
  const { tag, summary, asker, redirects } = operation;
  if (!answers) answer[redirects ? '302' : '204'] = NOTHING;
  const words = { tags: [tag], summary, description: whoMay(asker), security: securityOf(asker) };
  return { ...described, schema: { ...described.schema, ...words } };
}

function isPermission(asker: Asker): asker is Permission {
  return asker.includes('.');
}

function securityOf(asker: Asker): readonly Readonly<Record<string, string[]>>[] {
  if (asker === 'anybody') return [];
  const scope = isPermission(asker) ? scopeFor(asker) : undefined;
  return scope === undefined ? [{ cookie: [] }] : [{ cookie: [] }, { bearer: [scope] }];
}

function whoMay(asker: Asker): string {
  if (asker === 'anybody') return 'For everybody.';
  if (asker === 'session') return 'For whoever has signed in.';
  if (asker === 'operator') return 'For operators of the hub, signed in.';
  const scope = scopeFor(asker);
  const members = `For members: ${rolesWith(asker).join(', ')}.`;
  return scope === undefined ? `${members} No API key can.` : `${members} Key scope: \`${scope}\`.`;
}

/** Those that the gateway answers, to any key of the workspace. */
function describeKeyRoutes() {
  return {
    '/v1/key': describeKeyRoute('Read what the key is and may do', ownKeyReply),
    '/v1/credits': describeKeyRoute('Read the balance that the key spends', ownCreditsReply),
    '/v1/receipts/{id}': describeKeyRoute('Read the receipt of a request', receiptReply, 'id'),
  };
}

function describeKeyRoute(summary: string, reply: z.ZodType, param?: string) {
  const answer = (description: string, schema: z.ZodType) => ({
    description,
    // As input: there may be fields beside those that are named.
    content: { 'application/json': { schema: z.toJSONSchema(schema, { io: 'input' }) } },
  });
  const named = { name: param ?? '', in: 'path', required: true, schema: { type: 'string' } };
  return {
    get: {
      tags: ['The key itself'],
      summary,
      description: 'For every API key, whatever its scopes.',
      security: [{ bearer: [] }],
      ...(param !== undefined && { parameters: [named] }),
      responses: { 200: answer(DONE, reply), default: answer(FAILED, errorReply) },
    },
  };
}
