// Workspaces: who pays and who may look. Members, invitations, the hand-over to another owner. What a
// role may do stands in identity/roles.ts.

import { z } from 'zod';
import { budgetSchema } from './contract.ts';
import { displayName, email, linkToken, nanos, time, usd } from './contract-fields.ts';

export const roleSchema = z.enum(['owner', 'admin', 'developer', 'billing', 'viewer']);
/** An owner is made by a hand-over only. */
export const givenRoleSchema = roleSchema.exclude(['owner']);

/** POST /api/v1/workspaces → workspaceReply: its maker owns it. */
export const createWorkspaceRequest = z.object({ name: displayName });

/** GET /api/v1/workspaces/:workspaceId; PATCH there (owners, admins; the warning: also billing). */
export const workspaceReply = z.object({
  id: z.string(),
  name: z.string(),
  /** The asker's. */
  role: roleSchema,
  /** Below this live balance owners and billing members get a mail; null: never. */
  lowBalanceNanos: nanos.nullable(),
  createdAt: time,
});
export const changeWorkspaceRequest = z.object({
  name: displayName.optional(),
  lowBalanceUsd: usd.nullable().optional(),
});

/** GET /api/v1/workspaces/:workspaceId/members (in the order in which they joined) */
export const membersReply = z.object({
  members: z.array(
    z.object({
      personId: z.string(),
      name: z.string(),
      email: z.string(),
      role: roleSchema,
      /** What all live keys together may spend that the member made. */
      budgets: z.array(budgetSchema),
      /** Keys of this workspace that the member made and that still work. */
      activeKeys: z.number(),
      joinedAt: time,
    }),
  ),
});

/** PATCH /api/v1/workspaces/:workspaceId/members/:personId → 204 (owners, admins). */
export const changeMemberRequest = z.object({ role: givenRoleSchema });

/**
 * DELETE /api/v1/workspaces/:workspaceId/members/:personId?keys= → 204: a member leaves (anybody but
 * the owner, themselves) or is removed (by owners and admins). Their keys are revoked, or become the
 * remover's (the owner's, where somebody leaves by themselves); those with the scope `keys` are revoked
 * all the same. Their budgets end.
 */
export const removeMemberQuery = z.object({ keys: z.enum(['revoke', 'keep']).default('revoke') });

/** POST /api/v1/workspaces/:workspaceId/transfer → 204 (the owner, RECENT): a member becomes the owner. */
export const transferRequest = z.object({ personId: z.string().max(40) });

export const invitationSchema = z.object({
  id: z.string(),
  email: z.string(),
  role: givenRoleSchema,
  invitedBy: z.string().nullable(),
  createdAt: time,
  expiresAt: time,
});
/** GET /api/v1/workspaces/:workspaceId/invitations (owners, admins), newest first. */
export const invitationsReply = z.object({ invitations: z.array(invitationSchema) });
/** POST there → invitationSchema; the same address again renews the one that waits. DELETE …/:invitationId → 204. */
export const inviteRequest = z.object({ email, role: givenRoleSchema });

/** POST /api/v1/invitations/look (signed in or not): what the mailed link is about. */
export const lookInvitationRequest = z.object({ token: linkToken });
export const lookInvitationReply = z.object({
  workspaceName: z.string(),
  role: givenRoleSchema,
  /** Only whoever has this address can accept. */
  email: z.string(),
  invitedBy: z.string().nullable(),
});
/** POST /api/v1/invitations/accept (signed in with that address) → workspaceReply. */
export const acceptInvitationRequest = lookInvitationRequest;

export type Role = z.infer<typeof roleSchema>;
export type GivenRole = z.infer<typeof givenRoleSchema>;
export type CreateWorkspaceRequest = z.infer<typeof createWorkspaceRequest>;
export type WorkspaceReply = z.infer<typeof workspaceReply>;
export type ChangeWorkspaceRequest = z.infer<typeof changeWorkspaceRequest>;
export type MembersReply = z.infer<typeof membersReply>;
export type Member = MembersReply['members'][number];
export type ChangeMemberRequest = z.infer<typeof changeMemberRequest>;
export type TransferRequest = z.infer<typeof transferRequest>;
export type Invitation = z.infer<typeof invitationSchema>;
export type InvitationsReply = z.infer<typeof invitationsReply>;
export type InviteRequest = z.infer<typeof inviteRequest>;
export type LookInvitationReply = z.infer<typeof lookInvitationReply>;
