// The question before a key is disabled: it names the key and the consequence.

import { Button } from '@mantine/core';
import { notifications } from '@mantine/notifications';
import { useMutation } from '@tanstack/react-query';
import { changeKey } from '../../api/keys.ts';
import { Dialog } from '../../parts/dialog.tsx';
import { FormFailure } from '../../parts/failure.tsx';
import { type KeyDialogProps, useRefreshKeys } from './key-dialog.ts';
import { useWorkspace } from './workspace.ts';

export function DisableKey({ apiKey, close }: KeyDialogProps) {
  const { id } = useWorkspace();
  const refresh = useRefreshKeys();
  const disable = useMutation({
    mutationFn: () => changeKey(id, apiKey.id, { disabled: true }),
    onSuccess: async () => {
      await refresh();
      notifications.show({ message: `${apiKey.name} is disabled.` });
      close();
    },
  });
  return (
    <Dialog title={`Disable ${apiKey.name}?`} close={close}>
      <div className="stack">
        <p>
          Requests with <span className="mono">{apiKey.hint}</span> fail within a second, until the
          key is enabled again. Nothing else of it changes.
        </p>
        <FormFailure error={disable.error} />
        <div className="dialog-actions">
          <Button variant="default" onClick={close} data-autofocus>
            Cancel
          </Button>
          <Button loading={disable.isPending} onClick={() => disable.mutate()}>
            Disable {apiKey.name}
          </Button>
        </div>
      </div>
    </Dialog>
  );
}
