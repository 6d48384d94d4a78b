// Signing up: the form, then where the mail is. What was typed stays in the page's memory until the
// account exists, so that an address can be mended and a mail sent again.

import { useMutation } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { useState } from 'react';
import { useProofOfWork } from '../../api/proof-of-work.ts';
import { useHub } from '../../api/queries.ts';
import { signUp } from '../../api/sign-up.ts';
import { PageHead } from '../../parts/page.tsx';
import { PublicFrame } from '../../parts/public-frame.tsx';
import { CheckMail } from './check-mail.tsx';
import { EMPTY, SignUpForm } from './form.tsx';

export function SignUpPage() {
  const hub = useHub();
  return (
    <PublicFrame>
      <div className="narrow stack">
        {hub.version !== '' && !hub.signUp ? <SwitchedOff /> : <SignUp />}
      </div>
    </PublicFrame>
  );
}

function SignUp() {
  const { documents } = useHub();
  const [draft, setDraft] = useState(EMPTY);
  const [isMailed, setMailed] = useState(false);
  const withProof = useProofOfWork();
  const send = useMutation({
    mutationFn: () =>
      withProof((proofOfWork) =>
        signUp({
          name: draft.name.trim(),
          email: draft.email.trim(),
          password: draft.password,
          isAdult: true,
          termsVersion: documents.terms,
          privacyVersion: documents.privacy,
          proofOfWork,
        }),
      ),
    onSuccess: () => setMailed(true),
  });
  if (isMailed) {
    return <CheckMail email={draft.email} send={send} mend={() => setMailed(false)} />;
  }
  return <SignUpForm draft={draft} edit={setDraft} send={send} />;
}

function SwitchedOff() {
  return (
    <>
      <PageHead title="Sign up" sentence="On this hub people cannot make accounts themselves." />
      <p>
        Ask its operator for one. If you have an account, <Link to="/sign-in">sign in</Link>.
      </p>
    </>
  );
}
