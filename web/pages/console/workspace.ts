// The workspace that the console's pages show, and whether its reader runs this hub.

import { createContext, use } from 'react';
import type { SessionReply } from '../../../src/console/contract.ts';

export type Workspace = SessionReply['workspaces'][number];

export const WorkspaceContext = createContext<(Workspace & { isOperator: boolean }) | null>(null);

export function useWorkspace(): Workspace & { isOperator: boolean } {
  const workspace = use(WorkspaceContext);
  if (!workspace) throw new Error('This page stands inside the console only.');
  return workspace;
}
