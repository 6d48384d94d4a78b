// Adding a provider key: which provider, the key, and when it is used. The key leaves the page once.

import { Button, NativeSelect } from '@mantine/core';
import { notifications } from '@mantine/notifications';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { type FormEvent, useState } from 'react';
import type {
  CredentialMode,
  CredentialsReply,
} from '../../../src/console/contract-credentials.ts';
import { addCredential, showCredentials } from '../../api/credentials.ts';
import { Dialog } from '../../parts/dialog.tsx';
import { FormFailure } from '../../parts/failure.tsx';
import { ModeChoice, SECRET, SecretInput } from './credential-fields.tsx';
import { useWorkspace } from './workspace.ts';

export interface AddCredentialProps {
  readonly providers: CredentialsReply['providers'];
  readonly close: () => void;
}

export function AddCredential({ providers, close }: AddCredentialProps) {
  const { id } = useWorkspace();
  const queryClient = useQueryClient();
  const [provider, setProvider] = useState(providers[0]?.id ?? '');
  const [secret, setSecret] = useState('');
  const [mode, setMode] = useState<CredentialMode>('first');
  const isComplete = SECRET.test(secret);
  const add = useMutation({
    mutationFn: () => addCredential(id, { provider, mode, secret }),
    onSuccess: (reply) => {
      showCredentials(queryClient, id, reply);
      const name = providers.find((each) => each.id === provider)?.name ?? provider;
      notifications.show({ message: `The key of ${name} is added.` });
      close();
    },
  });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (isComplete) add.mutate();
  };
  return (
    <Dialog title="Add provider key" close={close}>
      <form className="stack" onSubmit={submit}>
        <NativeSelect
          label="Provider"
          data={providers.map(({ id: value, name: label }) => ({ value, label }))}
          value={provider}
          onChange={(event) => setProvider(event.currentTarget.value)}
        />
        <SecretInput
          label="Key"
          description="It is sealed before it is kept, and never shown again but for its end."
          secret={secret}
          type={setSecret}
          isRequired
        />
        <ModeChoice mode={mode} choose={setMode} />
        <FormFailure error={add.error} />
        <div className="dialog-actions">
          <Button variant="default" onClick={close}>
            Cancel
          </Button>
          <Button type="submit" disabled={!isComplete} loading={add.isPending}>
            Add provider key
          </Button>
        </div>
      </form>
    </Dialog>
  );
}
