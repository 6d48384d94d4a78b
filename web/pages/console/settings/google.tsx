// Google as a way to sign in: linked by going there once, so that its own answer decides which
// account it is; never by an address.

import { Button } from '@mantine/core';
import { useMutation } from '@tanstack/react-query';
import { useSearch } from '@tanstack/react-router';
import { useState } from 'react';
import type { AccountReply } from '../../../../src/console/contract-account.ts';
import { unlinkGoogle } from '../../../api/account.ts';
import { useHub } from '../../../api/queries.ts';
import { linkGoogle } from '../../../api/sign-up.ts';
import { FormFailure } from '../../../parts/failure.tsx';
import { googleFailure } from '../../../parts/google-failures.ts';
import { Moment } from '../../../parts/time.tsx';
import { Question } from './question.tsx';
import { SettingsSection } from './section.tsx';

export function GoogleSection({ account }: { account: AccountReply }) {
  const { google: isOffered } = useHub();
  const { google } = account;
  if (!google && !isOffered) return null;
  return google ? <Linked account={account} google={google} /> : <NotLinked />;
}

function NotLinked() {
  const { failed } = useSearch({ strict: false });
  const link = useMutation({ mutationFn: linkGoogle });
  const failure = failed === undefined ? null : new Error(googleFailure(failed));
  return (
    <SettingsSection title="Google" sentence="Sign in with a Google account of yours.">
      <FormFailure error={link.error ?? failure} />
      <div>
        <Button
          variant="default"
          loading={link.isPending}
          onClick={() => link.mutate({ back: '/console/settings' })}
        >
          Link Google
        </Button>
      </div>
    </SettingsSection>
  );
}

interface LinkedProps {
  readonly account: AccountReply;
  readonly google: NonNullable<AccountReply['google']>;
}

function Linked({ account, google }: LinkedProps) {
  const [isUnlinking, setUnlinking] = useState(false);
  const hasOther = account.hasPassword || account.passkeys.length > 0;
  return (
    <SettingsSection
      title="Google"
      sentence={
        <>
          <span className="status status-good">Linked to {google.email}</span>{' '}
          <Moment iso={google.linkedAt} />
        </>
      }
    >
      {!hasOther && <p>It is your only way to sign in: set a password before you unlink it.</p>}
      <div>
        <Button variant="default" disabled={!hasOther} onClick={() => setUnlinking(true)}>
          Unlink Google
        </Button>
      </div>
      {isUnlinking && (
        <Question
          title={`Unlink ${google.email}?`}
          keep="Keep it linked"
          act="Unlink Google"
          send={unlinkGoogle}
          done="Google is unlinked."
          close={() => setUnlinking(false)}
        >
          It does not sign you in any more. Google may still list this hub among the sites that you
          used: remove it there too.
        </Question>
      )}
    </SettingsSection>
  );
}
