// Handing the workspace over to another member: the choice, then the question that names both and the
// consequence.

import { Button, NativeSelect } from '@mantine/core';
import { notifications } from '@mantine/notifications';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import type { Member } from '../../../src/console/contract-workspaces.ts';
import { sessionQuery } from '../../api/queries.ts';
import { membersQuery, transferWorkspace } from '../../api/workspaces.ts';
import { Dialog } from '../../parts/dialog.tsx';
import { FormFailure } from '../../parts/failure.tsx';
import { useWorkspace } from './workspace.ts';

export function TransferForm() {
  const { id, personId } = useWorkspace();
  const { data } = useQuery(membersQuery(id));
  const [heirId, setHeirId] = useState('');
  const [isAsking, setAsking] = useState(false);
  const others = data?.members.filter((member) => member.personId !== personId) ?? [];
  const heir = others.find((member) => member.personId === heirId);
  if (others.length === 0) {
    return <p>You own this workspace. Once somebody else is a member, you can hand it over.</p>;
  }
  return (
    <div className="stack">
      <NativeSelect
        label="New owner"
        description="They own it at once, and you become an admin."
        data={[
          { value: '', label: 'Choose a member' },
          ...others.map((member) => ({
            value: member.personId,
            label: `${member.name} (${member.email})`,
          })),
        ]}
        value={heirId}
        onChange={(event) => setHeirId(event.currentTarget.value)}
      />
      <div>
        <Button variant="default" disabled={!heir} onClick={() => setAsking(true)}>
          Hand over
        </Button>
      </div>
      {isAsking && heir && <AskTransfer heir={heir} close={() => setAsking(false)} />}
    </div>
  );
}

function AskTransfer({ heir, close }: { heir: Member; close: () => void }) {
  const { id, name } = useWorkspace();
  const queryClient = useQueryClient();
  const transfer = useMutation({
    mutationFn: () => transferWorkspace(id, { personId: heir.personId }),
    onSuccess: async () => {
      notifications.show({ message: `${heir.name} owns ${name} now.` });
      await queryClient.invalidateQueries({ queryKey: membersQuery(id).queryKey });
      await queryClient.invalidateQueries({ queryKey: sessionQuery.queryKey });
      close();
    },
  });
  return (
    <Dialog title={`Hand ${name} over to ${heir.name}?`} close={close}>
      <div className="stack">
        <p>
          {heir.name} owns the workspace, its balance and its keys at once. You become an admin;
          only {heir.name} can hand it back.
        </p>
        <FormFailure error={transfer.error} />
        <div className="dialog-actions">
          <Button variant="default" onClick={close} data-autofocus>
            Cancel
          </Button>
          <Button color="red" loading={transfer.isPending} onClick={() => transfer.mutate()}>
            Hand over to {heir.name}
          </Button>
        </div>
      </div>
    </Dialog>
  );
}
