// Where the one-time welcome link leads: it makes the hub's first operator and signs in. A refusal
// keeps everything that was typed.

import { Button, PasswordInput, TextInput } from '@mantine/core';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { Link, useNavigate } from '@tanstack/react-router';
import type { FormEvent } from 'react';
import { ApiFailure, welcome } from '../api/client.ts';
import { setSession } from '../api/queries.ts';
import { FormFailure } from '../parts/failure.tsx';
import { formText } from '../parts/form.ts';
import { oneTimeToken } from '../parts/one-time-token.ts';
import { PageHead } from '../parts/page.tsx';
import { PublicFrame } from '../parts/public-frame.tsx';

const PASSWORD_MIN = 12;

export function WelcomePage() {
  return (
    <PublicFrame>
      <div className="narrow">{oneTimeToken() ? <WelcomeForm /> : <LinkMissing />}</div>
    </PublicFrame>
  );
}

function WelcomeForm() {
  const queryClient = useQueryClient();
  const navigate = useNavigate();
  const create = useMutation({
    mutationFn: welcome,
    onSuccess: async (session) => {
      setSession(queryClient, session);
      await navigate({ to: '/console', replace: true });
    },
  });

  const submit = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    const form = new FormData(event.currentTarget);
    create.mutate({
      token: oneTimeToken(),
      name: formText(form, 'name'),
      email: formText(form, 'email'),
      password: formText(form, 'password'),
    });
  };

  return (
    <>
      <PageHead
        title="Welcome"
        sentence="This link makes you the operator of this hub. It works once."
      />
      <form className="stack" onSubmit={submit}>
        <TextInput
          name="name"
          label="Name"
          autoComplete="name"
          required
          maxLength={120}
          error={fieldError(create.error, 'name')}
        />
        <TextInput
          name="email"
          label="Email"
          type="email"
          autoComplete="username"
          required
          maxLength={254}
          error={fieldError(create.error, 'email')}
        />
        <PasswordInput
          name="password"
          label="Password"
          description={`At least ${PASSWORD_MIN} characters. Length is the only rule.`}
          autoComplete="new-password"
          required
          minLength={PASSWORD_MIN}
          maxLength={256}
          error={fieldError(create.error, 'password')}
        />
        <FormFailure error={create.error} />
        <Button type="submit" loading={create.isPending}>
          Create operator
        </Button>
      </form>
    </>
  );
}

function LinkMissing() {
  return (
    <>
      <PageHead
        title="Welcome"
        sentence="This page needs the one-time link that the hub printed in its terminal."
      />
      <p>
        Open the whole link again, with the part after #. If this hub has an operator already,{' '}
        <Link to="/sign-in">sign in</Link>.
      </p>
    </>
  );
}

/** Marks the field that the hub named; the words themselves stand above the button. */
function fieldError(error: Error | null, field: string): boolean {
  return error instanceof ApiFailure && error.param === field;
}
