// Passkeys: both proofs at once, and nothing that could be given away on a forged page.

import { Button } from '@mantine/core';
import { useState } from 'react';
import type { AccountReply, Passkey } from '../../../../src/console/contract-account.ts';
import { removePasskey } from '../../../api/account.ts';
import { hasPasskeys } from '../../../api/passkeys.ts';
import { ActionHead, TableFrame } from '../../../parts/page.tsx';
import { Moment } from '../../../parts/time.tsx';
import { NamePasskey } from './name-passkey.tsx';
import { Question } from './question.tsx';
import { SettingsSection } from './section.tsx';

export function PasskeysSection({ account }: { account: AccountReply }) {
  const [naming, setNaming] = useState<Passkey | 'new'>();
  const [removing, setRemoving] = useState<Passkey>();
  return (
    <SettingsSection
      title="Passkeys"
      sentence="Sign in with this device, your phone or a security key, without a password."
    >
      {account.passkeys.length > 0 && (
        <PasskeyTable passkeys={account.passkeys} rename={setNaming} remove={setRemoving} />
      )}
      {hasPasskeys() ? (
        <div>
          <Button variant="default" onClick={() => setNaming('new')}>
            Add a passkey
          </Button>
        </div>
      ) : (
        <p>
          They cannot be made on this page: browsers want https or localhost, and a name in place of
          an IP address.
        </p>
      )}
      {naming && <NamePasskey passkey={naming} close={() => setNaming(undefined)} />}
      {removing && (
        <Question
          title={`Remove ${removing.name}?`}
          keep="Keep passkey"
          act={`Remove ${removing.name}`}
          send={() => removePasskey(removing.id)}
          done={`${removing.name} is removed.`}
          close={() => setRemoving(undefined)}
        >
          It does not sign you in any more. The device may still offer it: delete it there too.
        </Question>
      )}
    </SettingsSection>
  );
}

interface PasskeyTableProps {
  readonly passkeys: readonly Passkey[];
  readonly rename: (passkey: Passkey) => void;
  readonly remove: (passkey: Passkey) => void;
}

function PasskeyTable({ passkeys, rename, remove }: PasskeyTableProps) {
  return (
    <TableFrame>
      <table className="data">
        <caption className="visually-hidden">Your passkeys</caption>
        <thead>
          <tr>
            <th scope="col">Name</th>
            <th scope="col" className="hide-narrow">
              Added
            </th>
            <th scope="col" className="hide-tiny">
              Last used
            </th>
            <ActionHead />
          </tr>
        </thead>
        <tbody>
          {passkeys.map((passkey) => (
            <tr key={passkey.id}>
              <th scope="row" className="cell-name">
                {passkey.name}
              </th>
              <td className="hide-narrow whole">
                <Moment iso={passkey.createdAt} />
              </td>
              <td className="hide-tiny whole">
                {passkey.lastUsedAt ? <Moment iso={passkey.lastUsedAt} /> : 'Never'}
              </td>
              <td className="row-action">
                <div className="row-buttons">
                  <Button
                    variant="default"
                    size="compact-sm"
                    aria-label={`Rename ${passkey.name}`}
                    onClick={() => rename(passkey)}
                  >
                    Rename
                  </Button>
                  <Button
                    variant="default"
                    size="compact-sm"
                    aria-label={`Remove ${passkey.name}`}
                    onClick={() => remove(passkey)}
                  >
                    Remove
                  </Button>
                </div>
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </TableFrame>
  );
}
