// Changing a provider key: when it is used, whether it is, and another key in its place.

import { Button, Checkbox } from '@mantine/core';
import { notifications } from '@mantine/notifications';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { type FormEvent, useState } from 'react';
import type {
  Credential,
  CredentialCheckReply,
} from '../../../src/console/contract-credentials.ts';
import {
  changeCredential,
  checkCredential,
  replaceCredential,
  showCredentials,
} from '../../api/credentials.ts';
import { Dialog } from '../../parts/dialog.tsx';
import { FormFailure } from '../../parts/failure.tsx';
import { ModeChoice, SECRET, SecretInput } from './credential-fields.tsx';
import { useWorkspace } from './workspace.ts';

export interface EditCredentialProps {
  readonly credential: Credential;
  /** The provider's. */
  readonly name: string;
  /** Whether the provider can be asked if the key holds. */
  readonly isChecked: boolean;
  readonly close: () => void;
}

export function EditCredential(props: EditCredentialProps) {
  const { credential, name, isChecked, close } = props;
  return (
    <Dialog title={`${name} …${credential.lastFour}`} close={close}>
      <div className="stack">
        {isChecked && <Check {...props} />}
        <UseForm {...props} />
        <ReplaceForm {...props} />
      </div>
    </Dialog>
  );
}

/** Asks the provider, which costs nothing, and says what it answered. */
function Check({ credential, name }: EditCredentialProps) {
  const { id } = useWorkspace();
  const check = useMutation({ mutationFn: () => checkCredential(id, credential.id) });
  return (
    <div className="stack">
      <Button variant="default" loading={check.isPending} onClick={() => check.mutate()}>
        Check with {name}
      </Button>
      <p role="status" className={check.data?.result === 'accepted' ? 'status status-good' : ''}>
        {check.data && sentenceOf(check.data, name)}
      </p>
      <FormFailure error={check.error} />
    </div>
  );
}

function sentenceOf({ result, status }: CredentialCheckReply, name: string): string {
  switch (result) {
    case 'accepted':
      return `${name} accepts this key.`;
    case 'refused':
      return `${name} refuses this key: it answered ${status}.`;
    case 'unclear':
      return `${name} answered ${status}, which says nothing of the key. Try again later.`;
    case 'unreachable':
      return `${name} could not be reached. Try again later.`;
  }
}

function UseForm({ credential, name, close }: EditCredentialProps) {
  const { id } = useWorkspace();
  const queryClient = useQueryClient();
  const [mode, setMode] = useState(credential.mode);
  const [isDisabled, setDisabled] = useState(credential.disabledAt !== null);
  const change = useMutation({
    mutationFn: () => changeCredential(id, credential.id, { mode, isDisabled }),
    onSuccess: (reply) => {
      showCredentials(queryClient, id, reply);
      notifications.show({ message: `The key of ${name} is changed.` });
      close();
    },
  });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    change.mutate();
  };
  return (
    <form className="stack" onSubmit={submit}>
      <ModeChoice mode={mode} choose={setMode} />
      <Checkbox
        label="Disabled"
        description="It is kept and not used: requests go with the hub's own key."
        checked={isDisabled}
        onChange={(event) => setDisabled(event.currentTarget.checked)}
      />
      <FormFailure error={change.error} />
      <div className="dialog-actions">
        <Button variant="default" onClick={close}>
          Cancel
        </Button>
        <Button type="submit" loading={change.isPending}>
          Save
        </Button>
      </div>
    </form>
  );
}

function ReplaceForm({ credential, name, close }: EditCredentialProps) {
  const { id } = useWorkspace();
  const queryClient = useQueryClient();
  const [secret, setSecret] = useState('');
  const isComplete = SECRET.test(secret);
  const replace = useMutation({
    mutationFn: () => replaceCredential(id, credential.id, { secret }),
    onSuccess: (reply) => {
      showCredentials(queryClient, id, reply);
      notifications.show({ message: `The key of ${name} is replaced.` });
      close();
    },
  });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (isComplete) replace.mutate();
  };
  return (
    <form className="stack" onSubmit={submit}>
      <SecretInput
        label="Another key in its place"
        description="Takes over how this one is used. What was sealed here is deleted."
        secret={secret}
        type={setSecret}
        isRequired={false}
      />
      <FormFailure error={replace.error} />
      <div className="dialog-actions">
        <Button type="submit" variant="default" disabled={!isComplete} loading={replace.isPending}>
          Replace key
        </Button>
      </div>
    </form>
  );
}
