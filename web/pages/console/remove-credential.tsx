// The question before a provider key is removed: it names the key and the consequence.

import { Button } from '@mantine/core';
import { notifications } from '@mantine/notifications';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { removeCredential, showCredentials } from '../../api/credentials.ts';
import { Dialog } from '../../parts/dialog.tsx';
import { FormFailure } from '../../parts/failure.tsx';
import type { EditCredentialProps } from './edit-credential.tsx';
import { useWorkspace } from './workspace.ts';

export function RemoveCredential({
  credential,
  name,
  close,
}: Omit<EditCredentialProps, 'isChecked'>) {
  const { id } = useWorkspace();
  const queryClient = useQueryClient();
  const remove = useMutation({
    mutationFn: () => removeCredential(id, credential.id),
    onSuccess: (reply) => {
      showCredentials(queryClient, id, reply);
      notifications.show({ message: `The key of ${name} is removed.` });
      close();
    },
  });
  return (
    <Dialog title={`Remove ${name} …${credential.lastFour}?`} close={close}>
      <div className="stack">
        <p>
          Within a second no request goes with it any more. Requests to {name} then go with the
          hub's own key at the usual price, unless you have added another. What was sealed here is
          deleted.
        </p>
        <FormFailure error={remove.error} />
        <div className="dialog-actions">
          <Button variant="default" onClick={close} data-autofocus>
            Keep key
          </Button>
          <Button color="red" loading={remove.isPending} onClick={() => remove.mutate()}>
            Remove {name} key
          </Button>
        </div>
      </div>
    </Dialog>
  );
}
