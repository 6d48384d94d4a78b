// The question before a key ends for good: it names the key and the consequence.

import { Button } from '@mantine/core';
import { notifications } from '@mantine/notifications';
import { useMutation } from '@tanstack/react-query';
import { revokeKey } from '../../api/keys.ts';
import { Dialog } from '../../parts/dialog.tsx';
import { FormFailure } from '../../parts/failure.tsx';
import { type KeyDialogProps, useRefreshKeys } from './key-dialog.ts';
import { useWorkspace } from './workspace.ts';

export function RevokeKey({ apiKey, close }: KeyDialogProps) {
  const { id } = useWorkspace();
  const refresh = useRefreshKeys();
  const revoke = useMutation({
    mutationFn: () => revokeKey(id, apiKey.id),
    onSuccess: async () => {
      await refresh();
      notifications.show({ message: `${apiKey.name} is revoked.` });
      close();
    },
  });
  return (
    <Dialog title={`Revoke ${apiKey.name}?`} close={close}>
      <div className="stack">
        <p>
          Requests with <span className="mono">{apiKey.hint}</span> fail within a second. A revoked
          key cannot be brought back; its past requests and receipts stay.
        </p>
        <FormFailure error={revoke.error} />
        <div className="dialog-actions">
          <Button variant="default" onClick={close} data-autofocus>
            Keep key
          </Button>
          <Button color="red" loading={revoke.isPending} onClick={() => revoke.mutate()}>
            Revoke {apiKey.name}
          </Button>
        </div>
      </div>
    </Dialog>
  );
}
