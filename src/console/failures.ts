// Every failure of the console's API in one shape. What was foreseen is a HubError; what was not is
// `internal`, and of it only places are logged: a database's message may quote values.

import type { FastifyError, FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { hasZodFastifySchemaValidationErrors } from 'fastify-type-provider-zod';
import { HubError, toHubError } from '../base/errors.ts';
import { framesOf } from '../base/log.ts';
import { sqlState } from '../db/database.ts';
import type { ErrorReply } from './contract.ts';
import type { ConsoleDeps } from './deps.ts';

/** Answers what the routes throw, in the contract's shape. */
export function answerErrors(app: FastifyInstance, deps: ConsoleDeps): void {
  app.setErrorHandler((thrown: FastifyError, request, reply) => {
    const error = foresee(thrown);
    if (error.kind.owner === 'hub') {
      deps.log.error('console_request_failed', {
        requestId: request.id,
        code: error.code,
        sqlState: sqlState(thrown),
        frames: framesOf(thrown),
      });
    }
    return sendError(request, reply, error);
  });
}

/** Answers unknown addresses below this instance's prefix in the contract's shape. */
export function answerNotFound(app: Pick<FastifyInstance, 'setNotFoundHandler'>): void {
  app.setNotFoundHandler((request, reply) => sendError(request, reply, new HubError('not_found')));
}

function sendError(request: FastifyRequest, reply: FastifyReply, error: HubError): FastifyReply {
  if (error.retryAfterSeconds !== undefined) {
    reply.header('retry-after', Math.ceil(error.retryAfterSeconds));
  }
  const body: ErrorReply = {
    error: {
      code: error.code,
      message: error.message,
      param: error.param ?? null,
      requestId: request.id,
    },
  };
  return reply
    .code(error.kind.status)
    .header('cache-control', 'no-store')
    .type('application/json; charset=utf-8')
    .send(body);
}

const FASTIFY_CODES: Readonly<Record<string, ConstructorParameters<typeof HubError>>> =
  Object.freeze({
    FST_ERR_CTP_BODY_TOO_LARGE: ['body_too_large'],
    FST_ERR_CTP_INVALID_JSON_BODY: ['invalid_json'],
    FST_ERR_CTP_EMPTY_JSON_BODY: ['invalid_json'],
    FST_ERR_CTP_INVALID_MEDIA_TYPE: ['unsupported_encoding', { message: 'Send JSON.' }],
  });

function foresee(thrown: FastifyError): HubError {
  if (hasZodFastifySchemaValidationErrors(thrown)) {
    const [first] = thrown.validation;
    const param = first?.instancePath.slice(1).replaceAll('/', '.') || undefined;
    return new HubError('invalid_request', { param, message: first?.message });
  }
  const known = FASTIFY_CODES[thrown.code ?? ''];
  if (known) return new HubError(...known);
  if (isStorageFailure(thrown)) {
    return new HubError('storage_unavailable', { cause: thrown, retryAfterSeconds: 1 });
  }
  const isCallersFault = (thrown.statusCode ?? 500) < 500 && thrown.code?.startsWith('FST_');
  return isCallersFault ? new HubError('invalid_request') : toHubError(thrown);
}

/**
 * The database is away rather than unwilling: its classes 08 (connection), 53 (resources) and 57
 * (shutting down), an error of the socket, or the pool's own words, which carry no code.
 */
function isStorageFailure(error: Error & { code?: string }): boolean {
  const state = sqlState(error);
  if (state !== undefined && /^(08|53|57)/.test(state)) return true;
  if (/^(ECONN|EPIPE|ETIMEDOUT|EHOST|ENET|ENOTFOUND|EAI_)/.test(error.code ?? '')) return true;
  return /^(timeout exceeded when trying to connect|Connection terminated)/.test(error.message);
}
