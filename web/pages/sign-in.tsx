// Signing in, by email and password or by a one-time link. Afterwards the reader goes where they
// were going, if that is a page of this site.

import { Button, PasswordInput, TextInput } from '@mantine/core';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useRouter, useSearch } from '@tanstack/react-router';
import { type FormEvent, useState } from 'react';
import type { SessionReply } from '../../src/console/contract.ts';
import { signIn, signInByLink } from '../api/client.ts';
import { setSession } from '../api/queries.ts';
import { FormFailure } from '../parts/failure.tsx';
import { formText } from '../parts/form.ts';
import { keepOneTimeToken, oneTimeToken } from '../parts/one-time-token.ts';
import { PageHead } from '../parts/page.tsx';
import { PublicFrame } from '../parts/public-frame.tsx';

export function SignInPage() {
  const { back } = useSearch({ strict: false });
  const [hasLink, setHasLink] = useState(() => oneTimeToken() !== '');
  return (
    <PublicFrame>
      <div className="narrow">
        <PageHead
          title="Sign in"
          sentence={
            back ? 'You are not signed in, or your session has ended. Sign in to go on.' : SENTENCE
          }
        />
        {hasLink ? (
          <LinkForm back={back} leave={() => setHasLink(false)} />
        ) : (
          <PasswordForm back={back} />
        )}
      </div>
    </PublicFrame>
  );
}

const SENTENCE = 'To your keys, your requests and your balance.';

interface FormProps {
  readonly back: string | undefined;
}

function PasswordForm({ back }: FormProps) {
  const enter = useEnter(back);
  const attempt = useMutation({ mutationFn: signIn, onSuccess: enter });
  const submit = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    const form = new FormData(event.currentTarget);
    attempt.mutate({ email: formText(form, 'email'), password: formText(form, 'password') });
  };
  return (
    <form className="stack" onSubmit={submit}>
      <TextInput name="email" label="Email" type="email" autoComplete="username" required />
      <PasswordInput name="password" label="Password" autoComplete="current-password" required />
      <FormFailure error={attempt.error} />
      <Button type="submit" loading={attempt.isPending}>
        Sign in
      </Button>
    </form>
  );
}

/** One button, so that a link is not used up by a program that only looks at it. */
function LinkForm({ back, leave }: FormProps & { leave: () => void }) {
  const enter = useEnter(back);
  const attempt = useMutation({ mutationFn: signInByLink, onSuccess: enter });
  return (
    <div className="stack">
      <p>Your one-time link is ready. It works once.</p>
      <FormFailure error={attempt.error} />
      <Button loading={attempt.isPending} onClick={() => attempt.mutate({ token: oneTimeToken() })}>
        Sign in
      </Button>
      <Button
        variant="default"
        onClick={() => {
          keepOneTimeToken('');
          leave();
        }}
      >
        Use a password instead
      </Button>
    </div>
  );
}

function useEnter(back: string | undefined): (session: SessionReply) => void {
  const queryClient = useQueryClient();
  const router = useRouter();
  return (session) => {
    keepOneTimeToken('');
    setSession(queryClient, session);
    router.history.replace(back ?? '/console');
  };
}
