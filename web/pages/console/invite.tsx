// Inviting somebody by their address: a mail goes there, and its link leads into the workspace.

import { Button } from '@mantine/core';
import { notifications } from '@mantine/notifications';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { type FormEvent, useState } from 'react';
import type { GivenRole } from '../../../src/console/contract-workspaces.ts';
import { invitationsQuery, invite } from '../../api/workspaces.ts';
import { Dialog } from '../../parts/dialog.tsx';
import { EmailInput } from '../../parts/email-input.tsx';
import { FormFailure } from '../../parts/failure.tsx';
import { RoleChoice } from './roles.tsx';
import { useWorkspace } from './workspace.ts';

export function Invite({ close }: { close: () => void }) {
  const { id, name } = useWorkspace();
  const queryClient = useQueryClient();
  const [email, setEmail] = useState('');
  const [role, setRole] = useState<GivenRole>('developer');
  const send = useMutation({
    mutationFn: () => invite(id, { email: email.trim(), role }),
    onSuccess: async (invitation) => {
      await queryClient.invalidateQueries({ queryKey: invitationsQuery(id).queryKey });
      notifications.show({ message: `A mail is on its way to ${invitation.email}.` });
      close();
    },
  });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    send.mutate();
  };
  return (
    <Dialog title={`Invite to ${name}`} close={close}>
      <form className="stack" onSubmit={submit}>
        <EmailInput
          description="Only whoever has this address can accept. The link works for a week."
          data-autofocus
          autoComplete="off"
          value={email}
          onChange={(event) => setEmail(event.currentTarget.value)}
        />
        <RoleChoice role={role} choose={setRole} />
        <FormFailure error={send.error} />
        <div className="dialog-actions">
          <Button variant="default" onClick={close}>
            Cancel
          </Button>
          <Button type="submit" disabled={email.trim() === ''} loading={send.isPending}>
            Send invitation
          </Button>
        </div>
      </form>
    </Dialog>
  );
}
