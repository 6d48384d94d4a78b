// The second proof, in one of the ways that the hub names: a code of the authenticator app, a
// recovery code, or a passkey. Whoever cannot give one goes back and signs in another way.

import { Button, TextInput } from '@mantine/core';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { type FormEvent, useState } from 'react';
import type { SessionReply } from '../../../src/console/contract.ts';
import { signOut } from '../../api/client.ts';
import { hasPasskeys, signInByPasskey } from '../../api/passkeys.ts';
import { forgetPerson } from '../../api/queries.ts';
import { giveSecondFactor } from '../../api/sign-up.ts';
import { FormFailure } from '../../parts/failure.tsx';
import { useEnter } from './enter.ts';

type Way = NonNullable<SessionReply['secondFactor']>[number];

const CHOICES: Readonly<Record<Way, string>> = {
  authenticator: 'Use the authenticator app',
  recovery_code: 'Use a recovery code',
  passkey: 'Use a passkey',
};

export interface SecondStepProps {
  readonly asked: readonly Way[];
  readonly back: string | undefined;
}

export function SecondStep({ asked, back }: SecondStepProps) {
  const possible = asked.filter((way) => way !== 'passkey' || hasPasskeys());
  const [way, choose] = useState<Way>(possible[0] ?? 'authenticator');
  return (
    <>
      {way === 'passkey' ? (
        <PasskeyStep back={back} />
      ) : (
        // The two take different codes, so that what was typed into one is not kept for the other.
        <CodeStep key={way} way={way} back={back} />
      )}
      <div className="stack or">
        <span className="or-word">or</span>
        {possible
          .filter((other) => other !== way)
          .map((other) => (
            <Button key={other} variant="default" onClick={() => choose(other)}>
              {CHOICES[other]}
            </Button>
          ))}
        <StartAgain />
      </div>
    </>
  );
}

const CODES = {
  authenticator: {
    label: 'Code',
    description: 'The six digits that your authenticator app shows now.',
    inputMode: 'numeric',
    autoComplete: 'one-time-code',
  },
  recovery_code: {
    label: 'Recovery code',
    description: 'One of those that you kept when you set up the app. Each works once.',
    inputMode: 'text',
    autoComplete: 'off',
  },
} as const;

function CodeStep({ way, back }: { way: keyof typeof CODES; back: string | undefined }) {
  const enter = useEnter(back);
  const [code, setCode] = useState('');
  const attempt = useMutation({ mutationFn: giveSecondFactor, onSuccess: enter });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    attempt.mutate({ code: code.trim() });
  };
  return (
    <form className="stack" onSubmit={submit}>
      <TextInput
        {...CODES[way]}
        classNames={{ input: 'mono' }}
        required
        autoFocus
        minLength={6}
        maxLength={40}
        value={code}
        onChange={(event) => setCode(event.currentTarget.value)}
      />
      <FormFailure error={attempt.error} />
      <Button type="submit" loading={attempt.isPending}>
        Sign in
      </Button>
    </form>
  );
}

function PasskeyStep({ back }: { back: string | undefined }) {
  const enter = useEnter(back);
  const attempt = useMutation({ mutationFn: signInByPasskey, onSuccess: enter });
  return (
    <div className="stack">
      <p>Your browser asks for the passkey that you made on this device, your phone or a key.</p>
      <FormFailure error={attempt.error} />
      <Button loading={attempt.isPending} onClick={() => attempt.mutate()}>
        Sign in with a passkey
      </Button>
    </div>
  );
}

function StartAgain() {
  const queryClient = useQueryClient();
  const leave = useMutation({ mutationFn: signOut, onSuccess: () => forgetPerson(queryClient) });
  return (
    <>
      <FormFailure error={leave.error} />
      <Button variant="subtle" loading={leave.isPending} onClick={() => leave.mutate()}>
        Sign in as somebody else
      </Button>
    </>
  );
}
