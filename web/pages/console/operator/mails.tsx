// What the hub has to say by mail and what became of it. Without an SMTP server messages lie in the
// outbox, where the operator reads them here and passes links on; one that was given up is tried again.

import { Button } from '@mantine/core';
import { notifications } from '@mantine/notifications';
import { useInfiniteQuery, useMutation, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import type { MailsReply } from '../../../../src/console/contract-mail.ts';
import { mailsQuery, retryMail } from '../../../api/operator.ts';
import { FormFailure, QueryFailure } from '../../../parts/failure.tsx';
import { ActionHead, Empty, PageHead, TableFrame } from '../../../parts/page.tsx';
import { SkeletonRows } from '../../../parts/skeleton.tsx';
import { Moment } from '../../../parts/time.tsx';
import { kindWords, statusOf } from './mail-words.ts';
import { OperatorOnly } from './operator-only.tsx';
import { ReadMail } from './read-mail.tsx';

type Mail = MailsReply['mails'][number];

export function MailsPage() {
  return (
    <OperatorOnly>
      <PageHead title="Mail" sentence="What the hub has to say to people, and what became of it." />
      <Mails />
    </OperatorOnly>
  );
}

function Mails() {
  const mails = useInfiniteQuery(mailsQuery);
  const [reading, setReading] = useState<Mail>();
  const rows = mails.data?.pages.flatMap((page) => page.mails);
  const isOutbox = mails.data?.pages[0]?.transport === 'outbox';
  if (mails.error && !rows) return <QueryFailure error={mails.error} retry={mails.refetch} />;
  if (rows?.length === 0) {
    return (
      <Empty title="No message yet">
        <p>The first one comes with a sign-up, an invitation or a sign-in from a new device.</p>
      </Empty>
    );
  }
  return (
    <>
      {isOutbox && (
        <p className="dimmed">
          There is no mail server (SMTP_URL), so messages lie in the folder{' '}
          <span className="mono">outbox</span> of the hub and can be read here.
        </p>
      )}
      <TableFrame>
        <MailTable mails={rows} read={isOutbox ? setReading : undefined} />
      </TableFrame>
      {mails.hasNextPage && (
        <Button
          variant="default"
          className="load-more"
          loading={mails.isFetchingNextPage}
          onClick={() => void mails.fetchNextPage()}
        >
          Load more
        </Button>
      )}
      {reading && <ReadMail id={reading.id} close={() => setReading(undefined)} />}
    </>
  );
}

interface MailTableProps {
  readonly mails: readonly Mail[] | undefined;
  /** Undefined where messages go out. */
  readonly read: ((mail: Mail) => void) | undefined;
}

function MailTable({ mails, read }: MailTableProps) {
  return (
    <table className="data">
      <caption className="visually-hidden">Messages, the newest first</caption>
      <thead>
        <tr>
          <th scope="col">Message</th>
          <th scope="col">To</th>
          <th scope="col">Status</th>
          <th scope="col" className="number hide-narrow">
            Tries
          </th>
          <ActionHead />
        </tr>
      </thead>
      {mails ? (
        <tbody>
          {mails.map((mail) => (
            <MailLine key={mail.id} mail={mail} read={read} />
          ))}
        </tbody>
      ) : (
        <SkeletonRows rows={6} columns={5} />
      )}
    </table>
  );
}

function MailLine({ mail, read }: { mail: Mail; read: MailTableProps['read'] }) {
  const status = statusOf(mail);
  const words = kindWords(mail.kind);
  return (
    <tr>
      <th scope="row" className="cell-name">
        {words}
        <p className="dimmed">
          <Moment iso={mail.createdAt} />
        </p>
      </th>
      <td className="cell-name">{mail.address}</td>
      <td>
        <span className={status.className}>{status.words}</span>
        {mail.failure !== null && <p className="mono dimmed">{mail.failure}</p>}
      </td>
      <td className="number hide-narrow">{mail.attempts}</td>
      <td className="row-action">
        {mail.givenUpAt !== null && <Retry mail={mail} />}
        {mail.sentAt !== null && read && (
          <Button
            variant="default"
            size="compact-sm"
            aria-label={`Read ${words} to ${mail.address}`}
            onClick={() => read(mail)}
          >
            Read
          </Button>
        )}
      </td>
    </tr>
  );
}

function Retry({ mail: { id, address } }: { readonly mail: Mail }) {
  const queryClient = useQueryClient();
  const retry = useMutation({
    mutationFn: () => retryMail(id),
    onSuccess: async () => {
      await queryClient.invalidateQueries({ queryKey: mailsQuery.queryKey });
      notifications.show({ message: `The message to ${address} is tried again.` });
    },
  });
  return (
    <>
      <Button
        variant="default"
        size="compact-sm"
        aria-label={`Try again to ${address}`}
        loading={retry.isPending}
        onClick={() => retry.mutate()}
      >
        Try again
      </Button>
      <FormFailure error={retry.error} />
    </>
  );
}
