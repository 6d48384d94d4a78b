// Where the mailed link of a sign-up leads. In the browser that signed up it is enough; elsewhere
// the hub asks for the password, so that a link that went astray is worth nothing. A program that
// only looks at the link cannot use it up: it has neither.

import { Button, PasswordInput } from '@mantine/core';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { Link, useNavigate } from '@tanstack/react-router';
import { type FormEvent, useEffect, useEffectEvent } from 'react';
import type { ConfirmSignUpReply } from '../../src/console/contract-sign-up.ts';
import { ApiFailure } from '../api/client.ts';
import { sessionQuery } from '../api/queries.ts';
import { confirmSignUp } from '../api/sign-up.ts';
import { FormFailure, QueryFailure } from '../parts/failure.tsx';
import { formText } from '../parts/form.ts';
import { useOneTimeToken } from '../parts/one-time-token.ts';
import { PageHead } from '../parts/page.tsx';
import { PublicFrame } from '../parts/public-frame.tsx';
import { SkeletonText } from '../parts/skeleton.tsx';

export function ConfirmPage() {
  const token = useOneTimeToken('/confirm');
  return (
    <PublicFrame>
      <div className="narrow stack">
        {token ? <Confirm key={token} token={token} /> : <LinkDead />}
      </div>
    </PublicFrame>
  );
}

function Confirm({ token }: { token: string }) {
  const enter = useEnterNew();
  const { data, error, refetch } = useQuery({
    queryKey: ['confirm-sign-up', token],
    queryFn: () => confirmSignUp({ token }),
    staleTime: Number.POSITIVE_INFINITY,
    gcTime: 0,
  });
  const finish = useEffectEvent((reply: ConfirmSignUpReply | undefined) => {
    if (reply?.step === 'done') void enter();
  });
  useEffect(() => finish(data), [data]);
  if (data?.step === 'password') return <PasswordStep token={token} enter={enter} />;
  if (error instanceof ApiFailure && error.code === 'link_invalid') return <LinkDead />;
  return (
    <>
      <PageHead title="Confirm your address" sentence="Your account is being made." />
      {error ? <QueryFailure error={error} retry={refetch} /> : <SkeletonText width={240} />}
    </>
  );
}

/** The new account's session is not known to the page yet. */
function useEnterNew(): () => Promise<void> {
  const queryClient = useQueryClient();
  const navigate = useNavigate();
  return async () => {
    await queryClient.fetchQuery({ ...sessionQuery, staleTime: 0 });
    await navigate({ to: '/console', replace: true });
  };
}

interface PasswordStepProps {
  readonly token: string;
  readonly enter: () => Promise<void>;
}

function PasswordStep({ token, enter }: PasswordStepProps) {
  const confirm = useMutation({ mutationFn: confirmSignUp, onSuccess: enter });
  const submit = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    const password = formText(new FormData(event.currentTarget), 'password');
    confirm.mutate({ token, password });
  };
  return (
    <>
      <PageHead
        title="Confirm your address"
        sentence="This is not the browser in which you signed up, so the hub asks for your password."
      />
      <form className="stack" onSubmit={submit}>
        <PasswordInput
          name="password"
          label="Password"
          description="The one that you chose when you signed up."
          autoComplete="current-password"
          required
          autoFocus
        />
        <FormFailure error={confirm.error} />
        <Button type="submit" loading={confirm.isPending}>
          Confirm and sign in
        </Button>
      </form>
      <p>You have not signed up here? Close this page: without the password nothing comes of it.</p>
    </>
  );
}

function LinkDead() {
  return (
    <>
      <PageHead
        title="This link does not work"
        sentence="It is incomplete, it was used already, or it has expired."
      />
      <p>
        Open the whole link again, with the part after #. If you have confirmed your address
        already, <Link to="/sign-in">sign in</Link>; else <Link to="/sign-up">sign up</Link> again.
      </p>
    </>
  );
}
