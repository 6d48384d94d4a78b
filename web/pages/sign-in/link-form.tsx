// Signing in by a one-time link. One button, so that a link is not used up by a program that only
// looks at it.

import { Button } from '@mantine/core';
import { useMutation } from '@tanstack/react-query';
import { signInByLink } from '../../api/client.ts';
import { FormFailure } from '../../parts/failure.tsx';
import { forgetOneTimeToken } from '../../parts/one-time-token.ts';
import { useEnter } from './enter.ts';

export function LinkForm({ token, back }: { token: string; back: string | undefined }) {
  const enter = useEnter(back);
  const attempt = useMutation({ mutationFn: signInByLink, onSuccess: enter });
  return (
    <div className="stack">
      <p>Your one-time link is ready. It works once.</p>
      <FormFailure error={attempt.error} />
      <Button loading={attempt.isPending} onClick={() => attempt.mutate({ token })}>
        Sign in
      </Button>
      <Button variant="default" onClick={forgetOneTimeToken}>
        Use a password instead
      </Button>
    </div>
  );
}
