// The operator's decisions about prices that a feed proposes.

import type { FastifyRequest } from 'fastify';
import { z } from 'zod';
import type { Person } from '../identity/people.ts';
import {
  priceDecisionReply,
  priceDecisionRequest,
  priceProposalsReply,
} from './contract-operator.ts';
import type { ConsoleApp, ConsoleDeps } from './deps.ts';

const params = z.object({ id: z.string() });

export function addPriceRoutes(
  app: ConsoleApp,
  { proposals }: ConsoleDeps,
  requireOperator: (request: FastifyRequest) => Promise<Person>,
): void {
  app.get(
    '/operator/price-proposals',
    { schema: { response: { 200: priceProposalsReply } } },
    async (request) => {
      await requireOperator(request);
      return { proposals: [...(await proposals.list())] };
    },
  );

  app.post(
    '/operator/price-proposals/:id',
    { schema: { params, body: priceDecisionRequest, response: { 200: priceDecisionReply } } },
    async (request) => {
      const { id: decidedBy } = await requireOperator(request);
      const { id } = request.params;
      return proposals.decide({ id, decidedBy, ...request.body });
    },
  );
}
