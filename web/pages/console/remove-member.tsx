// The question before a member goes, by their own will or another's: it names them and their keys, and
// asks what becomes of these.

import { Button, Radio } from '@mantine/core';
import { notifications } from '@mantine/notifications';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useRouter } from '@tanstack/react-router';
import { useState } from 'react';
import type { SessionReply } from '../../../src/console/contract.ts';
import type { Key } from '../../../src/console/contract-keys.ts';
import type { Member } from '../../../src/console/contract-workspaces.ts';
import { keysQuery } from '../../api/keys.ts';
import { sessionQuery } from '../../api/queries.ts';
import { type LeftKeys, membersQuery, removeMember } from '../../api/workspaces.ts';
import { Dialog } from '../../parts/dialog.tsx';
import { FormFailure } from '../../parts/failure.tsx';
import { useWorkspace } from './workspace.ts';

export function RemoveMember({ member, close }: { member: Member; close: () => void }) {
  const { id, name: workspaceName, personId } = useWorkspace();
  const isReader = member.personId === personId;
  const [left, setLeft] = useState<LeftKeys>('revoke');
  const remove = useRemoval({ member, isReader, close });
  const { data } = useQuery(keysQuery(id));
  const keys = data?.keys.filter((key) => isLeftBy(key, member)) ?? [];
  return (
    <Dialog title={isReader ? `Leave ${workspaceName}?` : `Remove ${member.name}?`} close={close}>
      <div className="stack">
        <p>
          {isReader ? 'You see' : `${member.name} sees`} nothing of this workspace any more. What
          was used and paid stays.
        </p>
        <LeftKeysList keys={keys} whose={isReader ? 'Your' : `${member.name}'s`} />
        {keys.length > 0 && (
          <LeftKeysChoice left={left} choose={setLeft} heir={isReader ? "the owner's" : 'yours'} />
        )}
        <FormFailure error={remove.error} />
        <div className="dialog-actions">
          <Button variant="default" onClick={close} data-autofocus>
            Cancel
          </Button>
          <Button color="red" loading={remove.isPending} onClick={() => remove.mutate(left)}>
            {isReader ? 'Leave workspace' : `Remove ${member.name}`}
          </Button>
        </div>
      </div>
    </Dialog>
  );
}

interface Removal {
  readonly member: Member;
  readonly isReader: boolean;
  readonly close: () => void;
}

function useRemoval({ member, isReader, close }: Removal) {
  const { id, name } = useWorkspace();
  const queryClient = useQueryClient();
  const router = useRouter();
  return useMutation({
    mutationFn: (left: LeftKeys) => removeMember(id, member.personId, left),
    onSuccess: async () => {
      notifications.show({
        message: isReader ? `You have left ${name}.` : `${member.name} is removed.`,
      });
      if (isReader) {
        queryClient.setQueryData(
          sessionQuery.queryKey,
          (session) => session && without(session, id),
        );
        // To an address that names no workspace: the way leads to the first that is left.
        router.history.push('/console');
        return;
      }
      await queryClient.invalidateQueries({ queryKey: membersQuery(id).queryKey });
      await queryClient.invalidateQueries({ queryKey: keysQuery(id).queryKey });
      close();
    },
  });
}

function without(session: SessionReply, workspaceId: string): SessionReply {
  return { ...session, workspaces: session.workspaces.filter(({ id }) => id !== workspaceId) };
}

function LeftKeysList({ keys, whose }: { keys: readonly Key[]; whose: string }) {
  if (keys.length === 0) return <p className="dimmed">{whose} keys here: none that work.</p>;
  return (
    <div>
      <p>
        {whose} keys here that work: {keys.length}
      </p>
      <ul className="links" aria-label="Keys">
        {keys.map(({ id, name, hint }) => (
          <li key={id}>
            {name} <span className="mono dimmed">{hint}</span>
          </li>
        ))}
      </ul>
    </div>
  );
}

interface LeftKeysChoiceProps {
  readonly left: LeftKeys;
  readonly choose: (left: LeftKeys) => void;
  /** Whose they become if they are kept. */
  readonly heir: string;
}

function LeftKeysChoice({ left, choose, heir }: LeftKeysChoiceProps) {
  return (
    <Radio.Group
      label="What becomes of these keys"
      value={left}
      onChange={(value) => choose(value === 'keep' ? 'keep' : 'revoke')}
    >
      <Radio
        value="revoke"
        label="Revoke them"
        description="Requests with them fail within a second. They cannot be brought back."
      />
      <Radio
        value="keep"
        label="Keep them"
        description={`They become ${heir}, and whoever knows their text can go on using them. Those that may manage keys end all the same.`}
      />
    </Radio.Group>
  );
}

function isLeftBy(key: Key, { personId }: Member): boolean {
  const hasExpired = key.expiresAt !== null && Date.parse(key.expiresAt) <= Date.now();
  return key.createdBy === personId && key.revokedAt === null && !hasExpired;
}
