// What a workspace's keys have done: the requests, newest first, and the receipt of each. A request
// that has just ended may still be on its way from the journal, so both wait for it a moment.

import { z } from 'zod';
import { HubError } from '../base/errors.ts';
import { isId } from '../base/ids.ts';
import { listActivity } from '../usage/queries.ts';
import { readReceipt } from '../usage/receipts.ts';
import { requireAccess } from './access.ts';
import { activityQuery, activityReply, receiptReply } from './contract.ts';
import type { ConsoleApp, ConsoleDeps } from './deps.ts';

const params = z.object({ workspaceId: z.string() });
const receiptParams = params.extend({ requestId: z.string() });

export function addActivityRoutes(app: ConsoleApp, deps: ConsoleDeps): void {
  const { sql } = deps.database;

  app.get(
    '/workspaces/:workspaceId/activity',
    { schema: { params, querystring: activityQuery, response: { 200: activityReply } } },
    async (request) => {
      const { workspaceId } = request.params;
      await requireAccess(deps, request, workspaceId, 'usage.read');
      const { before } = request.query;
      if (before !== undefined && !isId('req', before)) {
        throw new HubError('invalid_request', { param: 'before' });
      }
      await deps.flushUsage();
      return listActivity(sql, workspaceId, request.query);
    },
  );

  app.get(
    '/workspaces/:workspaceId/receipts/:requestId',
    { schema: { params: receiptParams, response: { 200: receiptReply } } },
    async (request) => {
      const { workspaceId, requestId } = request.params;
      const { person } = await requireAccess(deps, request, workspaceId, 'usage.read');
      if (!isId('req', requestId)) throw new HubError('not_found');
      const reader = person.isOperator ? 'operator' : 'customer';
      const read = () => readReceipt(sql, workspaceId, requestId, reader);
      const receipt = (await read()) ?? (await deps.flushUsage().then(read));
      if (!receipt) throw new HubError('not_found');
      return receipt;
    },
  );
}
