// Changing a key: its name and its limits. Only what was changed is sent, so that what somebody else
// changes meanwhile stays.

import { Button, TextInput } from '@mantine/core';
import { notifications } from '@mantine/notifications';
import { useMutation } from '@tanstack/react-query';
import { type FormEvent, useState } from 'react';
import { changeKey } from '../../api/keys.ts';
import { Dialog } from '../../parts/dialog.tsx';
import { FormFailure } from '../../parts/failure.tsx';
import { type KeyDialogProps, useRefreshKeys } from './key-dialog.ts';
import { areLimits, changedLimits, fieldsOf } from './key-limits.ts';
import { LimitFieldset } from './limit-fields.tsx';
import { useWorkspace } from './workspace.ts';

export function ChangeKey({ apiKey, close }: KeyDialogProps) {
  const { id } = useWorkspace();
  const refresh = useRefreshKeys();
  const [before] = useState(() => fieldsOf(apiKey));
  const [limits, setLimits] = useState(before);
  const [name, setName] = useState(apiKey.name);
  const change = useMutation({
    mutationFn: () =>
      changeKey(id, apiKey.id, {
        ...(name.trim() !== apiKey.name && { name: name.trim() }),
        ...changedLimits(limits, before),
      }),
    onSuccess: async () => {
      await refresh();
      notifications.show({ message: `${name.trim()} is changed.` });
      close();
    },
  });
  const isComplete = name.trim() !== '' && areLimits(limits);
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (isComplete) change.mutate();
  };
  return (
    <Dialog title={`Change ${apiKey.name}`} close={close}>
      <form className="stack" onSubmit={submit}>
        <TextInput
          label="Name"
          required
          data-autofocus
          autoComplete="off"
          maxLength={120}
          value={name}
          onChange={(event) => setName(event.currentTarget.value)}
        />
        <LimitFieldset fields={limits} change={setLimits} />
        <p className="dimmed">A change holds for the next request, within a second.</p>
        <FormFailure error={change.error} />
        <div className="dialog-actions">
          <Button variant="default" onClick={close}>
            Cancel
          </Button>
          <Button type="submit" disabled={!isComplete} loading={change.isPending}>
            Save
          </Button>
        </div>
      </form>
    </Dialog>
  );
}
