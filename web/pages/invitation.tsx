// Where the link of an invitation leads: what it is, and its acceptance by whoever has the address that
// it was mailed to. Who is not signed in does that first and comes back.

import { Button } from '@mantine/core';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { Link, useNavigate } from '@tanstack/react-router';
import type { SessionReply } from '../../src/console/contract.ts';
import type { LookInvitationReply } from '../../src/console/contract-workspaces.ts';
import { ApiFailure, signOut } from '../api/client.ts';
import { forgetPerson, sessionQuery, useHub } from '../api/queries.ts';
import { acceptInvitation, lookInvitationQuery } from '../api/workspaces.ts';
import { FormFailure, QueryFailure } from '../parts/failure.tsx';
import { keepInvitationToken, useInvitationToken } from '../parts/invitation-token.ts';
import { PageHead } from '../parts/page.tsx';
import { PublicFrame } from '../parts/public-frame.tsx';
import { SkeletonText } from '../parts/skeleton.tsx';

export function InvitationPage() {
  const token = useInvitationToken();
  return (
    <PublicFrame>
      <div className="narrow">
        {token ? <Invited key={token} token={token} /> : <LinkMissing />}
      </div>
    </PublicFrame>
  );
}

interface InvitedProps {
  readonly token: string;
}

function Invited({ token }: InvitedProps) {
  const { data: session } = useQuery(sessionQuery);
  const { data: invitation, error, refetch } = useQuery(lookInvitationQuery(token));
  if (error && !invitation) {
    if (error instanceof ApiFailure && error.code === 'link_invalid') return <LinkVoid />;
    return <QueryFailure error={error} retry={refetch} />;
  }
  if (!session || !invitation) return <SkeletonText width={320} />;
  const { workspaceName, role, invitedBy } = invitation;
  return (
    <>
      <PageHead
        title={`Join ${workspaceName}`}
        sentence={`${invitedBy ?? 'Somebody'} invites you to the workspace as ${role}.`}
      />
      <div className="stack">
        <p>{ROLES[role]}</p>
        <Answer token={token} person={session.person} invitation={invitation} />
      </div>
    </>
  );
}

const ROLES: Readonly<Record<LookInvitationReply['role'], string>> = {
  admin: 'You can do everything in it but hand it over: keys, members, budgets and settings.',
  developer: 'You can make keys in it, and see its requests, costs and members.',
  billing: 'You can see its requests, costs and balance, and set its balance warning.',
  viewer: 'You can see its requests, costs, keys and members.',
};

interface AnswerProps extends InvitedProps {
  readonly person: SessionReply['person'];
  readonly invitation: LookInvitationReply;
}

function Answer({ token, person, invitation }: AnswerProps) {
  if (!person) return <Strangers email={invitation.email} />;
  if (person.email !== invitation.email)
    return <WrongPerson person={person} to={invitation.email} />;
  return <Accept token={token} workspaceName={invitation.workspaceName} />;
}

function Strangers({ email }: { email: string }) {
  const { signUp } = useHub();
  return (
    <>
      <p>
        It is for <strong>{email}</strong>. Sign in with that address to accept it
        {signUp && ', or sign up with it'}.
      </p>
      <div className="actions">
        <Button
          renderRoot={(props) => <Link to="/sign-in" search={{ back: '/invitation' }} {...props} />}
        >
          Sign in
        </Button>
        {signUp && (
          <Button
            variant="default"
            renderRoot={(props) => (
              <Link to="/sign-up" search={{ back: '/invitation' }} {...props} />
            )}
          >
            Sign up
          </Button>
        )}
      </div>
      {signUp && (
        <p className="dimmed">
          Once your address is confirmed, open the link of the invitation again: it keeps working.
        </p>
      )}
    </>
  );
}

interface WrongPersonProps {
  readonly person: NonNullable<SessionReply['person']>;
  readonly to: string;
}

function WrongPerson({ person, to }: WrongPersonProps) {
  const queryClient = useQueryClient();
  const leave = useMutation({ mutationFn: signOut, onSuccess: () => forgetPerson(queryClient) });
  return (
    <>
      <p role="alert" className="form-failure">
        This invitation is for {to}, and you are signed in as {person.email}. Sign out, and sign in
        with the other address; or ask for an invitation of {person.email}.
      </p>
      <FormFailure error={leave.error} />
      <div>
        <Button variant="default" loading={leave.isPending} onClick={() => leave.mutate()}>
          Sign out
        </Button>
      </div>
    </>
  );
}

function Accept({ token, workspaceName }: InvitedProps & { readonly workspaceName: string }) {
  const queryClient = useQueryClient();
  const navigate = useNavigate();
  const accept = useMutation({
    mutationFn: () => acceptInvitation(token),
    onSuccess: async ({ id }) => {
      await queryClient.refetchQueries({ queryKey: sessionQuery.queryKey });
      await navigate({ to: '/console', search: { workspace: id }, replace: true });
      keepInvitationToken('');
    },
  });
  return (
    <>
      <FormFailure error={accept.error} />
      <div>
        <Button loading={accept.isPending} onClick={() => accept.mutate()}>
          Join {workspaceName}
        </Button>
      </div>
    </>
  );
}

function LinkVoid() {
  return (
    <>
      <PageHead
        title="This invitation is over"
        sentence="Its link was used, has expired, was renewed by a later mail, or was taken back."
      />
      <p>
        Look for a later mail, or ask whoever invited you for another. If you have joined already,{' '}
        <Link to="/console">open the console</Link>.
      </p>
    </>
  );
}

function LinkMissing() {
  return (
    <>
      <PageHead
        title="Invitation"
        sentence="This page needs the link of the mail that invites you."
      />
      <p>
        Open the whole link, with the part after #. If you opened it before you signed in, open it
        once more.
      </p>
    </>
  );
}
