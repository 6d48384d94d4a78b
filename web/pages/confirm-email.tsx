// Where the link in a new mailbox leads: it makes the address the account's. One button, so that the
// link is not used up by a program that only looks at it; any browser will do.

import { Button } from '@mantine/core';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { confirmEmail, refreshAccount } from '../api/account.ts';
import { FormFailure } from '../parts/failure.tsx';
import { useOneTimeToken } from '../parts/one-time-token.ts';
import { PageHead } from '../parts/page.tsx';
import { PublicFrame } from '../parts/public-frame.tsx';

export function ConfirmEmailPage() {
  const token = useOneTimeToken('/confirm-email');
  return (
    <PublicFrame>
      <div className="narrow stack">
        {token ? <Confirm key={token} token={token} /> : <LinkMissing />}
      </div>
    </PublicFrame>
  );
}

function Confirm({ token }: { token: string }) {
  const queryClient = useQueryClient();
  const confirm = useMutation({
    mutationFn: confirmEmail,
    onSuccess: () => refreshAccount(queryClient),
  });
  if (confirm.isSuccess) {
    return (
      <>
        <PageHead
          title="Your address is changed"
          sentence="You sign in with the new address from now on."
        />
        <ToSettings />
      </>
    );
  }
  return (
    <>
      <PageHead
        title="Confirm your new address"
        sentence="Your account takes the address to which the message came, in place of the one before."
      />
      <FormFailure error={confirm.error} />
      <Button loading={confirm.isPending} onClick={() => confirm.mutate({ token })}>
        Use this address
      </Button>
    </>
  );
}

function LinkMissing() {
  return (
    <>
      <PageHead
        title="Confirm your new address"
        sentence="This page needs the whole link of the message, with the part after #."
      />
      <ToSettings />
    </>
  );
}

function ToSettings() {
  return (
    <p>
      Go to the <Link to="/console/settings">settings</Link> of your account.
    </p>
  );
}
