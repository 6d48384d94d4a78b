// After a sign-up: where the link is, and what to do when it does not come. It says the same whether
// the address has an account or not; the mail tells its owner.

import { Button } from '@mantine/core';
import { useState } from 'react';
import { useHub } from '../../api/queries.ts';
import { FormFailure } from '../../parts/failure.tsx';
import { NoMailServer } from '../../parts/no-mail-server.tsx';
import { PageHead } from '../../parts/page.tsx';
import type { Sending } from './form.tsx';

export interface CheckMailProps {
  readonly email: string;
  readonly send: Sending;
  /** Back to the form, with all that was typed. */
  readonly mend: () => void;
}

export function CheckMail({ email, send, mend }: CheckMailProps) {
  const { hasMailServer } = useHub();
  const [times, setTimes] = useState(1);
  const sendAgain = () => send.mutate(undefined, { onSuccess: () => setTimes(times + 1) });
  return (
    <>
      <PageHead title="Check your mail" sentence={`A message is on its way to ${email}.`} />
      <p>
        Open its link in this browser: that makes the account and signs you in. In another browser
        it asks for the password that you have just chosen. The link works for 24 hours.
      </p>
      {!hasMailServer && <NoMailServer />}
      <section className="stack" aria-labelledby="nothing-came">
        <h2 id="nothing-came">If nothing comes</h2>
        <ul className="plain-list">
          <li>Give it a minute or two, and look into the folder for spam.</li>
          <li>See whether the address above is yours, letter by letter.</li>
        </ul>
        <FormFailure error={send.error} />
        <p role="status">{times > 1 && `The message was sent ${times} times.`}</p>
        <div className="row-buttons">
          <Button variant="default" loading={send.isPending} onClick={sendAgain}>
            Send it again
          </Button>
          <Button variant="default" onClick={mend}>
            Change what I typed
          </Button>
        </div>
      </section>
    </>
  );
}
