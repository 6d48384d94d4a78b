// Workspaces, their members and invitations: the calls of the hub's API, and what of them the pages
// read as cached queries.

import { queryOptions } from '@tanstack/react-query';
import type {
  ChangeMemberRequest,
  ChangeWorkspaceRequest,
  CreateWorkspaceRequest,
  Invitation,
  InvitationsReply,
  InviteRequest,
  LookInvitationReply,
  MembersReply,
  TransferRequest,
  WorkspaceReply,
} from '../../src/console/contract-workspaces.ts';
import { call, workspacePath } from './client.ts';

/** What happens to the keys of a member who goes: they end, or become those of who removes. */
export type LeftKeys = 'revoke' | 'keep';

export const workspaceQuery = (workspaceId: string) =>
  queryOptions({
    queryKey: ['workspace', workspaceId],
    queryFn: () => call<WorkspaceReply>('GET', workspacePath(workspaceId)),
  });

export const membersQuery = (workspaceId: string) =>
  queryOptions({
    queryKey: ['members', workspaceId],
    queryFn: () => call<MembersReply>('GET', `${workspacePath(workspaceId)}/members`),
  });

export const invitationsQuery = (workspaceId: string) =>
  queryOptions({
    queryKey: ['invitations', workspaceId],
    queryFn: () => call<InvitationsReply>('GET', `${workspacePath(workspaceId)}/invitations`),
  });

/** What the mailed link is about; the same link always tells the same, until it is used. */
export const lookInvitationQuery = (token: string) =>
  queryOptions({
    queryKey: ['invitation', token],
    queryFn: () => call<LookInvitationReply>('POST', '/invitations/look', { token }),
  });

export const createWorkspace = (body: CreateWorkspaceRequest) =>
  call<WorkspaceReply>('POST', '/workspaces', body);
export const changeWorkspace = (workspaceId: string, body: ChangeWorkspaceRequest) =>
  call<WorkspaceReply>('PATCH', workspacePath(workspaceId), body);
export const transferWorkspace = (workspaceId: string, body: TransferRequest) =>
  call<void>('POST', `${workspacePath(workspaceId)}/transfer`, body);
export const changeMember = (workspaceId: string, personId: string, body: ChangeMemberRequest) =>
  call<void>('PATCH', memberPath(workspaceId, personId), body);
export const removeMember = (workspaceId: string, personId: string, keys: LeftKeys) =>
  call<void>('DELETE', `${memberPath(workspaceId, personId)}?keys=${keys}`);
export const invite = (workspaceId: string, body: InviteRequest) =>
  call<Invitation>('POST', `${workspacePath(workspaceId)}/invitations`, body);
export const takeBackInvitation = (workspaceId: string, invitationId: string) =>
  call<void>(
    'DELETE',
    `${workspacePath(workspaceId)}/invitations/${encodeURIComponent(invitationId)}`,
  );
export const acceptInvitation = (token: string) =>
  call<WorkspaceReply>('POST', '/invitations/accept', { token });

function memberPath(workspaceId: string, personId: string): string {
  return `${workspacePath(workspaceId)}/members/${encodeURIComponent(personId)}`;
}
