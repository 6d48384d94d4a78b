// The operator's routes: for the people who run the hub. To everybody else they do not exist, so that
// not even the fact of their refusal tells anything.

import type { FastifyRequest } from 'fastify';
import { HubError } from '../base/errors.ts';
import type { Person } from '../identity/people.ts';
import { requirePerson } from './access.ts';
import type { ConsoleApp, ConsoleDeps } from './deps.ts';
import { addMailRoutes } from './operator-mails.ts';
import { addPriceRoutes } from './operator-prices.ts';
import { addReconciliationRoutes } from './operator-reconciliation.ts';
import { addReviewRoutes } from './operator-reviews.ts';

export function addOperatorRoutes(app: ConsoleApp, deps: ConsoleDeps): void {
  const requireOperator = async (request: FastifyRequest): Promise<Person> => {
    const person = await requirePerson(deps, request);
    if (!person.isOperator) throw new HubError('not_found');
    return person;
  };
  addReconciliationRoutes(app, deps, requireOperator);
  addReviewRoutes(app, deps, requireOperator);
  addPriceRoutes(app, deps, requireOperator);
  addMailRoutes(app, deps, requireOperator);
}
