// The question "is it still you?": by password, passkey or Google, whichever the person has. What
// waited for the answer goes on by itself; closing the dialog calls it off.

import { Button, PasswordInput } from '@mantine/core';
import { useMutation, useQuery } from '@tanstack/react-query';
import type { FormEvent } from 'react';
import type { AccountReply } from '../../src/console/contract-account.ts';
import { accountQuery, reauthenticate } from '../api/account.ts';
import { hasPasskeys, reauthenticateByPasskey } from '../api/passkeys.ts';
import { answerProof } from '../api/reauthentication.ts';
import { Dialog } from './dialog.tsx';
import { FormFailure, QueryFailure } from './failure.tsx';
import { formText } from './form.ts';
import { GoogleProof } from './google-proof.tsx';
import { SkeletonText } from './skeleton.tsx';

const succeed = () => answerProof(true);
const cancel = () => answerProof(false);

export function ProofDialog() {
  const { data: account, error, refetch } = useQuery(accountQuery);
  return (
    <Dialog title="Is it still you?" close={cancel}>
      <div className="stack">
        <p>You signed in a while ago. What you are about to do needs a recent proof.</p>
        {account ? (
          <Proofs account={account} />
        ) : error ? (
          <QueryFailure error={error} retry={refetch} />
        ) : (
          <SkeletonText width={240} />
        )}
      </div>
    </Dialog>
  );
}

function Proofs({ account }: { account: AccountReply }) {
  const mayUsePasskey = account.passkeys.length > 0 && hasPasskeys();
  const hasOne = account.hasPassword || mayUsePasskey || account.google !== null;
  return (
    <>
      {account.hasPassword && <PasswordProof email={account.email} />}
      {mayUsePasskey && <PasskeyProof />}
      {account.google && <GoogleProof email={account.google.email} succeed={succeed} />}
      {!hasOne && (
        <p>There is no way to prove it on this device. Sign out, and sign in another way.</p>
      )}
      {!account.hasPassword && (
        <div className="dialog-actions">
          <Button variant="default" onClick={cancel}>
            Cancel
          </Button>
        </div>
      )}
    </>
  );
}

function PasswordProof({ email }: { email: string }) {
  const prove = useMutation({ mutationFn: reauthenticate, onSuccess: succeed });
  const submit = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    prove.mutate({ password: formText(new FormData(event.currentTarget), 'password') });
  };
  return (
    <form className="stack" onSubmit={submit}>
      {/* Tells a password manager whose password is asked for. */}
      <input type="text" autoComplete="username" value={email} readOnly hidden />
      <PasswordInput
        name="password"
        label="Password"
        autoComplete="current-password"
        required
        data-autofocus
      />
      <FormFailure error={prove.error} />
      <div className="dialog-actions">
        <Button variant="default" onClick={cancel}>
          Cancel
        </Button>
        <Button type="submit" loading={prove.isPending}>
          Go on
        </Button>
      </div>
    </form>
  );
}

function PasskeyProof() {
  const prove = useMutation({ mutationFn: reauthenticateByPasskey, onSuccess: succeed });
  return (
    <>
      <FormFailure error={prove.error} />
      <Button variant="default" loading={prove.isPending} onClick={() => prove.mutate()}>
        Use a passkey
      </Button>
    </>
  );
}
