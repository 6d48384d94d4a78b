// The workspace's own credentials at providers: the calls of the hub's API, and the list as a cached
// query. What is typed goes out once and is kept nowhere here.

import { type QueryClient, queryOptions } from '@tanstack/react-query';
import type {
  AddCredentialRequest,
  ChangeCredentialRequest,
  CredentialCheckReply,
  CredentialsReply,
  ReplaceCredentialRequest,
} from '../../src/console/contract-credentials.ts';
import { call, workspacePath } from './client.ts';

export const credentialsQuery = (workspaceId: string) =>
  queryOptions({
    queryKey: ['credentials', workspaceId],
    queryFn: () => call<CredentialsReply>('GET', pathOf(workspaceId)),
  });

export const addCredential = (workspaceId: string, body: AddCredentialRequest) =>
  call<CredentialsReply>('POST', pathOf(workspaceId), body);
export const replaceCredential = (
  workspaceId: string,
  credentialId: string,
  body: ReplaceCredentialRequest,
) => call<CredentialsReply>('POST', `${pathOf(workspaceId, credentialId)}/replacement`, body);
export const changeCredential = (
  workspaceId: string,
  credentialId: string,
  body: ChangeCredentialRequest,
) => call<CredentialsReply>('PUT', pathOf(workspaceId, credentialId), body);
export const checkCredential = (workspaceId: string, credentialId: string) =>
  call<CredentialCheckReply>('POST', `${pathOf(workspaceId, credentialId)}/check`);
export const removeCredential = (workspaceId: string, credentialId: string) =>
  call<CredentialsReply>('DELETE', pathOf(workspaceId, credentialId));

/** Each change answers with the list as it is now. */
export function showCredentials(
  queryClient: QueryClient,
  workspaceId: string,
  reply: CredentialsReply,
): void {
  queryClient.setQueryData(credentialsQuery(workspaceId).queryKey, reply);
}

function pathOf(workspaceId: string, credentialId?: string): string {
  const path = `${workspacePath(workspaceId)}/credentials`;
  return credentialId === undefined ? path : `${path}/${encodeURIComponent(credentialId)}`;
}
