// The second step at sign-in: the authenticator app and the recovery codes that stand in for it.

import { Button } from '@mantine/core';
import { useState } from 'react';
import type {
  AccountReply,
  NewAuthenticatorReply,
} from '../../../../src/console/contract-account.ts';
import {
  makeAuthenticator,
  removeAuthenticator,
  renewRecoveryCodes,
} from '../../../api/account.ts';
import { FormFailure } from '../../../parts/failure.tsx';
import { useChange } from './change.ts';
import { Question } from './question.tsx';
import { RecoveryCodes } from './recovery-codes.tsx';
import { SettingsSection } from './section.tsx';
import { SetUpAuthenticator } from './set-up-authenticator.tsx';

export function AuthenticatorSection({ account }: { account: AccountReply }) {
  // Lives here, so that the codes stay on the screen when the account is read again.
  const [codes, setCodes] = useState<readonly string[]>();
  return (
    <SettingsSection
      title="Authenticator app"
      sentence={
        account.hasAuthenticator ? (
          <span className="status status-good">
            After the password or Google, a code of your app is asked for.
          </span>
        ) : (
          'A code of an app on your phone as the second step, whenever you sign in without a passkey.'
        )
      }
    >
      {account.hasAuthenticator ? (
        <InUse codesLeft={account.recoveryCodesLeft} show={setCodes} />
      ) : (
        <NotInUse show={setCodes} />
      )}
      {codes && <RecoveryCodes codes={codes} close={() => setCodes(undefined)} />}
    </SettingsSection>
  );
}

interface ShowCodes {
  readonly show: (codes: readonly string[]) => void;
}

function NotInUse({ show }: ShowCodes) {
  const [made, setMade] = useState<NewAuthenticatorReply>();
  const make = useChange({ send: makeAuthenticator, onDone: setMade });
  return (
    <>
      <FormFailure error={make.error} />
      <div>
        <Button variant="default" loading={make.isPending} onClick={() => make.mutate()}>
          Set up an app
        </Button>
      </div>
      {made && (
        <SetUpAuthenticator
          made={made}
          close={() => setMade(undefined)}
          done={(codes) => {
            setMade(undefined);
            show(codes);
          }}
        />
      )}
    </>
  );
}

function InUse({ codesLeft, show }: ShowCodes & { codesLeft: number }) {
  const [isRemoving, setRemoving] = useState(false);
  const renew = useChange({
    send: renewRecoveryCodes,
    onDone: ({ recoveryCodes }) => show(recoveryCodes),
  });
  return (
    <>
      <p>
        {codesLeft === 1 ? '1 recovery code is left.' : `${codesLeft} recovery codes are left.`}{' '}
        Each stands in for the app once.
      </p>
      <FormFailure error={renew.error} />
      <div className="row-buttons">
        <Button variant="default" loading={renew.isPending} onClick={() => renew.mutate()}>
          Make new recovery codes
        </Button>
        <Button variant="default" onClick={() => setRemoving(true)}>
          Remove the app
        </Button>
      </div>
      {isRemoving && (
        <Question
          title="Remove the authenticator app?"
          keep="Keep the app"
          act="Remove the app"
          send={removeAuthenticator}
          done="The authenticator app is removed."
          close={() => setRemoving(false)}
        >
          Whoever has your password or your Google account can sign in then. The recovery codes end
          with it.
        </Question>
      )}
    </>
  );
}
