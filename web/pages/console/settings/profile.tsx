// Name and address. A new address waits until the link in its mailbox is opened; until then the one
// before stays.

import { Button, TextInput } from '@mantine/core';
import { type FormEvent, useState } from 'react';
import type { AccountReply } from '../../../../src/console/contract-account.ts';
import { changeEmail, changeName, takeBackEmail } from '../../../api/account.ts';
import { EmailInput } from '../../../parts/email-input.tsx';
import { FormFailure } from '../../../parts/failure.tsx';
import { isFieldRefused } from '../../../parts/form.ts';
import { useChange } from './change.ts';
import { SettingsSection } from './section.tsx';

export function ProfileSection({ account }: { account: AccountReply }) {
  return (
    <SettingsSection title="Profile" sentence="What the hub and your workspaces call you.">
      <NameForm name={account.name} />
      {account.pendingEmail === null ? (
        <EmailForm email={account.email} />
      ) : (
        <PendingEmail email={account.email} pending={account.pendingEmail} />
      )}
    </SettingsSection>
  );
}

function NameForm({ name }: { name: string }) {
  const [typed, type] = useState(name);
  const change = useChange({ send: changeName, done: 'Your name is changed.' });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    change.mutate({ name: typed.trim() });
  };
  return (
    <form className="stack" onSubmit={submit}>
      <div className="field-row">
        <TextInput
          label="Name"
          autoComplete="name"
          required
          maxLength={120}
          value={typed}
          onChange={(event) => type(event.currentTarget.value)}
          error={isFieldRefused(change.error, 'name')}
        />
        <Button
          type="submit"
          variant="default"
          loading={change.isPending}
          disabled={typed.trim() === '' || typed.trim() === name}
        >
          Change name
        </Button>
      </div>
      <FormFailure error={change.error} />
    </form>
  );
}

function EmailForm({ email }: { email: string }) {
  const [typed, type] = useState(email);
  const change = useChange({ send: changeEmail });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    change.mutate({ email: typed.trim() });
  };
  return (
    <form className="stack" onSubmit={submit}>
      <div className="field-row">
        <EmailInput
          autoComplete="email"
          value={typed}
          onChange={(event) => type(event.currentTarget.value)}
          error={isFieldRefused(change.error, 'email')}
        />
        <Button
          type="submit"
          variant="default"
          loading={change.isPending}
          disabled={typed.trim() === '' || typed.trim() === email}
        >
          Change email
        </Button>
      </div>
      <FormFailure error={change.error} />
    </form>
  );
}

function PendingEmail({ email, pending }: { email: string; pending: string }) {
  const takeBack = useChange({ send: takeBackEmail, done: `Your address stays ${email}.` });
  return (
    <div className="stack" role="status">
      <p>
        Your address is <strong>{email}</strong> until you open the link that was mailed to{' '}
        <strong>{pending}</strong>.
      </p>
      <FormFailure error={takeBack.error} />
      <div>
        <Button variant="default" loading={takeBack.isPending} onClick={() => takeBack.mutate()}>
          Keep {email}
        </Button>
      </div>
    </div>
  );
}
