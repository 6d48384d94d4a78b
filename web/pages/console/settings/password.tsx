// The password: another one, or the first for who came by Google. The hub asks for a recent proof
// by itself, so that the old one is not asked for here.

import { Button } from '@mantine/core';
import { type FormEvent, useState } from 'react';
import type { AccountReply } from '../../../../src/console/contract-account.ts';
import { changePassword } from '../../../api/account.ts';
import { FormFailure } from '../../../parts/failure.tsx';
import { isFieldRefused } from '../../../parts/form.ts';
import { NewPassword } from '../../../parts/new-password.tsx';
import { useChange } from './change.ts';
import { SettingsSection } from './section.tsx';

export function PasswordSection({ account }: { account: AccountReply }) {
  const { hasPassword, name, email } = account;
  const [password, setPassword] = useState('');
  const change = useChange({
    send: changePassword,
    done: hasPassword
      ? 'Your password is changed. All other sessions have ended.'
      : 'Your password is set. All other sessions have ended.',
    onDone: () => setPassword(''),
  });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    change.mutate({ password });
  };
  return (
    <SettingsSection
      title="Password"
      sentence={
        hasPassword
          ? 'A new one ends all other sessions.'
          : 'You have none yet. With one you can sign in without Google too.'
      }
    >
      <form className="stack" onSubmit={submit}>
        {/* Tells a password manager whose password it is. */}
        <input type="text" autoComplete="username" value={email} readOnly hidden />
        <NewPassword
          label="New password"
          password={password}
          type={setPassword}
          about={[name, email]}
          isRefused={isFieldRefused(change.error, 'password')}
        />
        <FormFailure error={change.error} />
        <div>
          <Button type="submit" variant="default" loading={change.isPending}>
            {hasPassword ? 'Change password' : 'Set password'}
          </Button>
        </div>
      </form>
    </SettingsSection>
  );
}
