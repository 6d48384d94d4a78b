// Giving a member another role.

import { Button } from '@mantine/core';
import { notifications } from '@mantine/notifications';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import type { GivenRole, Member } from '../../../src/console/contract-workspaces.ts';
import { sessionQuery } from '../../api/queries.ts';
import { changeMember, membersQuery } from '../../api/workspaces.ts';
import { Dialog } from '../../parts/dialog.tsx';
import { FormFailure } from '../../parts/failure.tsx';
import { RoleChoice } from './roles.tsx';
import { useWorkspace } from './workspace.ts';

export function ChangeRole({ member, close }: { member: Member; close: () => void }) {
  const { id } = useWorkspace();
  const queryClient = useQueryClient();
  const [role, setRole] = useState<GivenRole>(member.role === 'owner' ? 'admin' : member.role);
  const change = useMutation({
    mutationFn: () => changeMember(id, member.personId, { role }),
    onSuccess: async () => {
      await queryClient.invalidateQueries({ queryKey: membersQuery(id).queryKey });
      // It may have been the reader's own.
      await queryClient.invalidateQueries({ queryKey: sessionQuery.queryKey });
      notifications.show({ message: `${member.name} is ${role} now.` });
      close();
    },
  });
  return (
    <Dialog title={`Role of ${member.name}`} close={close}>
      <div className="stack">
        <RoleChoice role={role} choose={setRole} />
        <p className="dimmed">
          It holds at once. Keys that {member.name} made go on; they are revoked by hand.
        </p>
        <FormFailure error={change.error} />
        <div className="dialog-actions">
          <Button variant="default" onClick={close}>
            Cancel
          </Button>
          <Button
            disabled={role === member.role}
            loading={change.isPending}
            onClick={() => change.mutate()}
          >
            Change role
          </Button>
        </div>
      </div>
    </Dialog>
  );
}
