// Which version of which document the person has accepted, and when.

import type { AccountReply } from '../../../../src/console/contract-account.ts';
import { PrivacyLink, TermsLink } from '../../../parts/documents.tsx';
import { Moment } from '../../../parts/time.tsx';
import { SettingsSection } from './section.tsx';

const NAMES: Readonly<Record<string, string>> = { terms: 'Terms', privacy: 'Privacy policy' };

export function DocumentsSection({ account }: { account: AccountReply }) {
  return (
    <SettingsSection
      title="Documents"
      sentence={
        <>
          The <TermsLink /> and the <PrivacyLink /> of this hub.
        </>
      }
    >
      {account.acceptances.length > 0 && (
        <ul className="plain-list">
          {account.acceptances.map(({ document, version, acceptedAt }) => (
            <li key={`${document} ${version}`}>
              {NAMES[document] ?? document} of {version}, accepted <Moment iso={acceptedAt} />
            </li>
          ))}
        </ul>
      )}
    </SettingsSection>
  );
}
