// What the workspace is called: on every page, in mails and to apps that ask for a key.

import { Button, TextInput } from '@mantine/core';
import { notifications } from '@mantine/notifications';
import { useMutation } from '@tanstack/react-query';
import { type FormEvent, useState } from 'react';
import { changeWorkspace } from '../../api/workspaces.ts';
import { FormFailure } from '../../parts/failure.tsx';
import { useWorkspace } from './workspace.ts';
import { useShowWorkspace } from './workspace-change.ts';

export interface WorkspaceNameFormProps {
  readonly name: string;
  readonly mayChange: boolean;
}

export function WorkspaceNameForm({ name: before, mayChange }: WorkspaceNameFormProps) {
  const { id } = useWorkspace();
  const [name, setName] = useState(before);
  const show = useShowWorkspace();
  const change = useMutation({
    mutationFn: () => changeWorkspace(id, { name: name.trim() }),
    onSuccess: async (reply) => {
      await show(reply);
      notifications.show({ message: `The workspace is called ${reply.name} now.` });
    },
  });
  const isNew = name.trim() !== '' && name.trim() !== before;
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (isNew) change.mutate();
  };
  if (!mayChange) return <p>{before}</p>;
  return (
    <form className="stack" onSubmit={submit}>
      <TextInput
        label="Workspace name"
        required
        autoComplete="off"
        maxLength={120}
        value={name}
        onChange={(event) => setName(event.currentTarget.value)}
      />
      <FormFailure error={change.error} />
      <div>
        <Button type="submit" disabled={!isNew} loading={change.isPending}>
          Save name
        </Button>
      </div>
    </form>
  );
}
