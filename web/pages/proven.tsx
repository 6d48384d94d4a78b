// Where Google sends back whoever was asked "is it still you?". It tells the page that waits, and
// closes the window that was opened for it.

import { useSearch } from '@tanstack/react-router';
import { useEffect } from 'react';
import { googleFailure } from '../parts/google-failures.ts';
import { PageHead } from '../parts/page.tsx';
import { tellOutcome } from '../parts/proof-channel.ts';
import { PublicFrame } from '../parts/public-frame.tsx';

export function ProvenPage() {
  const { failed } = useSearch({ strict: false });
  useEffect(() => {
    tellOutcome({ failed: failed ?? null });
    window.close();
  }, [failed]);
  return (
    <PublicFrame>
      <div className="narrow">
        <PageHead
          title={failed === undefined ? 'It is you' : 'This did not work'}
          sentence={
            failed === undefined
              ? 'Close this window, and go on in the one before.'
              : `${googleFailure(failed)} Close this window to choose another way.`
          }
        />
      </div>
    </PublicFrame>
  );
}
