// Who belongs to the workspace, in which role, with which keys and what these may spend; and who is
// invited.

import { Button } from '@mantine/core';
import { useDisclosure } from '@mantine/hooks';
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import type { Member } from '../../../src/console/contract-workspaces.ts';
import { membersQuery } from '../../api/workspaces.ts';
import { QueryFailure } from '../../parts/failure.tsx';
import { PageHead, TableFrame } from '../../parts/page.tsx';
import { ChangeRole } from './change-role.tsx';
import { EditBudgets } from './edit-budgets.tsx';
import { Invitations } from './invitations.tsx';
import { Invite } from './invite.tsx';
import { type MemberDoing, MemberTable } from './member-table.tsx';
import { RemoveMember } from './remove-member.tsx';
import { isManager, useWorkspace } from './workspace.ts';

export function MembersPage() {
  const workspace = useWorkspace();
  const { data, error, refetch } = useQuery(membersQuery(workspace.id));
  const [isInviting, inviting] = useDisclosure();
  const [doing, setDoing] = useState<{ readonly what: MemberDoing; readonly personId: string }>();
  const member = data?.members.find(({ personId }) => personId === doing?.personId);
  const mayManage = isManager(workspace);
  return (
    <>
      <PageHead
        title="Members"
        sentence="Who belongs to this workspace, and what the live keys of each may spend together."
        action={mayManage && <Button onClick={inviting.open}>Invite</Button>}
      />
      {error && !data ? (
        <QueryFailure error={error} retry={refetch} />
      ) : (
        <TableFrame>
          <MemberTable
            members={data?.members}
            begin={(what, personId) => setDoing({ what, personId })}
          />
        </TableFrame>
      )}
      {mayManage && <Invitations />}
      {isInviting && <Invite close={inviting.close} />}
      {doing && member && (
        <MemberDialog what={doing.what} member={member} close={() => setDoing(undefined)} />
      )}
    </>
  );
}

interface MemberDialogProps {
  readonly what: MemberDoing;
  readonly member: Member;
  readonly close: () => void;
}

function MemberDialog({ what, member, close }: MemberDialogProps) {
  if (what === 'role') return <ChangeRole member={member} close={close} />;
  if (what === 'remove') return <RemoveMember member={member} close={close} />;
  return (
    <EditBudgets
      owner={{ room: 'members', id: member.personId }}
      name={member.name}
      what="What all live keys together may cost that this member made here."
      budgets={member.budgets}
      close={close}
    />
  );
}
