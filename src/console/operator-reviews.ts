// The operator's decisions about single charges: what waits in quarantine, and refunds.

import type { FastifyRequest } from 'fastify';
import { z } from 'zod';
import { HubError } from '../base/errors.ts';
import { isId } from '../base/ids.ts';
import { type Nanos, parseUsd } from '../base/money.ts';
import type { Person } from '../identity/people.ts';
import {
  type ChargeState,
  listWaiting,
  readCharge,
  refundCharge,
  reviewCharge,
} from '../ledger/reviews.ts';
import { type RequestFacts, readRequestFacts } from '../usage/facts.ts';
import {
  type Charge,
  type ReviewRequest,
  chargeSchema,
  refundRequest,
  reviewRequest,
  reviewsReply,
} from './contract-operator.ts';
import type { ConsoleApp, ConsoleDeps } from './deps.ts';

const REVIEWS = 100;
const params = z.object({ requestId: z.string() });

export function addReviewRoutes(
  app: ConsoleApp,
  deps: ConsoleDeps,
  requireOperator: (request: FastifyRequest) => Promise<Person>,
): void {
  const { sql } = deps.database;

  app.get('/operator/reviews', { schema: { response: { 200: reviewsReply } } }, async (request) => {
    await requireOperator(request);
    await deps.flushUsage();
    return { reviews: await describeCharges(deps, await listWaiting(sql, REVIEWS)) };
  });

  app.post(
    '/operator/reviews/:requestId',
    { schema: { params, body: reviewRequest, response: { 200: chargeSchema } } },
    async (request) => {
      await requireOperator(request);
      const { requestId } = requireRequestId(request.params);
      const of = { requestId, giveBackNanos: givenBack(request.body) };
      await reviewCharge(sql, of, deps.clock.wallMs());
      return describeChange(deps, requestId);
    },
  );

  app.get(
    '/operator/charges/:requestId',
    { schema: { params, response: { 200: chargeSchema } } },
    async (request) => {
      await requireOperator(request);
      const { requestId } = requireRequestId(request.params);
      await deps.flushUsage();
      return describeCharge(deps, requestId);
    },
  );

  app.post(
    '/operator/charges/:requestId/refunds',
    { schema: { params, body: refundRequest, response: { 200: chargeSchema } } },
    async (request) => {
      await requireOperator(request);
      const { requestId } = requireRequestId(request.params);
      const amountNanos = parseUsd(request.body.amountUsd);
      if (amountNanos === 0n) {
        const message = 'The amount must be more than zero.';
        throw new HubError('invalid_request', { message, param: 'amountUsd' });
      }
      const of = { requestId, amountNanos, refundId: request.body.idempotencyKey };
      await refundCharge(sql, of, deps.clock.wallMs());
      return describeChange(deps, requestId);
    },
  );
}

function requireRequestId(of: { requestId: string }): { requestId: string } {
  if (isId('req', of.requestId)) return of;
  throw new HubError('not_found', { message: 'This is not the id of a request.' });
}

function givenBack(request: ReviewRequest): Nanos | 'all' {
  if (request.decision === 'keep') return 0n;
  return request.decision === 'give_back' ? 'all' : parseUsd(request.giveBackUsd);
}

/** The charge after a decision; the customer's open pages look again. */
async function describeChange(deps: ConsoleDeps, requestId: string): Promise<Charge> {
  const charge = await describeCharge(deps, requestId);
  deps.changes.notify(charge.workspaceId, 'balance');
  return charge;
}

async function describeCharge(deps: ConsoleDeps, requestId: string): Promise<Charge> {
  const [charge] = await describeCharges(deps, [requestId]);
  if (charge) return charge;
  throw new HubError('not_found', { message: 'No request with this id was charged.' });
}

async function describeCharges(deps: ConsoleDeps, requestIds: string[]): Promise<Charge[]> {
  const { sql } = deps.database;
  const facts = new Map(
    (await readRequestFacts(sql, requestIds)).map((row) => [row.requestId, row] as const),
  );
  const charges: Charge[] = [];
  for (const requestId of requestIds) {
    const [fact, charge] = [facts.get(requestId), await readCharge(sql, requestId)];
    if (fact && charge) charges.push(joinCharge(fact, charge));
  }
  return charges;
}

function joinCharge(facts: RequestFacts, charge: ChargeState): Charge {
  return {
    requestId: facts.requestId,
    book: charge.book,
    workspaceId: facts.workspaceId,
    workspaceName: facts.workspaceName,
    model: facts.model,
    provider: facts.provider,
    usageSource: facts.usageSource,
    outcome: facts.outcome,
    startedAt: facts.startedAt.toISOString(),
    chargeNanos: charge.amountNanos.toString(),
    waitingNanos: charge.waitingNanos.toString(),
    earnedNanos: charge.earnedNanos.toString(),
    givenBackNanos: charge.givenBackNanos.toString(),
    quarantined: charge.kind === 'quarantine',
    borneByHub: charge.borneByHub,
  };
}
