// What an operator may know of a request in order to judge its charge: whose it was, what served it
// and where its counts come from.

import type { Sql } from '../db/database.ts';

export interface RequestFacts {
  readonly requestId: string;
  readonly workspaceId: string;
  readonly workspaceName: string;
  readonly model: string | null;
  readonly provider: string | null;
  readonly usageSource: string;
  readonly outcome: string;
  readonly startedAt: Date;
}

/** The facts of these requests, in no order; unknown ids are left out. */
export async function readRequestFacts(
  sql: Sql,
  requestIds: readonly string[],
): Promise<RequestFacts[]> {
  if (requestIds.length === 0) return [];
  const rows = await sql
    .selectFrom('usage_records as usage')
    .innerJoin('workspaces as workspace', 'workspace.id', 'usage.workspace_id')
    .select([
      'usage.id as requestId',
      'usage.workspace_id as workspaceId',
      'workspace.name as workspaceName',
      'usage.model_served',
      'usage.model_asked',
      'usage.provider',
      'usage.usage_source as usageSource',
      'usage.outcome',
      'usage.started_at as startedAt',
    ])
    .where('usage.id', 'in', [...requestIds])
    .execute();
  return rows.map(({ model_served, model_asked, ...facts }) => ({
    ...facts,
    model: model_served ?? model_asked,
  }));
}
