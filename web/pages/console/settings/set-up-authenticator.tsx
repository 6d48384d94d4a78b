// Setting up the app: it reads the secret from the QR code or has it typed in, and proves with a
// code that it knows it. Only then is it asked for at sign-in.

import { Button, TextInput } from '@mantine/core';
import { type FormEvent, useState } from 'react';
import type { NewAuthenticatorReply } from '../../../../src/console/contract-account.ts';
import { confirmAuthenticator } from '../../../api/account.ts';
import { CopyLine } from '../../../parts/copy.tsx';
import { Dialog } from '../../../parts/dialog.tsx';
import { FormFailure } from '../../../parts/failure.tsx';
import { useChange } from './change.ts';
import { QrCode } from './qr-code.tsx';

export interface SetUpAuthenticatorProps {
  readonly made: NewAuthenticatorReply;
  readonly close: () => void;
  readonly done: (recoveryCodes: readonly string[]) => void;
}

export function SetUpAuthenticator({ made, close, done }: SetUpAuthenticatorProps) {
  const [code, setCode] = useState('');
  const confirm = useChange({
    send: confirmAuthenticator,
    onDone: ({ recoveryCodes }) => done(recoveryCodes),
  });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    confirm.mutate({ code: code.trim() });
  };
  return (
    <Dialog title="Set up an authenticator app" close={close}>
      <form className="stack" onSubmit={submit}>
        <p>Scan this with the app, or type the secret below it into the app.</p>
        <QrCode text={made.uri} what="QR code with the secret" />
        <CopyLine text={made.secret} what="secret" />
        <TextInput
          label="Code"
          description="The six digits that the app shows now."
          inputMode="numeric"
          autoComplete="one-time-code"
          classNames={{ input: 'mono' }}
          required
          minLength={6}
          maxLength={10}
          value={code}
          onChange={(event) => setCode(event.currentTarget.value)}
        />
        <FormFailure error={confirm.error} />
        <div className="dialog-actions">
          <Button variant="default" onClick={close}>
            Cancel
          </Button>
          <Button type="submit" loading={confirm.isPending}>
            Use this app
          </Button>
        </div>
      </form>
    </Dialog>
  );
}
