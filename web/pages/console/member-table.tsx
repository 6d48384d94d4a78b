// The members as table rows, with what the reader may do about each.

import { Button } from '@mantine/core';
import { Link } from '@tanstack/react-router';
import type { Member } from '../../../src/console/contract-workspaces.ts';
import { ActionHead } from '../../parts/page.tsx';
import { SkeletonRows } from '../../parts/skeleton.tsx';
import { Moment } from '../../parts/time.tsx';
import { BudgetList } from './budget-list.tsx';
import { isManager, useWorkspace } from './workspace.ts';

export type MemberDoing = 'budget' | 'role' | 'remove';

export interface MemberTableProps {
  /** Undefined while they are on their way. */
  readonly members: readonly Member[] | undefined;
  readonly begin: (what: MemberDoing, personId: string) => void;
}

export function MemberTable({ members, begin }: MemberTableProps) {
  return (
    <table className="data">
      <caption className="visually-hidden">Members of this workspace</caption>
      <thead>
        <tr>
          <th scope="col">Name</th>
          <th scope="col">Role</th>
          <th scope="col" className="number hide-tiny">
            Active keys
          </th>
          <th scope="col">Budget</th>
          <th scope="col" className="hide-narrow">
            Joined
          </th>
          <ActionHead />
        </tr>
      </thead>
      {members ? (
        <tbody>
          {members.map((member) => (
            <MemberRow key={member.personId} member={member} begin={begin} />
          ))}
        </tbody>
      ) : (
        <SkeletonRows rows={2} columns={6} />
      )}
    </table>
  );
}

function MemberRow({ member, begin }: Pick<MemberTableProps, 'begin'> & { member: Member }) {
  const { personId, name, email, role, budgets, activeKeys, joinedAt } = member;
  const workspace = useWorkspace();
  const isReader = workspace.personId === personId;
  return (
    <tr>
      <th scope="row" className="cell-name">
        {name}
        {isReader && <span className="dimmed"> (you)</span>}
        <span className="dimmed cell-note">{email}</span>
      </th>
      <td>{role}</td>
      <td className="number mono hide-tiny">
        {activeKeys > 0 ? (
          <Link to="/console/keys" search={{ state: 'active', q: name }}>
            {activeKeys}
          </Link>
        ) : (
          activeKeys
        )}
      </td>
      <td>
        <BudgetList budgets={budgets} />
      </td>
      <td className="hide-narrow whole">
        <Moment iso={joinedAt} />
      </td>
      <td className="row-action">
        <div className="row-buttons">
          <MemberButtons member={member} begin={begin} />
        </div>
      </td>
    </tr>
  );
}

function MemberButtons({ member, begin }: Pick<MemberTableProps, 'begin'> & { member: Member }) {
  const { personId, name, role } = member;
  const workspace = useWorkspace();
  const isReader = workspace.personId === personId;
  const mayManage = isManager(workspace);
  const button = (what: MemberDoing, label: string, ariaLabel: string) => (
    <Button
      variant="default"
      size="compact-sm"
      aria-label={ariaLabel}
      onClick={() => begin(what, personId)}
    >
      {label}
    </Button>
  );
  return (
    <>
      {mayManage && button('budget', 'Budget', `Budget of ${name}`)}
      {mayManage && role !== 'owner' && button('role', 'Role', `Role of ${name}`)}
      {role !== 'owner' && isReader && button('remove', 'Leave', 'Leave this workspace')}
      {role !== 'owner' && !isReader && mayManage && button('remove', 'Remove', `Remove ${name}`)}
    </>
  );
}
