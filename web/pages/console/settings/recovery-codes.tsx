// Recovery codes, shown once: the hub keeps hashes of them and cannot show them again.

import { Button } from '@mantine/core';
import { CopyButton } from '../../../parts/copy.tsx';
import { Dialog } from '../../../parts/dialog.tsx';
import { download } from '../../../parts/download.ts';

export interface RecoveryCodesProps {
  readonly codes: readonly string[];
  readonly close: () => void;
}

export function RecoveryCodes({ codes, close }: RecoveryCodesProps) {
  const text = codes.map((code) => `${code}\n`).join('');
  return (
    <Dialog title="Recovery codes" close={close} isFirm>
      <div className="stack">
        <p>
          Keep them where you find them without your phone. Each signs you in once in place of the
          app. They are shown once; any from before have ended.
        </p>
        <ul className="recovery-codes mono" aria-label="Recovery codes">
          {codes.map((code) => (
            <li key={code}>{code}</li>
          ))}
        </ul>
        <div className="dialog-actions">
          <Button variant="default" onClick={close}>
            Done
          </Button>
          <Button
            variant="default"
            onClick={() => download('inferencehub-recovery-codes.txt', 'text/plain', text)}
          >
            Download
          </Button>
          <CopyButton text={text} what="codes" />
        </div>
      </div>
    </Dialog>
  );
}
