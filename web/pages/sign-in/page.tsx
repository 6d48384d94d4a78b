// Signing in: by password, Google, passkey or a one-time link, then by the second step where one is
// asked for. Afterwards the reader goes where they were going, if that is a page of this site.

import { useQuery } from '@tanstack/react-query';
import { Link, useSearch } from '@tanstack/react-router';
import { type ReactNode, useState } from 'react';
import { sessionQuery, useHub } from '../../api/queries.ts';
import { googleFailure } from '../../parts/google-failures.ts';
import { useOneTimeToken } from '../../parts/one-time-token.ts';
import { PageHead } from '../../parts/page.tsx';
import { PublicFrame } from '../../parts/public-frame.tsx';
import { FirstStep } from './first-step.tsx';
import { LinkForm } from './link-form.tsx';
import { SecondStep } from './second-step.tsx';

export function SignInPage() {
  const { back } = useSearch({ strict: false });
  const { data: session } = useQuery(sessionQuery);
  const token = useOneTimeToken('/sign-in');
  const [email, setEmail] = useState('');
  const asked = session?.secondFactor;
  if (asked) {
    return (
      <Frame title="Second step" sentence="One more proof that it is you.">
        <SecondStep asked={asked} back={back} />
      </Frame>
    );
  }
  if (token !== '') {
    return (
      <Frame title="Sign in" sentence={SENTENCE}>
        <LinkForm token={token} back={back} />
      </Frame>
    );
  }
  return (
    <Frame title="Sign in" sentence={back ? RETURNING : SENTENCE}>
      <Failed />
      <FirstStep email={email} type={setEmail} back={back} />
      <OtherWays />
    </Frame>
  );
}

const SENTENCE = 'To your keys, your requests and your balance.';
const RETURNING = 'You are not signed in, or your session has ended. Sign in to go on.';

interface FrameProps {
  readonly title: string;
  readonly sentence: string;
  readonly children: ReactNode;
}

function Frame({ title, sentence, children }: FrameProps) {
  return (
    <PublicFrame>
      <div className="narrow stack">
        <PageHead title={title} sentence={sentence} />
        {children}
      </div>
    </PublicFrame>
  );
}

/** What Google's part of the way ended with, if the reader comes back from there without success. */
function Failed() {
  const { failed, back } = useSearch({ strict: false });
  const { signUp } = useHub();
  if (failed === undefined) return null;
  return (
    <p role="alert" className="form-failure">
      {googleFailure(failed)}{' '}
      {failed === 'google_unknown' && signUp && (
        <Link to="/sign-up" search={back ? { back } : {}}>
          Sign up
        </Link>
      )}
    </p>
  );
}

function OtherWays() {
  const { back } = useSearch({ strict: false });
  const { signUp } = useHub();
  return (
    <p className="other-ways">
      <Link to="/reset">Forgot your password?</Link>
      {signUp && (
        <span>
          No account yet?{' '}
          <Link to="/sign-up" search={back ? { back } : {}}>
            Sign up
          </Link>
        </span>
      )}
    </p>
  );
}
