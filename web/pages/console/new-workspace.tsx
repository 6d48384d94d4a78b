// Making a workspace: its maker owns it, and the console goes there at once.

import { Button, TextInput } from '@mantine/core';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import { type FormEvent, useState } from 'react';
import { sessionQuery } from '../../api/queries.ts';
import { createWorkspace } from '../../api/workspaces.ts';
import { Dialog } from '../../parts/dialog.tsx';
import { FormFailure } from '../../parts/failure.tsx';

export function NewWorkspace({ close }: { close: () => void }) {
  const queryClient = useQueryClient();
  const navigate = useNavigate();
  const [name, setName] = useState('');
  const create = useMutation({
    mutationFn: () => createWorkspace({ name: name.trim() }),
    onSuccess: async ({ id }) => {
      await queryClient.refetchQueries({ queryKey: sessionQuery.queryKey });
      await navigate({ to: '/console', search: { workspace: id } });
      close();
    },
  });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (name.trim() !== '') create.mutate();
  };
  return (
    <Dialog title="New workspace" close={close}>
      <form className="stack" onSubmit={submit}>
        <p className="dimmed">
          A workspace has a balance, keys and members of its own. You own it until you hand it over.
        </p>
        <TextInput
          label="Name"
          description="Such as a team, a product or a customer."
          required
          data-autofocus
          autoComplete="off"
          maxLength={120}
          value={name}
          onChange={(event) => setName(event.currentTarget.value)}
        />
        <FormFailure error={create.error} />
        <div className="dialog-actions">
          <Button variant="default" onClick={close}>
            Cancel
          </Button>
          <Button type="submit" disabled={name.trim() === ''} loading={create.isPending}>
            Create workspace
          </Button>
        </div>
      </form>
    </Dialog>
  );
}
