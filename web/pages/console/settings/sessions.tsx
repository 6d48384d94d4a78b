// Where the person is signed in: the device and the network of each session, and its end.

import { Button } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import type { SessionsReply } from '../../../../src/console/contract-account.ts';
import { endOtherSessions, endSession, sessionsQuery } from '../../../api/account.ts';
import { FormFailure, QueryFailure } from '../../../parts/failure.tsx';
import { ActionHead, TableFrame } from '../../../parts/page.tsx';
import { SkeletonRows } from '../../../parts/skeleton.tsx';
import { Moment } from '../../../parts/time.tsx';
import { useChange } from './change.ts';
import { SettingsSection } from './section.tsx';

type Session = SessionsReply['sessions'][number];

export function SessionsSection() {
  const { data, error, refetch } = useQuery(sessionsQuery);
  const end = useChange({ send: endSession, done: 'The session has ended.' });
  const endOthers = useChange({ send: endOtherSessions, done: 'All other sessions have ended.' });
  const hasOthers = data?.sessions.some(({ isCurrent }) => !isCurrent) ?? false;
  return (
    <SettingsSection
      title="Sessions"
      sentence="Every browser in which you are signed in. End those that you do not know, then change your password."
    >
      {error && !data ? (
        <QueryFailure error={error} retry={refetch} />
      ) : (
        <SessionTable sessions={data?.sessions} end={(session) => end.mutate(session.id)} />
      )}
      <FormFailure error={end.error ?? endOthers.error} />
      {hasOthers && (
        <div>
          <Button
            variant="default"
            loading={endOthers.isPending}
            onClick={() => endOthers.mutate()}
          >
            End all other sessions
          </Button>
        </div>
      )}
    </SettingsSection>
  );
}

interface SessionTableProps {
  readonly sessions: readonly Session[] | undefined;
  readonly end: (session: Session) => void;
}

function SessionTable({ sessions, end }: SessionTableProps) {
  return (
    <TableFrame>
      <table className="data">
        <caption className="visually-hidden">Your sessions</caption>
        <thead>
          <tr>
            <th scope="col">Device and network</th>
            <th scope="col" className="hide-narrow">
              Begun
            </th>
            <th scope="col">Last seen</th>
            <ActionHead />
          </tr>
        </thead>
        {sessions ? (
          <tbody>
            {sessions.map((session) => (
              <SessionRow key={session.id} session={session} end={end} />
            ))}
          </tbody>
        ) : (
          <SkeletonRows rows={2} columns={4} />
        )}
      </table>
    </TableFrame>
  );
}

interface SessionRowProps {
  readonly session: Session;
  readonly end: (session: Session) => void;
}

function SessionRow({ session, end }: SessionRowProps) {
  const { device, ipPrefix, createdAt, lastSeenAt, isCurrent } = session;
  return (
    <tr>
      <th scope="row" className="cell-name">
        {device}
        <br />
        <span className="dimmed mono">{ipPrefix ?? 'unknown network'}</span>
      </th>
      <td className="hide-narrow whole">
        <Moment iso={createdAt} />
      </td>
      <td className="whole">
        <Moment iso={lastSeenAt} />
      </td>
      <td className="row-action whole">
        {isCurrent ? (
          <span className="status status-good">This one</span>
        ) : (
          <div className="row-buttons">
            <Button
              variant="default"
              size="compact-sm"
              aria-label={`End the session of ${device}`}
              onClick={() => end(session)}
            >
              End
            </Button>
          </div>
        )}
      </td>
    </tr>
  );
}
