// The question before a key ends for good: it names the key and the consequence.

import { Button } from '@mantine/core';
import { notifications } from '@mantine/notifications';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import type { Key } from '../../../src/console/contract-keys.ts';
import { revokeKey } from '../../api/client.ts';
import { keysQuery } from '../../api/queries.ts';
import { Dialog } from '../../parts/dialog.tsx';
import { FormFailure } from '../../parts/failure.tsx';
import { useWorkspace } from './workspace.ts';

export function RevokeKey({ revoking, close }: { revoking: Key; close: () => void }) {
  const { id } = useWorkspace();
  const queryClient = useQueryClient();
  const revoke = useMutation({
    mutationFn: () => revokeKey(id, revoking.id),
    onSuccess: async () => {
      await queryClient.invalidateQueries({ queryKey: keysQuery(id).queryKey });
      notifications.show({ message: `${revoking.name} is revoked.` });
      close();
    },
  });
  return (
    <Dialog title={`Revoke ${revoking.name}?`} close={close}>
      <div className="stack">
        <p>
          Requests with <span className="mono">{revoking.hint}</span> fail within a second. A
          revoked key cannot be brought back; its past requests and receipts stay.
        </p>
        <FormFailure error={revoke.error} />
        <div className="dialog-actions">
          <Button variant="default" onClick={close} data-autofocus>
            Keep key
          </Button>
          <Button color="red" loading={revoke.isPending} onClick={() => revoke.mutate()}>
            Revoke {revoking.name}
          </Button>
        </div>
      </div>
    </Dialog>
  );
}
