// Shows a changed workspace everywhere: its own query, and the session, which names it in the bar.

import { useQueryClient } from '@tanstack/react-query';
import type { WorkspaceReply } from '../../../src/console/contract-workspaces.ts';
import { sessionQuery } from '../../api/queries.ts';
import { workspaceQuery } from '../../api/workspaces.ts';

export function useShowWorkspace(): (reply: WorkspaceReply) => Promise<void> {
  const queryClient = useQueryClient();
  return (reply) => {
    queryClient.setQueryData(workspaceQuery(reply.id).queryKey, reply);
    return queryClient.invalidateQueries({ queryKey: sessionQuery.queryKey });
  };
}
