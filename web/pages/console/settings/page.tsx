// A person's own account: what they are called, how they prove who they are, and where they are
// signed in. A bundle of its own: most visits to the console do not come here.

import { Skeleton } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import type { AccountReply } from '../../../../src/console/contract-account.ts';
import { accountQuery } from '../../../api/account.ts';
import { QueryFailure } from '../../../parts/failure.tsx';
import { PageHead } from '../../../parts/page.tsx';
import { AuthenticatorSection } from './authenticator.tsx';
import { DocumentsSection } from './documents.tsx';
import { GoogleSection } from './google.tsx';
import { PasskeysSection } from './passkeys.tsx';
import { PasswordSection } from './password.tsx';
import { ProfileSection } from './profile.tsx';
import { SessionsSection } from './sessions.tsx';

export function SettingsPage() {
  const { data: account, error, refetch } = useQuery(accountQuery);
  return (
    <>
      <PageHead
        title="Settings"
        sentence="Your account: how you sign in, and where you are signed in."
      />
      {account ? (
        <Sections account={account} />
      ) : error ? (
        <QueryFailure error={error} retry={refetch} />
      ) : (
        <div className="settings" aria-busy="true">
          <Skeleton height={260} />
          <Skeleton height={200} />
          <Skeleton height={160} />
        </div>
      )}
    </>
  );
}

function Sections({ account }: { account: AccountReply }) {
  return (
    <div className="settings">
      <ProfileSection account={account} />
      <PasswordSection account={account} />
      <AuthenticatorSection account={account} />
      <PasskeysSection account={account} />
      <GoogleSection account={account} />
      <SessionsSection />
      <DocumentsSection account={account} />
    </div>
  );
}
