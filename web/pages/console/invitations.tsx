// The invitations that wait: each can be sent again, which renews its link, or taken back.

import { Button } from '@mantine/core';
import { notifications } from '@mantine/notifications';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import type { Invitation } from '../../../src/console/contract-workspaces.ts';
import { invitationsQuery, invite, takeBackInvitation } from '../../api/workspaces.ts';
import { FormFailure, QueryFailure } from '../../parts/failure.tsx';
import { ActionHead, TableFrame } from '../../parts/page.tsx';
import { ComingMoment, Moment } from '../../parts/time.tsx';
import { useWorkspace } from './workspace.ts';

export function Invitations() {
  const { id } = useWorkspace();
  const { data, error, refetch } = useQuery(invitationsQuery(id));
  if (error && !data) return <QueryFailure error={error} retry={refetch} />;
  if (!data || data.invitations.length === 0) return null;
  return (
    <section aria-labelledby="invitations">
      <div className="section-head">
        <h2 id="invitations">Waiting invitations</h2>
      </div>
      <TableFrame>
        <table className="data">
          <caption className="visually-hidden">Invitations that nobody has accepted yet</caption>
          <thead>
            <tr>
              <th scope="col">Email</th>
              <th scope="col">Role</th>
              <th scope="col" className="hide-narrow">
                Sent
              </th>
              <th scope="col" className="hide-tiny">
                Expires
              </th>
              <ActionHead />
            </tr>
          </thead>
          <tbody>
            {data.invitations.map((invitation) => (
              <InvitationRow key={invitation.id} invitation={invitation} />
            ))}
          </tbody>
        </table>
      </TableFrame>
    </section>
  );
}

function InvitationRow({ invitation }: { invitation: Invitation }) {
  const { email, role, invitedBy, createdAt, expiresAt } = invitation;
  return (
    <tr>
      <th scope="row" className="cell-name">
        {email}
      </th>
      <td>{role}</td>
      <td className="hide-narrow">
        <Moment iso={createdAt} />
        {invitedBy && ` by ${invitedBy}`}
      </td>
      <td className="hide-tiny whole">
        <ComingMoment iso={expiresAt} />
      </td>
      <td className="row-action">
        <InvitationButtons invitation={invitation} />
      </td>
    </tr>
  );
}

function InvitationButtons({ invitation: { id, email, role } }: { invitation: Invitation }) {
  const workspace = useWorkspace();
  const queryClient = useQueryClient();
  const after = (message: string) => async () => {
    await queryClient.invalidateQueries({ queryKey: invitationsQuery(workspace.id).queryKey });
    notifications.show({ message });
  };
  const resend = useMutation({
    mutationFn: () => invite(workspace.id, { email, role }),
    onSuccess: after(`A new mail is on its way to ${email}; the link of the old one is void.`),
  });
  const takeBack = useMutation({
    mutationFn: () => takeBackInvitation(workspace.id, id),
    onSuccess: after(`The invitation of ${email} is taken back.`),
  });
  return (
    <>
      <div className="row-buttons">
        <Button
          variant="default"
          size="compact-sm"
          aria-label={`Resend to ${email}`}
          loading={resend.isPending}
          onClick={() => resend.mutate()}
        >
          Resend
        </Button>
        <Button
          variant="default"
          size="compact-sm"
          aria-label={`Take back from ${email}`}
          loading={takeBack.isPending}
          onClick={() => takeBack.mutate()}
        >
          Take back
        </Button>
      </div>
      <FormFailure error={resend.error ?? takeBack.error} />
    </>
  );
}
