// The form of a sign-up. Google needs nothing of it but the consents: name and address come from
// there.

import { Button, TextInput } from '@mantine/core';
import { type UseMutationResult, useMutation, useQueryClient } from '@tanstack/react-query';
import { Link, useSearch } from '@tanstack/react-router';
import { type FormEvent, useState } from 'react';
import { ApiFailure } from '../../api/client.ts';
import { sessionQuery, useHub } from '../../api/queries.ts';
import { signUpWithGoogle } from '../../api/sign-up.ts';
import { ConsentBoxes, type Consents, isComplete } from '../../parts/consents.tsx';
import { EmailInput } from '../../parts/email-input.tsx';
import { FormFailure } from '../../parts/failure.tsx';
import { isFieldRefused } from '../../parts/form.ts';
import { NewPassword } from '../../parts/new-password.tsx';
import { PageHead } from '../../parts/page.tsx';

export interface Draft {
  readonly name: string;
  readonly email: string;
  readonly password: string;
  readonly consents: Consents;
}

export const EMPTY: Draft = {
  name: '',
  email: '',
  password: '',
  consents: { isAdult: false, accepts: false },
};

export type Sending = UseMutationResult<object, Error, void>;

export interface SignUpFormProps {
  readonly draft: Draft;
  readonly edit: (draft: Draft) => void;
  readonly send: Sending;
}

export function SignUpForm({ draft, edit, send }: SignUpFormProps) {
  const [isMissed, setMissed] = useState(false);
  const { google } = useHub();
  const askAgain = useAskAgain(draft, edit);
  const { name, email, password, consents } = draft;
  /** Both ways need the consents; neither button is grey without saying why. */
  const withConsents = (go: () => void) => {
    setMissed(!isComplete(consents));
    if (isComplete(consents)) go();
  };
  const submit = (event: FormEvent) => {
    event.preventDefault();
    withConsents(() => send.mutate(undefined, { onError: askAgain }));
  };
  return (
    <>
      <PageHead title="Sign up" sentence="One account, with a workspace of your own." />
      <form className="stack" onSubmit={submit}>
        <TextInput
          name="name"
          label="Name"
          autoComplete="name"
          required
          maxLength={120}
          value={name}
          onChange={(event) => edit({ ...draft, name: event.currentTarget.value })}
          error={isFieldRefused(send.error, 'name')}
        />
        <EmailInput
          description="A link comes to it, which makes the account."
          autoComplete="username"
          value={email}
          onChange={(event) => edit({ ...draft, email: event.currentTarget.value })}
          error={isFieldRefused(send.error, 'email')}
        />
        <NewPassword
          label="Password"
          password={password}
          type={(typed) => edit({ ...draft, password: typed })}
          about={[name, email]}
          isRefused={isFieldRefused(send.error, 'password')}
        />
        <ConsentBoxes
          consents={consents}
          choose={(chosen) => edit({ ...draft, consents: chosen })}
          isMissed={isMissed}
        />
        <FormFailure error={send.error} />
        <Button type="submit" loading={send.isPending}>
          Sign up
        </Button>
      </form>
      {google && <GoogleSignUp withConsents={withConsents} askAgain={askAgain} />}
      <p className="other-ways">
        <span>
          You have an account? <Link to="/sign-in">Sign in</Link>
        </span>
      </p>
    </>
  );
}

interface GoogleSignUpProps {
  readonly withConsents: (go: () => void) => void;
  readonly askAgain: (error: Error) => void;
}

function GoogleSignUp({ withConsents, askAgain }: GoogleSignUpProps) {
  const { documents } = useHub();
  const { back } = useSearch({ strict: false });
  const go = useMutation({
    mutationFn: () =>
      signUpWithGoogle({
        isAdult: true,
        termsVersion: documents.terms,
        privacyVersion: documents.privacy,
        ...(back !== undefined && { back }),
      }),
    onError: askAgain,
  });
  return (
    <div className="stack or">
      <span className="or-word">or</span>
      <FormFailure error={go.error} />
      <Button
        variant="default"
        loading={go.isPending}
        onClick={() => withConsents(() => go.mutate())}
      >
        Continue with Google
      </Button>
    </div>
  );
}

/** A document that has changed while the form lay open is to be read and accepted as it is now. */
function useAskAgain(draft: Draft, edit: (draft: Draft) => void): (error: Error) => void {
  const queryClient = useQueryClient();
  return (error) => {
    if (!(error instanceof ApiFailure) || !error.param?.endsWith('Version')) return;
    edit({ ...draft, consents: { ...draft.consents, accepts: false } });
    void queryClient.invalidateQueries({ queryKey: sessionQuery.queryKey });
  };
}
