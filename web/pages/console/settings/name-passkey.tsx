// The name of a passkey: of one that is being made, or another name for one that is there.

import { Button, TextInput } from '@mantine/core';
import { type FormEvent, useState } from 'react';
import type { Passkey } from '../../../../src/console/contract-account.ts';
import { renamePasskey } from '../../../api/account.ts';
import { makePasskey } from '../../../api/passkeys.ts';
import { Dialog } from '../../../parts/dialog.tsx';
import { FormFailure } from '../../../parts/failure.tsx';
import { useChange } from './change.ts';

export interface NamePasskeyProps {
  readonly passkey: Passkey | 'new';
  readonly close: () => void;
}

export function NamePasskey({ passkey, close }: NamePasskeyProps) {
  const isNew = passkey === 'new';
  const [typed, type] = useState(isNew ? '' : passkey.name);
  const name = typed.trim();
  const change = useChange({
    send: () => (isNew ? makePasskey(name) : renamePasskey(passkey.id, { name })),
    done: isNew ? `${name} is added.` : `The passkey is called ${name} now.`,
    onDone: close,
  });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    change.mutate();
  };
  return (
    <Dialog title={isNew ? 'Add a passkey' : `Rename ${passkey.name}`} close={close}>
      <form className="stack" onSubmit={submit}>
        <TextInput
          label="Name"
          description="Where it is kept, such as phone, laptop or blue key."
          required
          data-autofocus
          autoComplete="off"
          maxLength={120}
          value={typed}
          onChange={(event) => type(event.currentTarget.value)}
        />
        {isNew && <p>The browser then asks where to keep it, and for your finger, face or PIN.</p>}
        <FormFailure error={change.error} />
        <div className="dialog-actions">
          <Button variant="default" onClick={close}>
            Cancel
          </Button>
          <Button type="submit" loading={change.isPending} disabled={name === ''}>
            {isNew ? 'Add passkey' : 'Rename passkey'}
          </Button>
        </div>
      </form>
    </Dialog>
  );
}
