// The control plane: a typed JSON API for the web pages, one file a resource. It answers below /api
// alone; the pages themselves are added next to it (src/http/static.ts).

import cookie from '@fastify/cookie';
import helmet from '@fastify/helmet';
import fastify, { type FastifyInstance } from 'fastify';
import {
  type ZodTypeProvider,
  serializerCompiler,
  validatorCompiler,
} from 'fastify-type-provider-zod';
import { newId } from '../base/ids.ts';
import { addAccountSessionRoutes } from './account-sessions.ts';
import { addAccountRoutes } from './account.ts';
import { addActivityRoutes } from './activity.ts';
import { addAppRoutes } from './apps.ts';
import { addBalanceRoutes } from './balance.ts';
import { addBudgetRoutes } from './budgets.ts';
import type { ConsoleApp, ConsoleDeps, ConsoleWiring } from './deps.ts';
import { addCredentialRoutes } from './credentials.ts';
import { addEventRoutes } from './events.ts';
import { answerErrors, answerNotFound } from './failures.ts';
import { addGoogleRoutes } from './google.ts';
import { addInvitationRoutes } from './invitations.ts';
import { addKeyRoutes } from './keys.ts';
import { addMemberRoutes } from './members.ts';
import { addModelRoutes } from './models.ts';
import { addOpenApiRoute, describeRoutes } from './openapi.ts';
import { addOperatorRoutes } from './operator.ts';
import { addPasskeySignInRoutes } from './passkey-sign-in.ts';
import { addPasskeyRoutes } from './passkeys.ts';
import { addPasswordResetRoutes } from './password-reset.ts';
import { addSecondFactorRoutes } from './second-factor.ts';
import { addSessionRoutes } from './session.ts';
import { addSignUpRoutes } from './sign-up.ts';
import { guardOrigin } from './origin.ts';
import { addWorkspaceRoutes } from './workspaces.ts';
import { createAttempts } from './attempts.ts';

const MOST_BODY_BYTES = 64 * 1024;

/** The console as a fastify instance without a socket: hand requests to `app.routing`. */
export function createConsole(wired: ConsoleWiring): FastifyInstance {
  const deps = { ...wired, attempts: createAttempts(wired.clock, wired.siblings) };
  const app = fastify({
    bodyLimit: MOST_BODY_BYTES,
    genReqId: () => newId('req', deps.clock.wallMs()),
    routerOptions: { maxParamLength: 100 },
    return503OnClosing: false,
  });
  app.setValidatorCompiler(validatorCompiler);
  app.setSerializerCompiler(serializerCompiler);
  // JSON is the only body: a form of another site cannot send it without asking first.
  app.removeContentTypeParser('text/plain');
  app.register(cookie);
  app.register(helmet, securityHeaders(deps.publicUrl().startsWith('https:')));
  answerErrors(app, deps);
  app.register(
    async (api) => {
      answerNotFound(api);
      api.addHook('onRequest', async (request, reply) => {
        reply.header('cache-control', 'no-store');
        guardOrigin(request, reply, deps.publicUrl());
      });
      const addV1 = async (v1: FastifyInstance): Promise<void> => {
        await describeRoutes(v1, deps.version);
        addRoutes(v1.withTypeProvider<ZodTypeProvider>(), deps);
      };
      api.register(addV1, { prefix: '/v1' });
    },
    { prefix: '/api' },
  );
  return app;
}

function addRoutes(app: ConsoleApp, deps: ConsoleDeps): void {
  addSessionRoutes(app, deps);
  addSignUpRoutes(app, deps);
  addPasswordResetRoutes(app, deps);
  addAccountRoutes(app, deps);
  addAccountSessionRoutes(app, deps);
  addGoogleRoutes(app, deps);
  addSecondFactorRoutes(app, deps);
  addPasskeySignInRoutes(app, deps);
  addPasskeyRoutes(app, deps);
  addModelRoutes(app, deps);
  addWorkspaceRoutes(app, deps);
  addBalanceRoutes(app, deps);
  addKeyRoutes(app, deps);
  addAppRoutes(app, deps);
  addCredentialRoutes(app, deps);
  addMemberRoutes(app, deps);
  addInvitationRoutes(app, deps);
  addBudgetRoutes(app, deps);
  addActivityRoutes(app, deps);
  addEventRoutes(app, deps);
  addOperatorRoutes(app, deps);
  addOpenApiRoute(app, deps);
}

/** On plain http (a laptop) nothing may make the browser insist on https. */
function securityHeaders(isHttps: boolean) {
  return {
    contentSecurityPolicy: {
      useDefaults: false,
      directives: {
        defaultSrc: ["'self'"],
        // The component kit sets styles on elements.
        styleSrc: ["'self'", "'unsafe-inline'"],
        imgSrc: ["'self'", 'data:'],
        objectSrc: ["'none'"],
        baseUri: ["'none'"],
        formAction: ["'self'"],
        frameAncestors: ["'none'"],
        ...(isHttps ? { upgradeInsecureRequests: [] } : {}),
      },
    },
    strictTransportSecurity: isHttps,
    referrerPolicy: { policy: 'no-referrer' as const },
  };
}
