// API keys: the calls of the hub's API, and the workspace's keys as a cached query. A secret goes
// through here once and is kept nowhere.

import { queryOptions } from '@tanstack/react-query';
import type {
  ChangeKeyRequest,
  CreateKeyReply,
  CreateKeyRequest,
  GrantAppReply,
  GrantAppRequest,
  Key,
  KeysReply,
  RotateKeyRequest,
} from '../../src/console/contract-keys.ts';
import { call, workspacePath } from './client.ts';

export const keysQuery = (workspaceId: string) =>
  queryOptions({
    queryKey: ['keys', workspaceId],
    queryFn: () => call<KeysReply>('GET', pathOf(workspaceId)),
  });

export const createKey = (workspaceId: string, body: CreateKeyRequest) =>
  call<CreateKeyReply>('POST', pathOf(workspaceId), body);
export const changeKey = (workspaceId: string, keyId: string, body: ChangeKeyRequest) =>
  call<Key>('PATCH', pathOf(workspaceId, keyId), body);
export const rotateKey = (workspaceId: string, keyId: string, body: RotateKeyRequest) =>
  call<CreateKeyReply>('POST', `${pathOf(workspaceId, keyId)}/rotate`, body);
export const revokeKey = (workspaceId: string, keyId: string) =>
  call<void>('DELETE', pathOf(workspaceId, keyId));
export const grantApp = (workspaceId: string, body: GrantAppRequest) =>
  call<GrantAppReply>('POST', `${workspacePath(workspaceId)}/app-grants`, body);

function pathOf(workspaceId: string, keyId?: string): string {
  const path = `${workspacePath(workspaceId)}/keys`;
  return keyId === undefined ? path : `${path}/${encodeURIComponent(keyId)}`;
}
