// The first proof: password, Google or passkey. Where the browser can, it offers passkeys in the
// field for the address, without a press of the button.

import { Button, PasswordInput } from '@mantine/core';
import { useMutation } from '@tanstack/react-query';
import { type FormEvent, useEffect, useEffectEvent } from 'react';
import { signIn } from '../../api/client.ts';
import {
  awaitPasskeyAutofill,
  hasPasskeys,
  signInByPasskey,
  stopPasskeyAutofill,
} from '../../api/passkeys.ts';
import { useHub } from '../../api/queries.ts';
import { signInWithGoogle } from '../../api/sign-up.ts';
import { EmailInput } from '../../parts/email-input.tsx';
import { FormFailure } from '../../parts/failure.tsx';
import { formText } from '../../parts/form.ts';
import { useEnter } from './enter.ts';

export interface FirstStepProps {
  /** Lives in the page, so that it is still there after a second step that was called off. */
  readonly email: string;
  readonly type: (email: string) => void;
  readonly back: string | undefined;
}

export function FirstStep({ email, type, back }: FirstStepProps) {
  const enter = useEnter(back);
  const attempt = useMutation({ mutationFn: signIn, onSuccess: enter });
  const submit = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    const password = formText(new FormData(event.currentTarget), 'password');
    attempt.mutate({ email, password });
  };
  usePasskeyAutofill(back);
  return (
    <>
      <form className="stack" onSubmit={submit}>
        <EmailInput
          autoComplete="username webauthn"
          value={email}
          onChange={(event) => type(event.currentTarget.value)}
        />
        <PasswordInput name="password" label="Password" autoComplete="current-password" required />
        <FormFailure error={attempt.error} />
        <Button type="submit" loading={attempt.isPending}>
          Sign in
        </Button>
      </form>
      <WithoutPassword back={back} />
    </>
  );
}

function usePasskeyAutofill(back: string | undefined): void {
  const enter = useEffectEvent(useEnter(back));
  useEffect(() => {
    let isGone = false;
    void awaitPasskeyAutofill().then((session) => {
      if (session && !isGone) enter(session);
    });
    return () => {
      isGone = true;
      stopPasskeyAutofill();
    };
  }, []);
}

function WithoutPassword({ back }: { back: string | undefined }) {
  const { google } = useHub();
  const enter = useEnter(back);
  const byPasskey = useMutation({ mutationFn: signInByPasskey, onSuccess: enter });
  const byGoogle = useMutation({ mutationFn: signInWithGoogle });
  if (!google && !hasPasskeys()) return null;
  return (
    <div className="stack or">
      <span className="or-word">or</span>
      <FormFailure error={byPasskey.error ?? byGoogle.error} />
      {google && (
        <Button
          variant="default"
          loading={byGoogle.isPending}
          onClick={() => byGoogle.mutate(back ? { back } : {})}
        >
          Continue with Google
        </Button>
      )}
      {hasPasskeys() && (
        <Button variant="default" loading={byPasskey.isPending} onClick={() => byPasskey.mutate()}>
          Sign in with a passkey
        </Button>
      )}
    </div>
  );
}
