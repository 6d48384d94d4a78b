// What each role may do in a workspace, and which scope lets an API key do it in its own. One table:
// whoever asks "may this member …" asks here.

import { HubError } from '../base/errors.ts';
import type { KeyScope, Role } from '../db/schema-people.ts';

interface Rule {
  readonly roles: readonly Role[];
  /** Without one no key may. */
  readonly scope?: KeyScope;
  /** The end of "The role viewer cannot …". */
  readonly what: string;
}

const EVERYBODY: readonly Role[] = ['owner', 'admin', 'developer', 'billing', 'viewer'];
const MANAGERS: readonly Role[] = ['owner', 'admin'];
const MAKERS: readonly Role[] = [...MANAGERS, 'developer'];

const RULES = Object.freeze({
  'workspace.read': { roles: EVERYBODY, scope: 'usage', what: 'look at the workspace' },
  'workspace.change': { roles: MANAGERS, what: 'change the workspace' },
  'workspace.warning': { roles: [...MANAGERS, 'billing'], what: 'set the balance warning' },
  'workspace.leave': { roles: EVERYBODY, what: 'leave the workspace' },
  'workspace.transfer': { roles: ['owner'], what: 'hand the workspace over' },
  'usage.read': { roles: EVERYBODY, scope: 'usage', what: 'look at the usage' },
  'members.read': { roles: EVERYBODY, scope: 'usage', what: 'look at the members' },
  'members.manage': { roles: MANAGERS, what: 'manage members' },
  'keys.read': { roles: EVERYBODY, scope: 'keys', what: 'look at the keys' },
  'keys.manage': { roles: MAKERS, scope: 'keys', what: 'make, change or revoke keys' },
  'keys.manage_others': { roles: MANAGERS, scope: 'keys', what: "change other members' keys" },
  'budgets.manage': { roles: MANAGERS, scope: 'keys', what: 'set budgets' },
  'credentials.manage': { roles: MANAGERS, what: 'manage provider keys' },
} as const satisfies Record<string, Rule>);

export type Permission = keyof typeof RULES;

/** Those who may do it. */
export function rolesWith(permission: Permission): readonly Role[] {
  return RULES[permission].roles;
}

/** The scope that lets a key do it; undefined where no key may. */
export function scopeFor(permission: Permission): KeyScope | undefined {
  const { scope }: Rule = RULES[permission];
  return scope;
}

/** Throws `forbidden` with words of the role. */
export function requireRole(role: Role, permission: Permission): void {
  const { roles, what }: Rule = RULES[permission];
  if (roles.includes(role)) return;
  throw new HubError('forbidden', { message: `The role ${role} cannot ${what}.` });
}

/** Throws `key_not_allowed`, naming the scope that would do. */
export function requireScope(scopes: readonly KeyScope[], permission: Permission): void {
  const { scope, what }: Rule = RULES[permission];
  if (scope !== undefined && scopes.includes(scope)) return;
  const message =
    scope === undefined
      ? `No API key can ${what}: sign in for it.`
      : `Only an API key with the scope ${scope} can ${what}.`;
  throw new HubError('key_not_allowed', { message });
}
