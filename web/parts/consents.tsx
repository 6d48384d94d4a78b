// What whoever signs up says: to be of age, and to accept both documents as they stand. The boxes
// are never ticked beforehand.

import { Checkbox } from '@mantine/core';
import { PrivacyLink, TermsLink } from './documents.tsx';

export interface Consents {
  readonly isAdult: boolean;
  readonly accepts: boolean;
}

export interface ConsentBoxesProps {
  readonly consents: Consents;
  readonly choose: (consents: Consents) => void;
  /** Marks the boxes that are still open. */
  readonly isMissed: boolean;
}

export function ConsentBoxes({ consents, choose, isMissed }: ConsentBoxesProps) {
  const { isAdult, accepts } = consents;
  return (
    <div className="consents">
      <Checkbox
        label="I am 18 or older."
        checked={isAdult}
        onChange={(event) => choose({ ...consents, isAdult: event.currentTarget.checked })}
        error={isMissed && !isAdult && 'Only adults can have an account.'}
      />
      <Checkbox
        label={
          <>
            I accept the <TermsLink /> and the <PrivacyLink />.
          </>
        }
        checked={accepts}
        onChange={(event) => choose({ ...consents, accepts: event.currentTarget.checked })}
        error={isMissed && !accepts && 'An account needs both.'}
      />
    </div>
  );
}

export function isComplete({ isAdult, accepts }: Consents): boolean {
  return isAdult && accepts;
}
