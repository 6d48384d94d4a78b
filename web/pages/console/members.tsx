// Who belongs to the workspace, in which role, and what the live keys of each may spend.

import { Button } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import type { Member } from '../../../src/console/contract-workspaces.ts';
import { membersQuery } from '../../api/queries.ts';
import { QueryFailure } from '../../parts/failure.tsx';
import { ActionHead, PageHead, TableFrame } from '../../parts/page.tsx';
import { SkeletonRows } from '../../parts/skeleton.tsx';
import { BudgetList } from './budget-list.tsx';
import { EditBudgets, useMaySetBudgets } from './edit-budgets.tsx';
import { useWorkspace } from './workspace.ts';

export function MembersPage() {
  const { id } = useWorkspace();
  const { data, error, refetch } = useQuery(membersQuery(id));
  const [limiting, setLimiting] = useState<string>();
  const limited = data?.members.find((member) => member.personId === limiting);
  return (
    <>
      <PageHead
        title="Members"
        sentence="Who belongs to this workspace, and what the live keys of each may spend together."
      />
      {error && !data ? (
        <QueryFailure error={error} retry={refetch} />
      ) : (
        <TableFrame>
          <MemberTable members={data?.members} limit={setLimiting} />
        </TableFrame>
      )}
      {limited && (
        <EditBudgets
          owner={{ room: 'members', id: limited.personId }}
          name={limited.name}
          what="What all live keys together may cost that this member made here."
          budgets={limited.budgets}
          close={() => setLimiting(undefined)}
        />
      )}
    </>
  );
}

interface MemberTableProps {
  readonly members: readonly Member[] | undefined;
  readonly limit: (personId: string) => void;
}

function MemberTable({ members, limit }: MemberTableProps) {
  return (
    <table className="data">
      <caption className="visually-hidden">Members of this workspace</caption>
      <thead>
        <tr>
          <th scope="col">Name</th>
          <th scope="col" className="hide-narrow">
            Email
          </th>
          <th scope="col">Role</th>
          <th scope="col">Budget</th>
          <ActionHead />
        </tr>
      </thead>
      {members ? (
        <tbody>
          {members.map((member) => (
            <MemberRow key={member.personId} member={member} limit={limit} />
          ))}
        </tbody>
      ) : (
        <SkeletonRows rows={2} columns={5} />
      )}
    </table>
  );
}

interface MemberRowProps {
  readonly member: Member;
  readonly limit: (personId: string) => void;
}

function MemberRow({ member, limit }: MemberRowProps) {
  const { personId, name, email, role, budgets } = member;
  const maySetBudgets = useMaySetBudgets();
  return (
    <tr>
      <th scope="row" className="cell-name">
        {name}
      </th>
      <td className="hide-narrow cell-name">{email}</td>
      <td>{role}</td>
      <td>
        <BudgetList budgets={budgets} />
      </td>
      <td className="row-action">
        {maySetBudgets && (
          <Button
            variant="default"
            size="compact-sm"
            aria-label={`Budget of ${name}`}
            onClick={() => limit(personId)}
          >
            Budget
          </Button>
        )}
      </td>
    </tr>
  );
}
