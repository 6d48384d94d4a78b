// Where the one-time welcome link leads: it makes the hub's first operator and signs in. A refusal
// keeps everything that was typed.

import { Button, TextInput } from '@mantine/core';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { Link, useNavigate } from '@tanstack/react-router';
import { type FormEvent, useState } from 'react';
import { welcome } from '../api/client.ts';
import { setSession } from '../api/queries.ts';
import { EmailInput } from '../parts/email-input.tsx';
import { FormFailure } from '../parts/failure.tsx';
import { isFieldRefused } from '../parts/form.ts';
import { NewPassword } from '../parts/new-password.tsx';
import { useOneTimeToken } from '../parts/one-time-token.ts';
import { PageHead } from '../parts/page.tsx';
import { PublicFrame } from '../parts/public-frame.tsx';

export function WelcomePage() {
  const token = useOneTimeToken('/welcome');
  return (
    <PublicFrame>
      <div className="narrow stack">{token ? <WelcomeForm token={token} /> : <LinkMissing />}</div>
    </PublicFrame>
  );
}

function WelcomeForm({ token }: { token: string }) {
  const queryClient = useQueryClient();
  const navigate = useNavigate();
  const [name, setName] = useState('');
  const [email, setEmail] = useState('');
  const [password, setPassword] = useState('');
  const create = useMutation({
    mutationFn: welcome,
    onSuccess: async (session) => {
      setSession(queryClient, session);
      await navigate({ to: '/console', replace: true });
    },
  });

  const submit = (event: FormEvent) => {
    event.preventDefault();
    create.mutate({ token, name, email, password });
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
          value={name}
          onChange={(event) => setName(event.currentTarget.value)}
          error={isFieldRefused(create.error, 'name')}
        />
        <EmailInput
          autoComplete="username"
          value={email}
          onChange={(event) => setEmail(event.currentTarget.value)}
          error={isFieldRefused(create.error, 'email')}
        />
        <NewPassword
          label="Password"
          password={password}
          type={setPassword}
          about={[name, email]}
          isRefused={isFieldRefused(create.error, 'password')}
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
