// The password that was forgotten: asking for a link, and choosing another password with it. Whether
// an address has an account is told to its mailbox alone.

import { Button } from '@mantine/core';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { type FormEvent, useState } from 'react';
import { useProofOfWork } from '../api/proof-of-work.ts';
import { forgetPerson, useHub } from '../api/queries.ts';
import { askForReset, resetPassword } from '../api/sign-up.ts';
import { EmailInput } from '../parts/email-input.tsx';
import { FormFailure } from '../parts/failure.tsx';
import { isFieldRefused } from '../parts/form.ts';
import { NewPassword } from '../parts/new-password.tsx';
import { NoMailServer } from '../parts/no-mail-server.tsx';
import { forgetOneTimeToken, useOneTimeToken } from '../parts/one-time-token.ts';
import { PageHead } from '../parts/page.tsx';
import { PublicFrame } from '../parts/public-frame.tsx';

export function ResetPage() {
  const token = useOneTimeToken('/reset');
  return (
    <PublicFrame>
      <div className="narrow stack">
        {token === '' ? <AskForLink /> : <ChoosePassword key={token} token={token} />}
      </div>
    </PublicFrame>
  );
}

function AskForLink() {
  const { hasMailServer } = useHub();
  const [email, setEmail] = useState('');
  const withProof = useProofOfWork();
  const ask = useMutation({
    mutationFn: () => withProof((proofOfWork) => askForReset({ email: email.trim(), proofOfWork })),
  });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    ask.mutate();
  };
  return (
    <>
      <PageHead
        title="Reset your password"
        sentence="A link to choose another comes by mail to the address of your account."
      />
      <form className="stack" onSubmit={submit}>
        <EmailInput
          autoComplete="username"
          value={email}
          onChange={(event) => setEmail(event.currentTarget.value)}
          error={isFieldRefused(ask.error, 'email')}
        />
        <FormFailure error={ask.error} />
        <Button type="submit" loading={ask.isPending}>
          {ask.isSuccess ? 'Send it again' : 'Send the link'}
        </Button>
      </form>
      <div role="status">
        {ask.isSuccess && (
          <p className="note">
            If there is an account with this address, the message is on its way. Nothing comes? Look
            into the folder for spam, and see whether it is the address that you signed up with.
          </p>
        )}
        {ask.isSuccess && !hasMailServer && <NoMailServer />}
      </div>
      <p className="other-ways">
        <Link to="/sign-in">Back to signing in</Link>
      </p>
    </>
  );
}

function ChoosePassword({ token }: { token: string }) {
  const queryClient = useQueryClient();
  const [password, setPassword] = useState('');
  const reset = useMutation({
    mutationFn: () => resetPassword({ token, password }),
    // All sessions have ended, the one of this browser too.
    onSuccess: () => forgetPerson(queryClient),
  });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    reset.mutate();
  };
  if (reset.isSuccess) {
    return (
      <>
        <PageHead
          title="Your password is changed"
          sentence="You are signed out everywhere, and so is whoever else was signed in."
        />
        <Button renderRoot={(props) => <Link to="/sign-in" {...props} />}>Sign in</Button>
      </>
    );
  }
  return (
    <>
      <PageHead title="Choose a new password" sentence="It takes the place of the one before." />
      <form className="stack" onSubmit={submit}>
        <NewPassword
          label="New password"
          password={password}
          type={setPassword}
          about={[]}
          isRefused={isFieldRefused(reset.error, 'password')}
        />
        <FormFailure error={reset.error} />
        <Button type="submit" loading={reset.isPending}>
          Change password
        </Button>
        <Button variant="subtle" onClick={forgetOneTimeToken}>
          Ask for another link
        </Button>
      </form>
    </>
  );
}
