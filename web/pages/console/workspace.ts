// The workspace that the console's pages show, and whether its reader runs this hub. Which one it is
// stands in the address bar, so that a link leads everyone to the same; nothing else remembers it.

import { createContext, use } from 'react';
import type { SessionReply } from '../../../src/console/contract.ts';

export type Workspace = SessionReply['workspaces'][number];

/** The reader's role stands in the workspace. */
export interface OwnWorkspace extends Workspace {
  readonly personId: string;
  readonly isOperator: boolean;
}

export const WorkspaceContext = createContext<OwnWorkspace | null>(null);

export function useWorkspace(): OwnWorkspace {
  const workspace = use(WorkspaceContext);
  if (!workspace) throw new Error('This page stands inside the console only.');
  return workspace;
}

/** Owners and admins: members, budgets, provider keys, the workspace itself. */
export function isManager({ role }: Workspace): boolean {
  return role === 'owner' || role === 'admin';
}

/** Who makes, changes and revokes keys. */
export function isKeyMaker(workspace: Workspace): boolean {
  return isManager(workspace) || workspace.role === 'developer';
}
