// Proving with Google who one is, in a window of its own: what waits on this page would be lost if
// the page itself went there. That window ends at /proven, which tells this one.

import { Button } from '@mantine/core';
import { useMutation } from '@tanstack/react-query';
import { useEffect, useEffectEvent, useState } from 'react';
import { reauthenticateAtGoogle } from '../api/sign-up.ts';
import { FormFailure } from './failure.tsx';
import { googleFailure } from './google-failures.ts';
import { watchOutcome } from './proof-channel.ts';

const WINDOW = 'popup,width=520,height=680';

export function GoogleProof({ email, succeed }: { email: string; succeed: () => void }) {
  const [failed, setFailed] = useState<string | null>(null);
  const begin = useMutation({ mutationFn: goToGoogle });
  const end = useEffectEvent((code: string | null) => {
    if (code === null) succeed();
    else setFailed(code);
  });
  useEffect(() => watchOutcome((outcome) => end(outcome.failed)), []);
  return (
    <>
      <FormFailure error={failed === null ? begin.error : new Error(googleFailure(failed))} />
      <Button
        variant="default"
        loading={begin.isPending}
        onClick={() => {
          setFailed(null);
          begin.mutate(window.open('about:blank', '_blank', WINDOW));
        }}
      >
        Continue with Google as {email}
      </Button>
      {begin.isSuccess && failed === null && (
        <p role="status">Go on in the window that has opened. This page waits for it.</p>
      )}
    </>
  );
}

/** The window is opened by the press of the button itself: later the browser would block it. */
async function goToGoogle(opened: Window | null): Promise<void> {
  if (!opened) {
    throw new Error('The browser opened no window. Allow this page to open one, and try again.');
  }
  try {
    const { url } = await reauthenticateAtGoogle({ back: '/proven' });
    opened.location.href = url;
  } catch (error) {
    opened.close();
    throw error;
  }
}
